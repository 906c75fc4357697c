"""A measure from visit to visit, with the band that measuring the first visit again would give."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from analysis.change import Within
from app.figures.norms.centile_chart import PERSON_COLOUR
from vocabulary.measures import MEASURES

BAND = "rgba(136,153,170,0.22)"


def trajectory(visits: Sequence[Mapping[str, Any]], within: Mapping[str, Within]) -> go.Figure:
    """Draw each followed measure over the visits, a panel each.

    The grey band runs from the value of the visit before to where a repeat of that scan would lie in 95 of 100 cases: a
    point outside of it is more than measuring again gives. A visit that is not measured leaves a gap.

    Parameters
    ----------
    visits : rows of `db.snapshot.Snapshot.scans` of one person, in the order of the visits
    within : measure -> within-person SD of the logarithm
    """
    names = list(within)
    figure = make_subplots(rows=1, cols=len(names), horizontal_spacing=0.12)
    labels = [_visit(row, i) for i, row in enumerate(visits)]
    for column, name in enumerate(names, start=1):
        what, factor = MEASURES[name], within[name].factor
        values = [row[name] for row in visits]
        for i in range(1, len(values)):
            before = values[i - 1]
            if before and values[i] is not None:
                figure.add_trace(
                    go.Scatter(
                        x=[i - 0.98, i, i, i - 0.98],
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
                x=list(range(len(values))),
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
            tickvals=list(range(len(labels))),
            ticktext=labels,
            range=[-0.25, len(labels) - 0.75],
            zeroline=False,
            row=1,
            col=column,
        )
    figure.update_layout(height=300, margin={"l": 76, "r": 24, "t": 24, "b": 44}, dragmode=False)
    return figure


def _visit(row: Mapping[str, Any], number: int) -> str:
    return f"visit {row['session']}" if row["session"] else f"visit {number + 1}"
