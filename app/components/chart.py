"""A figure on a page, drawn by Plotly in the browser: only what changed is drawn again, and first what is in sight.

``st.plotly_chart`` takes every changed figure for another one and builds it from nothing, two or three times over. This
part keeps the figure's place, hands the new figure to ``Plotly.react`` once, and lets what lies below the fold wait
until the browser has nothing else to do.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
import plotly.io
import streamlit as st

from app.components.chart_script import SCRIPT
from app.figures.written_out import written_out

PICKED = "picked"
"""What a figure tells of the point that was clicked: the point's ``customdata``."""
_STATIC = {"staticPlot": True}

_mount = st.components.v2.component("mscohort_chart", js=SCRIPT, isolate_styles=False)


@dataclass(frozen=True)
class Drawing:
    """A figure as the browser gets it: its text, and its height in pixels where it says one."""

    text: str
    height: float | None


def drawing(figure: go.Figure) -> Drawing:
    """Return a dressed figure as the browser gets it."""
    return Drawing(plotly.io.to_json(written_out(figure), validate=False), figure.layout.height)


def chart(
    figure: go.Figure | Drawing,
    *,
    key: str,
    alt: str,
    static: bool = False,
    wheel_zooms: bool = False,
    stretched: bool = False,
    on_pick: Callable[[], None] | None = None,
) -> list[Any] | None:
    """Draw a figure; return the ``customdata`` of the point clicked just now, None where none was.

    Parameters
    ----------
    figure : dressed figure, or what ``drawing`` made of it
    key : unique on the page
    alt : what a person who cannot see the figure should know
    static : nothing happens under the pointer
    wheel_zooms : the wheel zooms and dragging moves
    stretched : as high as its place, not as the figure says
    on_pick : called before the page is drawn anew when a point was clicked; ``clicked_in(key)`` has what
    """
    drawn = figure if isinstance(figure, Drawing) else drawing(figure)
    data = {
        "figure": drawn.text,
        "alt": alt,
        "height": None if stretched else drawn.height,
        # As text, for Streamlit asks pandas of every dictionary in a dictionary whether it is a table.
        "config": json.dumps((_STATIC if static else {}) | ({"scrollZoom": True} if wheel_zooms else {})),
    }
    result = _mount(
        key=key, data=data, height="stretch" if stretched else "content", on_picked_change=on_pick or _nothing
    )
    picked = result.get(PICKED)
    return list(picked) if picked else None


def clicked_in(key: str) -> list[Any]:
    """Return the ``customdata`` of the point clicked just now in the figure of this key, for its ``on_pick``."""
    return list((st.session_state.get(key) or {}).get(PICKED) or [])


def _nothing() -> None:
    """A figure tells of clicks only where something is called."""
