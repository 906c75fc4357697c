"""The average head behind synthetic scans: ICBM152 tissue maps, ventricles, distances, a skull around them.

The maps (``registration.icbm152``) show the brain alone, so skull and scalp are shells.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.registration.icbm152 import ORIGIN, Map, template_map, ventricles

GM, WM, FLUID, VENTRICLE = 1.16, 0.88, 0.15, 0.18
"""Brightness on FLAIR as a multiple of the brain's median, so that thick slices show it as nine scans of the Tabriz
reference do."""
FLUID_MM = 3.0
"""Fluid between brain and skull; the space inside the skull is the brain and this."""
_SHELL_MM = (2.0, 3.0, 4.0, 4.8, 6.2, 7.0, 8.2, 9.2, 12.8, 14.0)
_SHELL = (0.35, 0.12, 0.12, 0.6, 0.6, 0.12, 0.12, 2.3, 2.3, 0.015)
"""Brightness outside the brain by distance from it: membranes, bone, its marrow, bone, fat below the skin, air."""
_HULL_MM = 24.0
"""Hollows of the brain's surface narrower than twice this do not show in the skull's."""
LARGEST_SHIFT_MM = 12.0


@dataclass(frozen=True)
class Anatomy:
    """The average head, all maps on the template's grid (197, 233, 189) of 1 mm.

    Attributes
    ----------
    brightness : FLAIR, brain median 1, without lesions or rims
    ventricle : 0 to 1
    brain : 0 to 1, the space inside the skull
    white : 0 to 1, probability of white matter
    rim : 0 to 1, how much the white matter that lines the lateral ventricles shines: caps on the horns, bands between
    to_ventricle, to_cortex : distance to the lateral ventricles, and to grey matter or fluid at the surface, mm
    outward : (3, X, Y, Z), direction away from the ventricles
    """

    brightness: Map
    ventricle: Map
    brain: Map
    white: Map
    rim: Map
    to_ventricle: Map
    to_cortex: Map
    outward: NDArray[np.float32]


def _distance(mask: NDArray[np.bool_]) -> Map:
    """Return the distance to the mask, mm: measured at every second voxel, in between interpolated."""
    coarse = ndimage.distance_transform_edt(~mask[::2, ::2, ::2], sampling=2).astype(np.float32)
    for axis, size in enumerate(mask.shape):
        fine = np.repeat(coarse, 2, axis=axis)
        odd = (slice(None),) * axis + (slice(1, -1, 2),)
        after = (slice(None),) * axis + (slice(2, None, 2),)
        fine[odd] = (fine[odd] + fine[after]) / 2
        coarse = fine[(slice(None),) * axis + (slice(size),)]
    return coarse


@lru_cache(maxsize=1)
def anatomy() -> Anatomy:
    """Return the average head; computed once per process, some 3 s.

    Raises
    ------
    ModelError : nilearn, or its maps, are not installed.
    """
    t1, grey, white = template_map("t1"), template_map("gm"), template_map("wm")
    brain = ndimage.binary_fill_holes(t1 > 0)
    depth, outside = _distance(~brain), _distance(brain)
    fluid = np.where(brain, np.clip(1 - grey - white, 0, 1), 0).astype(np.float32)
    ventricle, lateral = ventricles(fluid, depth)
    to_ventricle = _distance(lateral)
    to_cortex = _distance(ndimage.binary_opening((grey > 0.5) & (depth < 30)) | ~brain)
    outward = np.gradient(ndimage.gaussian_filter(to_ventricle - _distance(~lateral), 2), axis=(0, 1, 2))
    return Anatomy(
        brightness=_brightness(grey, white, fluid, brain, ventricle, outside),
        ventricle=ventricle.astype(np.float32),
        brain=(outside <= FLUID_MM).astype(np.float32),
        white=white,
        rim=_rim(lateral, white, to_ventricle),
        to_ventricle=to_ventricle,
        to_cortex=to_cortex,
        outward=np.asarray(outward, np.float32),
    )


def _rim(lateral: NDArray[np.bool_], white: Map, to_ventricle: Map) -> Map:
    """Return caps around the tips of the horns, thinning to a band along the body; nothing between the two sides."""
    side = np.clip((np.abs(np.arange(lateral.shape[0]) - ORIGIN[0]) - 5) / 6, 0, 1)[:, None, None]
    y = np.flatnonzero(lateral.any(axis=(0, 2)))
    middle, half = (y[0] + y[-1]) / 2, (y[-1] - y[0]) / 2
    cap = np.clip(np.abs(np.arange(lateral.shape[1]) - middle) / half, 0, 1)[None, :, None] ** 4
    near = np.exp(-np.maximum(to_ventricle - 1, 0) / (1.2 + 2 * cap))
    return np.where(lateral | (white < 0.2), 0, side * near * (0.45 + 0.55 * cap)).astype(np.float32)


def _brightness(
    grey: Map, white: Map, fluid: Map, brain: NDArray[np.bool_], ventricle: NDArray[np.bool_], outside: Map
) -> Map:
    # An average of many people blurs their sulci, cortex and ventricles: each is made as distinct as in one person.
    fluid = np.where(ventricle, np.maximum(fluid, 0.9), np.clip(1.7 * fluid - 0.05, 0, 1))
    share = np.clip(1.5 * (white / np.maximum(grey + white, 0.05) - 0.5) + 0.5, 0, 1)
    tissue = (GM * (1 - share) + WM * share) * (1 - fluid) + np.where(ventricle, VENTRICLE, FLUID) * fluid
    # The skull spans the hollows of the brain's surface: its shells lie at a distance from a closed hull.
    hull = _HULL_MM - _distance(outside > _HULL_MM)
    shell = ndimage.gaussian_filter(np.where(outside > _HULL_MM, outside, hull), 6)
    brightness = np.where(brain, tissue, np.where(outside <= FLUID_MM, FLUID, np.interp(shell, _SHELL_MM, _SHELL)))
    return ndimage.gaussian_filter(brightness.astype(np.float32), 0.4)


def smooth_shift(rng: np.random.Generator, shape: tuple[int, ...], knots: int, sd_mm: float) -> NDArray[np.float32]:
    """Return a smooth random displacement, (3, *shape) in mm: normal knots spread by cubic splines."""
    zoom = [size / knots for size in shape]
    drawn = rng.standard_normal((3, knots, knots, knots))
    fields = [ndimage.zoom(field, zoom, order=3, grid_mode=True, mode="nearest") for field in drawn]
    return np.clip(np.stack(fields) * sd_mm, -LARGEST_SHIFT_MM, LARGEST_SHIFT_MM).astype(np.float32)
