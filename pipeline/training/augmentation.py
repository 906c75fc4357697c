"""Random but seeded variation of training slices: where tissue lies, how it looks, and which lesions it carries.

All functions take a ``numpy.random.Generator`` and leave their inputs unchanged. Images are (H, W, C) float32 with
the slice to segment in the middle channel and its neighbours around it; codes are (H, W) uint8 allowed sets.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import ndimage

Image = NDArray[np.float32]


@dataclass(frozen=True)
class Variation:
    """How strongly to vary; each ``*_chance`` is a probability per patch.

    Attributes
    ----------
    rotation_deg, scale, shear : half-ranges of a uniform draw: degrees, log scale, shear coefficient
    elastic_px : standard deviation of the control points' displacement, pixels
    bias : half-range of the log bias field
    gamma : half-range of the log gamma
    noise : largest standard deviation of noise, in units of the head's interquartile range
    blur_px : largest Gaussian blur, pixels
    slice_gain : standard deviation of the log gain between neighbouring slices
    lone_chance : chance that the neighbours are replaced by the slice itself, as at the ends of a scan
    curve_chance, curve : another order of brightness: a rising curve of random slopes, standard deviation of their log
    """

    flip_chance: float = 0.5
    rotation_deg: float = 15.0
    scale: float = 0.2
    shear: float = 0.08
    elastic_chance: float = 0.5
    elastic_px: float = 3.0
    bias_chance: float = 0.5
    bias: float = 0.3
    gamma_chance: float = 0.5
    gamma: float = 0.35
    noise_chance: float = 0.4
    noise: float = 0.15
    blur_chance: float = 0.35
    blur_px: float = 1.0
    slice_gain: float = 0.04
    lone_chance: float = 0.05
    curve_chance: float = 0.0
    curve: float = 0.0


NONE = Variation(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
"""No variation at all: patches as they are."""


def _smooth_field(rng: Generator, size: int, knots: int) -> Image:
    """Standard normal knots spread smoothly over (size, size)."""
    spread = _spread(size, knots)
    return (spread @ rng.standard_normal((knots, knots)).astype(np.float32) @ spread.T).astype(np.float32)


@lru_cache(maxsize=16)
def _spread(size: int, knots: int) -> Image:
    """Return the matrix (size, knots) that spreads knots along one axis by cubic splines."""
    columns = [ndimage.zoom(knot, size / knots, order=3, grid_mode=True, mode="nearest") for knot in np.eye(knots)]
    return np.stack(columns, axis=1).astype(np.float32)


def sampling_grid(rng: Generator, centre: tuple[float, float], size: int, variation: Variation) -> NDArray[np.float64]:
    """Return where each pixel of a (size, size) patch is read from: flip, affine and elastic in one resampling.

    Parameters
    ----------
    centre : position of the patch's middle in the slice, pixels
    size : patch height and width, pixels

    Returns
    -------
    (2, size, size) coordinates in the slice
    """
    angle = np.deg2rad(rng.uniform(-1, 1) * variation.rotation_deg)
    scale = np.exp(rng.uniform(-1, 1) * variation.scale + rng.uniform(-0.25, 0.25, 2) * variation.scale)
    shear = rng.uniform(-1, 1) * variation.shear
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = rotation @ np.array([[1.0, shear], [0.0, 1.0]]) @ np.diag(1 / scale)
    if rng.random() < variation.flip_chance:
        matrix[:, 0] *= -1  # the first image axis runs left-right: anatomy is nearly symmetric along it only
    steps = np.arange(size) - (size - 1) / 2
    grid: NDArray[np.float64] = np.stack(np.meshgrid(steps, steps, indexing="ij"))
    grid = np.tensordot(matrix, grid, axes=1) + np.array(centre)[:, None, None]
    if rng.random() < variation.elastic_chance:
        amount = rng.uniform(0.3, 1.0) * variation.elastic_px
        grid += amount * np.stack([_smooth_field(rng, size, max(size // 24, 2)) for _ in range(2)])
    return grid


def read_patch(image: Image, codes: NDArray[np.uint8], grid: NDArray[np.float64]) -> tuple[Image, NDArray[np.uint8]]:
    """Read image (linear) and codes (nearest) at the grid; beyond the slice both repeat the edge."""
    height, width, channels = image.shape
    rows, columns = (np.clip(part.ravel(), 0, side - 1) for part, side in zip(grid, (height, width), strict=True))
    top, left = (np.minimum(part.astype(np.intp), side - 2) for part, side in ((rows, height), (columns, width)))
    down, right = ((part - start).astype(np.float32)[:, None] for part, start in ((rows, top), (columns, left)))
    # All channels of a pixel are read at once, which is four times as fast as one map_coordinates for each.
    pixels, corner = image.reshape(-1, channels), top * width + left
    above = pixels[corner] * (1 - right) + pixels[corner + 1] * right
    below = pixels[corner + width] * (1 - right) + pixels[corner + width + 1] * right
    nearest = np.rint(rows).astype(np.intp) * width + np.rint(columns).astype(np.intp)
    shape = grid.shape[1:]
    patch: Image = (above * (1 - down) + below * down).astype(np.float32).reshape(*shape, channels)
    return patch, codes.ravel()[nearest].reshape(shape)


_KNOTS = np.array([-3.0, -1.5, -0.75, 0.0, 0.75, 1.5, 3.0, 6.0])
"""Head units between which the slopes of a curve change."""


def _curved(rng: Generator, image: Image, strength: float) -> Image:
    """Return the image through a rising curve that keeps the median and, on average, the range."""
    slopes = np.exp(strength * rng.standard_normal(len(_KNOTS) - 1))
    levels = np.concatenate([[0.0], np.cumsum(slopes * np.diff(_KNOTS))])
    levels -= np.interp(0.0, _KNOTS, levels)
    curved: Image = np.interp(image, _KNOTS, levels).astype(np.float32)
    return curved


def vary_intensity(rng: Generator, image: Image, variation: Variation) -> Image:
    """Return the patch with another bias field, contrast, sharpness and noise, as another scanner might give.

    Parameters
    ----------
    image : (H, W, C) float32 array in head units (median 0, interquartile range 1)
    """
    size, channels = image.shape[0], image.shape[-1]
    image = image.copy()
    if channels > 1 and rng.random() < variation.lone_chance:
        image[...] = image[..., channels // 2, None]
    # Positive and near 0-1, so that gains and powers act as they do on raw intensities.
    image = np.clip((image + 3.0) / 6.0, 0.0, None)
    if rng.random() < variation.bias_chance:
        image *= np.exp(rng.uniform(0.3, 1.0) * variation.bias * _smooth_field(rng, size, 3))[..., None]
    image *= np.exp(variation.slice_gain * rng.standard_normal(channels)).astype(np.float32)
    if rng.random() < variation.gamma_chance:
        image = image ** math.exp(rng.uniform(-1, 1) * variation.gamma)
    image = image * 6.0 - 3.0
    if variation.gamma:
        gain, shift = math.exp(rng.uniform(-0.5, 0.5) * variation.gamma), rng.uniform(-0.5, 0.5) * variation.gamma
        image = image * gain + shift
    if variation.curve_chance and rng.random() < variation.curve_chance:
        image = _curved(rng, image, variation.curve)
    if rng.random() < variation.blur_chance:
        width = rng.uniform(0.3, 1.0) * variation.blur_px
        blurred = ndimage.gaussian_filter(image, (width, width, 0))
        # Extrapolating away from the blur sharpens, as some reconstructions do.
        image = blurred if rng.random() < 0.7 else image + 0.7 * (image - blurred)
    if rng.random() < variation.noise_chance:
        level = rng.uniform(0.1, 1.0) * variation.noise
        return (image + level * rng.standard_normal(image.shape, np.float32)).astype(np.float32)
    return image.astype(np.float32)
