"""The grid on which lesions of many people are counted: ICBM152 coordinates, voxels of 2 mm, the same for all.

A voxel's number is its place in Fortran order, first axis fastest: x + 99 (y + 117 z). Axes run to the right, to the
front and upward.
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", bound=np.generic)

SPACE = "ICBM152"
SHAPE = (99, 117, 95)
SPACING_MM = 2.0
AFFINE = np.array([[2.0, 0, 0, -98], [0, 2, 0, -134], [0, 0, 2, -72], [0, 0, 0, 1]])
"""Voxel to ICBM152 coordinates, mm."""
N_VOXELS = SHAPE[0] * SHAPE[1] * SHAPE[2]
VOXEL_ML = SPACING_MM**3 / 1000


def places_of(numbers: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return the ICBM152 coordinates of voxels, (N, 3), mm.

    Examples
    --------
    >>> places_of(np.array([0, 1, 99]))[:, :2].tolist()
    [[-98.0, -134.0], [-96.0, -134.0], [-98.0, -132.0]]
    """
    steps = np.stack(np.unravel_index(numbers, SHAPE, order="F"), axis=-1)
    return np.asarray(steps * SPACING_MM + AFFINE[:3, 3], np.float64)


def image_of(values: NDArray[Number]) -> NDArray[Number]:
    """Return one value per voxel, in order of their numbers, as an (X, Y, Z) image."""
    return values.reshape(SHAPE, order="F")
