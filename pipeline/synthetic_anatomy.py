"""The average head behind synthetic scans: ICBM152 tissue maps, ventricles, distances, a skull around them.

The maps are those nilearn ships (ICBM 2009a nonlinear symmetric, 1 mm; Fonov et al. 2011,
doi:10.1016/j.neuroimage.2010.07.033); nothing is downloaded. They show the brain alone, so skull and scalp are shells.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.errors import ModelError

Map = NDArray[np.float32]
ORIGIN = np.array([98.0, 134.0, 72.0])
"""Voxel of the anterior commissure, where template coordinates are 0; 1 mm voxels, RAS+."""
GM, WM, FLUID, VENTRICLE, SKULL, SCALP, AIR = 1.10, 0.93, 0.38, 0.28, 0.12, 2.3, 0.015
"""Brightness on FLAIR as a multiple of the brain's median: medians of nine raw scans of the Tabriz reference."""
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
    to_ventricle, to_cortex : distance to the lateral ventricles, and to grey matter or fluid at the surface, mm
    outward : (3, X, Y, Z), direction away from the ventricles
    """

    brightness: Map
    ventricle: Map
    brain: Map
    white: Map
    to_ventricle: Map
    to_cortex: Map
    outward: NDArray[np.float32]


def _templates() -> tuple[Map, Map, Map, NDArray[np.bool_]]:
    try:
        from nilearn import datasets
    except ImportError as error:
        raise ModelError(f"synthetic scans need nilearn, which is not installed ({error})") from error
    loaders = (
        datasets.load_mni152_template,
        datasets.load_mni152_gm_template,
        datasets.load_mni152_wm_template,
        datasets.load_mni152_brain_mask,
    )
    t1, grey, white, brain = (np.asarray(load(resolution=1).dataobj, np.float32) for load in loaders)
    return t1, grey, white, brain > 0


def _ventricles(fluid: Map, depth: Map) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return all ventricles, and the lateral ones alone, from fluid deep in the brain."""
    x, y, z = (np.arange(size) - origin for size, origin in zip(fluid.shape, ORIGIN, strict=True))
    x, y, z = np.abs(x)[:, None, None], y[None, :, None], z[None, None, :]
    deep = (fluid > 0.35) & (depth > 15)
    pieces, count = ndimage.label(deep & (x >= 1) & (x < 38) & (y > -60) & (y < 34) & (z > -8) & (z < 32))
    sizes = np.bincount(pieces.ravel(), minlength=count + 1)
    lateral = np.isin(pieces, [number for number in range(1, count + 1) if sizes[number] > 5000])
    third = (fluid > 0.4) & (x <= 3) & (y > -28) & (y < 4) & (z > -10) & (z < 14)
    fourth = (fluid > 0.4) & (x <= 9) & (y > -56) & (y < -38) & (z > -44) & (z < -26)
    return lateral | third | fourth, lateral


@lru_cache(maxsize=1)
def anatomy() -> Anatomy:
    """Return the average head; computed once per process, some 3 s.

    Raises
    ------
    ModelError : nilearn is not installed.
    """
    t1, grey, white, brain = _templates()
    depth = ndimage.distance_transform_edt(brain).astype(np.float32)
    fluid = np.where(brain, np.clip(1 - grey - white, 0, 1), 0).astype(np.float32)
    ventricle, lateral = _ventricles(fluid, depth)
    # The space inside the skull is wider than the brain by a few millimetres of fluid.
    outside = ndimage.distance_transform_edt(~brain).astype(np.float32)
    inside = outside <= 3
    fluid_level = np.where(ventricle, VENTRICLE, FLUID)
    tissue = GM * grey + WM * white + fluid_level * fluid
    texture = np.where(brain & (fluid < 0.3), 0.25 * (t1 - ndimage.gaussian_filter(t1, 6)), 0)
    brightness = np.select(
        [brain, inside, outside <= 9, outside <= 14], [tissue + texture, FLUID, SKULL, SCALP], default=AIR
    ).astype(np.float32)
    to_ventricle = ndimage.distance_transform_edt(~lateral).astype(np.float32)
    cortex = ndimage.binary_opening((grey > 0.5) & (depth < 30)) | ~brain
    to_cortex = ndimage.distance_transform_edt(~cortex).astype(np.float32)
    signed = to_ventricle - ndimage.distance_transform_edt(lateral).astype(np.float32)
    outward = np.stack(np.gradient(ndimage.gaussian_filter(signed, 2))).astype(np.float32)
    return Anatomy(
        brightness=ndimage.gaussian_filter(brightness, 0.5),
        ventricle=ventricle.astype(np.float32),
        brain=inside.astype(np.float32),
        white=white,
        to_ventricle=to_ventricle,
        to_cortex=to_cortex,
        outward=outward,
    )


def smooth_shift(rng: np.random.Generator, shape: tuple[int, ...], knots: int, sd_mm: float) -> NDArray[np.float32]:
    """Return a smooth random displacement, (3, *shape) in mm: normal knots spread by cubic splines."""
    zoom = [size / knots for size in shape]
    drawn = rng.standard_normal((3, knots, knots, knots))
    fields = [ndimage.zoom(field, zoom, order=3, grid_mode=True, mode="nearest") for field in drawn]
    return np.clip(np.stack(fields) * sd_mm, -LARGEST_SHIFT_MM, LARGEST_SHIFT_MM).astype(np.float32)
