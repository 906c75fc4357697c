"""One slice as a picture, with who it is and what was measured under it."""

from typing import Any

import streamlit as st

from app.components.scans.scan_choice import person
from app.scan_images import ScanImages, encoded, slice_picture
from app.sentences.formatting import format_number
from app.sentences.scan_names import scan_name


def captioned_slice(
    row: dict[str, Any],
    images: ScanImages,
    at: int,
    *,
    opacity: float | None,
    window: tuple[float, float] | None = None,
    place: str = ".",
) -> None:
    """Draw a slice and its caption.

    Parameters
    ----------
    row : of the scan
    at : number of the slice, from 0
    opacity, window : as ``app.scan_images.slice_picture`` takes them
    place : what follows the number of the slice in the caption
    """
    picture = slice_picture(images, at, opacity=opacity, window=window, synthetic=row["synthetic"])
    st.image(encoded(picture), width="stretch", alt=f"Slice {at + 1} of {images.depth} of {scan_name(row)}")
    load, size = (
        "not measured" if row[name] is None else f"{format_number(row[name])} mL"
        for name in ("wmh_volume_ml", "ventricle_volume_ml")
    )
    st.caption(
        f"{scan_name(row)} ({person(row)}), slice {at + 1} of {images.depth}{place} Lesions {load}, ventricles {size}."
    )
