"""Augmentation: the same seed gives the same patch, labels follow the image, intensity leaves places alone."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from pipeline.training.augmentation import NONE, Variation, read_patch, sampling_grid, vary_intensity


@pytest.fixture
def slice_and_codes():
    """Return an image whose middle channel is 1 exactly where the codes are 4."""
    codes = np.ones((96, 90), np.uint8)
    codes[40:56, 30:50] = 4
    image = np.repeat((codes == 4).astype(np.float32)[..., None], 3, -1)
    return image, codes


def test_no_variation_reads_the_patch_as_it_is(slice_and_codes):
    image, codes = slice_and_codes
    grid = sampling_grid(np.random.default_rng(0), (47.5, 39.5), 32, NONE)
    patch, labels = read_patch(image, codes, grid)
    np.testing.assert_array_equal(patch, image[32:64, 24:56])
    np.testing.assert_array_equal(labels, codes[32:64, 24:56])
    np.testing.assert_allclose(vary_intensity(np.random.default_rng(0), patch, NONE), patch, atol=1e-5)


def test_patches_are_read_as_scipy_reads_them():
    rng = np.random.default_rng(3)
    image, codes = rng.normal(size=(50, 44, 3)).astype(np.float32), rng.integers(1, 30, (50, 44)).astype(np.uint8)
    grid = rng.uniform(-6, 55, (2, 40, 32))  # beyond every edge, too
    patch, labels = read_patch(image, codes, grid)
    expected = [ndimage.map_coordinates(image[..., c], grid, order=1, mode="nearest") for c in range(3)]
    np.testing.assert_allclose(patch, np.stack(expected, -1), atol=1e-5)
    np.testing.assert_array_equal(labels, ndimage.map_coordinates(codes, grid, order=0, mode="nearest"))


@pytest.mark.parametrize("seed", range(5))
def test_labels_follow_the_image(slice_and_codes, seed):
    grid = sampling_grid(np.random.default_rng(seed), (47.5, 39.5), 64, Variation())
    patch, labels = read_patch(*slice_and_codes, grid)
    bright = patch[..., 1] > 0.5
    lesion = labels == 4
    assert lesion.sum() > 100
    assert 2 * (bright & lesion).sum() / (bright.sum() + lesion.sum()) > 0.9


def test_a_flip_mirrors_the_first_axis_only(slice_and_codes):
    image, codes = slice_and_codes
    image = image + np.arange(96, dtype=np.float32)[:, None, None]
    always = Variation(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    patch, labels = read_patch(image, codes, sampling_grid(np.random.default_rng(0), (47.5, 39.5), 32, always))
    np.testing.assert_allclose(patch, image[32:64, 24:56][::-1], atol=1e-5)
    np.testing.assert_array_equal(labels, codes[32:64, 24:56][::-1])


def test_the_seed_decides_everything(slice_and_codes):
    def once(seed):
        rng = np.random.default_rng(seed)
        patch, _ = read_patch(*slice_and_codes, sampling_grid(rng, (47.5, 39.5), 48, Variation()))
        return vary_intensity(rng, patch, Variation())

    np.testing.assert_array_equal(once(4), once(4))
    assert np.abs(once(4) - once(5)).max() > 0.1


def test_intensity_variation_keeps_order_roughly_and_inputs_untouched():
    image = np.zeros((64, 64, 3), np.float32)
    image[20:40, 20:40] = 2.0
    before = image.copy()
    for seed in range(20):
        varied = vary_intensity(np.random.default_rng(seed), image, Variation())
        assert varied.dtype == np.float32
        assert np.isfinite(varied).all()
        assert varied[24:36, 24:36].mean() > varied[:16, :16].mean()
    np.testing.assert_array_equal(image, before)


def test_lone_slices_repeat_the_middle_one():
    image = np.stack([np.full((8, 8), value, np.float32) for value in (-1.0, 0.5, 1.0)], -1)
    lone = Variation(**dict.fromkeys(NONE.__dataclass_fields__, 0) | {"lone_chance": 1.0})
    np.testing.assert_allclose(vary_intensity(np.random.default_rng(0), image, lone), 0.5, atol=1e-5)


def test_a_curve_keeps_the_order_of_brightness_and_the_median():
    only = replace(NONE, curve_chance=1.0, curve=0.35)
    levels = np.linspace(-2.5, 5.5, 65, dtype=np.float32)
    image = np.broadcast_to(levels[:, None, None], (65, 64, 3)).copy()
    curves = [vary_intensity(np.random.default_rng(seed), image, only)[:, 0, 1] for seed in range(30)]
    assert all((np.diff(curve) > 0).all() for curve in curves)
    at_zero = [np.interp(0.0, levels, curve) for curve in curves]
    np.testing.assert_allclose(at_zero, 0.0, atol=0.05)
    assert np.std([curve[-1] for curve in curves]) > 0.3
