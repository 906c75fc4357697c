"""How well each measure agrees with the rater's: the intraclass correlation of every measure, with its interval."""

import plotly.graph_objects as go
import polars as pl

from app.figures.palette import MODEL_COLOUR
from vocabulary.measures import MEASURES


def agreement_figure(agreement: pl.DataFrame) -> go.Figure:
    """Draw one line per measure, the first on top.

    Parameters
    ----------
    agreement : from ``app.sentences.agreement.measure_agreement``; measures without an ICC are left out
    """
    rows = agreement.drop_nulls("icc")
    figure = go.Figure(
        go.Scatter(
            x=rows["icc"],
            y=[MEASURES[name].label for name in rows["measure"]],
            mode="markers",
            marker={"color": MODEL_COLOUR, "size": 11, "symbol": "diamond"},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": rows["ci_high"] - rows["icc"],
                "arrayminus": rows["icc"] - rows["ci_low"],
                "color": MODEL_COLOUR,
                "thickness": 2,
                "width": 5,
            },
            customdata=rows.select("ci_low", "ci_high", "n").rows(),
            hovertemplate="%{y}<br>ICC(2,1) %{x:.2f}, 95 % CI %{customdata[0]:.2f} to %{customdata[1]:.2f}, "
            "n = %{customdata[2]}<extra></extra>",
        )
    )
    low = min([0.0, *rows["ci_low"]])
    figure.update_xaxes(title_text="ICC(2,1) with the manual outlines", range=[low - 0.03, 1.02], zeroline=False)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.add_vline(x=0, line={"color": "#808080", "width": 1})
    return figure.update_layout(
        height=80 + 34 * max(rows.height, 1), margin={"l": 200, "r": 24, "t": 16, "b": 60}, showlegend=False,
        hovermode="closest", dragmode=False,
    )  # fmt: skip
