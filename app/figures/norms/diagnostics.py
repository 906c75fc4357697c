"""How good a normative model is on people it did not see: calibration, the spread of ranks, the worm plot."""

import numpy as np
import plotly.graph_objects as go
import scipy
from plotly.subplots import make_subplots

from analysis.norms.validation import CENTILES, Diagnostics
from app.figures.palette import MODEL_COLOUR, faded


def diagnostics_figure(found: Diagnostics) -> go.Figure:
    """Draw three panels, all from ten-fold cross-validation.

    Observed minus nominal proportion at the seven centiles; people in each tenth of the predicted distribution, with
    the 95 % range of chance; worm plot: normal scores minus those expected, with their pointwise 95 % band.
    """
    figure = make_subplots(
        rows=1,
        cols=3,
        horizontal_spacing=0.09,
        subplot_titles=("Calibration", "People per tenth", "Worm plot"),
    )
    error = 100 * 1.96 * np.sqrt(np.array(CENTILES) / 100 * (1 - np.array(CENTILES) / 100) / found.n)
    _band(figure, np.array(CENTILES), -error, error, 1)
    figure.add_trace(
        go.Scatter(
            x=CENTILES,
            y=np.array(found.observed) - np.array(CENTILES),
            mode="markers+lines",
            marker={"color": MODEL_COLOUR, "size": 9},
            line={"color": MODEL_COLOUR},
            customdata=found.observed,
            hovertemplate="centile %{x:g}: %{customdata:.1f} % are at or below<extra></extra>",
        ),
        row=1,
        col=1,
    )
    chance = 100 * 1.96 * np.sqrt(0.1 * 0.9 / found.n)
    tenths = np.arange(1, 11)
    figure.add_trace(
        go.Bar(
            x=tenths,
            y=found.deciles,
            marker={"color": MODEL_COLOUR, "opacity": 0.75},
            hovertemplate="tenth %{x}: %{y:.1f} % of people<extra></extra>",
        ),
        row=1,
        col=2,
    )
    for level in (10 - chance, 10 + chance):
        figure.add_hline(y=level, line={"color": "#8899AA", "dash": "dot", "width": 1}, row=1, col=2)
    expected, deviation = (np.array(part) for part in zip(*found.worm, strict=True))
    p = scipy.special.ndtr(expected)
    density = np.exp(-(expected**2) / 2) / np.sqrt(2 * np.pi)
    spread = 1.96 * np.sqrt(p * (1 - p) / found.n) / density
    _band(figure, expected, -spread, spread, 3)
    figure.add_trace(
        go.Scatter(
            x=expected,
            y=deviation,
            mode="markers",
            marker={"color": MODEL_COLOUR, "size": 6},
            hovertemplate="expected %{x:.2f}: off by %{y:.2f}<extra></extra>",
        ),
        row=1,
        col=3,
    )
    titles = (
        ("Nominal centile", "Observed − nominal (points)"),
        ("Tenth of the prediction", "People (%)"),
        ("Expected normal score", "Observed − expected"),
    )
    for column, (x, y) in enumerate(titles, start=1):
        figure.update_xaxes(title_text=x, row=1, col=column)
        figure.update_yaxes(title_text=y, row=1, col=column)
    figure.update_xaxes(tickvals=CENTILES, row=1, col=1)
    figure.update_xaxes(tickvals=tenths, row=1, col=2)
    figure.update_yaxes(range=[0, max(14.0, *found.deciles) * 1.1], row=1, col=2)
    figure.update_layout(height=360, margin={"l": 70, "r": 16, "t": 40, "b": 56}, showlegend=False, dragmode=False)
    return figure


def _band(figure: go.Figure, x: np.ndarray, low: np.ndarray, high: np.ndarray, column: int) -> None:
    figure.add_trace(
        go.Scatter(
            x=np.concatenate([x, x[::-1]]),
            y=np.concatenate([low, high[::-1]]),
            fill="toself",
            fillcolor=faded("#8899AA", 0.2),
            mode="lines",
            line={"width": 0},
            hoverinfo="skip",
        ),
        row=1,
        col=column,
    )
