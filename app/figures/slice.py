"""One slice of a scan that can be zoomed and moved, with every lesion's numbers under the pointer."""

import base64
from collections.abc import Sequence
from typing import NamedTuple

import plotly.graph_objects as go


class LesionMark(NamedTuple):
    """Where a lesion lies in a picture, pixels from its upper left corner, and what the pointer tells of it."""

    x: float
    y: float
    radius: float
    told: str


def slice_figure(jpeg: bytes, size: tuple[int, int], marks: Sequence[LesionMark]) -> go.Figure:
    """Return the picture on axes of pixels, so that the wheel zooms it and the pointer drags it.

    Parameters
    ----------
    jpeg : the picture
    size : its width and height, pixels
    marks : of its lesions
    """
    width, height = size
    figure = go.Figure()
    source = "data:image/jpeg;base64," + base64.b64encode(jpeg).decode("ascii")
    figure.add_layout_image(
        source=source, xref="x", yref="y", x=0, y=0, sizex=width, sizey=height, sizing="stretch", layer="below"
    )
    figure.add_trace(
        go.Scatter(
            x=[mark.x for mark in marks],
            y=[mark.y for mark in marks],
            mode="markers",
            marker={"size": [max(2 * mark.radius, 14) for mark in marks], "color": "rgba(255,255,255,0.01)"},
            hovertext=[mark.told for mark in marks],
            hovertemplate="%{hovertext}<extra></extra>",
            showlegend=False,
        )
    )
    hidden = {"visible": False, "constrain": "domain"}
    figure.update_xaxes(range=[0, width], **hidden)
    figure.update_yaxes(range=[height, 0], scaleanchor="x", **hidden)
    figure.update_layout(
        height=height + 16, margin={"l": 0, "r": 0, "t": 8, "b": 8}, dragmode="pan", hovermode="closest"
    )
    return figure
