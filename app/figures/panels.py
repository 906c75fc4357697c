"""A figure put together as plain dictionaries, which Plotly does not check.

``make_subplots``, the ``update_`` and ``add_`` methods of a figure and its traces look every property up by its path
and check it, each time anew; that took up to half of the server's time of a click. The names here are theirs. For the
figures that a filter redraws; elsewhere Plotly's own are quick enough. The tests check every figure that they draw.
"""

import functools
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import plotly.graph_objects as go
import polars as pl
from plotly.subplots import make_subplots

Properties = dict[str, Any]

TITLE: Properties = {
    "xref": "paper",
    "yref": "paper",
    "xanchor": "center",
    "y": 1.0,
    "yanchor": "bottom",
    "showarrow": False,
    "font": {"size": 16},
}


def trace(kind: str, **properties: Any) -> Properties:
    """Return a trace of a kind, such as "scatter", with Plotly's properties of it; columns of a table as arrays.

    Examples
    --------
    >>> trace("bar", x=pl.Series([1, 2]), width=0.5)
    {'type': 'bar', 'x': array([1, 2]), 'width': 0.5}
    """
    arrays = {name: value.to_numpy() for name, value in properties.items() if isinstance(value, pl.Series)}
    return {"type": kind} | properties | arrays


SMALL: Properties = {"height": 190, "showlegend": False, "margin": {"l": 62, "r": 6, "t": 6, "b": 42}}
SMALL_LETTERS: Properties = {"size": 10}


class Panels:
    """A figure of one or more panels.

    Parameters
    ----------
    kind : "xy", or "ternary" for triangles
    grid : more of what ``make_subplots`` may be told, sequences as tuples

    Examples
    --------
    >>> figure = Panels(cols=2, shared_yaxes=True)
    >>> figure.add_trace(trace("scatter", y=[1, 2]), col=2)
    >>> figure.update_xaxes({"title": {"text": "Age (years)"}}, col=2)
    >>> drawn = figure.drawn(height=300)
    >>> drawn.data[0].xaxis, drawn.layout.xaxis2.title.text, drawn.layout.height
    ('x2', 'Age (years)', 300)
    """

    def __init__(self, rows: int = 1, cols: int = 1, *, kind: str = "xy", **grid: Any) -> None:
        layout, self._axes = _grid(rows, cols, kind, tuple(grid.items()))
        self._layout: Properties = deepcopy(layout)
        self._traces: list[Properties] = []
        self._annotations: list[Properties] = []
        self._shapes: list[Properties] = []

    def add_trace(self, drawn: Properties, row: int = 1, col: int = 1) -> None:
        """Draw a trace in one panel."""
        axes = self._axes[row, col]
        places = ("xaxis", "yaxis") if len(axes) == 2 else ("subplot",)
        self._traces.append(drawn | dict(zip(places, axes, strict=True)))

    def update_xaxes(self, properties: Properties, row: int | None = None, col: int | None = None) -> None:
        """Give the x axes of a row, of a column, of one panel or of all these properties."""
        self._update(0, properties, row, col)

    def update_yaxes(self, properties: Properties, row: int | None = None, col: int | None = None) -> None:
        """Give the y axes of a row, of a column, of one panel or of all these properties."""
        self._update(1, properties, row, col)

    def update_triangles(self, properties: Properties, row: int | None = None, col: int | None = None) -> None:
        """Give the triangles of a row, of a column, of one panel or of all these properties."""
        self._update(0, properties, row, col)

    def _update(self, along: int, properties: Properties, row: int | None, col: int | None) -> None:
        for (of_row, of_col), axes in self._axes.items():
            if row in (None, of_row) and col in (None, of_col):
                _merge(self._layout.setdefault(_in_layout(axes[along]), {}), properties)

    def add_annotation(self, row: int | None = None, col: int | None = None, across: str = "", **said: Any) -> None:
        """Write something in a panel, at a place of its axes; ``across`` "x", "y" or "xy": at a share of its width."""
        self._annotations.append(self._in_panel(row, col, across) | said)

    def add_shape(self, row: int | None = None, col: int | None = None, across: str = "", **shape: Any) -> None:
        """Draw a line or an area in a panel; ``across`` "x" or "y": from its one edge to the other."""
        ends = {f"{along}{end}": end for along in across for end in (0, 1)}
        self._shapes.append(self._in_panel(row, col, across) | ends | shape)

    def _in_panel(self, row: int | None, col: int | None, across: str) -> Properties:
        if row is None and col is None:
            return {}
        axes = self._axes[row or 1, col or 1]
        return {f"{axis[0]}ref": f"{axis} domain" if axis[0] in across else axis for axis in axes}

    def add_titles(self, titles: Sequence[str], **annotation: Any) -> None:
        """Write above each panel of the first row what it shows: over its middle, if nothing else is said."""
        for column, title in enumerate(titles, start=1):
            domain = self._layout[_in_layout(self._axes[1, column][0])]["domain"]
            left, right = domain["x"] if isinstance(domain, dict) else domain
            x = left if annotation.get("xanchor") == "left" else (left + right) / 2
            self._annotations.append(TITLE | {"x": x, "text": title} | annotation)

    def drawn(self, *, small: bool = False, **layout: Any) -> go.Figure:
        """Return the figure; a small one in little room, without legend and without words along its y axes."""
        if small:
            self.update_yaxes({"title": {"text": ""}})
            self._annotations = [a | {"font": a.get("font", {}) | SMALL_LETTERS} for a in self._annotations]
        merged = _merge(self._layout, layout | SMALL if small else layout)
        notes = {"annotations": self._annotations, "shapes": self._shapes}
        merged |= {name: parts for name, parts in notes.items() if parts}
        return go.Figure(data=self._traces, layout=merged, _validate=False)


@functools.cache
def _grid(
    rows: int, cols: int, kind: str, given: tuple[tuple[str, Any], ...]
) -> tuple[Properties, dict[tuple[int, int], tuple[str, ...]]]:
    """Return the layout of Plotly's own grid of panels, and the axes of each by its row and column."""
    figure = make_subplots(rows=rows, cols=cols, specs=[[{"type": kind}] * cols] * rows, **dict(given))
    layout = figure.to_dict()["layout"]
    del layout["template"]
    axes = {}
    for row in range(1, rows + 1):
        for col in range(1, cols + 1):
            panel = figure.get_subplot(row, col)
            parts = (panel.xaxis, panel.yaxis) if kind == "xy" else (panel,)
            axes[row, col] = tuple(part.plotly_name.replace("axis", "") for part in parts)
    return layout, axes


def _in_layout(axis: str) -> str:
    """Return what the layout calls an axis or a triangle: xaxis2 for x2.

    Examples
    --------
    >>> _in_layout("x2"), _in_layout("y"), _in_layout("ternary2")
    ('xaxis2', 'yaxis', 'ternary2')
    """
    return axis if axis.startswith("ternary") else f"{axis[0]}axis{axis[1:]}"


def _merge(into: Properties, properties: Properties) -> Properties:
    for name, value in properties.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        else:
            into[name] = deepcopy(value) if isinstance(value, dict) else value
    return into
