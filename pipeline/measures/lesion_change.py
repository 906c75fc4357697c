"""Lesions that are new, enlarged or gone between two visits: candidates for a reader, never a finding."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from nibabel.affines import apply_affine
from numpy.typing import NDArray
from scipy import ndimage

Mask = NDArray[np.bool_]
Kind = Literal["new", "enlarged", "vanished"]

LEAST_MM = 3.0
"""A candidate is at least as long: the least long axis of a lesion (Thompson et al. 2018,
doi:10.1016/S1474-4422(17)30470-2)."""
TOLERANCE_MM = 2.0
"""Within a slice a lesion may lie so far from its place at the other visit: registration and partial volume."""
LEAST_SHARE = 0.1
"""A slice of one visit lies between two of the other; where interpolation between them gives so much lesion, there may
be some."""
GROWTH = 2.0
"""An enlarged lesion has at least this many times its earlier volume; less is within what measuring again gives."""
LEAST_PART_ML = 0.05
"""So much must have come or gone where a lesion touches one that is there at both visits."""
_TOUCHING = np.ones((3, 3, 3), bool)


@dataclass(frozen=True)
class VisitLesions:
    """The lesions of one visit on its own grid, and what the other visit shows there.

    Attributes
    ----------
    lesions : (X, Y, Z) bool
    affine : (4, 4) voxel to world, mm
    other : (X, Y, Z) 0 to 1, the other visit's lesions, interpolated
    seen : (X, Y, Z) bool, what the other visit shows: elsewhere nothing can be compared
    """

    lesions: Mask
    affine: NDArray[np.float64]
    other: NDArray[np.floating]
    seen: Mask

    @property
    def voxel_ml(self) -> float:
        """Volume of a voxel, mL."""
        return abs(float(np.linalg.det(self.affine[:3, :3]))) / 1000

    @property
    def spacing(self) -> NDArray[np.float64]:
        """Size of a voxel, mm."""
        return np.asarray(np.linalg.norm(self.affine[:3, :3], axis=0), np.float64)


@dataclass(frozen=True)
class LesionCandidate:
    """One lesion that differs between the visits.

    Attributes
    ----------
    before_ml, after_ml : its volume at each visit
    centroid_mm : scanner RAS+ of the later scan
    slice_index : slice of the later scan that shows most of it, from 0
    voxels : (n, 3) indices on the later scan's grid, possibly beyond its edge
    """

    kind: Kind
    before_ml: float
    after_ml: float
    centroid_mm: tuple[float, float, float]
    slice_index: int
    voxels: NDArray[np.intp] = field(repr=False, compare=False)


def lesion_changes(
    earlier: VisitLesions, later: VisitLesions, to_earlier: NDArray[np.float64] | None = None
) -> list[LesionCandidate]:
    """Compare the lesions of two visits.

    A lesion (26-connected) of the later visit is *new* when nothing of the earlier visit lies within 2 mm of it in its
    slices. It is *enlarged* when it touches earlier ones and has at least twice their volume and 0.05 mL more, or when
    a part of it of 0.05 mL and more has come that far from all of them. *Vanished* is the mirror of new, on the
    earlier visit's grid; also a part of 0.05 mL and more that is gone from a lesion which stays. Slices of one visit
    lie between those of the other, so a lesion of either neighbour counts. What is shorter than 3 mm is no candidate.

    Parameters
    ----------
    to_earlier : (4, 4) the later scan's world to that of the earlier one, mm; default: they are the same

    Returns
    -------
    new, then enlarged, then vanished ones, the largest first; empty where nothing differs
    """
    there = np.eye(4) if to_earlier is None else to_earlier
    back = np.asarray(np.linalg.inv(there), np.float64)
    found = [*_new_and_enlarged(earlier, later, there), *_vanished(earlier, later, back)]
    order = ("new", "enlarged", "vanished")
    return sorted(found, key=lambda one: (order.index(one.kind), -abs(one.after_ml - one.before_ml), one.centroid_mm))


def not_compared(visit: VisitLesions) -> int:
    """Count the lesions of a visit that lie mostly outside what the other one shows."""
    return sum(not _compared(part, visit.seen) for part in _parts(visit.lesions))


def _compared(part: Mask, seen: Mask) -> bool:
    return bool((part & seen).sum() * 2 >= part.sum())


def _parts(mask: Mask) -> Iterator[Mask]:
    numbers, n = ndimage.label(mask, _TOUCHING)
    for number in range(1, n + 1):
        yield numbers == number


def _near(visit: VisitLesions) -> Mask:
    """Return where the other visit's lesions are, or may be within the tolerance, on this visit's grid."""
    there = np.asarray(visit.other >= LEAST_SHARE)
    if not there.any():
        return there
    spacing = visit.spacing
    reach = [max(round(TOLERANCE_MM / float(mm)), 1) for mm in spacing[:2]]
    x, y = np.mgrid[-reach[0] : reach[0] + 1, -reach[1] : reach[1] + 1]
    disc = (x * spacing[0]) ** 2 + (y * spacing[1]) ** 2 <= TOLERANCE_MM**2
    return np.asarray(ndimage.binary_dilation(there, disc[:, :, None]), dtype=bool)


def _new_and_enlarged(
    earlier: VisitLesions, later: VisitLesions, to_earlier: NDArray[np.float64]
) -> Iterator[LesionCandidate]:
    near = _near(later)
    numbers, n = ndimage.label(earlier.lesions, _TOUCHING)
    volumes = np.bincount(numbers.ravel(), minlength=n + 1) * earlier.voxel_ml
    to_voxels = np.linalg.inv(earlier.affine) @ to_earlier @ later.affine
    for part in _parts(later.lesions):
        if not _compared(part, later.seen):
            continue
        now = float(part.sum()) * later.voxel_ml
        if not (part & near).any():
            if _length(part, later.spacing) >= LEAST_MM:
                yield _candidate("new", np.argwhere(part), (0.0, now), later)
            continue
        was = float(volumes[_touched(np.argwhere(part), to_voxels, numbers)].sum())
        added = [r for r in _parts(part & ~near) if _counts(r, later)]
        if added or (was > 0 and now >= GROWTH * was and now - was >= LEAST_PART_ML):
            yield _candidate("enlarged", np.argwhere(part), (was, now), later)


def _vanished(earlier: VisitLesions, later: VisitLesions, to_later: NDArray[np.float64]) -> Iterator[LesionCandidate]:
    near = _near(earlier)
    to_voxels = np.linalg.inv(later.affine) @ to_later @ earlier.affine
    for part in _parts(earlier.lesions):
        if not _compared(part, earlier.seen):
            continue
        whole = not (part & near).any()
        gone = [part] if whole else [r for r in _parts(part & ~near) if _counts(r, earlier)]
        for one in gone:
            if _length(one, earlier.spacing) >= LEAST_MM:
                voxels = np.round(apply_affine(to_voxels, np.argwhere(one))).astype(np.intp)
                yield _candidate("vanished", voxels, (float(one.sum()) * earlier.voxel_ml, 0.0), later)


def _touched(
    voxels: NDArray[np.intp], to_voxels: NDArray[np.float64], numbers: NDArray[np.integer]
) -> NDArray[np.integer]:
    """Return the numbers of the lesions of the other grid at these voxels or in a slice beside them."""
    places = apply_affine(to_voxels, voxels)
    found: set[int] = set()
    for z in (np.floor(places[:, 2]), np.ceil(places[:, 2])):
        at = np.column_stack([np.round(places[:, :2]), z]).astype(np.intp)
        at = at[((at >= 0) & (at < numbers.shape)).all(1)]
        found.update(np.unique(numbers[tuple(at.T)]).tolist())
    return np.array(sorted(found - {0}), np.intp)


def _counts(part: Mask, visit: VisitLesions) -> bool:
    return float(part.sum()) * visit.voxel_ml >= LEAST_PART_ML and _length(part, visit.spacing) >= LEAST_MM


def _length(part: Mask, spacing: NDArray[np.float64]) -> float:
    """Return the longest side of a lesion's box within the slices, mm."""
    sides = [np.flatnonzero(part.any(tuple({0, 1, 2} - {axis}))) for axis in (0, 1)]
    return max(float((side[-1] - side[0] + 1) * mm) for side, mm in zip(sides, spacing[:2], strict=True))


def _candidate(kind: Kind, voxels: NDArray[np.intp], ends: tuple[float, float], later: VisitLesions) -> LesionCandidate:
    x, y, z = (round(float(c), 1) for c in apply_affine(later.affine, voxels.mean(0)))
    slices = np.bincount(np.clip(voxels[:, 2], 0, later.lesions.shape[2] - 1))
    return LesionCandidate(kind, ends[0], ends[1], (x, y, z), int(slices.argmax()), voxels)
