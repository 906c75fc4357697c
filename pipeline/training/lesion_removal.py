"""Lesions taken out of a scan, so that one patient can also be shown, and tested, with a low load.

What replaces a lesion is the level of the tissue around it and a texture: noise of the same strength, or the texture of
tissue nearby. Training uses the first and evaluation the second, so that no network is tested on what it was shown.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.segmentation.tissues import Tissue, allowed_code
from pipeline.training.labelled_scans import LabelledScan

_REACH_PX = 5.0
"""Standard deviation of the Gaussian that averages the tissue around a lesion."""
_RIM_PX = 2
"""Lesions fade into the tissue around them."""
_IN_PLANE = np.ones((3, 3), bool)
_SHIFTS = 40
_MOST_KEPT_ML = 3.0


def choose_lesions(rng: Generator, wmh: NDArray[np.bool_], keep_ml: float, voxel_ml: float) -> NDArray[np.bool_]:
    """Choose lesions in random order to be kept until the next would exceed a load; the smallest always fits.

    Parameters
    ----------
    wmh : (X, Y, Z) bool
    keep_ml : load to keep, mL
    voxel_ml : volume of a voxel, mL

    Returns
    -------
    (X, Y, Z) bool, the lesions to remove: whole 26-connected ones
    """
    found, count = ndimage.label(wmh, np.ones((3, 3, 3)))
    sizes = np.bincount(found.ravel(), minlength=count + 1)[1:] * voxel_ml
    order = rng.permutation(count)
    kept, total = [], 0.0
    for lesion in order:
        if total + sizes[lesion] <= keep_ml:
            kept.append(lesion + 1)
            total += sizes[lesion]
    if not kept and count:
        kept = [int(sizes.argmin()) + 1]
    return wmh & ~np.isin(found, kept)


def remove_lesions(
    rng: Generator,
    image: NDArray[np.floating],
    gone: NDArray[np.bool_],
    tissue: NDArray[np.bool_],
    *,
    spared: NDArray[np.bool_] | None = None,
    texture: bool = False,
) -> NDArray[np.float32]:
    """Paint tissue over lesions.

    Parameters
    ----------
    image : (X, Y, Z) FLAIR, slices along Z
    gone : (X, Y, Z) bool, lesions to paint over
    tissue : (X, Y, Z) bool, brain without lesions and ventricles; its dark fluid is left out here
    spared : (X, Y, Z) bool, pixels that must not change, such as the lesions that stay and the ventricles
    texture : bool, True copies the texture of tissue nearby, False draws noise of its strength
    """
    out = np.array(image, np.float32)
    keep = np.zeros_like(gone) if spared is None else spared
    for z in np.flatnonzero(gone.any((0, 1))):
        plane = out[:, :, z]
        area = ndimage.binary_dilation(gone[:, :, z], _IN_PLANE, iterations=_RIM_PX) & ~keep[:, :, z]
        near = ndimage.binary_dilation(area, iterations=20)
        known = tissue[:, :, z] & ~area
        local = plane[known & near]
        if local.size < 20:
            continue
        low, high = np.percentile(local, (20, 80))
        known &= (plane > low - (high - low)) & (plane < high + 0.5 * (high - low))
        level = _smooth(plane, known, _REACH_PX)
        rest = np.where(known, plane - _smooth(plane, known, 2.0), 0.0)
        if texture:
            detail = _copied(rng, rest, known, area)
        else:
            noise = ndimage.gaussian_filter(rng.standard_normal(plane.shape), 0.7)
            detail = noise * (rest[known & near].std() / noise.std())
        soft = np.clip(ndimage.gaussian_filter(area.astype(np.float32), 0.8) * 1.6, 0, 1) * ~keep[:, :, z]
        out[:, :, z] = plane + soft * (level + detail - plane)
    return out


def quiet_copy(rng: Generator, scan: LabelledScan) -> LabelledScan:
    """Return a training scan with all but 0 to 3 mL of its lesions painted over, in every preparation of it."""
    wmh = scan.codes == allowed_code([Tissue.WMH])
    voxel_ml = float(np.prod(scan.spacing_mm)) / 1000
    gone = choose_lesions(rng, wmh, float(rng.uniform(0, _MOST_KEPT_ML)), voxel_ml)
    tissue = (scan.codes & (1 << Tissue.BRAIN)).astype(bool)
    spared = (wmh & ~gone) | (scan.codes == allowed_code([Tissue.VENTRICLE]))
    images = tuple(remove_lesions(rng, image, gone, tissue, spared=spared) for image in scan.images)
    stripped = None
    if scan.stripped is not None:
        stripped = remove_lesions(rng, scan.stripped, gone, tissue, spared=spared)
    codes = np.where(gone, np.uint8(allowed_code([Tissue.BRAIN, Tissue.RIM])), scan.codes)
    return replace(scan, images=images, codes=codes, stripped=stripped)


def _smooth(plane: NDArray[np.float32], known: NDArray[np.bool_], width: float) -> NDArray[np.float32]:
    """Return the mean of known pixels nearby; far from all of them, that of all."""
    share = ndimage.gaussian_filter(known.astype(np.float32), width)
    total = ndimage.gaussian_filter(np.where(known, plane, 0).astype(np.float32), width)
    return np.where(share > 1e-3, total / np.maximum(share, 1e-3), plane[known].mean()).astype(np.float32)


def _copied(
    rng: Generator, rest: NDArray[np.float32], known: NDArray[np.bool_], area: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Return the texture of tissue a little further on: of random shifts, the one that finds most tissue there."""
    best: tuple[float, Sequence[int]] = (-1.0, (0, 0))
    for _ in range(_SHIFTS):
        shift = tuple(int(step) for step in rng.integers(-25, 26, 2))
        share = float(np.roll(known, shift, (0, 1))[area].mean())
        if share > best[0]:
            best = share, shift
    return np.roll(rest, tuple(best[1]), (0, 1))
