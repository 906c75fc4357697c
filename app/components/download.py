"""The one way in which a page hands out a file: for those who may take data away, made when asked for, logged."""

from collections.abc import Callable
from typing import Literal

import streamlit as st

from app import importing
from app.access.current import may, taken_away
from app.state import release


def download(
    label: str,
    make: Callable[[], bytes],
    *,
    file_name: str,
    key: str,
    mime: str | None = None,
    width: Literal["content", "stretch"] = "content",
    disabled: bool = False,
) -> None:
    """Draw the button that makes and hands out a file; nothing for whoever may only look.

    Parameters
    ----------
    make : makes the file's content, once the button is pressed
    file_name : what the file is called; it stands in the audit log
    key : of the button
    mime : kind of file; by default as the name says
    """
    if not may("export"):
        return

    def made() -> bytes:
        # Files are made beside the runs of pages, with whatever they need.
        importing.statistics()
        try:
            return make()
        finally:
            release()

    st.download_button(
        label,
        taken_away(made, file_name),
        file_name=file_name,
        mime=mime,
        key=key,
        on_click="ignore",
        width=width,
        disabled=disabled,
    )
