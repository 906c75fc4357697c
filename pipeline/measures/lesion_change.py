"""Lesions that are new, enlarged or gone between two visits: candidates for a reader, never a finding."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Mask = NDArray[np.bool_]
Kind = Literal["new", "enlarged", "vanished"]

LEAST_MM = 3.0
"""A candidate is at least as long: the least long axis of a lesion (Thompson et al. 2018,
doi:10.1016/S1474-4422(17)30470-2)."""
TOLERANCE_MM = 2.0
"""Within a slice a lesion may lie so far from its place at the other visit: registration and partial volume."""
GROWTH = 2.0
"""An enlarged lesion has at least this many times its earlier volume; less is within what measuring again gives."""
LEAST_GROWTH_ML = 0.05
_TOUCHING = np.ones((3, 3, 3), bool)


@dataclass(frozen=True)
class LesionCandidate:
    """One lesion that differs between the visits, on the grid of the later one.

    Attributes
    ----------
    before_ml, after_ml : its volume at each visit
    centroid_mm : scanner RAS+
    slice_index : the slice that shows most of it, from 0
    """

    kind: Kind
    before_ml: float
    after_ml: float
    centroid_mm: tuple[float, float, float]
    slice_index: int


def lesion_changes(before: Mask, after: Mask, affine: NDArray[np.float64]) -> list[LesionCandidate]:
    """Compare the lesions of two visits on one grid.

    A lesion (26-connected) of the later visit is *new* when nothing of the earlier one lies within 2 mm of it in its
    slices or the neighbouring ones, *enlarged* when it has at least twice the volume of the earlier lesions it
    touches and 0.05 mL more; one of the earlier visit with nothing of the later one near is *vanished*. Parts shorter
    than 3 mm are no candidates.

    Parameters
    ----------
    before, after : (X, Y, Z) bool, lesions at each visit on the later visit's grid
    affine : (4, 4) voxel to world of that grid, mm

    Returns
    -------
    new, then enlarged, then vanished ones, the largest first; empty where nothing differs
    """
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    voxel_ml = abs(float(np.linalg.det(affine[:3, :3]))) / 1000
    found = [
        *_unmatched(after, before, spacing, affine, "new", voxel_ml),
        *_enlarged(before, after, affine, voxel_ml),
        *_unmatched(before, after, spacing, affine, "vanished", voxel_ml),
    ]
    order = ("new", "enlarged", "vanished")
    return sorted(found, key=lambda one: (order.index(one.kind), -abs(one.after_ml - one.before_ml)))


def _parts(mask: Mask) -> Iterator[Mask]:
    numbers, n = ndimage.label(mask, _TOUCHING)
    for number in range(1, n + 1):
        yield numbers == number


def _near(mask: Mask, spacing: Sequence[float] | NDArray[np.float64]) -> Mask:
    """Return a mask with what lies within the tolerance in its slices, and that in the slices beside them."""
    if not mask.any():
        return mask
    reach = [max(round(TOLERANCE_MM / float(mm)), 1) for mm in spacing[:2]]
    x, y = np.mgrid[-reach[0] : reach[0] + 1, -reach[1] : reach[1] + 1]
    disc = (x * spacing[0]) ** 2 + (y * spacing[1]) ** 2 <= TOLERANCE_MM**2
    grown = ndimage.binary_dilation(mask, disc[:, :, None])
    return np.asarray(ndimage.binary_dilation(grown, np.ones((1, 1, 3), bool)), dtype=bool)


def _unmatched(
    mask: Mask, other: Mask, spacing: NDArray[np.float64], affine: NDArray[np.float64], kind: Kind, voxel_ml: float
) -> Iterator[LesionCandidate]:
    near = _near(other, spacing)
    for part in _parts(mask):
        if not (part & near).any() and _length(part, spacing) >= LEAST_MM:
            volume = float(part.sum()) * voxel_ml
            ends = (0.0, volume) if kind == "new" else (volume, 0.0)
            yield _candidate(kind, part, ends, affine)


def _enlarged(before: Mask, after: Mask, affine: NDArray[np.float64], voxel_ml: float) -> Iterator[LesionCandidate]:
    earlier, n = ndimage.label(before, _TOUCHING)
    sizes = np.bincount(earlier.ravel(), minlength=n + 1)
    for part in _parts(after):
        touched = np.unique(earlier[part])
        was = float(sizes[touched[touched > 0]].sum()) * voxel_ml
        now = float(part.sum()) * voxel_ml
        if was > 0 and now >= GROWTH * was and now - was >= LEAST_GROWTH_ML:
            yield _candidate("enlarged", part, (was, now), affine)


def _length(part: Mask, spacing: NDArray[np.float64]) -> float:
    """Return the longest side of a lesion's box within the slices, mm."""
    sides = [np.flatnonzero(part.any(tuple({0, 1, 2} - {axis}))) for axis in (0, 1)]
    return max(float((side[-1] - side[0] + 1) * mm) for side, mm in zip(sides, spacing[:2], strict=True))


def _candidate(kind: Kind, part: Mask, ends: tuple[float, float], affine: NDArray[np.float64]) -> LesionCandidate:
    centre = affine @ np.array([*ndimage.center_of_mass(part), 1.0])
    x, y, z = (round(float(c), 1) for c in centre[:3])
    return LesionCandidate(kind, ends[0], ends[1], (x, y, z), int(part.sum((0, 1)).argmax()))
