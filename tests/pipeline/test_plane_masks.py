"""Morphology that looks only where something is gives SciPy's answers to the pixel."""

import numpy as np
import pytest
from scipy import ndimage

from pipeline.plane_masks import dilated, eroded, grown, slice_boxes, solid, tight_box, without_holes

_DISC = np.hypot(*(np.indices((5, 7)) - np.array([2, 3])[:, None, None])) <= 2.5


def _masks() -> list[np.ndarray]:
    """Nothing, everything, and speckles of any density that also touch the edges."""
    rng = np.random.default_rng(0)
    speckles = [rng.random((40, 30)) < share for share in (0.01, 0.2, 0.5, 0.65, 0.8)]
    corner = np.zeros((40, 30), bool)
    corner[:3, -2:] = True
    smooth = ndimage.gaussian_filter(rng.random((40, 30)), 2) > 0.5
    return [np.zeros((40, 30), bool), np.ones((40, 30), bool), corner, smooth, *speckles]


@pytest.mark.parametrize("mask", _masks())
def test_holes_are_filled_as_scipy_fills_them(mask: np.ndarray) -> None:
    np.testing.assert_array_equal(without_holes(mask), ndimage.binary_fill_holes(mask))


@pytest.mark.parametrize("mask", _masks())
def test_a_box_is_as_tight_as_scipys(mask: np.ndarray) -> None:
    volume = np.stack([mask, np.zeros_like(mask), mask], axis=2)
    assert tight_box(mask) == ndimage.find_objects(mask.astype(int))
    assert tight_box(volume[:, :, 1:]) == ndimage.find_objects(volume[:, :, 1:].astype(int))
    expected = [(z, *ndimage.find_objects(mask.astype(int))) for z in (0, 2) if mask.any()]
    assert list(slice_boxes(volume)) == expected


@pytest.mark.parametrize("mask", _masks())
def test_a_mask_grows_as_scipy_dilates_it_also_where_it_is_a_slice_of_a_volume(mask: np.ndarray) -> None:
    slice_ = np.stack([mask, ~mask], axis=2)[:, :, 0]
    for structure in (np.ones((3, 3), bool), _DISC):
        np.testing.assert_array_equal(grown(slice_, structure), ndimage.binary_dilation(mask, structure))


@pytest.mark.parametrize("mask", _masks())
@pytest.mark.parametrize("pixels", [1, 3])
def test_a_mask_is_eroded_and_dilated_by_a_diamond_as_scipy_does_it_slice_by_slice(
    mask: np.ndarray, pixels: int
) -> None:
    slices = np.stack([mask, ~mask], axis=2)
    for ours, theirs in ((eroded, ndimage.binary_erosion), (dilated, ndimage.binary_dilation)):
        expected = np.stack([theirs(one, iterations=pixels) for one in np.moveaxis(slices, 2, 0)], axis=2)
        np.testing.assert_array_equal(ours(slices, pixels), expected)
        np.testing.assert_array_equal(ours(mask[:2], pixels), theirs(mask[:2], iterations=pixels))


def test_solid_keeps_one_object_without_bridges_and_fills_its_slices():
    x, y = np.ogrid[:60, :60]
    expected = np.repeat((abs(x - 20) + abs(y - 20) <= 15)[..., None], 3, axis=2)
    mask = expected.copy()
    mask[18:22, 8:12, 1] = False  # a hole that lies near the border is filled, not opened
    mask[34:50, 19:22] = True  # 3 mm wide, and what it leads to
    mask[45:58, 15:30] = True
    np.testing.assert_array_equal(solid(mask, (1.0, 1.0, 7.0)), expected)
    assert not solid(np.zeros_like(mask), (1.0, 1.0, 7.0)).any()
