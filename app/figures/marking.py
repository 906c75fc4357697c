"""One person ringed in any figure that shows people, so that they are found again on every page."""

from typing import Any

import plotly.graph_objects as go

RING_PIXELS = 17


def marked(figure: go.Figure, subject_id: str, ink: str) -> go.Figure:
    """Return the figure with a ring and the code at every mark of a person; the same figure where they are not drawn.

    Parameters
    ----------
    figure : marks of people carry subject_id first in ``customdata``, as ``app.figures.marks.person_points`` makes them
    ink : colour of the ring
    """
    places = [place for trace in figure.data for place in _places(trace, subject_id)]
    if not places:
        return figure
    figure = go.Figure(figure)
    ring: dict[str, Any] = {
        "mode": "markers+text",
        "text": [subject_id],
        "textposition": "top center",
        "textfont": {"color": ink, "size": 12},
        "marker": {"symbol": "circle-open", "size": RING_PIXELS, "color": ink, "line": {"width": 3}},
        "cliponaxis": False,
        "showlegend": False,
        "hoverinfo": "skip",
    }
    for kind, place in places:
        figure.add_trace(
            go.Scatterternary(**place, **ring) if kind == "scatterternary" else go.Scatter(**place, **ring)
        )
    return figure


def _places(trace: Any, subject_id: str) -> list[tuple[str, dict[str, Any]]]:
    if (
        trace.type not in ("scatter", "scatterternary")
        or trace.customdata is None
        or "markers" not in (trace.mode or "")
    ):
        return []
    axes = ("a", "b", "c") if trace.type == "scatterternary" else ("x", "y")
    shown = (
        {"subplot": trace.subplot} if trace.type == "scatterternary" else {"xaxis": trace.xaxis, "yaxis": trace.yaxis}
    )
    return [
        (trace.type, {axis: [trace[axis][i]] for axis in axes} | shown)
        for i, known in enumerate(trace.customdata)
        if len(known) and known[0] == subject_id
    ]
