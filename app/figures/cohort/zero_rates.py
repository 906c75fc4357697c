"""How many people have no lesion at all, by group and sex, with Wilson's interval."""

import plotly.graph_objects as go
import polars as pl

from app.figures.palette import GROUP_COLOURS, SEX_SYMBOLS
from vocabulary.measures import GROUPS, SEX_LABELS, SEXES


def zero_rates_figure(rates: pl.DataFrame) -> go.Figure:
    """Draw one row per group and sex.

    Parameters
    ----------
    rates : of one load, as `analysis.overview.zero_rates` returns them by group and sex; rates from 0 to 1
    """
    figure = go.Figure()
    labels = []
    order = {group: i for i, group in enumerate(reversed(GROUPS))}
    rows = sorted(
        (row for row in rates.iter_rows(named=True) if row["n"]),
        key=lambda row: (order[row["group"]], -SEXES.index(row["sex"])),
        reverse=True,
    )
    for y, row in enumerate(reversed(rows)):
        who = f"{row['group']} {SEX_LABELS[row['sex']].lower()}"
        labels.append(f"<b>{row['group']}</b> {SEX_LABELS[row['sex']].lower()}<br>n = {row['n']:,}")
        rate, low, high = (100 * row[c] for c in ("rate", "ci_low", "ci_high"))
        figure.add_trace(
            go.Scatter(
                x=[rate],
                y=[y],
                mode="markers+text",
                text=[f"{rate:.1f} %"],
                textposition="top center",
                cliponaxis=False,
                marker={"color": GROUP_COLOURS[row["group"]], "symbol": SEX_SYMBOLS[row["sex"]], "size": 13},
                error_x={
                    "type": "data",
                    "symmetric": False,
                    "array": [high - rate],
                    "arrayminus": [rate - low],
                    "color": GROUP_COLOURS[row["group"]],
                    "thickness": 2.5,
                    "width": 6,
                },
                hovertemplate=f"{who}: {row['n_zero']:,} of {row['n']:,} without a lesion<br>{rate:.1f} % "
                f"(95 % CI {low:.1f} to {high:.1f})<extra></extra>",
                showlegend=False,
            )
        )
    figure.update_xaxes(title_text="People without any lesion (%)", rangemode="tozero", zeroline=True)
    figure.update_yaxes(
        tickvals=list(range(len(labels))),
        ticktext=labels,
        range=[-0.5, len(labels) - 0.35],
        showgrid=False,
        zeroline=False,
    )
    figure.update_layout(
        height=110 + 62 * max(len(labels), 1), margin={"l": 108, "r": 16, "t": 12, "b": 56}, dragmode=False
    )
    return figure
