"""One person's centiles, a line per measure: the point, its interval, and how much is known."""

from collections.abc import Sequence

import plotly.graph_objects as go

from analysis.norms.score import Score
from app.figures.palette import GROUP_COLOURS, SEX_SYMBOLS, faded
from vocabulary.measures import MEASURES

SHADED = ((0, 3), (97, 100))
LINE_HEIGHT = 33
_NEEDED_PIXELS = 430
"""The words of the axis need them; on a phone the figure is scrolled."""


def centile_strip(scores: Sequence[Score]) -> go.Figure:
    """Draw every score with a centile, controls and patients on lines of their own, from 0 to 100.

    A value whose interval is too wide for a centile is drawn as its interval alone; values without an interval are
    not drawn and stand in the sentences.
    """
    shown = [score for score in scores if score.centile_low is not None]
    figure = go.Figure()
    labels = []
    for y, score in enumerate(reversed(shown)):
        colour = GROUP_COLOURS[score.group]
        labels.append(f"{MEASURES[score.measure].short}<br><b>{'controls' if score.group == 'HC' else 'MS'}</b>")
        low, high = score.centile_low or 0.0, score.centile_high or 100.0
        hover = (
            f"{MEASURES[score.measure].label}: centile {score.centile or float('nan'):.1f} (95 % {low:.1f}-{high:.1f})"
        )
        figure.add_trace(
            go.Scatter(
                x=[low, high],
                y=[y, y],
                mode="lines",
                line={"color": faded(colour, 0.45), "width": 12},
                hoverinfo="skip",
                showlegend=False,
            )
        )
        if score.centile is not None and not score.none_found:
            figure.add_trace(
                go.Scatter(
                    x=[score.centile],
                    y=[y],
                    mode="markers",
                    marker={"color": colour, "symbol": SEX_SYMBOLS[score.sex], "size": 14},
                    hovertemplate=f"{hover}<extra></extra>",
                    showlegend=False,
                )
            )
    for low, high in SHADED:
        figure.add_vrect(x0=low, x1=high, fillcolor="#8899AA", opacity=0.18, line_width=0)
    figure.add_vline(x=50, line={"color": "#8899AA", "width": 1, "dash": "dot"})
    figure.update_xaxes(
        title_text="Centile among people of the same age and sex",
        range=[-1, 101],
        tickvals=[3, 10, 25, 50, 75, 90, 97],
        zeroline=False,
    )
    figure.update_yaxes(
        tickvals=list(range(len(labels))),
        ticktext=labels,
        range=[-0.7, len(labels) - 0.3],
        showgrid=False,
        zeroline=False,
    )
    figure.update_layout(
        height=96 + LINE_HEIGHT * max(len(labels), 1), margin={"l": 120, "r": 24, "t": 12, "b": 56}, dragmode=False,
        meta=_NEEDED_PIXELS,
    )  # fmt: skip
    return figure
