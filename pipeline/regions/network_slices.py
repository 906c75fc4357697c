"""What the region network sees of a scan, and how its answer comes back: slices of one small grid around the brain.

Where a region lies is nearly a function of the place within the brain, so the place is given to the network: where a
pixel lies in the brain's box, and how far below its top. Nothing of a template enters.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.errors import GeometryError
from pipeline.regions.parcellation import Parcellation, Region

SHAPE = (64, 80)
"""Height and width of a slice, pixels: to the right, and to the front."""
PIXEL_MM = 2.75
"""Lobes are centimetres wide: 176 x 220 mm of this pixel hold every brain and cost a twelfth of the scanner's."""
CHANNELS = ("FLAIR", "brain", "ventricles", "to the right", "to the front", "below the top", "of the height")
_BRIGHTEST = 3.0

Mask = NDArray[np.bool_]
Stack = NDArray[np.float32]


@dataclass(frozen=True)
class RegionSlices:
    """The slices of one scan from the lowest to the highest that shows brain.

    Attributes
    ----------
    image : (Z, 64, 80, 7) float32, ``CHANNELS``: FLAIR in interquartile ranges from the brain's median (-3 outside),
        the two masks 0 to 1, and the place as of ``with_places``
    planes : (Z,) which slices of the scan these are
    slice_mm : distance between them
    corner : position in voxels of the scan, along its first two axes, of the middle of pixel (0, 0)
    step : pixel size in voxels of the scan, along its first two axes
    shape : (3,) of the scan
    """

    image: Stack
    planes: NDArray[np.intp]
    slice_mm: float
    corner: tuple[float, float]
    step: tuple[float, float]
    shape: tuple[int, ...]


def region_slices(
    image: NDArray[np.floating], brain: Mask, ventricle: Mask, spacing_mm: tuple[float, float, float]
) -> RegionSlices:
    """Return a scan as the region network sees it.

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
    seen = np.flatnonzero(brain.any((0, 1)))
    planes = np.arange(seen[0], seen[-1] + 1)
    step = (PIXEL_MM / spacing_mm[0], PIXEL_MM / spacing_mm[1])
    ends = [np.flatnonzero(brain.any(other))[[0, -1]] for other in ((1, 2), (0, 2))]
    middle = [float(first + last) / 2 for first, last in ends]
    corner = (middle[0] - (SHAPE[0] - 1) / 2 * step[0], middle[1] - (SHAPE[1] - 1) / 2 * step[1])
    shown, inside, fluid = (_onto(volume[:, :, planes], corner, step) for volume in (flair, brain, ventricle))
    seen_so = with_places(shown, inside, fluid, spacing_mm[2])
    return RegionSlices(seen_so, planes, spacing_mm[2], corner, step, brain.shape)


def with_places(flair: Stack, brain: Stack, ventricle: Stack, slice_mm: float) -> Stack:
    """Return what the network sees, (Z, 64, 80, 7), from the three images alone.

    The place of a pixel, to the right and to the front, is its distance from the middle of the brain's box in half
    sides of that box; below the top it is in units of the box's mean side, and in shares of the height that the scan
    shows. The box holds the brain but for 2 % at either end of both axes, so that a rough mask does not move it.

    Parameters
    ----------
    flair, brain, ventricle : (Z, 64, 80) float32
    slice_mm : distance between slices
    """
    inside = brain > 0.5
    _, rows, columns = np.nonzero(inside if inside.any() else np.ones_like(inside))
    (row, half_row), (column, half_column) = (_middle(rows), _middle(columns))
    n_slices, n_rows, n_columns = brain.shape
    right = (np.arange(n_rows) - row) / half_row
    front = (np.arange(n_columns) - column) / half_column
    below = (n_slices - 1 - np.arange(n_slices)) * slice_mm / (PIXEL_MM * (half_row + half_column))
    of_height = np.arange(n_slices)[::-1] / max(n_slices - 1, 1)
    places = np.broadcast_arrays(
        right[None, :, None], front[None, None, :], below[:, None, None], of_height[:, None, None]
    )
    shown = np.where(inside, flair, -_BRIGHTEST)
    return np.stack([shown, brain, ventricle, *places], axis=-1).astype(np.float32)


def slices_of_labels(labels: NDArray[np.uint16], like: RegionSlices) -> NDArray[np.uint8]:
    """Return region numbers on the slices' grid, (Z, 64, 80), the nearest voxel's.

    Raises
    ------
    GeometryError : there are more than 255 regions, or the labels lie on another grid.
    """
    if labels.shape != like.shape or labels.max() > np.iinfo(np.uint8).max:
        raise GeometryError(f"regions of shape {labels.shape} up to {labels.max()}: expected {like.shape} and 255")
    rows, columns = (
        np.rint(start + np.arange(size) * step).astype(np.intp)
        for size, start, step in zip(SHAPE, like.corner, like.step, strict=True)
    )
    inside = ((rows >= 0) & (rows < like.shape[0]))[:, None] & ((columns >= 0) & (columns < like.shape[1]))
    near = labels[np.ix_(rows.clip(0, like.shape[0] - 1), columns.clip(0, like.shape[1] - 1), like.planes)]
    return np.moveaxis(np.where(inside[:, :, None], near, 0), 2, 0).astype(np.uint8)


def predicted_regions(
    model: Any, slices: RegionSlices, brain: Mask, regions: tuple[Region, ...], atlas: str
) -> Parcellation:
    """Return the regions that a network tells, on the scan's grid; no registration is done.

    Probabilities are brought back linearly, and every voxel of the brain has the likeliest region. Left of the midline
    is where all left regions together are likelier than all right ones.

    Parameters
    ----------
    model : Keras network from slices to probabilities (Z, 64, 80, regions + 1), in the order of ``regions``
    slices : of the scan
    brain : (X, Y, Z) bool
    regions, atlas : what the network learned
    """
    likely = np.asarray(model.predict_on_batch(slices.image), np.float32)[..., 1:]
    numbers = np.array([region.number for region in regions], np.uint16)
    sides = np.array([region.side for region in regions])
    found, left = np.zeros(slices.shape, np.uint16), np.zeros(slices.shape, bool)
    box = tuple(
        slice(int(seen[0]), int(seen[-1]) + 1) for seen in map(np.flatnonzero, (brain.any((1, 2)), brain.any((0, 2))))
    )
    rows, columns = (
        _between((np.arange(part.start, part.stop) - start) / step, size)
        for part, start, step, size in zip(box, slices.corner, slices.step, SHAPE, strict=True)
    )
    for plane, part in zip(slices.planes, np.moveaxis(likely, 3, 1), strict=True):
        each = rows @ part @ columns.T
        found[(*box, plane)] = numbers[each.argmax(0)]
        left[(*box, plane)] = each[sides == "left"].sum(0) > each[sides == "right"].sum(0)
    return Parcellation(atlas, regions, np.where(brain, found, 0).astype(np.uint16), left)


def _middle(places: NDArray[np.intp]) -> tuple[float, float]:
    """Return the middle and half the length of where the brain is along one axis, pixels."""
    low, high = np.percentile(places, [2, 98])
    return float(low + high) / 2, max(float(high - low) / 2, 1.0)


def _between(where: NDArray[np.floating], size: int) -> Stack:
    """Return the matrix (len(where), size) that reads a line of ``size`` pixels at these places, linearly."""
    near = where.clip(0, size - 1)
    return np.asarray(np.maximum(1 - np.abs(near[:, None] - np.arange(size)), 0), np.float32)


def _onto(volume: NDArray[Any], corner: tuple[float, float], step: tuple[float, float]) -> Stack:
    """Return planes of a volume on the slices' grid, (Z, 64, 80), averaged over a pixel and then linear."""
    widths = [max((one - 1) / 2, 0.0) for one in step]
    parts = [
        ndimage.affine_transform(
            ndimage.gaussian_filter(volume[:, :, z].astype(np.float32), widths, mode="nearest"),
            np.array(step), corner, output_shape=SHAPE, order=1, mode="nearest",
        )
        for z in range(volume.shape[2])
    ]  # fmt: skip
    return np.asarray(np.stack(parts), np.float32)
