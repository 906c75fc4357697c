"""What a slide's chart shows, before any slide is made: columns with intervals, points and lines, a coloured table."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True)
class Points:
    """One series of a point chart.

    Attributes
    ----------
    name : in the legend; empty: not in the legend
    x, y : numbers, of one length
    colour : "#RRGGBB"
    size : of the markers in points; 0 draws none
    line : width of the line through the points in points; 0 draws none
    dashed : the line is dashed
    symbol : "circle", "square" or "diamond"
    low, high : limits of each point, or None
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]
    colour: str
    size: int = 5
    line: float = 0.0
    dashed: bool = False
    symbol: str = "circle"
    low: Sequence[float] | None = None
    high: Sequence[float] | None = None


@dataclass(frozen=True)
class PointChart:
    """Points and lines over two axes.

    Attributes
    ----------
    series : drawn in this order
    x_title, y_title : of the axes
    log_y : logarithmic axis; every y is then positive
    places : x position -> name, instead of numbers on the x axis
    """

    series: Sequence[Points]
    x_title: str
    y_title: str
    log_y: bool = False
    places: dict[float, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Columns:
    """One series of a column chart: a height per category, with its interval; None draws nothing."""

    name: str
    heights: Sequence[float | None]
    colour: str
    low: Sequence[float | None]
    high: Sequence[float | None]


@dataclass(frozen=True)
class ColumnChart:
    """Columns side by side, category by category; stacked ones add up and have no intervals."""

    categories: Sequence[str]
    series: Sequence[Columns]
    y_title: str
    stacked: bool = False


@dataclass(frozen=True)
class Grid:
    """A table, first row and first column its headers; ``colours`` are those of its other cells, None for none."""

    cells: Sequence[Sequence[str]]
    colours: Sequence[Sequence[str | None]] = ()


@dataclass(frozen=True)
class Picture:
    """A figure of a page that PowerPoint has no chart for, undressed; watermarked where its people are synthetic."""

    figure: "go.Figure"
    synthetic: bool


Chart = PointChart | ColumnChart | Grid | Picture
