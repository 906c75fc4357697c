"""Numbers that tell what kind of image a scan is: contrast, noise, slice distance, how sure the networks are of it.

They need the probabilities that a network gives, not the labels that a rule makes of them, so they can be learned once
for a network and asked of every scan.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.plane_masks import grown, tight_box
from pipeline.segmentation.tissues import Tissue

Mask = NDArray[np.bool_]

SLICE_MM, NOISE, FLUID, INWARD, BALANCE, BRAIN_IN_HEAD, DISAGREEMENT = (
    "slice_mm",
    "noise",
    "fluid",
    "inward",
    "balance",
    "brain_in_head",
    "disagreement",
)


def image_properties(
    data: NDArray[np.floating],
    labels: NDArray[np.uint8],
    brain: Mask | None,
    spacing_mm: tuple[float, float, float],
    disagreement: float | None,
) -> dict[str, float]:
    """Return what is known of an image; a number that cannot be told is absent.

    ``slice_mm``: distance between slices. ``noise``: see ``roughness``. ``fluid``: brightness of the ventricles between
    air (0) and tissue (1). ``inward`` and ``balance``: see ``contrast``. ``brain_in_head``: the tissue's median in the
    networks' own units, where the head's median is 0 and its interquartile range 1. ``disagreement``: see
    ``pipeline.segmentation.inference.Prediction``.

    Parameters
    ----------
    data : (X, Y, Z) image, RAS+
    labels : (X, Y, Z), 0 background, 1 ventricle, 2 WMH
    brain : (X, Y, Z) bool, intracranial mask, or None
    spacing_mm : voxel size, mm
    """
    found = {SLICE_MM: float(spacing_mm[2])}
    if disagreement is not None:
        found[DISAGREEMENT] = disagreement
    if brain is not None and (boxes := tight_box(brain)):
        [box] = boxes
        inside, found_inside, skull = data[box], labels[box], brain[box]
        found[NOISE] = roughness(inside, skull)
        found[INWARD], found[BALANCE] = contrast(inside, found_inside, skull, spacing_mm)
        found |= _brightness(data, inside, found_inside, skull)
    return {name: value for name, value in found.items() if np.isfinite(value)}


def _brightness(
    data: NDArray[np.floating], inside: NDArray[np.floating], labels: NDArray[np.uint8], brain: Mask
) -> dict[str, float]:
    """Return where tissue and fluid lie between air and head; all but ``data`` are cut to the brain's box."""
    plain, fluid = inside[brain & (labels == Tissue.BACKGROUND)], inside[labels == Tissue.VENTRICLE]
    air, bright = np.percentile(data, (1, 99))
    head = data[data > 0.1 * bright]
    if not plain.size or not head.size:
        return {}
    tissue = float(np.median(plain))
    low, middle, high = np.percentile(head, (25, 50, 75))
    found = {}
    if fluid.size and tissue > air:
        found[FLUID] = float((np.median(fluid) - air) / (tissue - air))
    if high > low:
        found[BRAIN_IN_HEAD] = float((tissue - middle) / (high - low))
    return found


def roughness(data: NDArray[np.floating], brain: Mask) -> float:
    """Return the median difference of neighbouring pixels in a slice, relative to the step from tissue to fluid.

    The step is that from the median inside the skull to the 2nd percentile.

    Parameters
    ----------
    data : (X, Y, Z) image
    brain : (X, Y, Z) bool, intracranial mask

    Returns
    -------
    float; NaN where there are too few pixels, or all are alike
    """
    inside = data[brain]
    if inside.size < 100:
        return float("nan")
    low, high = np.percentile(inside, (2, 50))
    if not high > low:
        return float("nan")
    along_x = np.abs(data[1:] - data[:-1])[brain[1:] & brain[:-1]]
    along_y = np.abs(data[:, 1:] - data[:, :-1])[brain[:, 1:] & brain[:, :-1]]
    steps = [float(np.median(differences)) for differences in (along_x, along_y) if differences.size]
    return float(np.mean(steps) / (high - low))


def contrast(
    data: NDArray[np.floating], labels: NDArray[np.uint8], brain: Mask, spacing_mm: tuple[float, float, float]
) -> tuple[float, float]:
    """Return two numbers that tell FLAIR from T1 and T2, from the upper two thirds of the brain.

    Parameters
    ----------
    data : (X, Y, Z) image, RAS+
    labels : (X, Y, Z), 0 background, 1 ventricle, 2 WMH
    brain : (X, Y, Z) bool, intracranial mask, not empty
    spacing_mm : voxel size, mm

    Returns
    -------
    The correlation of a tissue pixel's brightness with its depth under the brain's edge: positive on T1, where white
    matter is brighter than cortex. And how far the brain's 98th percentile lies above its median, relative to how far
    the 2nd lies below: above 1 on T2, where fluid is bright. NaN where there is too little to tell.
    """
    area = brain.sum((0, 1))
    large = np.flatnonzero(area > 0.5 * area.max())
    chosen = large[len(large) // 3 :]
    inside = np.concatenate([data[:, :, z][brain[:, :, z]] for z in chosen])
    low, middle, high = np.percentile(inside, (2, 50, 98))
    balance = float((high - middle) / (middle - low)) if middle > low else np.nan
    value, depth = np.concatenate(
        [_tissue(data[:, :, z], labels[:, :, z], brain[:, :, z], spacing_mm[:2]) for z in chosen], axis=1
    )
    if not (depth > 15).any():
        return np.nan, balance
    # Fluid in the sulci and lesions would say more than the tissue does.
    usual = float(np.median(value[depth > 15]))
    counted = (abs(value - usual) < 0.4 * abs(usual)) & (depth > 2) & (depth < 25)
    value, depth = value[counted], depth[counted]
    if len(value) < 100 or value.std() == 0:
        return np.nan, balance
    return float(np.corrcoef(depth, value)[0, 1]), balance


def _tissue(
    data: NDArray[np.floating], labels: NDArray[np.uint8], brain: Mask, pixel_mm: tuple[float, float]
) -> NDArray[np.float32]:
    """Return brightness and depth under the brain's edge, mm, of a slice's brain pixels that have no label."""
    depth = ndimage.distance_transform_edt(np.pad(brain, 1), pixel_mm)[1:-1, 1:-1]
    around = grown(labels == Tissue.VENTRICLE, np.ones((5, 5), bool))
    tissue = brain & ~around & (labels != Tissue.WMH)
    return np.stack([data[tissue], depth[tissue]]).astype(np.float32)
