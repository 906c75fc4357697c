"""The cortical border on FLAIR: the fluid in the sulci and around the brain, which FLAIR shows dark.

No cortex is segmented. Lesions are judged by their distance to the fluid that lies on it, as the Tabriz study does,
because on thick 2D FLAIR the fluid is plain to see and the grey matter, 2.5 mm or three pixels thick, is not. The edge
of a brain mask alone would miss the sulci, and with them almost every lesion beneath the cortex.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.errors import GeometryError
from pipeline.plane_masks import grown, slice_boxes, tight_box

Mask = NDArray[np.bool_]

FLUID_PERCENTILE = 1.0
"""The darkest percent inside the skull stands for pure fluid; ventricles and sulci together are several percent."""
VENTRICLE_MARGIN_MM = 2.0
"""So far around a ventricle, about two pixels, darkness is its partial volume and not a sulcus."""

_NEIGHBOURS = np.ones((3, 3), bool)
_TRUNCATE = 4.0
"""Standard deviations beyond which smoothing reads nothing."""


@dataclass(frozen=True)
class FluidRule:
    """How dark a pixel must be to count as fluid.

    Attributes
    ----------
    smooth_mm : standard deviation of the Gaussian over each slice, mm, before it is asked; 0 for none. What lies
        beyond the mask, lesions and what lies beside ventricles do not enter
    fraction : of the way from tissue to fluid
    island_mm : dark islands smaller than a disc of this diameter may be perivascular spaces, which are below 3 mm
        (Wardlaw 2013); smoothing widens them
    """

    smooth_mm: float
    fraction: float
    island_mm: float


SHARP = FluidRule(0.0, 0.5, 3.0)
"""Zone rules of version 2: a pixel half-way or more, so a smoother or sharper copy of the image has other sulci."""
SMOOTHED = FluidRule(1.5, 0.3, 6.0)
"""Zone rules of version 3: sharpness below 1.5 mm makes no difference, and a thin sulcus is a shallower valley."""


def cortical_border(
    image: NDArray[np.floating],
    brain: Mask,
    ventricle: Mask,
    spacing_mm: Sequence[float],
    *,
    wmh: Mask | None = None,
    how: FluidRule = SMOOTHED,
) -> Mask:
    """Find the fluid on the cortex inside the intracranial mask.

    A pixel counts when it is fluid by its signal, far enough from the median of the tissue to the darkest percent
    inside the skull; is no ventricle and not within 2 mm of one in its slice; and belongs, within its slice, to
    fluid that reaches the edge of the mask, or to an island that is larger than a perivascular space and does not touch
    the ventricle's margin: a sulcus or fissure cut across. Basal cisterns count as well, so lesions of the brainstem
    may be called close to the cortex.

    Parameters
    ----------
    image : (X, Y, Z) FLAIR, RAS+, any linear intensity scale
    brain, ventricle : (X, Y, Z) bool, intracranial mask and ventricles on the same grid
    spacing_mm : voxel size along X, Y, Z, mm
    wmh : (X, Y, Z) bool, lesions; these are never fluid and do not count as tissue
    how : FluidRule, how dark is far enough, and in how smooth an image

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
    everything = np.zeros_like(brain)
    for box in tight_box(brain, (1, 1, 1)):  # with what is outside, next to it
        everything[box] = _border(image[box], brain[box], ventricle[box], lesions[box], spacing_mm, how)
    return everything


def _border(
    image: NDArray[np.floating],
    brain: Mask,
    ventricle: Mask,
    lesions: Mask,
    spacing_mm: Sequence[float],
    how: FluidRule,
) -> Mask:
    """Find the fluid in the box that holds the brain and a voxel around it."""
    disc, pixel = _disc(VENTRICLE_MARGIN_MM, spacing_mm), float(spacing_mm[0] * spacing_mm[1])
    margin = np.zeros_like(brain)
    for level in np.flatnonzero(brain.any((0, 1))):
        margin[:, :, level] = grown(ventricle[:, :, level], disc)
    tissue = brain & ~ventricle & ~lesions
    asked = tissue if not how.smooth_mm else tissue & ~margin
    border = np.zeros_like(brain)
    if not asked.any():
        return border
    seen = _smooth(image, asked, how.smooth_mm, spacing_mm)
    plain = seen[asked]
    fluid_level = float(np.percentile(plain if how.smooth_mm else image[brain], FLUID_PERCENTILE))
    tissue_level = float(np.median(plain))
    if how.smooth_mm and ventricle.any():
        # Where sulci are less than a percent, the darkest percent is tissue: ventricles say what fluid looks like.
        fluid_level = min(fluid_level, (tissue_level + float(np.median(image[ventricle]))) / 2)
    if fluid_level >= tissue_level:
        return border
    limit = tissue_level + how.fraction * (fluid_level - tissue_level)
    for z, (x, y) in slice_boxes(brain, (1, 1)):
        dark = tissue[x, y, z] & (seen[x, y, z] < limit) & ~margin[x, y, z]
        border[x, y, z] = _sulci(dark, ~brain[x, y, z], margin[x, y, z], pixel, how.island_mm)
    return border


def _smooth(
    image: NDArray[np.floating], asked: Mask, width_mm: float, spacing_mm: Sequence[float]
) -> NDArray[np.floating]:
    """Return the Gaussian mean, within each slice, of the pixels that are asked, at these; anything elsewhere."""
    if not width_mm:
        return image
    width = (width_mm / float(spacing_mm[0]), width_mm / float(spacing_mm[1]))
    smooth = np.zeros(image.shape, np.float32)
    reach = [int(_TRUNCATE * pixels + 0.5) for pixels in width]
    for z, (x, y) in slice_boxes(asked, reach):  # slice by slice, because all at once takes four times the memory
        here = asked[x, y, z]
        share = ndimage.gaussian_filter(here.astype(np.float32), width, truncate=_TRUNCATE)
        total = ndimage.gaussian_filter(np.where(here, image[x, y, z], 0).astype(np.float32), width, truncate=_TRUNCATE)
        smooth[x, y, z] = total / np.maximum(share, np.float32(1e-3))
    return smooth


def _sulci(dark: Mask, outside: Mask, margin: Mask, pixel_mm2: float, island_mm: float) -> Mask:
    """Return what is dark in a slice and reaches outside, or is large and does not touch the ventricle's margin."""
    found, count = ndimage.label(dark | outside, _NEIGHBOURS)
    area = np.bincount(found[dark], minlength=count + 1) * pixel_mm2
    kept = area >= math.pi * island_mm**2 / 4
    kept[found[grown(margin, _NEIGHBOURS)]] = False
    kept[found[outside]] = True
    kept[0] = False
    return kept[found] & dark


def _disc(radius_mm: float, spacing_mm: Sequence[float]) -> Mask:
    """Return a disc in the slice plane."""
    reach = [int(radius_mm / float(mm)) for mm in spacing_mm[:2]]
    x, y = np.mgrid[-reach[0] : reach[0] + 1, -reach[1] : reach[1] + 1]
    disc: Mask = np.hypot(x * spacing_mm[0], y * spacing_mm[1]) <= radius_mm
    return disc
