"""Age bands as cells: every person, quartiles and median with its interval; zeros on a strip of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import plotly.graph_objects as go
import polars as pl

from app.figures.marks import NO_SCALE, interval_bar, jitter, log_scale, person_points, sampled, zero_strip
from app.figures.palette import SEX_SYMBOLS, faded
from app.figures.panels import Panels, trace
from vocabulary.measures import SEX_LABELS, Measure

MAX_POINTS = 300
"""More people than this in one cell are sampled (seeded); the figure then says so."""

STRIP = 0.15
STRIP_MIDDLE = -0.35
RATE_HEIGHT = 0.62


@dataclass(frozen=True)
class Cell:
    """One place on the x axis: its people and their summary, as a row of `analysis.strata.strata`.

    ``colour`` fills, ``edge`` outlines; ``label`` says who they are, as hovering shows it.
    """

    x: float
    people: pl.DataFrame
    summary: dict[str, Any]
    colour: str
    edge: str
    label: str
    width: float = 0.34


def panels(titles: list[str], *, strip: bool) -> Panels:
    """Return an empty row of panels that share the y axis; with ``strip``, a strip for zeros under each."""
    figure = Panels(
        rows=2 if strip else 1,
        cols=len(titles),
        shared_yaxes=True,
        shared_xaxes=True,
        row_heights=(1 - STRIP, STRIP) if strip else None,
        vertical_spacing=0.025,
        horizontal_spacing=0.03,
    )
    figure.add_titles([f"<b>{t}</b>" for t in titles])
    return figure


def finished(figure: Panels) -> go.Figure:
    """Return the figure of panels that are filled."""
    margin = {"l": 76, "r": 16, "t": 40, "b": 84}
    return figure.drawn(height=520, margin=margin, hovermode="closest", dragmode=False, showlegend=False)


def axes(
    figure: Panels, what: Measure, ticks: dict[float, str], *, column: int, ends: tuple[float, float] | None
) -> None:
    """Label one panel: bands with their n under it, the measure with its unit beside the first.

    ``ends`` are those of the log axis, or None when it is linear.
    """
    span = [min(ticks) - 0.5, max(ticks) + 0.5]
    figure.update_xaxes(NO_SCALE | {"range": span, "showticklabels": False, "ticks": ""}, row=1, col=column)
    labelled = {
        "range": span,
        "tickvals": list(ticks),
        "ticktext": list(ticks.values()),
        "showticklabels": True,
        "tickangle": 0,
    }
    title = {"title": {"text": "Age (years)", "standoff": 8}}
    figure.update_xaxes(NO_SCALE | labelled | title, row=2 if ends else 1, col=column)
    figure.update_yaxes({"zeroline": False, "rangemode": "nonnegative"}, row=1, col=column)
    if ends:
        figure.update_yaxes(log_scale(ends), row=1, col=column)
        zeros = zero_strip([-1, 1.3], STRIP_MIDDLE, "none" if what.zone else "no lesion")
        figure.update_yaxes(zeros, row=2, col=column)
    if column == 1:
        figure.update_yaxes({"title": {"text": what.axis_title}}, row=1, col=1)


def draw_cells(figure: Panels, cells: Sequence[Cell], what: Measure, *, column: int, floor: float | None) -> int:
    """Draw the cells of one panel, few traces for many cells, and return how many people are drawn as points.

    Parameters
    ----------
    floor : lower end of the log axis, whose strip then takes the zeros; None on a linear axis
    """
    drawn = 0
    for _, alike in groupby(sorted(cells, key=lambda cell: cell.colour), key=lambda cell: cell.colour):
        kin = list(alike)
        points = pl.concat([_placed(cell, what.name) for cell in kin])
        drawn += points.height
        zero = pl.col(what.name) == 0 if floor is not None else pl.lit(False)
        _points(figure, points.filter(~zero & ~pl.col("_sparse")), kin[0], what, column=column)
        _points(figure, points.filter(~zero & pl.col("_sparse")), kin[0], what, column=column, hollow=True)
        if floor is not None:
            _points(figure, points.filter(zero), kin[0], what, column=column, hollow=True, row=2)
            _rates(figure, kin, what, column)
        dense = [cell for cell in kin if not cell.summary["sparse"]]
        _boxes(figure, dense, column, floor)
        _medians(figure, dense, what, column, floor)
    return drawn


def _placed(cell: Cell, name: str) -> pl.DataFrame:
    """Return the people to draw, with their place on the x axis and the words of their hover."""
    people = cell.people.select("subject_id", "sex", "age_years", pl.col(name).cast(pl.Float64))
    drawn = sampled(people, MAX_POINTS)
    shifts = jitter(drawn.height, -cell.width / 2, cell.width / 2)
    return drawn.with_columns(
        pl.Series("_x", cell.x + shifts, dtype=pl.Float64),
        pl.lit(cell.label).alias("_label"),
        pl.lit(bool(cell.summary["sparse"])).alias("_sparse"),
    )


def _points(
    figure: Panels,
    people: pl.DataFrame,
    cell: Cell,
    what: Measure,
    *,
    column: int,
    row: int = 1,
    hollow: bool = False,
) -> None:
    for sex, symbol in SEX_SYMBOLS.items():
        members = people.filter(pl.col("sex") == sex)
        if members.is_empty():
            continue
        figure.add_trace(
            person_points(
                members,
                members["_x"].to_numpy(),
                members[what.name].to_numpy() if row == 1 else np.full(members.height, STRIP_MIDDLE),
                known=("subject_id", "age_years", what.name, "_label"),
                marker={
                    "symbol": f"{symbol}-open" if hollow else symbol,
                    "color": cell.edge if hollow else cell.colour,
                    "size": 9 if hollow and row == 1 else 4,
                    "opacity": 1 if hollow else 0.6,
                    "line": {"width": 1.5 if hollow and row == 1 else 0.4, "color": cell.edge},
                },
                hover=f"%{{customdata[0]}} · %{{customdata[3]}}; {SEX_LABELS[sex].lower()}, %{{customdata[1]}} "
                f"years<br>%{{customdata[2]:.4g}} {what.unit}",
                showlegend=False,
            ),
            row=row,
            col=column,
        )


def _boxes(figure: Panels, cells: list[Cell], column: int, floor: float | None) -> None:
    """Quartiles of all cells as one trace of outlines; what reaches zero ends at the floor."""
    x: list[float | None] = []
    y: list[float | None] = []
    for cell in cells:
        low, high = (max(cell.summary[q], floor or cell.summary[q]) for q in ("q1", "q3"))
        left, right = cell.x - cell.width / 2, cell.x + cell.width / 2
        if high > low:
            x += [left, right, right, left, left, None]
            y += [low, low, high, high, low, None]
    if not x:
        return
    figure.add_trace(
        trace(
            "scatter",
            x=x,
            y=y,
            fill="toself",
            fillcolor=faded(cells[0].colour, 0.28),
            mode="lines",
            line={"color": cells[0].edge, "width": 1.5},
            hoverinfo="skip",
            showlegend=False,
        ),
        col=column,
    )


def _medians(figure: Panels, cells: list[Cell], what: Measure, column: int, floor: float | None) -> None:
    """Medians as rings with their 95 % interval; a median of zero lies on the strip."""
    on_strip = [cell for cell in cells if floor is not None and cell.summary["median"] < floor]
    for row, members in ((1, [cell for cell in cells if cell not in on_strip]), (2, on_strip)):
        if not members:
            continue
        rows = [cell.summary for cell in members]
        middle = [s["median"] for s in rows]
        below = [s["median"] - max(s["median_low"], floor or s["median_low"]) for s in rows]
        above = [s["median_high"] - s["median"] for s in rows]
        figure.add_trace(
            trace(
                "scatter",
                x=[cell.x for cell in members],
                y=middle if row == 1 else [STRIP_MIDDLE] * len(members),
                mode="markers",
                customdata=[
                    (
                        f"{cell.label}, n = {s['n']:,}<br>median {s['median']:.3g} (95 % CI {s['median_low']:.3g} to "
                        f"{s['median_high']:.3g}) {what.unit}<br>quartiles {s['q1']:.3g} and {s['q3']:.3g}",
                    )
                    for cell, s in zip(members, rows, strict=True)
                ],
                hovertemplate="%{customdata[0]}<extra></extra>",
                marker={"color": "#FFFFFF", "size": 10, "line": {"color": members[0].edge, "width": 2.5}},
                error_y=interval_bar(above, below, members[0].edge, 6) if row == 1 else None,
                showlegend=False,
            ),
            row=row,
            col=column,
        )


def _rates(figure: Panels, cells: list[Cell], what: Measure, column: int) -> None:
    """Write above the strip which share of each cell has none."""
    figure.add_trace(
        trace(
            "scatter",
            x=[cell.x for cell in cells],
            y=[RATE_HEIGHT] * len(cells),
            mode="text",
            text=[f"{100 * cell.summary['zero_rate']:.0f} %" for cell in cells],
            textfont={"size": 12},
            hovertext=[
                f"{cell.label}: {cell.summary['n_zero']:,} of {cell.summary['n']:,} have none" for cell in cells
            ],
            hoverinfo="text",
            showlegend=False,
        ),
        row=2,
        col=column,
    )
