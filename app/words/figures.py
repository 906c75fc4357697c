"""The words of a figure in another language; what is drawn stays in its place: coordinates run from left to right."""

import re
from collections.abc import Iterable
from typing import Any

import plotly.graph_objects as go

from app.words.translating import translated

_TAGS = re.compile(r"(<[^>]+>|%\{[^}]+\})")
_PERSIAN = re.compile(r"[\u0600-\u06FF]")
OF_A_TRACE = (
    *("name", "text", "hovertext", "hovertemplate", "texttemplate"),
    *("colorbar.title.text", "colorbar.ticktext", "marker.colorbar.title.text"),
)
OF_AN_AXIS = ("title.text", "ticktext", "categoryarray", "ticksuffix", "colorbar.title.text", "colorbar.ticktext")
RIGHT, TOGETHER = "\u2067", "\u2069"
"""Unicode's right-to-left isolate and its end."""


def in_language(figure: go.Figure, code: str) -> go.Figure:
    """Put the words of a figure into a language; the same figure is returned."""
    if code == "en":
        return figure
    figure.layout.separators = "٫٬"
    for trace in figure.data:
        for name in ("x", "y", "labels"):
            if _is_names(_get(trace, name)):
                _put(trace, name, code)
        for name in OF_A_TRACE:
            _put(trace, name, code)
    for name in ("title.text", "legend.title.text"):
        _put(figure.layout, name, code)
    for axis in [*figure.select_xaxes(), *figure.select_yaxes(), *figure.select_coloraxes()]:
        for name in OF_AN_AXIS:
            _put(axis, name, code)
    for ternary in figure.select_ternaries():
        for side in ("aaxis", "baxis", "caxis"):
            _put(ternary, f"{side}.title.text", code)
    for annotation in figure.layout.annotations:
        _put(annotation, "text", code)
    return figure


def figure_text(text: str, code: str) -> str:
    """Return a text of a figure in a language: its tags and places stay, its lines run as their words do.

    Examples
    --------
    >>> figure_text("<b>Age</b> %{x}", "en")
    '<b>Age</b> %{x}'
    """
    if code == "en" or not text:
        return text
    lines = [
        "".join(
            part if place % 2 or not part.strip() else translated(part, code)
            for place, part in enumerate(_TAGS.split(line))
        )
        for line in text.split("<br>")
    ]
    return "<br>".join(
        f"{RIGHT}{line}{TOGETHER}" if _PERSIAN.search(line) and not line.startswith(RIGHT) else line for line in lines
    )


def _get(holder: Any, path: str) -> Any:
    for name in path.split("."):
        try:
            holder = holder[name]
        except (KeyError, ValueError, TypeError):
            return None
        if holder is None:
            return None
    return holder


def _put(holder: Any, path: str, code: str) -> None:
    value = _get(holder, path)
    if isinstance(value, str):
        holder[path] = figure_text(value, code)
    elif _is_names(value):
        made = [figure_text(one, code) if isinstance(one, str) else one for one in value]
        holder[path] = made


def _is_names(value: Any) -> bool:
    if value is None or isinstance(value, str) or not isinstance(value, Iterable):
        return False
    return any(isinstance(one, str) and re.search(r"[A-Za-z]{2}", one) for one in value)
