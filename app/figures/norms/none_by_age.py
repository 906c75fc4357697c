"""How many people of each age have no lesion at all, with the interval."""

import numpy as np
import plotly.graph_objects as go
import polars as pl

from app.figures.palette import GROUP_COLOURS, SEX_DASHES, faded
from vocabulary.measures import SEX_LABELS


def none_by_age(curves: dict[str, pl.DataFrame], group: str) -> go.Figure:
    """Draw the proportion without any lesion against age, a line per sex.

    Parameters
    ----------
    curves : sex -> as `analysis.norms.curves.none_curve` returns it
    """
    figure = go.Figure()
    colour = GROUP_COLOURS[group]
    for sex, curve in curves.items():
        ages = curve["age"].to_numpy()
        none, low, high = (100 * curve[column].to_numpy() for column in ("none", "low", "high"))
        figure.add_trace(
            go.Scatter(
                x=np.concatenate([ages, ages[::-1]]),
                y=np.concatenate([low, high[::-1]]),
                fill="toself",
                fillcolor=faded(colour, 0.18),
                mode="lines",
                line={"width": 0},
                hoverinfo="skip",
                showlegend=False,
            )
        )
        figure.add_trace(
            go.Scatter(
                x=ages,
                y=none,
                mode="lines",
                name=SEX_LABELS[sex],
                line={"color": colour, "width": 3, "dash": SEX_DASHES[sex]},
                customdata=np.stack([low, high], axis=-1),
                hovertemplate=f"{SEX_LABELS[sex]} at %{{x:.0f}} years: %{{y:.0f}} % have none "
                "(95 % interval %{customdata[0]:.0f}-%{customdata[1]:.0f} %)<extra></extra>",
            )
        )
    figure.update_xaxes(title_text="Age (years)", zeroline=False)
    figure.update_yaxes(title_text="Without any lesion (%)", rangemode="tozero", zeroline=True)
    figure.update_layout(
        height=320,
        margin={"l": 70, "r": 16, "t": 28, "b": 56},
        dragmode=False,
        legend={"orientation": "h", "y": 1.02, "x": 1, "xanchor": "right", "yanchor": "bottom"},
    )
    return figure
