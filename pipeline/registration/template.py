"""What is brought onto a person's scan: an image of a brain in a named space."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Template:
    """A brain-extracted T1 or FLAIR image in a named space.

    Attributes
    ----------
    space : name of the coordinates, such as ``ICBM152``
    image : (X, Y, Z) float32, RAS+, 0 outside the brain
    affine : (4, 4) voxel to the template's coordinates, mm
    brain : (X, Y, Z) bool
    ventricle : (X, Y, Z) bool, or None where the template comes without
    """

    space: str
    image: NDArray[np.float32] = field(repr=False)
    affine: NDArray[np.float64] = field(repr=False)
    brain: NDArray[np.bool_] = field(repr=False)
    ventricle: NDArray[np.bool_] | None = field(default=None, repr=False)
