"""The scan in three planes and as a volume, by NiiVue in the reader's browser; nothing leaves the machine."""

import gzip
from pathlib import Path

import nibabel
import numpy as np
import streamlit as st
from numpy.typing import NDArray

from app.components import choosing
from app.components.scans.picture_key import picture_key
from app.scan_images import VENTRICLE
from vocabulary.measures import ZONES

COLOURS = {
    "ventricle": ("blue2red", 70),
    "periventricular": ("redyell", 93),
    "paraventricular": ("redyell", 159),
    "juxtacortical": ("cividis", 249),
}
"""Tissue -> NiiVue's colour map and the place in it (1 to 255) that is nearest to the palette's colour. NiiVue draws a
map it does not know grey without a word, and takes no colours of our own."""
VIEWS = {"Three planes": "multiplanar", "Volume": "3d", "Axial": "axial", "Coronal": "coronal", "Sagittal": "sagittal"}


@st.cache_data(max_entries=8, show_spinner=False)
def _files(folder: str, stem: str, changed: float) -> tuple[bytes, dict[str, bytes]]:
    """Return the image and one mask per tissue as gzipped NIfTI."""
    base = Path(folder)
    image, tissue, zone_labels = (
        nibabel.Nifti1Image.from_filename(base / f"{stem}_desc-{name}.nii.gz")
        for name in ("display_FLAIR", "tissue_dseg", "zones_dseg")
    )
    zones = np.asarray(zone_labels.dataobj)
    masks = {"ventricle": np.asarray(tissue.dataobj) == VENTRICLE}
    masks |= {zone: zones == number for number, zone in enumerate(ZONES, 1)}
    coloured = {
        name: nifti_file(mask * np.uint8(COLOURS[name][1]), tissue.affine) for name, mask in masks.items() if mask.any()
    }
    return nifti_file(np.asarray(image.dataobj).astype(np.uint8), image.affine), coloured


def nifti_file(levels: NDArray[np.uint8], affine: NDArray[np.float64]) -> bytes:
    """Return grey or colour levels as gzipped NIfTI that tells viewers to show 0 as nothing and 255 as most."""
    image = nibabel.Nifti1Image(levels, affine)
    image.header["cal_max"] = 255
    return gzip.compress(image.to_bytes(), 6, mtime=0)


def viewer_3d(folder: str, stem: str, changed: float, *, synthetic: bool) -> None:
    """Draw the viewer with one overlay per tissue."""
    from niivue_component import niivue_viewer

    image, masks = _files(folder, stem, changed)
    left, right = st.columns([3, 1], gap="large")
    with right:
        view = choosing.selectbox("View", list(VIEWS), key="view-3d")
        opacity = st.slider("Opacity of the colours", 0.0, 1.0, 0.7, 0.05, key="opacity-3d")
        picture_key()
        st.caption(
            "The person's right is on the left (R). Drag to move the crosshair or to turn the volume, scroll to change "
            "slices. Voxels are drawn as they are, slices several millimetres thick. All is drawn in your browser; "
            "nothing leaves the machine."
        )
        if synthetic:
            st.markdown("**SYNTHETIC**: nobody was scanned.")
    overlays = [
        {"data": data, "name": f"{name}.nii.gz", "colormap": COLOURS[name][0], "opacity": opacity}
        for name, data in masks.items()
    ]
    with left:
        niivue_viewer(
            nifti_data=image,
            filename=f"{stem}_FLAIR.nii.gz",
            overlays=overlays,
            height=640,
            view_mode=VIEWS[view],
            styled=False,
            settings={"radiological": True, "crosshair": True, "interpolation": False},
            update_interval_ms=None,
            # NiiVue keeps its old overlays when they change, so a changed view is a new viewer.
            key=f"viewer-{stem}-{view}-{opacity}",
        )
