"""A person's lesions on the common grid of ICBM152, and what of it their scan shows: sparse, to be added up."""

from dataclasses import dataclass

import numpy as np
from nibabel.affines import apply_affine
from numpy.typing import NDArray

from pipeline.errors import GeometryError
from pipeline.registration.affine import Registration
from vocabulary.lesion_grid import AFFINE, N_VOXELS, SHAPE, SPACE


@dataclass(frozen=True)
class LesionMap:
    """Lesions of one scan on the grid of ``vocabulary.lesion_grid``.

    Attributes
    ----------
    voxels : uint32, numbers of the voxels whose middle lies in a lesion, ascending
    seen : uint32, runs of voxels that the scan shows: first, end, first, end and so on, ascending; an end is not in it
    """

    voxels: NDArray[np.uint32]
    seen: NDArray[np.uint32]


def lesion_map(registration: Registration, wmh: NDArray[np.bool_]) -> LesionMap:
    """Ask at every voxel of the common grid whether the scan shows it, and whether a lesion lies there.

    Parameters
    ----------
    registration : of ICBM152 to the scan
    wmh : (X, Y, Z) bool, lesions, on the scan's grid

    Raises
    ------
    GeometryError : another template was registered, or the lesions lie on another grid.
    """
    if registration.template.space != SPACE:
        raise GeometryError(f"lesion maps lie in {SPACE}; a template in {registration.template.space} was registered")
    if wmh.shape != tuple(registration.shape):
        raise GeometryError(f"lesions {wmh.shape} and the registered scan {registration.shape} differ in shape")
    to_scan = np.linalg.inv(registration.affine) @ np.linalg.inv(registration.to_template) @ AFFINE
    steps = np.stack(np.unravel_index(np.arange(N_VOXELS), SHAPE, order="F"), axis=-1)
    nearest = np.rint(apply_affine(to_scan, steps)).astype(np.intp)
    inside = ((nearest >= 0) & (nearest < wmh.shape)).all(axis=1)
    numbers = np.flatnonzero(inside)
    lesion = wmh[tuple(nearest[inside].T)]
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]]).astype(np.int8)))
    return LesionMap(numbers[lesion].astype(np.uint32), edges.astype(np.uint32))
