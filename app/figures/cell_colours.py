"""Colours of cells by a number, on a light page and on a dark one: on both, strong cells are the strong ones."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from app.figures.palette import DIVERGING, GROUP_COLOURS, faded

Scale = list[tuple[float, str]]

DIVERGING_DARK: Scale = [
    (0.0, "#62BCEF"),
    (0.25, "#2F6F99"),
    (0.5, "#202B36"),
    (0.75, "#A2572B"),
    (1.0, "#F59A5B"),
]
"""On a dark page zero is dark: the middle of the light scale would shine there, and its ends sink."""
FADED_OPACITY = 0.16
DIFFERENCE, SHARE = "difference", "share"
"""What a number in a cell is, where it is not of one group: less than, equal to or more than 0; a part of all."""
_NOTHING, _NOTHING_DARK = "#F7F5F0", "#202B36"
_MOST = {**{group: (colour, colour) for group, colour in GROUP_COLOURS.items()}, SHARE: ("#2B4C7E", "#7FB8D8")}
"""The colour of the largest number on a light page and on a dark one; a group keeps its own."""
_DARK_TEXT, _LIGHT_TEXT = "#10161D", "#FFFFFF"


def scale(*, clear: bool, dark: bool) -> list[list[Any]]:
    """Return the colours from -1 to 1; faint for what is not clear."""
    stops = DIVERGING_DARK if dark else DIVERGING
    return [[at, colour if clear else faded(colour, FADED_OPACITY)] for at, colour in stops]


def shades(number: str, *, dark: bool = False) -> Scale:
    """Return the colours of cells by a number.

    Parameters
    ----------
    number : a group, ``SHARE``, or ``DIFFERENCE`` (0 in the middle of the scale)
    """
    if number == DIFFERENCE:
        return DIVERGING_DARK if dark else DIVERGING
    return [(0.0, _NOTHING_DARK if dark else _NOTHING), (1.0, _MOST[number][dark])]


def colour_of(stops: Scale, place: float) -> str:
    """Return the colour at a place of a scale, 0 to 1."""
    return f"rgb({','.join(f'{255 * channel:.0f}' for channel in _colour_at(place, stops))})"


def in_theme(figure: go.Figure, *, dark: bool, ink: str) -> None:
    """Give cells and the numbers on them the colours of a light or a dark page, in place.

    ``meta`` of a trace tells what it is. Of a matrix of correlations: ``clear`` of cells, whether they are the strong
    ones; ``on`` of numbers, the values of the strong cells they stand on, None for the others. Elsewhere ``shades``
    (see the function of that name): with ``filled`` the place of a shape on the scale, with ``written_on`` that of the
    cell a number stands on, alone of a heatmap or a colour bar. ``ink`` is the colour of numbers on faint cells.
    """
    for trace in figure.data:
        if not isinstance(trace.meta, dict):
            continue
        if "on" in trace.meta:
            values = trace.meta["on"]
            trace.textfont.color = [ink if value is None else readable_on(value, dark=dark) for value in values]
        elif "clear" in trace.meta:
            _cells_of(trace).colorscale = scale(clear=trace.meta["clear"], dark=dark)
        elif "shades" in trace.meta:
            _shade(trace, shades(trace.meta["shades"], dark=dark))


def _shade(trace: Any, stops: Scale) -> None:
    if "filled" in trace.meta:
        trace.fillcolor = colour_of(stops, trace.meta["filled"])
    elif "written_on" in trace.meta:
        trace.textfont.color = _text_on(_colour_at(trace.meta["written_on"], stops))
    else:
        _cells_of(trace).colorscale = stops


def _cells_of(trace: Any) -> Any:
    return trace if trace.type == "heatmap" else trace.marker


def readable_on(value: float, *, dark: bool = False) -> str:
    """Return dark or light text, whichever contrasts more with the cell's colour."""
    return _text_on(_colour_at((value + 1) / 2, DIVERGING_DARK if dark else DIVERGING))


def _text_on(channels: np.ndarray) -> str:
    """Return dark or light text, whichever contrasts more (WCAG 2 relative luminance)."""
    luminance = _luminance(channels)
    darker, lighter = (_luminance(_channels(c)) for c in (_DARK_TEXT, _LIGHT_TEXT))
    return _DARK_TEXT if (luminance + 0.05) / (darker + 0.05) > (lighter + 0.05) / (luminance + 0.05) else _LIGHT_TEXT


def _colour_at(position: float, stops: Scale) -> np.ndarray:
    channels = np.array([_channels(colour) for _, colour in stops])
    return np.array([np.interp(position, [at for at, _ in stops], channels[:, i]) for i in range(3)])


def _channels(colour: str) -> np.ndarray:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def _luminance(channels: np.ndarray) -> float:
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ np.array([0.2126, 0.7152, 0.0722]))
