"""Fluid on the cortex: sulci are found, ventricles and specks are not, whatever the intensity scale."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.errors import GeometryError
from pipeline.measures.cortex import cortical_border

SPACING = (1.0, 0.8, 6.0)

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Brain:
    """Tissue of 100, fluid of 10; each structure is drawn alone."""

    image: NDArray[np.float32]
    mask: Mask
    ventricle: Mask
    open_sulcus: Mask
    closed_sulcus: Mask
    perivascular: Mask
    lesion: Mask


@pytest.fixture
def brain() -> Brain:
    mask = np.zeros((60, 70, 3), bool)
    mask[5:55, 5:65] = True
    drawn = {name: np.zeros_like(mask) for name in ("ventricle", "open", "closed", "speck", "lesion")}
    drawn["ventricle"][28:32, 25:45] = True
    drawn["open"][5:12, 30:32, 1] = True
    drawn["closed"][14:20, 50:53, 1] = True  # 18 pixels of 0.8 mm2
    drawn["speck"][44, 20:25, 1] = True  # 4 mm2, less than a disc of 3 mm
    drawn["lesion"][40:43, 50:53, 1] = True
    image = np.full(mask.shape, 2.0, np.float32)
    image[mask] = 100
    for name in ("ventricle", "open", "closed", "speck"):
        image[drawn[name]] = 10
    image[27, 25:45] = image[32, 25:45] = 50  # partial volume beside the ventricle
    image[drawn["lesion"]] = 170
    return Brain(image, mask, *drawn.values())


def test_sulci_are_border_and_nothing_else_is(brain: Brain) -> None:
    border = cortical_border(brain.image, brain.mask, brain.ventricle, SPACING, wmh=brain.lesion)
    np.testing.assert_array_equal(border, brain.open_sulcus | brain.closed_sulcus)


def test_half_fluid_is_the_limit(brain: Brain) -> None:
    image = brain.image.copy()
    image[brain.closed_sulcus] = 56
    image[brain.open_sulcus] = 54
    border = cortical_border(image, brain.mask, brain.ventricle, SPACING)
    np.testing.assert_array_equal(border, brain.open_sulcus)


def test_dark_islands_at_the_ventricle_belong_to_it(brain: Brain) -> None:
    image = brain.image.copy()
    horn = np.zeros_like(brain.mask)
    horn[29:31, 45:53, 1] = True
    image[horn] = 10
    border = cortical_border(image, brain.mask, brain.ventricle, SPACING)
    assert not (border & horn).any()
    assert (border & brain.closed_sulcus).any()


@pytest.mark.parametrize(("slope", "offset"), [(0.01, 0.0), (7.0, -300.0)])
def test_intensity_scale_does_not_matter(brain: Brain, slope: float, offset: float) -> None:
    expected = cortical_border(brain.image, brain.mask, brain.ventricle, SPACING)
    again = cortical_border(slope * brain.image + offset, brain.mask, brain.ventricle, SPACING)
    np.testing.assert_array_equal(again, expected)
    assert expected.any()


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_flips_do_not_matter(brain: Brain, axis: int) -> None:
    expected = cortical_border(brain.image, brain.mask, brain.ventricle, SPACING)
    turned = cortical_border(*(np.flip(array, axis) for array in (brain.image, brain.mask, brain.ventricle)), SPACING)
    np.testing.assert_array_equal(np.flip(turned, axis), expected)


def test_dark_lesions_are_not_fluid(brain: Brain) -> None:
    image = np.where(brain.lesion, np.float32(10), brain.image)
    assert (cortical_border(image, brain.mask, brain.ventricle, SPACING) & brain.lesion).any()
    assert not (cortical_border(image, brain.mask, brain.ventricle, SPACING, wmh=brain.lesion) & brain.lesion).any()


def test_no_brain_and_no_contrast_have_no_border(brain: Brain) -> None:
    nothing = np.zeros_like(brain.mask)
    assert not cortical_border(brain.image, nothing, nothing, SPACING).any()
    assert not cortical_border(np.ones(nothing.shape), brain.mask, nothing, SPACING).any()


def test_arrays_of_other_shapes_are_refused(brain: Brain) -> None:
    with pytest.raises(GeometryError, match="differ in shape"):
        cortical_border(brain.image[1:], brain.mask, brain.ventricle, SPACING)
