"""Flow of inclusion: from the rows of the source to the people shown, and how many left at every step."""

from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from app.figures.palette import faded
from app.figures.panels import Panels, trace

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
    # Texts and arrows of traces: the browser takes several times as long for as many annotations.
    said: list[tuple[float, float, str, str]] = []
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
        said += [(i, 0.78, stage.title, "middle center"), (i, 0.2, stage.detail, "middle center")]
        if i:
            said.append((i - 0.5, -0.13, stage.left_out, "bottom center"))
    _draw_arrows(figure, stages)
    x, y, text, at = zip(*(part for part in said if part[2]), strict=True)
    _write(figure, x=x, y=y, text=text, textposition=at)
    numbers = [f"<b>{stage.n:,}</b>" for stage in stages]
    _write(figure, x=list(range(len(stages))), y=[0.48] * len(stages), text=numbers, textfont={"size": 22})
    ends = [-BOX_WIDTH / 2 - 0.03, len(stages) - 1 + BOX_WIDTH / 2 + 0.03]
    figure.update_xaxes({"visible": False, "range": ends[::-1] if from_right else ends})
    figure.update_yaxes({"visible": False, "range": [-0.5, 1.04]})
    return figure.drawn(height=176, margin={"l": 0, "r": 0, "t": 6, "b": 0}, dragmode=False, hovermode=False)


def _write(figure: Panels, **texts: Any) -> None:
    figure.add_trace(trace("scatter", mode="text", cliponaxis=False, hoverinfo="skip", showlegend=False, **texts))


def _draw_arrows(figure: Panels, stages: list[Stage]) -> None:
    """Draw an arrow from each stage to the next, and one from its middle to those who are left out on the way."""
    x: list[float | None] = []
    y: list[float | None] = []
    for i, stage in enumerate(stages[1:], start=1):
        x += [i - 1 + BOX_WIDTH / 2, i - BOX_WIDTH / 2, None]
        y += [0.5, 0.5, None]
        if stage.left_out:
            x += [i - 0.5, i - 0.5, None]
            y += [0.48, -0.12, None]
    ends = len(x) // 3
    head = {
        "symbol": "triangle-up", "angleref": "previous", "size": [0, 11, 0] * ends, "standoff": [0, 6, 0] * ends,
        "color": INK, "opacity": 1,
    }  # fmt: skip
    figure.add_trace(
        trace(
            "scatter", x=x, y=y, mode="lines+markers", line={"color": INK, "width": 2}, marker=head, cliponaxis=False,
            hoverinfo="skip", showlegend=False,
        )
    )  # fmt: skip
