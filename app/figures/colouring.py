"""Colour the people of any figure by a further column: EDSS, treatment, scanner."""

from typing import Any

import plotly.graph_objects as go
import polars as pl
from plotly.colors import sample_colorscale

from app.figures.palette import opaque
from vocabulary.extra_columns import ExtraColumn

CATEGORY_COLOURS = ("#88CCEE", "#DDCC77", "#CC6677", "#332288", "#999933", "#117733", "#882255", "#44AA99")
"""Of the most frequent words; told apart by colour-blind readers (Paul Tol's muted scheme)."""

UNKNOWN_COLOUR = "#9E9E9E"
SCALE = "Cividis"


def coloured(figure: go.Figure, people: pl.DataFrame, extra: ExtraColumn) -> go.Figure:
    """Return the figure with every person's mark coloured by a further column, its rim in the colour it had.

    Parameters
    ----------
    figure : marks of people carry subject_id first in ``customdata``, as ``app.figures.marks.person_points`` makes them
    people : cohort frame with the column; people without a value are grey
    """
    values = dict(people.select("subject_id", extra.name).unique("subject_id", keep="first").iter_rows())
    words = _words(people, extra) if extra.kind == "category" else _shades(people[extra.name])
    figure = go.Figure(figure)
    found = False
    for trace in figure.data:
        ids = _people_of(trace, values)
        if ids is None:
            continue
        found = True
        own = trace.marker.color
        rim = {"color": opaque(own), "width": 1} if isinstance(own, str) else {"width": 0}
        colours = [words.get(values[i], UNKNOWN_COLOUR) for i in ids]
        trace.marker.update(color=colours, line=rim, opacity=0.85)
    if found:
        _explain(figure, extra, words)
    return figure


def _people_of(trace: Any, values: dict[str, Any]) -> list[str] | None:
    """Return who the marks of a trace are; None where they are no people."""
    if (
        trace.type not in ("scatter", "scatterternary")
        or "markers" not in (trace.mode or "")
        or trace.customdata is None
    ):
        return None
    ids = [row[0] if isinstance(row, (list, tuple)) or hasattr(row, "__len__") else row for row in trace.customdata]
    return ids if ids and all(isinstance(i, str) and i in values for i in ids) else None


def _shades(values: pl.Series) -> dict[Any, str]:
    """Return value -> colour on the scale from the smallest to the largest."""
    known = values.drop_nulls().unique().sort()
    low, high = float(known.min() or 0), float(known.max() or 0)  # type: ignore[arg-type]
    places = [0.5 if high == low else (value - low) / (high - low) for value in known]
    return dict(zip(known, sample_colorscale(SCALE, places), strict=True)) if places else {}


def _words(people: pl.DataFrame, extra: ExtraColumn) -> dict[Any, str]:
    """Return word -> colour, the most frequent first; further ones share the grey of what is not known."""
    counts = people[extra.name].drop_nulls().value_counts().sort(["count", extra.name], descending=[True, False])
    return dict(zip(counts[extra.name].to_list(), CATEGORY_COLOURS, strict=False))


def _explain(figure: go.Figure, extra: ExtraColumn, words: dict[Any, str]) -> None:
    if extra.kind == "number":
        ends = [min(words), max(words)] if words else [0, 1]
        marker = {"color": ends, "coloraxis": "coloraxis"}
        figure.add_trace(go.Scatter(x=[None] * 2, y=[None] * 2, mode="markers", marker=marker, showlegend=False))
        bar = {"title": {"text": extra.axis_title}, "thickness": 12, "len": 0.7, "x": 1.01, "xanchor": "left"}
        figure.update_layout(coloraxis={"colorscale": SCALE, "colorbar": bar})
        figure.update_layout(margin={"r": max(96, int(figure.layout.margin.r or 0))})
        return
    for word, colour in words.items():
        figure.add_trace(
            go.Scatter(
                x=[None], y=[None], mode="markers", name=f"{extra.label}: {word}", marker={"color": colour, "size": 9}
            )
        )  # fmt: skip
