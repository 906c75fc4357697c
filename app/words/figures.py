"""The words of a figure in another language; what is drawn stays in its place: coordinates run from left to right."""

import re
from collections.abc import Iterable
from typing import Any

import plotly.graph_objects as go

from app.words.numbers import APART
from app.words.numbers import TOGETHER as END
from app.words.tables import RIGHT_TO_LEFT, phrases
from app.words.translating import translated

_TAGS = re.compile(r"(<[^>]+>|%\{[^}]+\})")
_PERSIAN = re.compile(r"[\u0600-\u06FF]")
OF_A_TRACE = (
    *("name", "text", "hovertext", "hovertemplate", "texttemplate"),
    *("colorbar.title.text", "colorbar.ticktext", "marker.colorbar.title.text", "marker.colorbar.ticktext"),
)
OF_AN_AXIS = ("title.text", "ticktext", "categoryarray", "ticksuffix", "colorbar.title.text", "colorbar.ticktext")
RIGHT, TOGETHER = "\u2067", "\u2069"
"""Unicode's right-to-left isolate and its end."""
GAP = "\u2003\u2003"
"""Room behind an entry of a legend in one line: its mark, at the left, must not be taken for its neighbour's."""
_NAME = re.compile(f"{APART}([^{END}]*[A-Za-z][^{END}]*[0-9][^{END}]*){END}")
_AS_IT_IS = "font-family:Source Sans,Segoe UI,Arial,sans-serif"
"""Of a name with digits, such as U-Net 2: the font of figures writes every digit as a Persian one."""


def in_language(figure: go.Figure, code: str) -> go.Figure:
    """Put the words of a figure into a language; the same figure is returned."""
    if code == "en":
        return figure
    figure.layout.separators = "٫٬"
    in_one_line = code in RIGHT_TO_LEFT and figure.layout.legend.orientation == "h"
    for trace in figure.data:
        if in_one_line and trace.name and not trace.name.startswith(f"{RIGHT}{GAP}"):
            entry = figure_text(trace.name, code).removeprefix(RIGHT).removesuffix(TOGETHER)
            trace.name = f"{RIGHT}{GAP}{entry}{TOGETHER}"
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
    if _AS_IT_IS in text:
        return text
    for phrase, made in phrases(code).items():
        text = text.replace(phrase, made)
    lines = [
        "".join(
            part if place % 2 or not part.strip() else translated(part, code)
            for place, part in enumerate(_TAGS.split(line))
        )
        for line in text.split("<br>")
    ]
    lines = [_NAME.sub(rf'{APART}<span style="{_AS_IT_IS}">\1</span>{END}', line) for line in lines]
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
    elif _is_names(value) or _is_numbers(value):
        made = [figure_text(one, code) if isinstance(one, str) else one for one in value]
        holder[path] = made


def _is_numbers(value: Any) -> bool:
    """Return whether any of several texts is a number written out, with a sign of decimals or of thousands."""
    if value is None or isinstance(value, str) or not isinstance(value, Iterable):
        return False
    return any(isinstance(one, str) and re.search(r"[.,]\d", one) for one in value)


def _is_names(value: Any) -> bool:
    if value is None or isinstance(value, str) or not isinstance(value, Iterable):
        return False
    return any(isinstance(one, str) and re.search(r"[A-Za-z]{2}", one) for one in value)
