"""A figure as a page shows it, kept so that the page can be printed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True)
class PrintedFigure:
    """A figure of a page: what makes it, undressed; its title, how it was computed and whom it shows, with n."""

    make: "Callable[[], go.Figure]"
    title: str
    method: str
    who: str
