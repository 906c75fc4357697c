"""Age bands as cells: every person, quartiles and median with its interval; zeros on a strip of their own."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
import polars as pl
from plotly.subplots import make_subplots

from app.figures.palette import SEX_SYMBOLS, faded
from vocabulary import SEX_LABELS, Measure

MAX_POINTS = 400
"""More people than this in one cell are sampled (seeded); the figure then says so."""

STRIP = 0.15
STRIP_MIDDLE = -0.35
ROOM = 1.5


@dataclass(frozen=True)
class Cell:
    """One place on the x axis: its people and, unless there are fewer than five, their summary.

    ``summary`` has n, median, q1, q3, median_low, median_high, sparse; in the unit of the measure.
    """

    x: float
    people: pl.DataFrame
    summary: dict[str, Any]
    colour: str
    edge: str
    label: str
    width: float = 0.34


def panels(titles: list[str], *, strip: bool) -> go.Figure:
    """Return an empty row of panels that share the y axis; with ``strip``, a strip for zeros under each."""
    figure = make_subplots(
        rows=2 if strip else 1,
        cols=len(titles),
        shared_yaxes=True,
        shared_xaxes=True,
        row_heights=[1 - STRIP, STRIP] if strip else None,
        vertical_spacing=0.025,
        horizontal_spacing=0.03,
        subplot_titles=[f"<b>{t}</b>" for t in titles],
    )
    figure.update_layout(
        height=520, margin={"l": 76, "r": 16, "t": 40, "b": 84}, hovermode="closest", dragmode=False, showlegend=False
    )
    return figure


def axes(
    figure: go.Figure, what: Measure, ticks: dict[float, str], *, column: int, ends: tuple[float, float] | None
) -> None:
    """Label one panel: bands with their n under it, the measure with its unit beside the first.

    ``ends`` are those of the log axis, or None when it is linear.
    """
    bottom = 2 if ends else 1
    span = [min(ticks) - 0.5, max(ticks) + 0.5]
    figure.update_xaxes(range=span, showgrid=False, zeroline=False, showticklabels=False, ticks="", row=1, col=column)
    figure.update_xaxes(
        range=span,
        tickvals=list(ticks),
        ticktext=list(ticks.values()),
        showgrid=False,
        zeroline=False,
        showticklabels=True,
        title_text="Age (years)",
        title_standoff=8,
        row=bottom,
        col=column,
    )
    figure.update_yaxes(zeroline=False, rangemode="nonnegative", row=1, col=column)
    if ends:
        figure.update_yaxes(
            type="log",
            range=[math.log10(end) for end in ends],
            dtick=1,
            exponentformat="none",
            separatethousands=True,
            row=1,
            col=column,
        )
        figure.update_yaxes(
            range=[-1, 1.3],
            tickvals=[STRIP_MIDDLE],
            ticktext=["none" if what.zone else "no lesion"],
            showgrid=False,
            zeroline=False,
            row=2,
            col=column,
        )
    if column == 1:
        figure.update_yaxes(title_text=what.axis_title, row=1, col=1)


def log_range(values: pl.Series) -> tuple[float, float]:
    """Return the ends of a log axis: a little outside the values above zero; 1 to 10 when there are none."""
    positive = values.filter(values > 0)
    if positive.is_empty():
        return 1.0, 10.0
    return float(positive.min()) / ROOM, float(positive.max()) * ROOM  # type: ignore[arg-type]


def say_if_sampled(figure: go.Figure, drawn: int, people: int) -> None:
    """Write under the titles how many people are drawn, when that is not everyone."""
    if drawn < people:
        figure.add_annotation(
            text=f"{drawn:,} of {people:,} people drawn; boxes use all",
            xref="paper",
            yref="paper",
            x=0,
            y=1,
            xanchor="left",
            yanchor="bottom",
            showarrow=False,
            font={"size": 12},
        )


def draw_cell(figure: go.Figure, cell: Cell, what: Measure, *, column: int, floor: float | None) -> int:
    """Draw one cell and return how many of its people are drawn as points.

    Parameters
    ----------
    floor : lower end of the log axis, whose strip then takes the zeros; None on a linear axis
    """
    people = cell.people
    drawn = people.sample(MAX_POINTS, seed=1) if people.height > MAX_POINTS else people
    jitter = np.random.default_rng(1).uniform(-cell.width / 2, cell.width / 2, drawn.height)
    drawn = drawn.with_columns(pl.Series("_x", cell.x + jitter, dtype=pl.Float64))
    sparse = bool(cell.summary["sparse"])
    above = drawn.filter(pl.col(what.name) > 0) if floor is not None else drawn
    _points(figure, above, cell, what, row=1, column=column, hollow=sparse)
    if floor is not None:
        _zeros(figure, drawn.filter(pl.col(what.name) == 0), cell, what, column)
    if not sparse:
        _box(figure, cell, what, column, floor)
    return drawn.height


def _points(
    figure: go.Figure, people: pl.DataFrame, cell: Cell, what: Measure, *, row: int, column: int, hollow: bool
) -> None:
    for sex, symbol in SEX_SYMBOLS.items():
        members = people.filter(pl.col("sex") == sex)
        if members.is_empty():
            continue
        figure.add_trace(
            go.Scatter(
                x=members["_x"].to_numpy(),
                y=members[what.name].to_numpy() if row == 1 else np.full(members.height, STRIP_MIDDLE),
                mode="markers",
                customdata=members.select("subject_id", "age_years", what.name).rows(),
                marker={
                    "symbol": f"{symbol}-open" if hollow else symbol,
                    "color": cell.edge if hollow else cell.colour,
                    "size": 9 if hollow and row == 1 else 4,
                    "opacity": 1 if hollow else 0.6,
                    "line": {"width": 1.5 if hollow and row == 1 else 0.4, "color": cell.edge},
                },
                hovertemplate=f"%{{customdata[0]}} · {cell.label}, {SEX_LABELS[sex].lower()}, %{{customdata[1]}} years"
                f"<br>%{{customdata[2]:.4g}} {what.unit}<extra></extra>",
                showlegend=False,
            ),
            row=row,
            col=column,
        )


def _box(figure: go.Figure, cell: Cell, what: Measure, column: int, floor: float | None) -> None:
    """Quartiles as a box, the median as a ring with its 95 % interval; what is zero ends at the floor."""
    s = cell.summary
    lowest = -np.inf if floor is None else floor
    low, high = max(s["q1"], lowest), max(s["q3"], lowest)
    half = cell.width / 2
    hover = (
        f"{cell.label}, n = {s['n']:,}<br>median {s['median']:.3g} (95 % CI {s['median_low']:.3g} to "
        f"{s['median_high']:.3g}) {what.unit}<br>quartiles {s['q1']:.3g} and {s['q3']:.3g}<extra></extra>"
    )
    if high > low:
        figure.add_trace(
            go.Scatter(
                x=[cell.x - half, cell.x + half, cell.x + half, cell.x - half, cell.x - half],
                y=[low, low, high, high, low],
                fill="toself",
                fillcolor=faded(cell.colour, 0.28),
                mode="lines",
                line={"color": cell.edge, "width": 1.5},
                hoverinfo="skip",
                showlegend=False,
            ),
            row=1,
            col=column,
        )
    on_strip = floor is not None and s["median"] < floor
    interval = {
        "type": "data",
        "symmetric": False,
        "array": [s["median_high"] - s["median"]],
        "arrayminus": [s["median"] - max(s["median_low"], lowest)],
        "color": cell.edge,
        "thickness": 2.5,
        "width": 6,
    }
    figure.add_trace(
        go.Scatter(
            x=[cell.x],
            y=[STRIP_MIDDLE if on_strip else s["median"]],
            mode="markers",
            hovertemplate=hover,
            showlegend=False,
            marker={"color": "#FFFFFF", "size": 10, "line": {"color": cell.edge, "width": 2.5}},
            error_y=None if on_strip else interval,
        ),
        row=2 if on_strip else 1,
        col=column,
    )


def _zeros(figure: go.Figure, people: pl.DataFrame, cell: Cell, what: Measure, column: int) -> None:
    """People whose value is zero, and their share of the whole cell."""
    _points(figure, people, cell, what, row=2, column=column, hollow=True)
    n = cell.people.height
    zeros = cell.people.filter(pl.col(what.name) == 0).height
    if n:
        figure.add_annotation(
            text=f"{100 * zeros / n:.0f} %",
            x=cell.x,
            y=0.62,
            showarrow=False,
            row=2,
            col=column,
            font={"size": 12},
            hovertext=f"{zeros:,} of {n:,} have none",
        )
