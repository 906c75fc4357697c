"""The brain as four outlines, the person's left on the left, and its lobes in the colour of a number.

The outlines and lobes (``glass_brain.json``) are drawn by us in ICBM152 coordinates, mm: the average head's silhouette
(its notice stands in docs/methods.md) and the planes of ``pipeline.regions.bullseye`` within it, cut 32 mm to the left
and to the right of the midline, 24 mm behind the anterior commissure, and 12 mm above it.
"""

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
import plotly.graph_objects as go
import polars as pl

from app.figures.cell_colours import in_theme
from app.figures.cohort.bullseye import EDGE, cell_meta, colour_bar

VIEWS = (
    ("left", "From the left", -1),
    ("front", "From the front", 1),
    ("above", "From above", 1),
    ("right", "From the right", 1),
)
"""View, its title, and the direction of its horizontal axis: seen from the left, the front is on the left."""
_GAP_MM = 14.0


@lru_cache(maxsize=1)
def shapes() -> dict[str, Any]:
    """Return view -> outline (list of polygons) and regions (lobe, side, points), mm."""
    told: dict[str, Any] = json.loads((files("app.figures.cohort") / "glass_brain.json").read_text(encoding="utf-8"))
    return told


def glass_brain(cells: pl.DataFrame, *, unit: str, group: str | None) -> go.Figure:
    """Draw one number per lobe and side.

    Parameters
    ----------
    cells : region (a lobe), side, value (null where there is none) and words (what the pointer shows)
    unit : of the values, over the colour bar
    group : whose colour is used; None for a difference, which has a diverging scale around 0
    """
    values = {(row["region"], row["side"]): row for row in cells.iter_rows(named=True)}
    most = max((abs(row["value"]) for row in values.values() if row["value"] is not None), default=0.0) or 1.0
    figure = go.Figure()
    start, tops = 0.0, []
    for view, title, direction in VIEWS:
        shape = shapes()[view]
        outline = np.array(shape["outline"][0]) * (direction, 1)
        low, high = outline.min(0), outline.max(0)
        shift = (start - low[0], -low[1])
        for region in shape["regions"]:
            row = values.get((region["lobe"], region["side"]))
            _lobe(figure, np.array(region["points"]) * (direction, 1) + shift, region, row, most, group)
        _line(figure, outline + shift)
        figure.add_annotation(
            x=start + (high[0] - low[0]) / 2, y=-9, text=title, showarrow=False, font={"size": 12}, yanchor="top"
        )
        if view in ("front", "above"):
            for side, at in (("L", 0.0), ("R", high[0] - low[0])):
                figure.add_annotation(
                    x=start + at, y=high[1] - low[1], text=f"<b>{side}</b>", showarrow=False, font={"size": 13}
                )
        tops.append(high[1] - low[1])
        start += high[0] - low[0] + _GAP_MM
    colour_bar(figure, most, unit, group)
    in_theme(figure, dark=False, ink=EDGE)
    figure.update_xaxes(visible=False, range=[-6, start - _GAP_MM + 6], fixedrange=True)
    figure.update_yaxes(visible=False, range=[-24, max(tops) + 8], scaleanchor="x", fixedrange=True)
    figure.update_layout(height=330, margin={"l": 8, "r": 8, "t": 8, "b": 62}, dragmode=False, showlegend=False)
    figure.update_layout(meta="wide")
    return figure


def _lobe(
    figure: go.Figure,
    points: np.ndarray,
    region: dict[str, Any],
    row: dict[str, Any] | None,
    most: float,
    group: str | None,
) -> None:
    figure.add_trace(
        go.Scatter(
            x=points[:, 0], y=points[:, 1], mode="lines", fill="toself", fillcolor="rgba(0,0,0,0)", hoveron="fills",
            meta=cell_meta(row["value"] if row else None, most, group, "filled"),
            line={"color": EDGE, "width": 1}, hoverinfo="text",
            text=row["words"] if row else f"{region['lobe']}: not measured",
        )
    )  # fmt: skip


def _line(figure: go.Figure, outline: np.ndarray) -> None:
    figure.add_trace(
        go.Scatter(x=outline[:, 0], y=outline[:, 1], mode="lines", line={"color": EDGE, "width": 2.2}, hoverinfo="skip")
    )
