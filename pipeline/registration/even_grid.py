"""A grid of equal steps around a brain, on which thick slices and a template can be compared.

Slices are five to eight times as thick as their pixels. On a scan's own grid a neighbourhood of two voxels then means
2 mm in the slice and 14 mm across it, and a displacement made smooth there over four voxels is smooth over 28 mm
across: it cannot follow a brain. With equal steps it means the same in every direction.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.registration.placement import Matrix

STEP_MM = 2.0
MARGIN_MM = 10.0
_PIXEL_SD = 0.35
"""Standard deviation, in steps, of what is smoothed away before finer pixels are asked at every step."""
_SLICE_SD = 12**-0.5
"""Standard deviation of the mean over a slice, as a multiple of its thickness."""


@dataclass(frozen=True)
class EvenGrid:
    """A grid along the axes of an image.

    Attributes
    ----------
    affine : (4, 4) its voxel to world, mm
    shape : its size
    source : (4, 4) voxel to world of the image it was made for
    """

    affine: Matrix
    shape: tuple[int, ...]
    source: Matrix

    def shown(
        self,
        volume: NDArray[np.float32],
        smooth_mm: float = _PIXEL_SD * STEP_MM,
        *,
        thickness_mm: Sequence[float] | NDArray[np.float64] = (0.0, 0.0, 0.0),
    ) -> NDArray[np.float32]:
        """Return a volume of the image's grid on this one, linear between its slices; beyond the last, as the last.

        Parameters
        ----------
        volume : on the image's grid
        smooth_mm : standard deviation of the Gaussian before, mm; none along axes whose steps are as large already
        thickness_mm : along each axis, of the slices through which it shall be seen
        """
        spacing = np.linalg.norm(self.source[:3, :3], axis=0)
        width = np.where(spacing < STEP_MM, np.maximum(smooth_mm, _SLICE_SD * np.asarray(thickness_mm)), 0) / spacing
        voxel = np.linalg.inv(self.source) @ self.affine
        return np.asarray(
            ndimage.affine_transform(
                ndimage.gaussian_filter(volume, width),
                voxel[:3, :3],
                voxel[:3, 3],
                output_shape=self.shape,
                order=1,
                mode="nearest",
            ),
            np.float32,
        )


def even_grid(brain: NDArray[np.bool_], affine: Matrix) -> EvenGrid:
    """Return the grid of steps of ``STEP_MM`` that holds a brain and a margin.

    Parameters
    ----------
    brain : (X, Y, Z) bool, not empty
    affine : (4, 4) its voxel to world, mm

    Examples
    --------
    >>> brain = np.zeros((90, 90, 10), bool)
    >>> brain[20:70, 20:70, 2:8] = True
    >>> grid = even_grid(brain, np.diag([1.0, 1.0, 6.0, 1.0]))
    >>> grid.shape, grid.affine[:3, 3].tolist()
    ((35, 35, 28), [10.5, 10.5, 0.0])
    """
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    seen = np.argwhere(brain)
    low = (seen.min(0) - 0.5) * spacing - MARGIN_MM
    high = (seen.max(0) + 0.5) * spacing + MARGIN_MM
    shape = tuple(int(count) for count in np.ceil((high - low) / STEP_MM))
    even = affine @ np.diag([*(STEP_MM / spacing), 1.0])
    even[:3, 3] = affine[:3, :3] @ ((low + STEP_MM / 2) / spacing) + affine[:3, 3]
    return EvenGrid(even, shape, affine)
