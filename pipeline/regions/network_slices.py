"""What the region network sees of a scan, and how its answer comes back: slices of one small grid around the brain."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.errors import GeometryError
from pipeline.regions.parcellation import Parcellation, Region

SIZE = 96
"""Height and width of a slice, pixels."""
PIXEL_MM = 2.25
"""Regions are centimetres wide: 216 mm of this pixel hold every brain and cost a sixth of the scanner's."""
CHANNELS = ("FLAIR", "brain", "ventricles", "height")
_HEIGHT_MM = 100.0
_BRIGHTEST = 3.0
_SPREAD = 1.349
"""Interquartile range of a normal distribution, standard deviations."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class RegionSlices:
    """The slices of one scan that show brain.

    Attributes
    ----------
    image : (Z, SIZE, SIZE, 4) float32, ``CHANNELS``: FLAIR in interquartile ranges from the brain's median (-3
        outside), the two masks 0 to 1, and the height below the top of the brain in units of 100 mm
    planes : (Z,) which slices of the scan these are
    corner : position in voxels of the scan, along its first two axes, of the middle of pixel (0, 0)
    step : pixel size in voxels of the scan, along its first two axes
    shape : (3,) of the scan
    """

    image: NDArray[np.float32]
    planes: NDArray[np.intp]
    corner: tuple[float, float]
    step: tuple[float, float]
    shape: tuple[int, ...]


def region_slices(
    image: NDArray[np.floating], brain: Mask, ventricle: Mask, spacing_mm: tuple[float, float, float]
) -> RegionSlices:
    """Return a scan as the region network sees it; nothing of a template enters.

    Parameters
    ----------
    image : (X, Y, Z) FLAIR, RAS+
    brain, ventricle : (X, Y, Z) bool, on its grid
    spacing_mm : voxel size, slice gap included, mm

    Raises
    ------
    GeometryError : the mask is empty.
    """
    if not brain.any():
        raise GeometryError("the intracranial mask is empty; no region can be told")
    low, median, high = np.percentile(image[brain], [25, 50, 75])
    scale = max(float(high - low), 1e-6)
    flair = np.where(brain, np.clip((image - median) / scale, -_BRIGHTEST, _BRIGHTEST), -_BRIGHTEST).astype(np.float32)
    planes = np.flatnonzero(brain.any((0, 1)))
    step = (PIXEL_MM / spacing_mm[0], PIXEL_MM / spacing_mm[1])
    ends = [np.flatnonzero(brain.any(other))[[0, -1]] for other in ((1, 2), (0, 2))]
    middle = [float(first + last) / 2 for first, last in ends]
    corner = (middle[0] - (SIZE - 1) / 2 * step[0], middle[1] - (SIZE - 1) / 2 * step[1])
    parts = [_onto(volume[:, :, planes], corner, step) for volume in (flair, brain, ventricle)]
    parts[0][parts[1] < 0.5] = -_BRIGHTEST
    height = (planes[-1] - planes) * spacing_mm[2] / _HEIGHT_MM
    parts.append(np.broadcast_to(height[:, None, None], parts[0].shape).astype(np.float32))
    return RegionSlices(np.stack(parts, axis=-1), planes, corner, step, brain.shape)


def slices_of_labels(labels: NDArray[np.uint16], like: RegionSlices) -> NDArray[np.uint8]:
    """Return region numbers on the slices' grid, (Z, SIZE, SIZE), the nearest voxel's.

    Raises
    ------
    GeometryError : there are more than 255 regions, or the labels lie on another grid.
    """
    if labels.shape != like.shape or labels.max() > np.iinfo(np.uint8).max:
        raise GeometryError(f"regions of shape {labels.shape} up to {labels.max()}: expected {like.shape} and 255")
    rows, columns = (
        np.rint(start + np.arange(SIZE) * step).astype(np.intp)
        for start, step in zip(like.corner, like.step, strict=True)
    )
    inside = ((rows >= 0) & (rows < like.shape[0]))[:, None] & ((columns >= 0) & (columns < like.shape[1]))
    near = labels[np.ix_(rows.clip(0, like.shape[0] - 1), columns.clip(0, like.shape[1] - 1), like.planes)]
    return np.moveaxis(np.where(inside[:, :, None], near, 0), 2, 0).astype(np.uint8)


def predicted_regions(
    model: Any, slices: RegionSlices, brain: Mask, regions: tuple[Region, ...], atlas: str
) -> Parcellation:
    """Return the regions that a network tells, on the scan's grid; no registration is done.

    Probabilities are brought back linearly, and every voxel of the brain has the likeliest region. Left of the midline
    is where the likeliest one-sided region is a left one.

    Parameters
    ----------
    model : Keras network from slices to probabilities (Z, SIZE, SIZE, regions + 1), in the order of ``regions``
    slices : of the scan
    brain : (X, Y, Z) bool
    regions, atlas : what the network learned
    """
    likely = np.asarray(model.predict(slices.image, batch_size=8, verbose=0), np.float32)
    numbers = np.array([region.number for region in regions])
    sides = np.array([region.side for region in regions])
    found, left = np.zeros(slices.shape, np.uint16), np.zeros(slices.shape, bool)
    rows, columns = (
        (np.arange(size) - start) / step
        for size, start, step in zip(slices.shape[:2], slices.corner, slices.step, strict=True)
    )
    where = np.meshgrid(rows, columns, indexing="ij")
    for plane, part in zip(slices.planes, likely, strict=True):
        each = np.stack([
            ndimage.map_coordinates(part[..., index], where, order=1, mode="nearest")
            for index in range(1, part.shape[-1])
        ])  # fmt: skip
        found[:, :, plane] = numbers[each.argmax(0)]
        left[:, :, plane] = each[sides == "left"].max(0) > each[sides == "right"].max(0)
    return Parcellation(atlas, regions, np.where(brain, found, 0).astype(np.uint16), left)


def _onto(volume: NDArray[Any], corner: tuple[float, float], step: tuple[float, float]) -> NDArray[np.float32]:
    """Return planes of a volume on the slices' grid, (Z, SIZE, SIZE), averaged over a pixel and then linear."""
    widths = [max((one - 1) / 2, 0.0) for one in step]
    parts = [
        ndimage.affine_transform(
            ndimage.gaussian_filter(volume[:, :, z].astype(np.float32), widths, mode="nearest"),
            np.array(step), corner, output_shape=(SIZE, SIZE), order=1, mode="nearest",
        )
        for z in range(volume.shape[2])
    ]  # fmt: skip
    return np.asarray(np.stack(parts), np.float32)
