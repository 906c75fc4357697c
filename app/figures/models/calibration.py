"""Reliability: of the pixels a model gives a probability of 70 %, are 70 % really of that tissue?"""

import math

import plotly.graph_objects as go
import polars as pl

from app.figures.palette import MODEL_COLOUR, VENTRICLE_COLOUR

NAMES = {"ventricle": "Ventricles", "wmh": "WMH"}
# WMH has no colour of its own, its zones have; here it is told by symbol and line, too.
_STYLES = {"ventricle": (VENTRICLE_COLOUR, "solid", "circle"), "wmh": (MODEL_COLOUR, "dash", "diamond")}


def calibration_figure(calibration: pl.DataFrame) -> go.Figure:
    """Draw one model's reliability curves, one line per tissue.

    Parameters
    ----------
    calibration : one row per class, bin: predicted (mean probability), observed (share), n_pixels; one model and split
    """
    figure = go.Figure(
        go.Scatter(
            x=[0, 1], y=[0, 1], mode="lines", line={"color": "#808080", "width": 1.5, "dash": "dot"},
            hoverinfo="skip", name="perfect",
        )
    )  # fmt: skip
    for tissue, (colour, dash, symbol) in _STYLES.items():
        rows = calibration.filter((pl.col("class") == tissue) & (pl.col("n_pixels") > 0)).sort("predicted")
        if rows.is_empty():
            continue
        figure.add_trace(
            go.Scatter(
                x=rows["predicted"],
                y=rows["observed"],
                mode="lines+markers",
                name=f"{NAMES[tissue]} (off by {calibration_error(rows):.3f} on average)",
                line={"color": colour, "width": 2, "dash": dash},
                marker={
                    "color": colour,
                    "symbol": symbol,
                    "size": [min(15.0, 3 + 1.8 * math.log10(n)) for n in rows["n_pixels"]],
                },
                customdata=rows.select("n_pixels").rows(),
                hovertemplate=f"{NAMES[tissue]}: said %{{x:.1%}}, true of %{{y:.1%}}<br>%{{customdata[0]:,}} pixels"
                "<extra></extra>",
            )
        )
    figure.update_xaxes(title_text="Probability the model gives", range=[-0.03, 1.03], zeroline=False, dtick=0.2)
    figure.update_yaxes(title_text="Share really of that tissue", range=[-0.03, 1.03], zeroline=False, dtick=0.2)
    return figure.update_layout(
        height=400,
        margin={"l": 70, "r": 12, "t": 16, "b": 60},
        legend={"x": 0.02, "y": 0.98, "yanchor": "top"},
        hovermode="closest",
        dragmode=False,
    )


def calibration_error(rows: pl.DataFrame) -> float:
    """Return the expected calibration error: mean of abs(observed - predicted), bins weighted by their pixels.

    References
    ----------
    Guo et al. 2017, arXiv:1706.04599

    Examples
    --------
    >>> calibration_error(pl.DataFrame({"predicted": [0.25, 0.75], "observed": [0.5, 0.75], "n_pixels": [30, 10]}))
    0.1875
    """
    weight = rows["n_pixels"] / rows["n_pixels"].sum()
    return float(((rows["observed"] - rows["predicted"]).abs() * weight).sum())
