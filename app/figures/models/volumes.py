"""Bland and Altman's picture of volumes: how far the model is off, against how large the volume is."""

import plotly.graph_objects as go
import polars as pl
from plotly.subplots import make_subplots

from analysis.model_scores.targets import TISSUE_LABELS, TISSUES
from analysis.statistics.agreement import BlandAltman
from app.figures.palette import MODEL_COLOUR, faded


def volumes_figure(volumes: pl.DataFrame, limits: dict[str, BlandAltman]) -> go.Figure:
    """Draw difference against mean, one panel per tissue, one dot per patient.

    Parameters
    ----------
    volumes : one row per subject_id, class: manual_ml, found_ml; one model and split
    limits : tissue -> bias and limits of agreement in mL; a tissue without them gets dots only

    References
    ----------
    Bland & Altman 1986, doi:10.1016/S0140-6736(86)90837-8
    """
    figure = make_subplots(
        rows=1,
        cols=2,
        horizontal_spacing=0.17,
        subplot_titles=[f"<b>{TISSUE_LABELS[tissue]}</b>" for tissue in TISSUES],
    )
    for column, tissue in enumerate(TISSUES, start=1):
        rows = volumes.filter(pl.col("class") == tissue).drop_nulls()
        middle, gap = (rows["manual_ml"] + rows["found_ml"]) / 2, rows["found_ml"] - rows["manual_ml"]
        figure.add_trace(
            go.Scatter(
                x=middle,
                y=gap,
                mode="markers",
                marker={"color": faded(MODEL_COLOUR, 0.85), "size": 10},
                customdata=rows.select("subject_id", "manual_ml", "found_ml").rows(),
                hovertemplate="patient %{customdata[0]}<br>by hand %{customdata[1]:.1f} mL, "
                "model %{customdata[2]:.1f} mL<br>difference %{y:+.1f} mL<extra></extra>",
            ),
            row=1,
            col=column,
        )
        figure.add_hline(y=0, line={"color": "#808080", "width": 1}, row=1, col=column)
        for name, words, dash in (
            ("bias", "mean", "solid"),
            ("limit_high", "+1.96 SD", "dash"),
            ("limit_low", "−1.96 SD", "dash"),
        ):
            if tissue not in limits:
                continue
            value = getattr(limits[tissue], name)
            figure.add_hline(y=value, line={"color": MODEL_COLOUR, "width": 2, "dash": dash}, row=1, col=column)
            figure.add_annotation(
                text=f" {words}<br> {value:+.1f}".replace("-", "−"), x=1, xref="x domain", xanchor="left", y=value,
                yanchor="middle", showarrow=False, font={"size": 12}, row=1, col=column,
            )  # fmt: skip
        reach = [float(value) for value in gap]
        reach += [limits[tissue].limit_low, limits[tissue].limit_high] if tissue in limits else []
        if reach:
            room = 0.08 * (max(reach) - min(reach)) or 1.0
            figure.update_yaxes(range=[min(*reach, 0) - room, max(*reach, 0) + room], row=1, col=column)
    figure.update_xaxes(title_text="Mean of both volumes (mL)", zeroline=False, rangemode="tozero")
    figure.update_yaxes(zeroline=False)
    figure.update_yaxes(title_text="Model − by hand (mL)", row=1, col=1)
    for title, axis in zip(figure.layout.annotations, figure.select_xaxes(), strict=False):
        title.update(x=axis.domain[0], xanchor="left", font={"size": 14})
    return figure.update_layout(
        height=400, margin={"l": 70, "r": 84, "t": 40, "b": 60}, showlegend=False, hovermode="closest", dragmode=False
    )
