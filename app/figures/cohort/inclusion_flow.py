"""Flow of inclusion: from the rows of the source to the people shown, and how many left at every step."""

from dataclasses import dataclass

import plotly.graph_objects as go

from app.figures.palette import faded
from app.figures.panels import Panels

INK = "#6B7885"
BOX_WIDTH = 0.66


@dataclass(frozen=True)
class Stage:
    """One box: how many are left, who they are, and why others are not among them (below the arrow before it)."""

    title: str
    n: int
    detail: str = ""
    left_out: str = ""


def flow(stages: list[Stage], *, from_right: bool = False) -> go.Figure:
    """Draw the stages from left to right, or as a language that runs from right to left reads them."""
    figure = Panels()
    for i, stage in enumerate(stages):
        last = i == len(stages) - 1
        figure.add_shape(
            type="rect",
            x0=i - BOX_WIDTH / 2,
            x1=i + BOX_WIDTH / 2,
            y0=0,
            y1=1,
            line={"color": INK, "width": 2.5 if last else 1.5},
            fillcolor=faded(INK, 0.2 if last else 0.08),
        )
        lines = [(0.78, stage.title, None), (0.48, f"<b>{stage.n:,}</b>", 22), (0.2, stage.detail, None)]
        for y, text, size in lines:
            figure.add_annotation(x=i, y=y, text=text, showarrow=False, font={"size": size} if size else None)
        if i:
            _arrow(figure, i, stage.left_out)
    ends = [-BOX_WIDTH / 2 - 0.03, len(stages) - 1 + BOX_WIDTH / 2 + 0.03]
    figure.update_xaxes({"visible": False, "range": ends[::-1] if from_right else ends})
    figure.update_yaxes({"visible": False, "range": [-0.5, 1.04]})
    return figure.drawn(height=176, margin={"l": 0, "r": 0, "t": 6, "b": 0}, dragmode=False, hovermode=False)


def _arrow(figure: Panels, i: int, left_out: str) -> None:
    figure.add_annotation(
        x=i - BOX_WIDTH / 2, y=0.5, ax=i - 1 + BOX_WIDTH / 2, ay=0.5, axref="x", ayref="y", text="", showarrow=True,
        arrowhead=2, arrowsize=1.1, arrowwidth=2, arrowcolor=INK,
    )  # fmt: skip
    if left_out:
        figure.add_annotation(
            x=i - 0.5, y=-0.12, ax=i - 0.5, ay=0.48, axref="x", ayref="y", text="", showarrow=True, arrowhead=2,
            arrowwidth=1.5, arrowcolor=INK,
        )  # fmt: skip
        figure.add_annotation(x=i - 0.5, y=-0.13, yanchor="top", text=left_out, showarrow=False, align="center")
