"""A scan's regions: a number for every voxel of the brain, and what the numbers mean."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Side = Literal["left", "right", "both"]


@dataclass(frozen=True)
class Region:
    """One region of an atlas.

    Attributes
    ----------
    number : its value in a label image, from 1
    name : as its atlas calls it, without the side
    side : ``both`` for a region that crosses the midline
    """

    number: int
    name: str
    side: Side


@dataclass(frozen=True)
class Parcellation:
    """The regions of one scan.

    Attributes
    ----------
    atlas : name of the atlas
    regions : in the atlas' order
    image : (X, Y, Z) uint16, RAS+, the scan's grid; 0 belongs to no region
    left : (X, Y, Z) bool, left of the template's midline
    """

    atlas: str
    regions: tuple[Region, ...]
    image: NDArray[np.uint16]
    left: NDArray[np.bool_]
