"""From a FLAIR volume to what a network sees: named recipes of pure steps, and the way back.

A recipe is intensity steps on the volume in its own grid, then a placement of each slice on a square canvas of
fixed pixel size. The placement can be undone, so labels return to the input's grid.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.errors import ImageError, RecipeError

Numbers = NDArray[np.floating | np.integer]
Volume = NDArray[np.float32]

CANVAS = 256
"""Height and width of a network's input, pixels."""


def denoise(volume: Volume) -> Volume:
    """Median filter 3x3 then Gaussian of 1 pixel, slice by slice (the study's noise reduction).

    Parameters
    ----------
    volume : (X, Y, Z) float array

    Returns
    -------
    (X, Y, Z) float32 array
    """
    median = ndimage.median_filter(volume, size=(3, 3, 1))
    return ndimage.gaussian_filter(median, sigma=(1.0, 1.0, 0.0)).astype(np.float32)


def standardise_slices(volume: Volume) -> Volume:
    """Give each slice mean 0 and standard deviation 1; a constant slice becomes 0.

    Parameters
    ----------
    volume : (X, Y, Z) float array
    """
    mean = volume.mean((0, 1), keepdims=True)
    deviation = volume.std((0, 1), keepdims=True)
    standard: Volume = ((volume - mean) / np.where(deviation > 0, deviation, 1.0)).astype(np.float32)
    return standard


def standardise_head(volume: Volume) -> Volume:
    """Scale so that the head's median is 0 and its interquartile range is 1, and clip the bright tail at 6.

    The head is what lies above a tenth of the 99th percentile: robust against air and against the fat and eyes
    that a mean and standard deviation would follow.

    Parameters
    ----------
    volume : (X, Y, Z) float array

    Raises
    ------
    ImageError : fewer than 1 % of voxels stand out from the air, or they are all alike.
    """
    head = volume[volume > 0.1 * np.percentile(volume, 99)]
    if head.size < 0.01 * volume.size:
        raise ImageError("no head found: fewer than 1 % of voxels stand out from the background; check the image")
    low, middle, high = np.percentile(head, (25, 50, 75))
    if high <= low:
        raise ImageError("the head has no contrast: its voxels are all alike; check the image")
    scaled = np.empty(volume.shape, np.float32)
    for index in range(len(volume)):  # plane by plane, as they lie in memory: all at once takes twice as much of it
        scaled[index] = np.clip((volume[index] - middle) / (high - low), -3.0, 6.0)
    return scaled


def neighbour_indices(index: int, depth: int, channels: int, step: int = 1) -> list[int]:
    """Return the slices shown around slice ``index``; beyond the ends the last slice repeats.

    Examples
    --------
    >>> neighbour_indices(0, 20, 3)
    [0, 0, 1]
    """
    half = channels // 2
    return [min(max(index + step * offset, 0), depth - 1) for offset in range(-half, half + 1)]


@dataclass(frozen=True)
class Placement:
    """How slices of one grid lie on a square canvas: scaled about the centre, then padded or cropped.

    Attributes
    ----------
    shape : in-plane shape (X, Y) of the original slices
    scale : canvas pixels per original pixel along X and Y
    canvas : height and width of the canvas
    """

    shape: tuple[int, int]
    scale: tuple[float, float]
    canvas: int = CANVAS

    def _affine(self, inverse: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Matrix and offset from output to input indices, as ``ndimage.affine_transform`` wants them."""
        scale = np.array(self.scale)
        middle, canvas_middle = (np.array(self.shape) - 1) / 2, (self.canvas - 1) / 2
        # A half pixel between an even grid and an even canvas would blur; snapping keeps equal grids identical.
        shift = np.round(canvas_middle - middle) if np.allclose(scale, 1.0) else canvas_middle - middle * scale
        return (scale, shift) if inverse else (1 / scale, -shift / scale)

    def apply(self, volume: Numbers, order: Literal[0, 1] = 1, fill: float | None = None) -> Volume:
        """Return slices on the canvas, (canvas, canvas, Z); around them ``fill``, by default the minimum."""
        matrix, offset = self._affine(inverse=False)
        outside = float(volume.min()) if fill is None else fill
        return _resample(volume, matrix, offset, (self.canvas, self.canvas), order=order, fill=outside)

    def undo(self, volume: NDArray[np.floating], order: Literal[0, 1] = 1, fill: float = 0.0) -> Volume:
        """Return canvas slices in the original grid, (X, Y, Z)."""
        matrix, offset = self._affine(inverse=True)
        return _resample(volume, matrix, offset, self.shape, order=order, fill=fill)


def _resample(
    volume: Numbers,
    matrix: NDArray[np.float64],
    offset: NDArray[np.float64],
    shape: tuple[int, int],
    *,
    order: Literal[0, 1],
    fill: float,
) -> Volume:
    """Resample the first two axes of (X, Y, Z), slice by slice."""
    if (matrix == 1).all() and (offset == np.round(offset)).all():
        return _shift(volume, offset.astype(int), shape, fill=fill)
    out = np.empty((*shape, volume.shape[2]), np.float32)
    for index in range(volume.shape[2]):
        plane = volume[:, :, index].astype(np.float32)
        out[:, :, index] = ndimage.affine_transform(
            plane, matrix, offset, output_shape=shape, order=order, mode="constant", cval=fill
        )
    return out


def _shift(volume: Numbers, offset: NDArray[np.intp], shape: tuple[int, int], *, fill: float) -> Volume:
    """Do as ``_resample`` does by whole pixels, where there is nothing to interpolate."""
    out = np.full((*shape, volume.shape[2]), fill, np.float32)
    sizes = zip(offset, volume.shape[:2], shape, strict=True)
    spans = [(max(first, 0), min(first + new, old), first) for first, old, new in sizes]
    there = tuple(slice(start - first, stop - first) for start, stop, first in spans)
    out[there] = volume[tuple(slice(start, stop) for start, stop, _ in spans)]
    return out


@dataclass(frozen=True)
class Recipe:
    """A named way to prepare a FLAIR volume.

    Attributes
    ----------
    name : str, recorded with every run
    steps : intensity steps, each (X, Y, Z) -> (X, Y, Z)
    pixel_mm : pixel size of the canvas, mm
    tolerance : relative difference of pixel size below which no resampling happens
    """

    name: str
    steps: tuple[Callable[[Volume], Volume], ...]
    pixel_mm: float
    tolerance: float = 0.02

    def place(self, shape: tuple[int, int], spacing_mm: tuple[float, float]) -> Placement:
        """Return the placement of a grid with this in-plane shape and pixel size."""
        scale = (float(spacing_mm[0]) / self.pixel_mm, float(spacing_mm[1]) / self.pixel_mm)
        if max(abs(value - 1.0) for value in scale) < self.tolerance:
            scale = (1.0, 1.0)
        return Placement(shape, scale)

    def prepare(self, volume: NDArray[np.floating], spacing_mm: tuple[float, float]) -> tuple[Volume, Placement]:
        """Return the prepared slices (256, 256, Z) and the placement that leads back.

        Parameters
        ----------
        volume : (X, Y, Z) array, RAS+ order, slices along Z
        spacing_mm : pixel size along X and Y, mm
        """
        prepared = np.asarray(volume, np.float32)
        for step in self.steps:
            prepared = step(prepared)
        placement = self.place(prepared.shape[:2], spacing_mm)
        return placement.apply(prepared), placement


RECIPES = MappingProxyType(
    {
        recipe.name: recipe
        for recipe in (
            Recipe("study", (denoise, standardise_slices), pixel_mm=1.0),
            Recipe("head", (standardise_head,), pixel_mm=0.9),
        )
    }
)


def find_recipe(name: str) -> Recipe:
    """Return the recipe of that name.

    Raises
    ------
    RecipeError : no such recipe; the message lists those there are.
    """
    if name not in RECIPES:
        raise RecipeError(f"preprocessing recipe {name!r} is unknown: choose one of {', '.join(sorted(RECIPES))}")
    return RECIPES[name]
