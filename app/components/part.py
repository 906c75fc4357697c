"""A part of a page that is drawn again for itself, and one that is not drawn before somebody opens it."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from app import state
from app.components.language import language
from app.words import drawn

P = ParamSpec("P")


def part(run_every: float | None = None) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Return the decorator of what draws a part of a page: used, it is drawn again without the page.

    It is ``st.fragment`` with what a run of the whole page does before and after: its words are those of the language
    of the page, and no people are held when it is over.

    Parameters
    ----------
    run_every : seconds after which the part is drawn again unasked; None: only when it is used
    """

    def decorated(draw: Callable[P, None]) -> Callable[P, None]:
        @wraps(draw)
        def for_itself(*args: P.args, **kwargs: P.kwargs) -> None:
            ctx = get_script_run_ctx()
            if ctx is None or not ctx.fragment_ids_this_run:
                return draw(*args, **kwargs)
            drawn.in_language(language())
            try:
                return draw(*args, **kwargs)
            finally:
                state.release()

        return st.fragment(for_itself, run_every=run_every)

    return decorated


@dataclass(frozen=True)
class Panel:
    """A button whose panel is filled when it is opened.

    Attributes
    ----------
    draw : fills the panel, whenever it stands open
    key : of the panel, unique on the page
    about : what the button says under the pointer
    """

    label: str
    draw: Callable[[], None]
    key: str
    about: str | None = None


def on_opening(*panels: Panel) -> None:
    """Draw panels side by side, as wide as their buttons.

    What nobody opened is no part of the page: the downloads and citations of its figures would be a third of what every
    click sends to the browser.
    """
    # The place that Streamlit makes for a part is as wide as there is room.
    with st.container(width="content"):
        _drawn(panels)


@part()
def _drawn(panels: tuple[Panel, ...]) -> None:
    with st.container(horizontal=True, gap=None) if len(panels) > 1 else nullcontext():
        for one in panels:
            with st.popover(one.label, width="content", key=one.key, help=one.about, on_change="rerun") as place:
                if place.open:
                    one.draw()
