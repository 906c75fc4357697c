"""Two variables against each other, one panel per group, every person a point; zeros of a load on a strip."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
import polars as pl

from app.figures.cohort.raincloud import MAX_POINTS
from app.figures.marks import jitter, person_points, sampled
from app.figures.palette import GROUP_COLOURS, SEX_SYMBOLS, faded
from app.figures.panels import Panels
from vocabulary.extra_columns import extra_named
from vocabulary.measures import GROUP_LABELS, GROUPS, MEASURES, SEX_LABELS, measure

_STRIP = "rgba(128,128,128,.10)"
_SPREAD = 0.16


@dataclass(frozen=True)
class Scale:
    """How one variable is laid along an axis: ``position`` of its values, ticks, range, and the strip of zeros."""

    title: str
    ticks: dict[float, str] | None
    span: tuple[float, float]
    log: bool = False
    zero: float | None = None

    def position(self, values: np.ndarray, seed: int) -> np.ndarray:
        """Return where values lie on the axis; zeros of a load and the two sexes are spread a little to be seen."""
        if self.log:
            shown = np.full(values.size, self.zero, dtype=float)
            np.log10(values, out=shown, where=values > 0)
            return np.asarray(np.where(values > 0, shown, shown + jitter(values.size, -_SPREAD, _SPREAD, seed)))
        return values + jitter(values.size, -0.3, 0.3, seed) if self.ticks else values


def scale_of(values: pl.Series, name: str) -> Scale:
    """Return the scale of a variable: logarithmic for loads and counts, two places for sex, linear otherwise."""
    if name == "sex":
        return Scale("Sex", {0.0: SEX_LABELS["F"], 1.0: SEX_LABELS["M"]}, (-0.6, 1.6))
    low, high = (float(v) for v in (values.min(), values.max()))  # type: ignore[arg-type]
    if name == "age_years":
        return Scale("Age (years)", None, _widened(low, high))
    if name not in MEASURES:
        return Scale(extra_named(name).axis_title, None, _widened(low, high))
    what = measure(name)
    if what.nature not in ("load", "count"):
        return Scale(what.axis_title, None, _widened(low, high))
    positive = values.filter(values > 0)
    if positive.is_empty():
        return Scale(what.axis_title, {0.0: "0"}, (-0.6, 0.6), log=True, zero=0.0)
    bottom, top = (float(np.log10(v)) for v in (positive.min(), positive.max()))  # type: ignore[arg-type]
    zero = bottom - 0.45 if positive.len() < values.len() else None
    decades = {float(d): f"{10.0**d:g}" for d in range(int(np.ceil(bottom)), int(np.floor(top)) + 1)}
    ticks = decades | ({zero: "0"} if zero is not None else {})
    span = (bottom - 0.1 if zero is None else zero - 0.25, top + 0.12)
    return Scale(what.axis_title, ticks, span, log=True, zero=zero)


def _widened(low: float, high: float) -> tuple[float, float]:
    room = 0.04 * (high - low) or 1.0
    return low - room, high + room


def pair_scatter(frame: pl.DataFrame, x: str, y: str, notes: dict[str, str] | None = None) -> go.Figure:
    """Draw ``y`` against ``x`` per group.

    Parameters
    ----------
    frame : cohort frame, one row per person; people lacking either value are left out and counted
    x, y : a measure, 'age_years' or 'sex'
    notes : text for each group's panel, such as its correlation

    Returns
    -------
    plotly Figure; marker ``customdata`` holds subject_id, so that a click can open the person.
    """
    groups = [g for g in GROUPS if g in frame["group"].unique()]
    titles = [
        f"<b>{g}</b> {GROUP_LABELS[g].lower()}" + (f"<br>{notes[g]}" if notes and g in notes else "") for g in groups
    ]
    figure = Panels(cols=max(len(groups), 1), horizontal_spacing=0.05, shared_yaxes=True)
    # Group titles stand at the left edge of their panel, the counts at the right.
    figure.add_titles(titles, xanchor="left", align="left", font={"size": 14})
    coded = frame.select("subject_id", "group", "sex", "age_years", _coded(x).alias("_x"), _coded(y).alias("_y"))
    people = coded.drop_nulls(["_x", "_y"])
    if people.is_empty():
        figure.add_annotation(text="Nobody has both values", x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False)
        return _laid_out(figure)
    across, up = scale_of(people["_x"], x), scale_of(people["_y"], y)
    for column, group in enumerate(groups, start=1):
        members = people.filter(pl.col("group") == group)
        drawn = sampled(members, MAX_POINTS)
        _points(figure, drawn, across, up, group, column)
        left_out = coded.filter(pl.col("group") == group).height - members.height
        _count(figure, drawn.height, members.height, left_out, column)
    for scale, update, along in ((across, figure.update_xaxes, "x"), (up, figure.update_yaxes, "y")):
        update({"range": scale.span, "zeroline": False, "fixedrange": True})
        if scale.ticks:
            update({"tickvals": list(scale.ticks), "ticktext": list(scale.ticks.values())})
        if scale.zero is not None:
            strip: dict[str, Any] = {f"{along}{end}": scale.zero + (3 * end - 1.5) * _SPREAD for end in (0, 1)}
            look: dict[str, Any] = {"type": "rect", "fillcolor": _STRIP, "line": {"width": 0}, "layer": "below"}
            for column, _ in enumerate(groups, start=1):
                figure.add_shape(col=column, across="y" if along == "x" else "x", **strip, **look)
    figure.update_xaxes({"title": {"text": across.title}})
    figure.update_yaxes({"title": {"text": up.title}}, col=1)
    return _laid_out(figure)


def _coded(name: str) -> pl.Expr:
    return (pl.col("sex") == "M").cast(pl.Float64) if name == "sex" else pl.col(name).cast(pl.Float64)


def _points(figure: Panels, people: pl.DataFrame, across: Scale, up: Scale, group: str, column: int) -> None:
    placed = people.with_columns(
        pl.Series("_at_x", across.position(people["_x"].to_numpy(), 1)),
        pl.Series("_at_y", up.position(people["_y"].to_numpy(), 2)),
    )
    for sex, symbol in SEX_SYMBOLS.items():
        members = placed.filter(pl.col("sex") == sex)
        if members.is_empty():
            continue
        figure.add_trace(
            person_points(
                members,
                members["_at_x"].to_numpy(),
                members["_at_y"].to_numpy(),
                known=("subject_id", "age_years", "_x", "_y"),
                name=f"{group} {SEX_LABELS[sex].lower()}",
                marker={"color": faded(GROUP_COLOURS[group], 0.55), "symbol": symbol, "size": 6},
                hover=f"%{{customdata[0]}} · {group}, {SEX_LABELS[sex].lower()}, %{{customdata[1]}} years<br>"
                f"{across.title}: %{{customdata[2]:.4g}}<br>{up.title}: %{{customdata[3]:.4g}}",
            ),
            col=column,
        )


def _count(figure: Panels, drawn: int, known: int, left_out: int, column: int) -> None:
    text = f"n = {known:,}" if drawn == known else f"{drawn:,} of n = {known:,} drawn"
    if left_out:
        text += f"; {left_out:,} without both values"
    figure.add_annotation(
        text=text, across="xy", x=1, y=1, xanchor="right", yanchor="bottom", showarrow=False, font={"size": 12},
        col=column,
    )  # fmt: skip


def _laid_out(figure: Panels) -> go.Figure:
    return figure.drawn(
        height=440,
        margin={"l": 72, "r": 12, "t": 58, "b": 96},
        legend={"orientation": "h", "y": -0.22, "x": 0},
        hovermode="closest",
        dragmode=False,
    )
