"""The cortical border on FLAIR: the fluid in the sulci and around the brain, which FLAIR shows dark.

No cortex is segmented. Lesions are judged by their distance to the fluid that lies on it, as the Tabriz study does,
because on thick 2D FLAIR the fluid is plain to see and the grey matter, 2.5 mm or three pixels thick, is not. The edge
of a brain mask alone would miss the sulci, and with them almost every lesion beneath the cortex.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.errors import GeometryError

Mask = NDArray[np.bool_]

FLUID_PERCENTILE = 1.0
"""The darkest percent inside the skull stands for pure fluid; ventricles and sulci together are several percent."""
FLUID_FRACTION = 0.5
"""Half-way between tissue and fluid: a pixel darker than that is mostly fluid."""
VENTRICLE_MARGIN_MM = 2.0
"""So far around a ventricle, about two pixels, darkness is its partial volume and not a sulcus."""
PERIVASCULAR_MM = 3.0
"""Dark islands smaller than a disc of this diameter may be perivascular spaces (Wardlaw 2013)."""

_NEIGHBOURS = np.ones((3, 3), bool)


def cortical_border(
    image: NDArray[np.floating], brain: Mask, ventricle: Mask, spacing_mm: Sequence[float], *, wmh: Mask | None = None
) -> Mask:
    """Find the fluid on the cortex inside the intracranial mask.

    A pixel counts when it is mostly fluid by its signal, half-way or more from the median of the tissue to the darkest
    percent inside the skull; is no ventricle and not within 2 mm of one in its slice; and belongs, within its slice, to
    fluid that reaches the edge of the mask, or to an island that is larger than a perivascular space and does not touch
    the ventricle's margin: a sulcus or fissure cut across. Basal cisterns count as well, so lesions of the brainstem
    may be called close to the cortex.

    Parameters
    ----------
    image : (X, Y, Z) FLAIR, RAS+, any linear intensity scale
    brain, ventricle : (X, Y, Z) bool, intracranial mask and ventricles on the same grid
    spacing_mm : voxel size along X, Y, Z, mm
    wmh : (X, Y, Z) bool, lesions; these are never fluid and do not count as tissue

    Returns
    -------
    (X, Y, Z) bool, inside ``brain``; empty where nothing is dark. Beyond the mask everything is border anyway.

    Raises
    ------
    GeometryError : the arrays differ in shape.

    References
    ----------
    Perivascular spaces are below 3 mm across: Wardlaw et al. 2013, doi:10.1016/S1474-4422(13)70124-8.
    """
    lesions = np.zeros_like(brain) if wmh is None else wmh
    if not image.shape == brain.shape == ventricle.shape == lesions.shape:
        raise GeometryError(f"image {image.shape}, brain {brain.shape} and ventricle {ventricle.shape} differ in shape")
    tissue = brain & ~ventricle & ~lesions
    if not tissue.any():
        return np.zeros_like(brain)
    fluid_level = float(np.percentile(image[brain], FLUID_PERCENTILE))
    tissue_level = float(np.median(image[tissue]))
    if fluid_level >= tissue_level:
        return np.zeros_like(brain)
    limit = tissue_level + FLUID_FRACTION * (fluid_level - tissue_level)
    disc, pixel = _disc(VENTRICLE_MARGIN_MM, spacing_mm), float(spacing_mm[0] * spacing_mm[1])
    border = np.zeros_like(brain)
    for z in np.flatnonzero(brain.any((0, 1))):
        margin = ndimage.binary_dilation(ventricle[:, :, z], disc)
        dark = tissue[:, :, z] & (image[:, :, z] < limit) & ~margin
        border[:, :, z] = _sulci(dark, ~brain[:, :, z], margin, pixel)
    return border


def _sulci(dark: Mask, outside: Mask, margin: Mask, pixel_mm2: float) -> Mask:
    """Return what is dark in a slice and reaches outside, or is large and does not touch the ventricle's margin."""
    found, count = ndimage.label(dark | outside, _NEIGHBOURS)
    area = np.bincount(found[dark], minlength=count + 1) * pixel_mm2
    kept = area >= math.pi * PERIVASCULAR_MM**2 / 4
    kept[found[ndimage.binary_dilation(margin, _NEIGHBOURS)]] = False
    kept[found[outside]] = True
    kept[0] = False
    return kept[found] & dark


def _disc(radius_mm: float, spacing_mm: Sequence[float]) -> Mask:
    """Return a disc in the slice plane."""
    reach = [int(radius_mm / float(mm)) for mm in spacing_mm[:2]]
    x, y = np.mgrid[-reach[0] : reach[0] + 1, -reach[1] : reach[1] + 1]
    disc: Mask = np.hypot(x * spacing_mm[0], y * spacing_mm[1]) <= radius_mm
    return disc
