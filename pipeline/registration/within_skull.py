"""An intracranial mask without what lies outside the skull, where a registration is guided by it.

A mask may run through the skull into the scalp, most often in the highest slices, where the skull is cut aslant, and
through the skull base into orbits, nose and neck in the lowest. The template would be stretched to cover it, and the
overlap of the two brains would speak of the mask, not of the fit. What lies beyond the skull is told by marrow and fat,
which are bright, and where fat is suppressed by how far it lies from anything as bright as brain.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.plane_masks import slice_boxes, tight_box, without_holes

BRIGHT = 1.5
"""Marrow and fat, as a multiple of the brain's median on FLAIR; cortex has 1.2, lesions as much as fat."""
EDGE_MM = 6.0
LEAST_MM2 = 200.0
"""A bright piece of a slice counts as skull when it is this large and comes so near to the mask's edge."""
NECK_MM = 3.0
"""What hangs together with the brain by less than twice this is cut off with the skull."""

LEAST_DEPTH_MM = 10.0
"""What is this deep is brain, though the skull lies between it and the rest, such as a temporal pole beside the clivus
(15 mm); scalp beyond the skull has 4 to 7 mm."""

TISSUE = 0.5
"""What is darker than this multiple of the brain's median is no brain: fluid, bone, air, and where fat is suppressed
muscle and fat as well; grey and white matter have 0.9 to 1.2."""
FLUID_MM = 8.0
"""So far from brain fluid may reach beside it, in a wide sulcus or at a shrunken brain's edge."""
LEAST_TISSUE_MM2 = 100.0
"""A piece of a slice counts as brain when it is this large; the spinal cord has about 100 mm2."""

_TRUNCATE = 4.0
"""Standard deviations, each 1 mm, beyond which smoothing reads nothing."""

Mask = NDArray[np.bool_]


def within_skull(image: NDArray[np.floating], brain: Mask, spacing_mm: Sequence[float]) -> Mask:
    """Return the mask without marrow, fat and what lies beyond them, and without what lies far from any brain.

    The mask itself where it shows none of these.

    Parameters
    ----------
    image : (X, Y, Z) FLAIR
    brain : (X, Y, Z) bool, intracranial mask
    spacing_mm : voxel size, mm

    Examples
    --------
    >>> x, y = np.indices((80, 80)) - 40
    >>> radius = np.hypot(x, y)[..., None]
    >>> slice_ = np.select([radius < 22, radius < 25, radius < 30, radius < 36], [1.0, 0.2, 2.0, 0.8], 0.0)
    >>> kept = within_skull(slice_, radius < 34, (1, 1, 5))
    >>> bool(kept[radius < 20].all()), bool(kept[radius > 28].any())
    (True, False)
    """
    kept = brain.copy()
    if not brain.any():
        return kept
    median = float(np.median(image[brain]))
    if median <= 0:  # an image normalised around 0, of which no multiple is brighter or darker
        return kept
    in_plane = tuple(float(mm) for mm in spacing_mm[:2])
    # What the smoothing below reads of a pixel's surroundings, and one more.
    beyond = [int(_TRUNCATE / mm + 0.5) + 1 for mm in in_plane]
    for z, box in slice_boxes(brain, beyond):  # air is most of an image
        kept[*box, z] = _cut(brain[*box, z], image[*box, z], median, in_plane)
    return kept


def _cut(inside: Mask, image: NDArray[np.floating], median: float, in_plane: tuple[float, ...]) -> Mask:
    """Return a slice's mask without what lies beyond the skull or far from any brain; see ``within_skull``."""
    pixel_mm2 = in_plane[0] * in_plane[1]
    smooth = ndimage.gaussian_filter(np.asarray(image, np.float32), 1 / np.array(in_plane), truncate=_TRUNCATE)
    inside = _near_tissue(inside, smooth > TISSUE * median, in_plane)
    bright = inside & (smooth > BRIGHT * median)
    if np.count_nonzero(bright) * pixel_mm2 < LEAST_MM2:
        return inside
    pieces, count = ndimage.label(bright)
    numbers = np.arange(1, count + 1)
    large = numbers[np.bincount(pieces.ravel(), minlength=count + 1)[1:] * pixel_mm2 >= LEAST_MM2]
    if not large.size:
        return inside
    nearest = ndimage.minimum(_depth(inside, in_plane)[bright], pieces[bright], large)
    skull = np.isin(pieces, large[np.asarray(nearest) <= EDGE_MM])
    if not skull.any():
        return inside
    depth = _depth(inside & ~skull, in_plane)
    cores, count = ndimage.label(depth > NECK_MM)
    if not count:
        return inside
    brain_like = np.zeros(count + 1, bool)
    brain_like[cores[depth >= LEAST_DEPTH_MM]] = True
    brain_like[np.bincount(cores.ravel(), minlength=count + 1)[1:].argmax() + 1] = True
    core = brain_like[cores]
    # A pixel more than was taken away, as pixels are no points; hollows are lesions.
    grown = ndimage.distance_transform_edt(~core, sampling=in_plane) <= NECK_MM + max(in_plane)
    return without_holes(grown & inside)


def _near_tissue(inside: Mask, tissue: Mask, in_plane: tuple[float, ...]) -> Mask:
    """Return what of a slice's mask lies within ``FLUID_MM`` of a large piece of tissue, or is enclosed by it."""
    pieces, count = ndimage.label(inside & tissue)
    large = np.bincount(pieces.ravel(), minlength=count + 1) * in_plane[0] * in_plane[1] >= LEAST_TISSUE_MM2
    large[0] = False
    if not large.any():
        return np.zeros_like(inside)
    beyond = ~large[pieces]
    # By streets no way is shorter than as the crow flies, and they are counted in an eighth of the time.
    near = ndimage.distance_transform_cdt(beyond, "taxicab") * max(in_plane) <= FLUID_MM
    asked = inside & ~near
    if not asked.any():
        return inside
    for box in tight_box(asked, [int(FLUID_MM / mm) + 1 for mm in in_plane]):
        if not beyond[box].all():
            near[box] |= ndimage.distance_transform_edt(beyond[box], sampling=in_plane) <= FLUID_MM
    return without_holes(near & inside) & inside


def _depth(mask: Mask, in_plane: tuple[float, ...]) -> NDArray[np.float64]:
    """Return the distance to the mask's outside, mm; the edge of the picture is outside."""
    return np.asarray(ndimage.distance_transform_edt(np.pad(mask, 1), sampling=in_plane)[1:-1, 1:-1], np.float64)
