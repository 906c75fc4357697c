"""Recipes on phantoms with hand-derived values, and the way back to the original grid."""

import numpy as np
import pytest
from scipy import ndimage

from pipeline.errors import ImageError, RecipeError
from pipeline.segmentation.preprocessing import (
    Placement,
    denoise,
    find_recipe,
    neighbour_indices,
    standardise_head,
    standardise_slices,
)


def test_denoise_removes_a_lone_bright_pixel_and_stays_in_its_slice():
    volume = np.zeros((9, 11, 3), np.float32)
    volume[4, 5, 1] = 100
    assert denoise(volume).max() == 0
    volume[2:7, 3:8, 1] = 100
    smooth = denoise(volume)
    assert smooth[..., 0].max() == smooth[..., 2].max() == 0
    assert 90 < smooth[4, 5, 1] <= 100


def test_each_slice_has_mean_zero_and_deviation_one(head_phantom):
    volume = head_phantom.volume.copy()
    volume[..., 0] = 5
    scaled = standardise_slices(volume)
    np.testing.assert_allclose(scaled[..., 1:].mean((0, 1)), 0, atol=1e-5)
    np.testing.assert_allclose(scaled[..., 1:].std((0, 1)), 1, atol=1e-4)
    assert not scaled[..., 0].any()


def test_head_units_ignore_the_scale_of_the_scanner(head_phantom):
    first = standardise_head(head_phantom.volume)
    second = standardise_head(37.5 * head_phantom.volume)
    np.testing.assert_allclose(first, second, atol=1e-4)
    head = head_phantom.volume > 70
    assert np.median(first[head]) == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize("volume", [np.zeros((40, 40, 4)), np.full((40, 40, 4), 7.0)])
def test_an_image_without_a_head_is_refused(volume):
    with pytest.raises(ImageError, match="check the image"):
        standardise_head(volume)


def test_equal_pixels_are_moved_not_resampled(head_phantom):
    prepared, placement = find_recipe("head").prepare(head_phantom.volume, (0.9, 0.9))
    assert prepared.shape == (256, 256, 6)
    np.testing.assert_array_equal(placement.undo(prepared), standardise_head(head_phantom.volume))


@pytest.mark.parametrize("shape", [(300, 61), (64, 64), (63, 91)])
def test_whole_pixels_are_moved_exactly_as_interpolation_would(shape):
    placement = Placement(shape, (1.0, 1.0), canvas=64)
    volume = np.random.default_rng(2).normal(0, 1, (*shape, 2)).astype(np.float32)
    first = np.round((np.array(shape) - 1) / 2 - 31.5)
    placed = placement.apply(volume, fill=-9.0)
    for index in range(2):
        expected = ndimage.affine_transform(volume[..., index], (1, 1), first, (64, 64), order=1, cval=-9.0)
        np.testing.assert_array_equal(placed[..., index], expected)


@pytest.mark.parametrize("shape", [(300, 288), (61, 72), (60, 71)])
def test_labels_survive_the_canvas_and_back(shape):
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 3, (*shape, 2)).astype(np.float32)
    placement = Placement(shape, (1.0, 1.0))
    back = placement.undo(placement.apply(labels, order=0, fill=0), order=0)
    inside = tuple(slice(max((side - 256) // 2 + 1, 0), min((side + 256) // 2 - 1, side)) for side in shape)
    np.testing.assert_array_equal(back[inside], labels[inside])


def test_resampling_keeps_positions_and_sizes():
    disc = (np.hypot(*(np.mgrid[:120, :100] - np.array([70, 40])[:, None, None])) < 20).astype(np.float32)[..., None]
    placement = find_recipe("study").place((120, 100), (1.5, 1.5))
    canvas = placement.apply(disc, order=1, fill=0)
    assert canvas.sum() == pytest.approx(disc.sum() * 1.5**2, rel=0.02)
    centre = np.tensordot(np.mgrid[:256, :256], canvas[..., 0]) / canvas.sum()
    np.testing.assert_allclose(centre, 127.5 + 1.5 * (np.array([70, 40]) - np.array([59.5, 49.5])), atol=0.02)
    back = placement.undo(canvas)
    assert 2 * np.minimum(back, disc).sum() / (back.sum() + disc.sum()) > 0.97


def test_an_unknown_recipe_names_those_there_are():
    with pytest.raises(RecipeError, match="head, study"):
        find_recipe("magic")


def test_neighbours_stop_at_the_ends():
    assert neighbour_indices(19, 20, 3) == [18, 19, 19]
    assert neighbour_indices(5, 20, 5, step=2) == [1, 3, 5, 7, 9]
    assert neighbour_indices(0, 1, 3) == [0, 0, 0]
