"""Centiles over age with their intervals, the people behind them, and one person's values on them."""

import math
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
import polars as pl
from plotly.subplots import make_subplots

from app.figures.palette import GROUP_COLOURS, SEX_DASHES, SEX_SYMBOLS, faded
from vocabulary.measures import SEX_LABELS, measure

MAX_POINTS = 1500
"""More reference people than this are sampled (seeded)."""
PERSON_COLOUR = "#D7263D"
SMALLEST_AREA = 0.5
OTHER_CENTILES = (3.0, 50.0, 97.0)
OTHER_COLOUR = "#5B86A3"
"""Of another reference of the same group; of another group its own colour."""
HISTOGRAM, STRIP = 0.17, 0.09


@dataclass(frozen=True)
class Panel:
    """One sex: its curves, how many reference people of each age, and the people themselves where they are at hand.

    Attributes
    ----------
    curves : as `analysis.norms.curves.centile_curves` returns them
    ages : (age, people) of the reference
    people : subject_id, age_years, value; None where the reference's people are not in the store
    other, other_name, other_group : curves of another reference of the same protocol, drawn over these as dotted lines
        without bands: its 3rd, 50th and 97th centile
    """

    sex: str
    curves: pl.DataFrame
    ages: tuple[tuple[float, int], ...]
    people: pl.DataFrame | None = None
    other: pl.DataFrame | None = None
    other_name: str = ""
    other_group: str = "HC"


@dataclass(frozen=True)
class Mark:
    """A person on the chart: a label, an age and one value."""

    label: str
    age: float
    value: float


def centile_chart(panels: list[Panel], name: str, group: str, marks: dict[str, list[Mark]] | None = None) -> go.Figure:
    """Draw one panel per sex: curves with bands, people as points, the ages of the reference underneath.

    Parameters
    ----------
    panels : one or two sexes
    name : measure of the curves
    group : whose reference it is
    marks : sex -> people to mark

    Returns
    -------
    plotly Figure; loads on a log axis, those without lesions on a strip of their own
    """
    what = measure(name)
    log = what.nature == "load"
    rows = 3 if log else 2
    heights = [1 - HISTOGRAM - STRIP, STRIP, HISTOGRAM] if log else [1 - HISTOGRAM, HISTOGRAM]
    top = math.inf if log else _top(panels, marks)
    figure = make_subplots(
        rows=rows,
        cols=len(panels),
        shared_xaxes=True,
        shared_yaxes=True,
        vertical_spacing=0.02,
        horizontal_spacing=0.03,
        row_heights=heights,
        subplot_titles=[_title(panel, group) for panel in panels],
    )
    for column, panel in enumerate(panels, start=1):
        if panel.people is not None:
            _people(figure, panel, group, column, what.unit, log=log, top=top)
        for centile in panel.curves["centile"].unique().sort():
            curve = panel.curves.filter(pl.col("centile") == centile)
            _curve(figure, curve, float(centile), panel.sex, group, column, log=log, label=column == len(panels))
        if panel.other is not None:
            _other(figure, panel, column, log=log, same_group=panel.other_group == group)
        for mark in (marks or {}).get(panel.sex, []):
            _mark(figure, mark, panel.sex, column, what.unit, log=log)
        ages, counts = zip(*panel.ages, strict=True) if panel.ages else ((), ())
        figure.add_trace(
            go.Bar(
                x=ages,
                y=counts,
                width=1,
                marker={"color": faded(GROUP_COLOURS[group], 0.65), "line": {"width": 0}},
                hovertemplate="%{y} people of %{x:g} years<extra></extra>",
                showlegend=False,
            ),
            row=rows,
            col=column,
        )
        figure.update_xaxes(title_text="Age (years)", row=rows, col=column)
        if log:
            figure.add_trace(go.Scatter(x=[None], y=[None], showlegend=False, hoverinfo="skip"), row=2, col=column)
            figure.update_yaxes(range=[-1, 1], showgrid=False, zeroline=False, row=2, col=column)
            figure.update_yaxes(tickvals=[0], ticktext=["none"], row=2, col=1)
    figure.update_yaxes(title_text=what.axis_title, row=1, col=1)
    most = max((n for panel in panels for _, n in panel.ages), default=1)
    figure.update_yaxes(range=[0, 1.12 * most], nticks=3, row=rows)
    figure.update_yaxes(title_text="People", row=rows, col=1)
    if log:
        figure.update_yaxes(type="log", dtick=1, exponentformat="none", separatethousands=True, row=1)
        figure.update_yaxes(range=_log_range(panels, marks), row=1)
    else:
        figure.update_yaxes(range=[0, top], row=1)
    figure.update_xaxes(zeroline=False)
    figure.update_layout(
        height=560 if log else 520,
        bargap=0,
        margin={"l": 76, "r": 44, "t": 40, "b": 56},
        hovermode="closest",
        dragmode=False,
        showlegend=False,
    )
    return figure


def _title(panel: Panel, group: str) -> str:
    n = sum(count for _, count in panel.ages)
    who = {"HC": "control", "MS": "MS"}[group]
    return f"{SEX_LABELS[panel.sex]}, {who} reference n = {n:,}"


def _curve(
    figure: go.Figure,
    curve: pl.DataFrame,
    centile: float,
    sex: str,
    group: str,
    column: int,
    *,
    log: bool,
    label: bool,
) -> None:
    shown = curve.filter(pl.col("value") > (SMALLEST_AREA if log else 0))
    if shown.is_empty():
        return
    colour = GROUP_COLOURS[group]
    ages = shown["age"].to_numpy()
    low = np.maximum(shown["low"].to_numpy(), SMALLEST_AREA) if log else shown["low"].to_numpy()
    name = f"Centile {centile:g}"
    figure.add_trace(
        go.Scatter(
            x=np.concatenate([ages, ages[::-1]]),
            y=np.concatenate([low, shown["high"].to_numpy()[::-1]]),
            fill="toself",
            fillcolor=faded(colour, 0.16),
            mode="lines",
            line={"width": 0},
            hoverinfo="skip",
        ),
        row=1,
        col=column,
    )
    figure.add_trace(
        go.Scatter(
            x=ages,
            y=shown["value"].to_numpy(),
            mode="lines+text" if label else "lines",
            text=[""] * (len(ages) - 1) + [f"{centile:g}"],
            textposition="middle right",
            cliponaxis=False,
            line={"color": colour, "width": 3 if centile == 50 else 1.4, "dash": SEX_DASHES[sex]},
            customdata=shown.select("low", "high").rows(),
            hovertemplate=f"{name} at %{{x:.0f}} years: %{{y:.3g}} (95 % interval %{{customdata[0]:.3g}} to "
            "%{customdata[1]:.3g})<extra></extra>",
        ),
        row=1,
        col=column,
    )


def _other(figure: go.Figure, panel: Panel, column: int, *, log: bool, same_group: bool) -> None:
    """Draw another reference's outer centiles and median over a panel."""
    curves = panel.other if panel.other is not None else pl.DataFrame()
    colour = OTHER_COLOUR if same_group else GROUP_COLOURS[panel.other_group]
    for centile in OTHER_CENTILES:
        shown = curves.filter((pl.col("centile") == centile) & (pl.col("value") > (SMALLEST_AREA if log else 0)))
        if shown.is_empty():
            continue
        figure.add_trace(
            go.Scatter(
                x=shown["age"].to_numpy(),
                y=shown["value"].to_numpy(),
                mode="lines+text",
                text=[f"{centile:g}", *([""] * (shown.height - 1))],
                textposition="middle left",
                textfont={"color": colour},
                cliponaxis=False,
                line={"color": colour, "width": 2.6 if centile == 50 else 1.6, "dash": "dot"},
                customdata=shown.select("low", "high").rows(),
                hovertemplate=f"{panel.other_name}, centile {centile:g} at %{{x:.0f}} years: %{{y:.3g}} (95 % interval "
                "%{customdata[0]:.3g} to %{customdata[1]:.3g})<extra></extra>",
            ),
            row=1,
            col=column,
        )


def _people(figure: go.Figure, panel: Panel, group: str, column: int, unit: str, *, log: bool, top: float) -> None:
    """Draw the people of a panel; those beyond its top stand on the edge as triangles, counted."""
    people = panel.people if panel.people is not None else pl.DataFrame()
    people = people.drop_nulls(["age_years", "value"])
    beyond = people.filter(pl.col("value") > top)
    people = people.filter(pl.col("value") <= top)
    if beyond.height:
        figure.add_trace(
            go.Scatter(
                x=beyond["age_years"].to_numpy(),
                y=np.full(beyond.height, 0.985 * top),
                mode="markers",
                customdata=beyond.select("subject_id", "age_years", "value").rows(),
                marker={"color": GROUP_COLOURS[group], "symbol": "triangle-up", "size": 9, "opacity": 0.8},
                hovertemplate="%{customdata[0]}, %{customdata[1]:g} years<br>%{customdata[2]:.4g} "
                + f"{unit}, above the chart<extra></extra>",
            ),
            row=1,
            col=column,
        )
        figure.add_annotation(
            text=f"▲ {beyond.height} above {top:.2g}", x=1, y=1, xref="x domain", yref="y domain", xanchor="right",
            yanchor="top", showarrow=False, row=1, col=column,
        )  # fmt: skip
    people = people.sample(MAX_POINTS, seed=1) if people.height > MAX_POINTS else people
    people = people.with_columns(
        pl.Series("_x", np.random.default_rng(1).uniform(-0.35, 0.35, people.height)) + pl.col("age_years")
    )
    none = pl.col("value") < SMALLEST_AREA
    parts = ((people.filter(~none), 1), (people.filter(none), 2)) if log else ((people, 1),)
    for members, row in parts:
        heights = members["value"].to_numpy()
        if row == 2:
            heights = np.random.default_rng(2).uniform(-0.7, 0.7, members.height)
        figure.add_trace(
            go.Scatter(
                x=members["_x"].to_numpy(),
                y=heights,
                mode="markers",
                customdata=members.select("subject_id", "age_years", "value").rows(),
                marker={
                    "color": GROUP_COLOURS[group],
                    "symbol": SEX_SYMBOLS[panel.sex],
                    "size": 4,
                    "opacity": 0.35,
                },
                hovertemplate="%{customdata[0]}, %{customdata[1]:g} years<br>%{customdata[2]:.4g} "
                + f"{unit}<extra></extra>",
            ),
            row=row,
            col=column,
        )


def _mark(figure: go.Figure, mark: Mark, sex: str, column: int, unit: str, *, log: bool) -> None:
    none = log and mark.value < SMALLEST_AREA
    figure.add_trace(
        go.Scatter(
            x=[mark.age],
            y=[0 if none else mark.value],
            mode="markers",
            marker={
                "color": PERSON_COLOUR,
                "symbol": SEX_SYMBOLS[sex],
                "size": 15,
                "line": {"color": "#FFFFFF", "width": 2},
            },
            hovertemplate=f"{mark.label}, {mark.age:g} years<br>{mark.value:.4g} {unit}<extra></extra>",
        ),
        row=2 if none else 1,
        col=column,
    )
    # A label with a ground of its own is read on any curve, in light and dark.
    figure.add_annotation(
        text=f"<b>{mark.label}</b>", x=mark.age, y=0 if none else math.log10(mark.value) if log else mark.value,
        yshift=20, showarrow=False, bgcolor="rgba(255,255,255,0.85)", borderpad=2,
        font={"size": 14, "color": "#1D2733"}, row=2 if none else 1, col=column,
    )  # fmt: skip


def _top(panels: list[Panel], marks: dict[str, list[Mark]] | None) -> float:
    """Return where a linear axis ends: above every curve and every mark, not above the last person far out."""
    drawn = [*(p.curves for p in panels), *(p.other for p in panels if p.other is not None)]
    values = [float(curves["high"].max() or 0.0) for curves in drawn]  # type: ignore[arg-type]
    values += [mark.value for some in (marks or {}).values() for mark in some]
    return 1.12 * max(*values, 1e-9)


def _log_range(panels: list[Panel], marks: dict[str, list[Mark]] | None) -> list[float]:
    drawn = [*(p.curves for p in panels), *(p.other for p in panels if p.other is not None)]
    values = [float(curves["high"].max() or 1.0) for curves in drawn]  # type: ignore[arg-type]
    values += [float(p.people["value"].max() or 1.0) for p in panels if p.people is not None and p.people.height]  # type: ignore[arg-type]
    values += [mark.value for some in (marks or {}).values() for mark in some]
    return [float(np.log10(0.6)), float(np.log10(max(*values, 2.0) * 1.8))]
