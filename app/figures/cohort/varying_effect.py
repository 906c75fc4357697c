"""The adjusted effect of MS along age: a line with its band, and the line of no difference."""

import numpy as np
import plotly.graph_objects as go
import polars as pl

from app.figures.palette import GROUP_COLOURS, faded
from app.figures.panels import Panels, trace

LEAST_DECADES = 1.0
TICKS = (0.01, 0.03, 0.1, 0.3, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 100.0, 300.0, 1_000.0, 10_000.0, 100_000.0)


def varying_effect_figure(curve: pl.DataFrame) -> go.Figure:
    """Draw the ratio (log axis) or difference of MS to HC along age.

    Parameters
    ----------
    curve : answer of ``analysis.varying_effect.effect_curve``, not empty
    """
    ages = curve["at"].to_numpy()
    low, high = curve["ci_low"].to_numpy(), curve["ci_high"].to_numpy()
    ratio = curve["effect"][0] == "ratio_of_means"
    colour = GROUP_COLOURS["MS"]
    figure = Panels()
    figure.add_trace(
        trace("scatter", x=np.concatenate([ages, ages[::-1]]), y=np.concatenate([low, high[::-1]]), fill="toself",
            fillcolor=faded(colour, 0.2), mode="lines", line={"width": 0}, hoverinfo="skip", showlegend=False,
        )
    )  # fmt: skip
    unit = "times" if ratio else "percentage points"
    figure.add_trace(
        trace("scatter", x=ages, y=curve["effect_size"].to_numpy(), mode="lines", showlegend=False,
            line={"color": colour, "width": 3}, customdata=np.column_stack([low, high]),
            hovertemplate=f"at %{{x:.0f}} years: %{{y:.3g}} {unit} (95 % CI %{{customdata[0]:.3g}} to "
            "%{customdata[1]:.3g})<extra></extra>",
        )
    )  # fmt: skip
    none = 1.0 if ratio else 0.0
    figure.add_shape(col=1, across="x", type="line", y0=none, y1=none, line={"dash": "dot", "width": 1})
    # On a logarithmic axis Plotly wants the place of an annotation as a logarithm; of one, too, that is 0.
    figure.add_annotation(
        text="no difference", xref="paper", x=1, y=0.0, xanchor="right", yanchor="bottom", showarrow=False,
        font={"size": 12},
    )  # fmt: skip
    figure.add_annotation(
        text=f"{curve['n_ms'][0]:,} MS, {curve['n_hc'][0]:,} HC", xref="paper", yref="paper", x=1, y=1, xanchor="right",
        yanchor="bottom", showarrow=False, font={"size": 12},
    )  # fmt: skip
    figure.update_xaxes({"title": {"text": "Age (years)"}, "zeroline": False})
    if ratio:
        ends = np.log10([min(low.min(), 0.9), max(high.max(), 1.1)])
        room = max(0.04 * (ends[1] - ends[0]), (LEAST_DECADES - (ends[1] - ends[0])) / 2)
        figure.update_yaxes(
            {
                "title": {"text": "Ratio MS / HC, same age, sex and head size"},
                "type": "log",
                "range": [ends[0] - room, ends[1] + room],
                "tickvals": TICKS,
                "ticktext": [f"{tick:,g}" for tick in TICKS],
            }
        )
    else:
        figure.update_yaxes({"title": {"text": "MS − HC (percentage points), same age and sex"}, "zeroline": False})
    return figure.drawn(height=360, margin={"l": 76, "r": 16, "t": 28, "b": 56}, dragmode=False)
