"""The scan in three planes and as a volume, by NiiVue in the reader's browser; nothing leaves the machine."""

import gzip
from pathlib import Path

import nibabel
import numpy as np
import streamlit as st

from app.scan_images import VENTRICLE
from vocabulary import ZONES

COLOURMAPS = {"ventricle": "blue", "periventricular": "red", "paraventricular": "warm", "juxtacortical": "winter"}
"""NiiVue's own names: one it does not know is drawn grey without a word."""
VIEWS = {"Three planes": "multiplanar", "Volume": "3d", "Axial": "axial", "Coronal": "coronal", "Sagittal": "sagittal"}


@st.cache_data(max_entries=8, show_spinner=False)
def _files(folder: str, stem: str, changed: float) -> tuple[bytes, dict[str, bytes]]:
    """Return the image and one binary mask per tissue as gzipped NIfTI."""
    base = Path(folder)
    image = (base / f"{stem}_desc-display_FLAIR.nii.gz").read_bytes()
    tissue = nibabel.load(base / f"{stem}_desc-tissue_dseg.nii.gz")
    zones = np.asarray(nibabel.load(base / f"{stem}_desc-zones_dseg.nii.gz").dataobj)
    masks = {"ventricle": np.asarray(tissue.dataobj) == VENTRICLE}
    masks |= {zone: zones == number for number, zone in enumerate(ZONES, 1)}
    return image, {name: _packed(mask, tissue) for name, mask in masks.items() if mask.any()}


def _packed(mask: np.ndarray, like: nibabel.Nifti1Image) -> bytes:
    return gzip.compress(nibabel.Nifti1Image(mask.astype(np.uint8), like.affine).to_bytes(), 6, mtime=0)


def viewer_3d(folder: str, stem: str, changed: float) -> None:
    """Draw the viewer with one overlay per tissue."""
    from niivue_component import niivue_viewer

    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        view = st.segmented_control("View", list(VIEWS), default="Three planes", required=True, key="view-3d")
        opacity = st.slider("Opacity of the colours", 0.0, 1.0, 0.6, 0.05, key="opacity-3d", width=260)
    image, masks = _files(folder, stem, changed)
    overlays = [
        {"data": data, "name": f"{name}.nii.gz", "colormap": COLOURMAPS[name], "opacity": opacity}
        for name, data in masks.items()
    ]
    niivue_viewer(
        nifti_data=image,
        filename=f"{stem}_FLAIR.nii.gz",
        overlays=overlays,
        height=620,
        view_mode=VIEWS[view],
        styled=False,
        settings={"radiological": True, "crosshair": True, "interpolation": True},
        update_interval_ms=None,
        key=f"viewer-{stem}-{view}-{opacity}",
    )
    st.caption(
        "Drag to move the crosshair or to turn the volume; scroll to change slices. Between slices, some 7 mm apart in "
        "most scans, the volume is interpolated."
    )
