"""A measure from visit to visit, by age where known, with the band that measuring the visit before again gives."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from analysis.change import Within
from app.figures.norms.centile_chart import PERSON_COLOUR
from vocabulary.measures import MEASURES

BAND = "rgba(136,153,170,0.22)"
NEAREST = 0.2
"""Visits nearer to each other than this part of the whole time have no room for a label each."""


def ages_at(visits: Sequence[Mapping[str, Any]]) -> list[float] | None:
    """Return the person's age at each visit, or None where one is not known or they do not rise from visit to visit.

    A table that gives a person one age, or whole years of two visits within one, says nothing of the time between.

    Examples
    --------
    >>> ages_at([{"age_years": 38.0}, {"age_years": 40.5}])
    [38.0, 40.5]
    >>> ages_at([{"age_years": 38.0}, {"age_years": 38.0}])
    """
    ages = [row["age_years"] for row in visits]
    known = [float(age) for age in ages if age is not None]
    rising = all(before < after for before, after in pairwise(known))
    return known if rising and len(known) == len(ages) else None


def trajectory(visits: Sequence[Mapping[str, Any]], within: Mapping[str, Within]) -> go.Figure:
    """Draw each followed measure over the visits, a panel each.

    The grey band runs from the value of the visit before to where a repeat of that scan would lie in 95 of 100 cases: a
    point outside of it is more than measuring again gives. A visit that is not measured leaves a gap. Visits stand at
    the person's age, or, where ``ages_at`` knows none, at equal distances.

    Parameters
    ----------
    visits : rows of `db.snapshot.Snapshot.scans` of one person, in the order of the visits
    within : measure -> within-person SD of the logarithm
    """
    names = list(within)
    figure = make_subplots(rows=1, cols=len(names), horizontal_spacing=0.12)
    ages = ages_at(visits)
    places = [float(i) for i in range(len(visits))] if ages is None else ages
    labels = [_visit(row, i) for i, row in enumerate(visits)]
    if ages is not None:
        labels = [f"{label}<br>{age:.3g} years" for label, age in zip(labels, ages, strict=True)]
    span = places[-1] - places[0] or 1.0
    crowded = any(after - before < NEAREST * span for before, after in pairwise(places))
    for column, name in enumerate(names, start=1):
        what, factor = MEASURES[name], within[name].factor
        values = [row[name] for row in visits]
        for i in range(1, len(values)):
            before = values[i - 1]
            if before and values[i] is not None:
                figure.add_trace(
                    go.Scatter(
                        x=[places[i - 1] + 0.02 * span, places[i], places[i], places[i - 1] + 0.02 * span],
                        y=[before, before / factor, before * factor, before],
                        fill="toself",
                        fillcolor=BAND,
                        mode="lines",
                        line={"width": 0},
                        hoverinfo="skip",
                        showlegend=False,
                    ),
                    row=1,
                    col=column,
                )
        figure.add_trace(
            go.Scatter(
                x=places,
                y=values,
                mode="lines+markers+text",
                text=["" if value is None else f"{value:.3g}" for value in values],
                textposition="top center",
                cliponaxis=False,
                line={"color": PERSON_COLOUR, "width": 2},
                marker={"color": PERSON_COLOUR, "size": 12, "line": {"color": "#FFFFFF", "width": 2}},
                customdata=labels,
                hovertemplate=f"%{{customdata}}: %{{y:.3g}} {what.unit}<extra></extra>",
                showlegend=False,
            ),
            row=1,
            col=column,
        )
        tops = [value * factor for value in values[:-1] if value] + [value for value in values if value]
        figure.update_yaxes(title_text=what.axis_title, range=[0, 1.12 * max(tops, default=1.0)], row=1, col=column)
        figure.update_xaxes(
            tickvals=[places[0], places[-1]] if crowded else places,
            ticktext=[labels[0], labels[-1]] if crowded else labels,
            range=[places[0] - 0.25 * span, places[-1] + 0.25 * span],
            zeroline=False,
            row=1,
            col=column,
        )
    figure.update_layout(
        height=300 if ages is None else 314,
        margin={"l": 76, "r": 24, "t": 24, "b": 44 if ages is None else 58},
        dragmode=False,
    )
    return figure


def _visit(row: Mapping[str, Any], number: int) -> str:
    return f"visit {row['session']}" if row["session"] else f"visit {number + 1}"
