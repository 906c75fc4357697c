"""Colours of a correlation on a light page and on a dark one: on both, strong cells are the strong ones."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from app.figures.palette import DIVERGING, faded

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
_DARK_TEXT, _LIGHT_TEXT = "#10161D", "#FFFFFF"


def scale(*, clear: bool, dark: bool) -> list[list[Any]]:
    """Return the colours from -1 to 1; faint for what is not clear."""
    stops = DIVERGING_DARK if dark else DIVERGING
    return [[at, colour if clear else faded(colour, FADED_OPACITY)] for at, colour in stops]


def in_theme(figure: go.Figure, *, dark: bool, ink: str) -> None:
    """Give the cells of a matrix and the numbers on them the colours of a light or a dark page, in place.

    ``meta`` of a trace tells what it is: ``clear`` of cells, whether they are the strong ones; ``on`` of numbers, the
    values of the strong cells they stand on, None for the others. ``ink`` is the colour of numbers on faint cells.
    """
    for trace in figure.data:
        if not isinstance(trace.meta, dict):
            continue
        if "on" in trace.meta:
            values = trace.meta["on"]
            trace.textfont.color = [ink if value is None else readable_on(value, dark=dark) for value in values]
        elif "clear" in trace.meta:
            holder = trace if trace.type == "heatmap" else trace.marker
            holder.colorscale = scale(clear=trace.meta["clear"], dark=dark)


def readable_on(value: float, *, dark: bool = False) -> str:
    """Return dark or light text, whichever contrasts more with the cell's colour (WCAG 2 relative luminance)."""
    luminance = _luminance(_colour_at((value + 1) / 2, DIVERGING_DARK if dark else DIVERGING))
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
