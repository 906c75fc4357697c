"""Two scans side by side at the same share of the way up, with who they are and what was measured."""

from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st

from app.components import linked
from app.components.part import part
from app.components.scans.captioned_slice import captioned_slice
from app.components.scans.scan_choice import person
from app.scan_images import ScanFilesMissing, ScanImages, last_changed, read_images
from app.sentences.scan_names import scan_labels

FILLING = 0.45
_PERCENT = 100


@st.cache_resource(max_entries=6, show_spinner=False)
def _images(folder: str, stem: str, changed: float) -> ScanImages:
    return read_images(Path(folder), stem)


@part()
def side_by_side(scans: pl.DataFrame) -> None:
    """Offer to choose two of the scans, and draw them beside each other; kept in the link.

    Only this part is drawn again when it is opened or the height moves. The names of thousands of scans, twice, are a
    large part of the page, so they are sent only once it is open.

    Parameters
    ----------
    scans : those that match the search, one row each
    """
    if scans.height < 2:
        return
    asked = any(st.session_state.get(key) or key in st.query_params for key in ("left-scan", "right-scan"))
    with st.expander("Two scans side by side", expanded=asked, key="side-by-side", on_change="rerun") as inside:
        if inside.open:
            labels = scan_labels(scans)
            _choice({labels[row["scan_id"]]: row for row in scans.iter_rows(named=True)})


def _choice(rows: dict[str, dict[str, Any]]) -> None:
    """Draw both boxes, and the pictures."""
    sides = st.columns(2, gap="medium")
    chosen = []
    for side, key, label in zip(sides, ("left-scan", "right-scan"), ("Left", "Right"), strict=True):
        with side:
            chosen.append(
                linked.selectbox(
                    label, list(rows), index=None, key=key, placeholder="choose a scan", filter_mode="contains",
                    format_func=lambda name: f"{name} ({person(rows[name])})",
                )
            )  # fmt: skip
    if None in chosen:
        st.caption("Choose two: they are shown at the same share of the way from the feet to the top.")
        return
    height = st.slider("Height: percent of the way up", 0, _PERCENT, 50, key="side-height", width=320)
    for side, name in zip(sides, chosen, strict=True):
        with side:
            _picture(rows[str(name)], height)


def _picture(row: dict[str, Any], height: int) -> None:
    try:
        images = _images(row["derivatives"], row["stem"], last_changed(Path(row["derivatives"])))
    except ScanFilesMissing:
        st.warning("The picture's files were moved or deleted.")
        return
    at = round(height * (images.depth - 1) / _PERCENT)
    captioned_slice(row, images, at, opacity=FILLING)
