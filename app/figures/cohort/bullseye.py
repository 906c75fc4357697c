"""The bullseye: lobes as sectors, shells from ventricle to cortex as rings, the person's left on the left."""

import math

import numpy as np
import plotly.graph_objects as go
import polars as pl

from app.figures.cell_colours import DIFFERENCE, in_theme, shades
from app.sentences.formatting import format_number

SECTORS = ("frontal", "basal ganglia and insula", "temporal", "parietal", "occipital")
"""From the front to the back of the head."""
RINGS = ("periventricular", "inner deep", "outer deep", "subcortical")
WORDS = {"basal ganglia and insula": "basal ganglia<br>and insula"}
EDGE = "#7C8794"
_HOLE = 1.0
_BELOW = ("cerebellum", "brain stem", "corpus callosum")


def bullseye(cells: pl.DataFrame, *, unit: str, group: str | None) -> go.Figure:
    """Draw one number per region.

    Parameters
    ----------
    cells : region_number, region, side, value (null where there is none) and words (what the pointer shows); a
        click tells the number
    unit : of the values, over the colour bar
    group : whose colour is used; None for a difference, which has a diverging scale around 0
    """
    values = {(row["region"], row["side"]): row for row in cells.iter_rows(named=True)}
    known = [abs(row["value"]) for row in values.values() if row["value"] is not None]
    most = max(known, default=0.0) or 1.0
    figure = go.Figure()
    for side in ("left", "right"):
        for sector, lobe in enumerate(SECTORS):
            for ring, shell in enumerate(RINGS):
                outline, middle = _wedge(side, sector, ring)
                _cell(figure, outline, middle, values.get((f"{lobe}, {shell}", side)), most, group)
            x, y = _place(side, sector + 0.5, _HOLE + len(RINGS) + 0.18)
            figure.add_annotation(
                x=x, y=y, text=WORDS.get(lobe, lobe), showarrow=False, font={"size": 13},
                xanchor="right" if side == "left" else "left",
                yanchor={0: "bottom", len(SECTORS) - 1: "top"}.get(sector, "middle"),
            )  # fmt: skip
    turn = np.linspace(0, 2 * math.pi, 60)
    hole = 0.94 * _HOLE * np.column_stack([np.cos(turn), np.sin(turn)])
    _cell(figure, hole, (0.0, 0.0), values.get(("corpus callosum", "both")), most, group)
    for name, side, left, right in (
        ("cerebellum", "left", -3.2, -1.15),
        ("brain stem", "both", -1.0, 1.0),
        ("cerebellum", "right", 1.15, 3.2),
    ):
        box = np.array([[left, -6.6], [right, -6.6], [right, -5.75], [left, -5.75]])
        _cell(figure, box, ((left + right) / 2, -6.18), values.get((name, side)), most, group)
        figure.add_annotation(x=(left + right) / 2, y=-6.9, text=name, showarrow=False, font={"size": 12})
    for x, text in ((-2.6, "LEFT"), (2.6, "RIGHT")):
        figure.add_annotation(x=x, y=5.75, text=f"<b>{text}</b> of the person", showarrow=False, font={"size": 13})
    figure.update_xaxes(visible=False, range=[-8.3, 8.3], fixedrange=True)
    figure.update_yaxes(visible=False, range=[-7.2, 6.1], scaleanchor="x", fixedrange=True)
    # As high as there is room below the answer at 1280 x 800.
    figure.update_layout(height=446, margin={"l": 8, "r": 8, "t": 4, "b": 4}, dragmode=False, showlegend=False)
    figure.update_layout(meta="wide")
    colour_bar(figure, most, unit, group, beside=True)
    in_theme(figure, dark=False, ink=EDGE)
    return figure


def _place(side: str, sector: float, radius: float) -> tuple[float, float]:
    """Return a place: sectors run from the front (up) to the back (down), left on the left."""
    angle = math.pi / 2 + math.pi * sector / len(SECTORS)
    x, y = radius * math.cos(angle), radius * math.sin(angle)
    return (x, y) if side == "left" else (-x, y)


def _wedge(side: str, sector: int, ring: int) -> tuple[np.ndarray, tuple[float, float]]:
    inner, outer = _HOLE + ring, _HOLE + ring + 1
    steps = np.linspace(sector, sector + 1, 12)
    there = [_place(side, step, outer) for step in steps]
    back = [_place(side, step, inner) for step in steps[::-1]]
    gap = -0.06 if side == "left" else 0.06
    return np.add(there + back, [gap, 0.0]), _place(side, sector + 0.5, (inner + outer) / 2)


def _cell(
    figure: go.Figure,
    outline: np.ndarray,
    middle: tuple[float, float],
    row: dict[str, object] | None,
    most: float,
    group: str | None,
) -> None:
    """Draw a region, its number in it; one without a number stays open."""
    value = row["value"] if row else None
    x, y = np.vstack([outline, outline[:1]]).T
    figure.add_trace(
        go.Scatter(x=x, y=y, mode="lines", fill="toself", fillcolor="rgba(0,0,0,0)",
                   line={"color": EDGE, "width": 0.8}, meta=cell_meta(value, most, group, "filled"), hoverinfo="skip")
    )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=[middle[0]], y=[middle[1]], mode="markers+text", marker={"size": 30, "opacity": 0},
            text=[_number(value) if isinstance(value, float) else "–"], textfont={"color": EDGE, "size": 11},
            meta=cell_meta(value, most, group, "written_on"),
            hovertemplate=f"{row['words'] if row else 'not measured'}<extra></extra>",
            customdata=[["", row["region_number"]]] if row else None,
        )
    )  # fmt: skip


def share_of(value: float, most: float, *, signed: bool) -> float:
    """Return the place on the colour scale, 0 to 1: by the square root, so that small loads can be told apart."""
    root = math.copysign(math.sqrt(min(abs(value) / most, 1.0)), value)
    return (1 + root) / 2 if signed else root


def cell_meta(value: object, most: float, group: str | None, role: str) -> dict[str, str | float] | None:
    """Return what ``app.figures.cell_colours`` must know of a cell or of the number on it; None without a number.

    Parameters
    ----------
    most : the largest value of the picture
    group : as of ``bullseye``
    role : ``filled`` or ``written_on``
    """
    if not isinstance(value, float):
        return None
    return {"shades": group or DIFFERENCE, role: share_of(value, most, signed=group is None)}


def _number(value: float) -> str:
    if value == 0:
        return "0"
    return format_number(value, 2 if abs(value) >= 0.01 else 1) if abs(value) >= 0.001 else "<.001"


def colour_bar(figure: go.Figure, most: float, unit: str, group: str | None, *, beside: bool = False) -> None:
    """Add the colour bar of a picture whose largest value is ``most``, below it or beside it.

    Other parameters as of ``bullseye``.
    """
    below = {"orientation": "h", "y": -0.02, "yanchor": "top", "x": 0.5}
    place = {"orientation": "v", "y": 0.5, "x": 1} if beside else below
    parts = (0, 0.1, 0.4, 1) if group is not None else (-1, -0.4, -0.1, 0, 0.1, 0.4, 1)
    figure.add_trace(
        go.Scatter(
            x=[None], y=[None], mode="markers", hoverinfo="skip", meta={"shades": group or DIFFERENCE},
            marker={
                "color": [0.0], "cmin": 0.0, "cmax": 1.0, "colorscale": shades(group or DIFFERENCE), "showscale": True,
                "colorbar": {
                    "title": {"text": unit, "side": "top"}, "thickness": 12, "len": 0.55, **place,
                    "tickvals": [share_of(part * most, most, signed=group is None) for part in parts],
                    "ticktext": [_number(part * most) for part in parts],
                },
            },
        )
    )  # fmt: skip
    if not beside:
        figure.update_layout(margin={"b": 70})
