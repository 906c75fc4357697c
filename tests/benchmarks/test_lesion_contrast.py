"""Which outlined voxels stand out, on a brain whose brightness is known."""

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.lesion_contrast import stands_out

SPACING_MM = (1.0, 1.0, 5.0)


def _brain() -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """A brain of 0 and 1 in stripes: median 0.5, interquartile range 1."""
    image = np.zeros((40, 40, 3))
    image[::2] = 1.0
    brain = np.ones(image.shape, bool)
    return image, brain


def test_a_bright_lesion_stands_out_and_a_tissue_like_one_does_not() -> None:
    image, brain = _brain()
    outlined = np.zeros(image.shape, bool)
    outlined[5:9, 5:9, 1] = outlined[25:29, 25:29, 1] = True
    image[5:9, 5:9, 1] = 2.0
    image[25:29, 25:29, 1] = 0.9
    visible = stands_out(image, outlined, brain, SPACING_MM)
    assert visible[5:9, 5:9, 1].all()
    assert visible.sum() == 16


def test_what_counts_is_the_tissue_around_the_lesion_and_not_the_whole_brain() -> None:
    image, brain = _brain()
    outlined = np.zeros(image.shape, bool)
    outlined[18:22, 18:22, 1] = True
    image[5:35, 5:35, 1] = -1.0  # a dark region, darker than all the brain
    image[18:22, 18:22, 1] = 0.2
    assert stands_out(image, outlined, brain, SPACING_MM).sum() == 16


def test_fluid_beside_a_lesion_is_no_surrounding() -> None:
    image, brain = _brain()
    outlined = np.zeros(image.shape, bool)
    outlined[18:22, 18:22, 1] = True
    image[18:22, 18:22, 1] = 0.6
    image[10:18, 18:22, 1] = image[22:30, 18:22, 1] = -30.0
    assert not stands_out(image, outlined, brain, SPACING_MM).any()


@pytest.mark.parametrize(("fill", "says"), [(0.0, "no contrast"), (None, "empty")])
def test_where_nothing_can_be_compared_it_says_so(fill: float | None, says: str) -> None:
    image, brain = _brain()
    if fill is None:
        brain[:] = False
    else:
        image[:] = fill
    with pytest.raises(ValueError, match=says):
        stands_out(image, brain.copy(), brain, SPACING_MM)
