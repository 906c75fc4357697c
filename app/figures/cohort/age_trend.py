"""One measure against age: every person, and the trend of each group with its 95 % interval."""

from collections.abc import Collection
from typing import Any

import numpy as np
import plotly.graph_objects as go
import polars as pl

from app.figures.marks import jitter, log_range, log_scale, person_points, sampled, say_if_sampled, zero_strip
from app.figures.palette import GROUP_COLOURS, SEX_DASHES, SEX_SYMBOLS, faded
from app.figures.panels import Panels, trace
from vocabulary.measures import GROUPS, SEX_LABELS, SEXES, measure

MAX_POINTS = 2000
"""More people of a group than this are sampled (seeded); the figure then says how many are drawn."""

JITTER_YEARS = 0.35
POINT_SIZE = 5
STRIP = 0.11


def age_trend_figure(frame: pl.DataFrame, curve: pl.DataFrame, name: str, *, small: bool = False) -> go.Figure:
    """Draw people and trends; loads on a log axis with the lesion-free on a strip of their own.

    Parameters
    ----------
    frame : cohort frame; people without an age or without the measure cannot be drawn
    curve : as `analysis.trend.age_trend` returns it, one row per group (and sex) and age
    name : a measure
    small : show the trends alone, in little room

    Returns
    -------
    plotly Figure; marker ``customdata`` holds subject_id. Ages are jittered by a third of a year.
    """
    what = measure(name)
    log = what.nature in ("load", "count")
    figure = Panels(
        rows=2 if log else 1,
        shared_xaxes=True,
        vertical_spacing=0.025,
        row_heights=(1 - STRIP, STRIP) if log else None,
    )
    known = frame.select("subject_id", "group", "sex", "age_years", name).drop_nulls(["age_years", name])
    curve = curve.drop_nulls("age")
    lines = curve.partition_by(["group", "sex"], as_dict=True, maintain_order=True)
    if not small:
        _everybody(figure, known, name, log=log, lines=lines)
    for (group, sex), line in lines.items():
        _line(figure, line.sort("age"), str(group), None if sex is None else str(sex), what.unit)
    figure.update_xaxes({"title": {"text": "Age (years)"}}, row=2 if log else 1)
    figure.update_yaxes({"title": {"text": what.axis_title}, "type": "log" if log else "linear"}, row=1)
    if log:
        # Without a trace Plotly leaves the strip out, and the ages with it, when nobody's value is zero.
        figure.add_trace(trace("scatter", x=[None], y=[None], showlegend=False, hoverinfo="skip"), row=2)
        figure.update_yaxes(log_scale(log_range(known[name])), row=1)
        figure.update_xaxes({"showticklabels": False, "ticks": ""}, row=1)
        figure.update_yaxes(zero_strip([-1, 1], 0, "no lesion"), row=2)
    figure.update_xaxes({"zeroline": False})
    return figure.drawn(
        small=small,
        height=470,
        margin={"l": 76, "r": 16, "t": 30, "b": 52},
        hovermode="closest",
        dragmode=False,
        legend={"orientation": "h", "y": 1.01, "x": 1, "xanchor": "right", "yanchor": "bottom"},
    )


def _everybody(
    figure: Panels, known: pl.DataFrame, name: str, *, log: bool, lines: Collection[tuple[Any, ...]]
) -> None:
    """Draw people of each group and sex; where a line stands for them, the legend has it and not them."""
    drawn = pl.concat([sampled(known.filter(pl.col("group") == g), MAX_POINTS) for g in GROUPS])
    drawn = drawn.with_columns(pl.Series("_x", jitter(drawn.height, -JITTER_YEARS, JITTER_YEARS)) + pl.col("age_years"))
    for group in GROUPS:
        for sex in SEXES:
            members = drawn.filter((pl.col("group") == group) & (pl.col("sex") == sex))
            _people(figure, members, name, group, sex, log=log, legend=(group, sex) not in lines)
    say_if_sampled(figure, drawn.height, known.height, "the trend uses all")


def _people(figure: Panels, people: pl.DataFrame, name: str, group: str, sex: str, *, log: bool, legend: bool) -> None:
    label = f"{group} {SEX_LABELS[sex].lower()}"
    zero = pl.col(name) == 0
    parts = ((people.filter(~zero), 1), (people.filter(zero), 2)) if log else ((people, 1),)
    for members, row in parts:
        if members.is_empty():
            continue
        figure.add_trace(
            person_points(
                members,
                members["_x"].to_numpy(),
                members[name].to_numpy() if row == 1 else _strip(members.height, group),
                known=("subject_id", "age_years", name),
                name=label,
                legendgroup=label,
                showlegend=legend and row == 1,
                marker={
                    "color": faded(GROUP_COLOURS[group], 0.55),
                    "symbol": SEX_SYMBOLS[sex] + ("-open" if row == 2 else ""),
                    "size": POINT_SIZE if row == 1 else POINT_SIZE - 1,
                },
                hover=f"%{{customdata[0]}} · {label}, %{{customdata[1]}} years"
                f"<br>%{{customdata[2]:.4g}} {measure(name).unit}",
            ),
            row=row,
        )


def _strip(n: int, group: str) -> np.ndarray:
    """Heights on the strip of zeros: MS in the upper half, HC in the lower."""
    middle = 0.5 if group == "MS" else -0.5
    return jitter(n, middle - 0.35, middle + 0.35, seed=2)


def _line(figure: Panels, line: pl.DataFrame, group: str, sex: str | None, unit: str) -> None:
    """Trend and interval; women solid, men dashed, both sexes together solid."""
    colour = GROUP_COLOURS[group]
    label = group if sex is None else f"{group} {SEX_LABELS[sex].lower()}"
    ages = line["age"].to_numpy()
    figure.add_trace(
        trace(
            "scatter",
            x=np.concatenate([ages, ages[::-1]]),
            y=np.concatenate([line["ci_low"].to_numpy(), line["ci_high"].to_numpy()[::-1]]),
            fill="toself",
            fillcolor=faded(colour, 0.25 if sex is None else 0.15),
            mode="lines",
            line={"width": 0},
            hoverinfo="skip",
            showlegend=False,
            legendgroup=label,
        ),
    )
    figure.add_trace(
        trace(
            "scatter",
            x=ages,
            y=line["estimate"].to_numpy(),
            mode="lines",
            name=f"{label} trend" if sex is None else label,
            legendgroup=label,
            line={"color": colour, "width": 3, "dash": SEX_DASHES[sex or "F"]},
            customdata=line.select("ci_low", "ci_high").rows(),
            hovertemplate=f"{label} at %{{x:.0f}} years: %{{y:.3g}} (95 % CI %{{customdata[0]:.3g}} to "
            f"%{{customdata[1]:.3g}}) {unit}<extra></extra>",
        ),
    )
