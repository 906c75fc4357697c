"""Correlation matrices: HC beside MS, and how the two differ; cells that do not survive adjustment are faded."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
import polars as pl

from app.figures.cell_colours import scale
from app.figures.palette import DIVERGING
from app.figures.panels import Panels, trace
from app.sentences.labels import adjustment_name, variable_label
from vocabulary.measures import GROUP_LABELS, GROUPS

ALPHA = 0.05
MARGINS = {"l": 148, "r": 8, "t": 40, "b": 104}

# Hatching over a full colour, and over a pale cell that may lie on white or on black.
_HATCH_COLOURS = {True: "rgba(16,22,29,.6)", False: "rgba(128,128,128,.85)"}


def matrices(cells: pl.DataFrame, variables: Sequence[str]) -> go.Figure:
    """Draw the lower triangle of each group's correlation matrix, HC left, MS right.

    Parameters
    ----------
    cells : answer of ``analysis.correlation.correlate``; an undefined r is drawn as a dash
    variables : order of rows and columns

    Returns
    -------
    plotly Figure; a cell's invisible marker carries ``customdata`` [x, y], so that a click can open the pair.
    """
    groups = [g for g in GROUPS if cells.filter(pl.col("group") == g)["n"].sum() > 0]
    figure = Panels(cols=max(len(groups), 1), horizontal_spacing=0.03)
    figure.add_titles([f"<b>{g}</b> {GROUP_LABELS[g].lower()}" for g in groups])
    for column, group in enumerate(groups, start=1):
        rows = cells.filter(pl.col("group") == group).iter_rows(named=True)
        _triangle(figure, [_Cell(row["x"], row["y"], row["r"], row, _tell(row)) for row in rows], variables, column)
    return _laid_out(figure, variables, "r")


def difference_matrix(differences: pl.DataFrame, variables: Sequence[str]) -> go.Figure:
    """Draw the lower triangle of the difference between the groups, r of MS minus r of HC.

    Parameters
    ----------
    differences : answer of ``analysis.correlation.difference``
    variables : order of rows and columns
    """
    figure = Panels()
    figure.add_titles(["<b>MS − HC</b> difference of r"])
    rows = differences.iter_rows(named=True)
    cells = [_Cell(row["x"], row["y"], row["difference"], row, _tell_difference(row)) for row in rows]
    _triangle(figure, cells, variables, 1)
    return _laid_out(figure, variables, "Δr")


@dataclass(frozen=True)
class _Cell:
    """One pair: what is printed and coloured, the row it comes from, and what hovering tells."""

    x: str
    y: str
    value: float | None
    row: dict[str, Any]
    told: str

    @property
    def clear(self) -> bool:
        adjusted = self.row["p_adjusted"]
        return adjusted is not None and adjusted < ALPHA


def _tell(row: dict[str, Any]) -> str:
    head = f"<b>{variable_label(row['x'])} and {variable_label(row['y'])}</b>, {row['group']}"
    if row["r"] is None:
        return f"{head}<br>not defined: {row['note']}"
    return f"{head}<br>r = {row['r']:.3f}{_tell_interval(row)}, n = {row['n']:,}{_tell_p(row)}"


def _tell_difference(row: dict[str, Any]) -> str:
    head = f"<b>{variable_label(row['x'])} and {variable_label(row['y'])}</b>"
    if row["difference"] is None:
        return f"{head}<br>not defined: {row['note']}"
    groups = f"HC r = {row['r_hc']:.3f} (n = {row['n_hc']:,}), MS r = {row['r_ms']:.3f} (n = {row['n_ms']:,})"
    return f"{head}<br>{groups}<br>MS − HC = {row['difference']:.3f}{_tell_interval(row)}{_tell_p(row)}"


def _tell_interval(row: dict[str, Any]) -> str:
    return "" if row["ci_low"] is None else f" (95 % CI {row['ci_low']:.2f} to {row['ci_high']:.2f})"


def _tell_p(row: dict[str, Any]) -> str:
    adjusted, told = row["p_adjusted"], ""
    if adjusted is not None:
        p = "< .001" if adjusted < 0.001 else f"= {adjusted:.3f}"
        told = f"<br>p {p}, {adjustment_name(row)} over {row['family_size']} tests"
    return f"{told}<br><i>hatched: {row['reason']}</i>" if row["part_whole"] else told


def _triangle(figure: Panels, cells: list[_Cell], variables: Sequence[str], column: int) -> None:
    order = {name: i for i, name in enumerate(variables)}
    size = len(variables)
    # Row and column of a pair below the diagonal, whichever of the two was named first.
    placed = [(max(order[c.x], order[c.y]), min(order[c.x], order[c.y]), c) for c in cells]
    for clear in (True, False):
        z = np.full((size, size), np.nan)
        for row, col, cell in placed:
            if cell.clear is clear and cell.value is not None:
                z[row, col] = cell.value
        figure.add_trace(
            trace(
                "heatmap", z=z, zmin=-1, zmax=1, xgap=2, ygap=2, hoverinfo="skip", hoverongaps=False, showscale=False,
                colorscale=scale(clear=clear, dark=False), meta={"clear": clear},
            ),
            col=column,
        )  # fmt: skip
    for clear, colour in _HATCH_COLOURS.items():
        by_construction = [(row, col) for row, col, c in placed if c.row["part_whole"] and c.clear is clear]
        _hatch(figure, by_construction, colour, column)
    figure.add_trace(
        trace(
            "scatter",
            x=[col for _, col, _ in placed],
            y=[row for row, _, _ in placed],
            mode="markers+text",
            marker={"symbol": "square", "size": 30, "color": "rgba(0,0,0,0)"},
            text=[_printed(cell) for _, _, cell in placed],
            textposition="middle center",
            textfont={"size": 13 if size <= 8 else 11},
            meta={"on": [cell.value if cell.clear else None for _, _, cell in placed]},
            customdata=[[cell.x, cell.y] for _, _, cell in placed],
            hovertext=[cell.told for _, _, cell in placed],
            hovertemplate="%{hovertext}<extra></extra>",
            showlegend=False,
        ),
        col=column,
    )


def _printed(cell: _Cell) -> str:
    if cell.value is None:
        return "–"
    text = f"{cell.value:.2f}".replace("0.", ".", 1).replace("-", "−")
    return f"<b>{text}</b>" if cell.clear else text


def _hatch(figure: Panels, places: list[tuple[int, int]], colour: str, column: int) -> None:
    """Rule thin diagonals over the corners of the cells of a part and its whole; the number stays readable."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    for row, col in places:
        for corner in (-1, 1):
            for reach in (0.16, 0.32):
                edge = corner * 0.46
                xs += [col + edge, col + edge - corner * reach, None]
                ys += [row - edge + corner * reach, row - edge, None]
    line = {"color": colour, "width": 1.2}
    figure.add_trace(
        trace("scatter", x=xs, y=ys, mode="lines", line=line, hoverinfo="skip", showlegend=False),
        col=column,
    )


def _laid_out(figure: Panels, variables: Sequence[str], unit: str) -> go.Figure:
    labels = [variable_label(name) for name in variables]
    places = list(range(len(labels)))
    plain = {"showgrid": False, "zeroline": False, "fixedrange": True}
    across = {"tickvals": places[:-1], "ticktext": labels[:-1], "tickangle": -40, "range": [-0.5, len(labels) - 1.5]}
    figure.update_xaxes(plain | across)
    down = {"tickvals": places[1:], "ticktext": labels[1:], "range": [len(labels) - 0.5, 0.5]}
    figure.update_yaxes(plain | down | {"showticklabels": False})
    figure.update_yaxes({"showticklabels": True}, col=1)
    _colour_key(figure, unit)
    return figure.drawn(
        height=MARGINS["t"] + MARGINS["b"] + max(46 * (len(labels) - 1), 160),
        margin=MARGINS,
        hovermode="closest",
        dragmode=False,
        showlegend=False,
    )


def _colour_key(figure: Panels, unit: str) -> None:
    """Draw the colour scale in the empty corner above the diagonal."""
    figure.add_trace(
        trace(
            "scatter", x=[None], y=[None], mode="markers", showlegend=False, hoverinfo="skip", meta={"clear": True},
            marker={
                "colorscale": DIVERGING, "cmin": -1, "cmax": 1, "color": [0],
                "colorbar": {
                    "orientation": "h", "x": 1, "xanchor": "right", "y": 1, "yanchor": "top", "len": 0.17,
                    "thickness": 10, "tickvals": [-1, 0, 1], "title": {"text": unit, "side": "top"}, "outlinewidth": 0,
                },
            },
        ),
    )  # fmt: skip
