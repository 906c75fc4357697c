"""How the picture of a slice is shown: colours, grey levels, zoom, the plain scan or another scan beside it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st

from app.components import choosing
from app.components.scans.captioned_slice import captioned_slice
from app.components.scans.scan_choice import person
from app.components.scans.window_drag import WIDEST, dragged, window_drag
from app.scan_images import ScanFilesMissing, read_images
from app.sentences.scan_names import scan_name
from app.state import OpenedStore

STYLES = ("Filled", "Borders", "None")
WINDOWS: dict[str, tuple[float, float] | None] = {
    "As measured": None,
    "Lesions": (70.0, 230.0),
    "Fluid and brain": (0.0, 130.0),
    "By hand": None,
}
"""Name -> grey levels shown as black and as white, of 0 to 255 in the stored picture."""
NOBODY = "nobody"
PICTURE = "slice-picture"
"""Key of the container that holds the picture; grey levels are dragged on it."""
_LEVELS, _DRAG = "window-levels", "window-drag"


@dataclass(frozen=True)
class PictureLook:
    """What a reader chose.

    Attributes
    ----------
    opacity : of the colours; None shows the scan alone
    window : grey levels shown as black and as white; None as stored
    zoom : zoomed and hovered instead of still
    plain : the scan without colours beside it
    regions : the borders of the regions drawn
    beside : row of another scan, None for none
    """

    opacity: float | None
    window: tuple[float, float] | None
    zoom: bool
    plain: bool
    regions: bool
    beside: dict[str, Any] | None


def picture_choices(opened: OpenedStore, scan: dict[str, Any], *, has_regions: bool) -> PictureLook:
    """Draw the choices and return them; regions can be drawn where a template lies on the scan."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="controls-colours"):
        style = choosing.segmented_control("Colours", STYLES, default=STYLES[0], required=True, key="style")
        filling = st.slider("Filling", 0.1, 1.0, 0.45, 0.05, key="opacity", width=150, disabled=style != STYLES[0])
        name = str(choosing.selectbox("Grey levels", list(WINDOWS), key="window", width=150))
        by_hand = name == "By hand"
        window = st.session_state.get(_LEVELS, WIDEST) if by_hand else WINDOWS[name]
        # Before the slider that comes and goes, so that it keeps its place, and with it the focus.
        window_drag(PICTURE, window, key=_DRAG, on_change=_take_dragged)
        if by_hand:
            window = st.slider("Black and white at", *WIDEST, WIDEST, 1.0, key=_LEVELS, width=190)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="controls-picture"):
        zoom = st.toggle(
            "Zoom and hover", key="zoom", help="The wheel zooms, dragging moves, the pointer names lesions"
        )
        plain = st.toggle("Plain beside", key="plain", disabled=zoom, help="The same slice without colours beside it")
        regions = has_regions and st.toggle(
            "Regions", key="show-regions", help="Borders of the regions by which lesions are counted"
        )
        others = {
            row["scan_id"]: row
            for row in opened.scans().filter(pl.col("scan_id") != scan["scan_id"]).iter_rows(named=True)
        }
        other = NOBODY
        if others:
            other = str(
                choosing.selectbox(
                    "Another scan below", [NOBODY, *others], key="beside", width=250, filter_mode="contains",
                    format_func=lambda n: "nobody" if n == NOBODY else f"{scan_name(others[n])} ({person(others[n])})",
                )
            )  # fmt: skip
    opacity = {"Filled": filling, "Borders": 0.0}.get(str(style))
    return PictureLook(opacity, window, zoom, plain and not zoom, regions, others.get(other))


def _take_dragged() -> None:
    levels = dragged(_DRAG)
    if levels is not None:
        st.session_state.update({"window": "By hand", _LEVELS: levels})


def beside(
    row: dict[str, Any], depth: int, index: int, opacity: float | None, window: tuple[float, float] | None
) -> None:
    """Draw another scan at the same height of the head, with who it is and what was measured.

    Parameters
    ----------
    row : of the other scan
    depth, index : slices of this scan, and the one that is shown
    """
    try:
        images = read_images(Path(row["derivatives"]), row["stem"])
    except ScanFilesMissing:
        st.warning("The other picture's files were moved or deleted.")
        return
    at = round(index * (images.depth - 1) / max(depth - 1, 1))
    captioned_slice(row, images, at, opacity=opacity, window=window, place=": the same share of the way up.")
