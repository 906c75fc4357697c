"""A figure for the browser: the look that its template gives it, written into each of its parts.

Plotly's program looks every property of every part up in the template, each time it draws, which takes a third of the
time that a figure takes. What it draws is the same; exports keep the template.
"""

import re
from typing import Any

import plotly.graph_objects as go

from app.figures.panels import Properties

KINDS = {"scatter", "scatterternary", "heatmap"}
"""Traces that can do without the template. Bars have no grid across them, unless a colour of it is written down."""
_OF_THE_PAGE = ("font", "paper_bgcolor", "plot_bgcolor", "legend", "hoverlabel", "title")
_AXIS = re.compile(r"(xaxis|yaxis|ternary)\d*")


def written_out(figure: go.Figure) -> Properties:
    """Return the data and the layout of a dressed figure without its template; one of another kind as it is.

    Examples
    --------
    >>> look = {"layout": {"font": {"size": 14}, "xaxis": {"ticks": "outside", "title": {"standoff": 12}}}}
    >>> layout = {"template": look, "xaxis": {"title": {"text": "Age"}}, "font": {"color": "red"}}
    >>> written_out(go.Figure(layout=layout))["layout"]["xaxis"]
    {'ticks': 'outside', 'title': {'standoff': 12, 'text': 'Age'}}
    """
    drawn: Properties = figure.to_dict()
    layout = drawn["layout"]
    template = layout.get("template", {})
    look = template.get("layout", {})
    if template.get("data") or not look or not {trace.get("type") for trace in drawn["data"]} <= KINDS:
        return drawn
    del layout["template"]
    for name in (*_implied(drawn["data"]), *_OF_THE_PAGE):
        layout.setdefault(name, {} if isinstance(_of(look, name), dict) else _of(look, name))
    for name, part in layout.items():
        layout[name] = _under(_of(look, name), part)
    said = [_under(look.get("annotationdefaults"), note) for note in layout.get("annotations", ())]
    layout["annotations"] = [*said, *look.get("annotations", ())]
    return {**drawn, "layout": {name: part for name, part in layout.items() if part is not None}}


def _implied(traces: list[Properties]) -> set[str]:
    """Return the axes and triangles that traces stand on; those of a figure without a trace are the first two."""
    found = set()
    for trace in traces or [{}]:
        if trace.get("type") == "scatterternary":
            found.add(trace.get("subplot", "ternary"))
        elif not {"domain", "scene", "subplot"} & trace.keys():
            found |= {trace.get(f"{axis}axis", axis).replace(axis, f"{axis}axis", 1) for axis in "xy"}
    return found


def _of(look: Properties, name: str) -> Any:
    numbered = _AXIS.fullmatch(name)
    return look.get(numbered[1] if numbered else name) if numbered or name in _OF_THE_PAGE else None


def _under(look: Any, part: Any) -> Any:
    """Return what is said of a part, and below it what the look says."""
    if not isinstance(look, dict) or not isinstance(part, dict):
        return part
    return look | {name: _under(look.get(name), value) for name, value in part.items()}
