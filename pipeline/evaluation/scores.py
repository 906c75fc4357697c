"""How well a segmentation matches a rater's: overlap, surface distance, lesions found, volume, with stated gaps.

Every score of one patient and tissue is a ``Score`` row. A score that has no meaning (the distance to an empty
mask) is NaN and carries its reason; summaries leave it out and count it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.errors import GeometryError
from pipeline.segmentation.tissues import Tissue

Mask = NDArray[np.bool_]

_TOUCHING = np.ones((3, 3, 3), bool)
"""26-connectivity: lesions that touch by a corner are one."""


@dataclass(frozen=True)
class Score:
    """One number: ``value`` of ``metric`` for one patient and tissue; NaN with a ``reason`` where it has no meaning."""

    patient: str
    tissue: str
    metric: str
    value: float
    reason: str = ""


def overlap(truth: Mask, predicted: Mask) -> dict[str, tuple[float, str]]:
    """Return Dice, precision and recall, each with a reason where undefined.

    Parameters
    ----------
    truth, predicted : (X, Y, Z) bool arrays on one grid

    Notes
    -----
    Dice is 0 when one mask is empty, undefined when both are. Precision needs a prediction, recall a truth.

    Examples
    --------
    >>> truth, predicted = np.array([1, 1, 0], bool), np.array([0, 1, 1], bool)
    >>> overlap(truth, predicted)["dice"]
    (0.5, '')
    """
    hit, drawn, found = (int(mask.sum()) for mask in (truth & predicted, truth, predicted))
    return {
        "dice": _ratio(2 * hit, drawn + found, "both masks are empty"),
        "precision": _ratio(hit, found, "nothing was predicted"),
        "recall": _ratio(hit, drawn, "the manual mask is empty"),
    }


def _ratio(part: float, whole: float, reason: str) -> tuple[float, str]:
    return (part / whole, "") if whole else (float("nan"), reason)


def _surface_distances(of: Mask, to: Mask, spacing_mm: Sequence[float]) -> NDArray[np.float64]:
    """Distance in mm from each surface voxel of one mask to the surface of the other."""
    surface = of & ~ndimage.binary_erosion(of)
    target = to & ~ndimage.binary_erosion(to)
    return ndimage.distance_transform_edt(~target, sampling=spacing_mm)[surface]


def hausdorff95(truth: Mask, predicted: Mask, spacing_mm: Sequence[float]) -> tuple[float, str]:
    """Return the 95th percentile Hausdorff distance in mm, in as many dimensions as the masks have.

    The larger of the two directed 95th percentiles of surface-to-surface distance; surfaces are the voxels with a
    face neighbour outside the mask, beyond the image counting as outside.

    Parameters
    ----------
    truth, predicted : bool arrays, (X, Y, Z) or (X, Y)
    spacing_mm : voxel size along each axis, mm; slice gaps included

    References
    ----------
    Huttenlocher et al. 1993, 10.1109/34.232073; percentile as in Maier-Hein et al. 2024, 10.1038/s41592-023-02151-z.
    """
    if not truth.any() or not predicted.any():
        return float("nan"), "the manual mask is empty" if not truth.any() else "nothing was predicted"
    directed = (
        _surface_distances(truth, predicted, spacing_mm),
        _surface_distances(predicted, truth, spacing_mm),
    )
    return max(float(np.percentile(distances, 95)) for distances in directed), ""


def hausdorff95_in_plane(truth: Mask, predicted: Mask, spacing_mm: Sequence[float]) -> tuple[float, str]:
    """Return the mean over slices of the 2D 95th percentile Hausdorff distance, mm.

    Only slices where both masks have pixels enter, as in slice-wise studies. It does not see slices missed altogether;
    yet it is often larger than the 3D distance, for which a stray pixel may lie near the mask of the next slice.
    """
    shared = np.flatnonzero(truth.any((0, 1)) & predicted.any((0, 1)))
    if not shared.size:
        return float("nan"), "no slice holds both masks"
    slices = [hausdorff95(truth[:, :, k], predicted[:, :, k], spacing_mm[:2])[0] for k in shared]
    return float(np.mean(slices)), ""


def lesions(truth: Mask, predicted: Mask) -> dict[str, tuple[float, str]]:
    """Return lesion-wise F1, precision and recall; a lesion is found if one voxel of it overlaps the other mask.

    Lesions are 26-connected components. Precision is the share of predicted lesions that touch a true one, recall the
    share of true lesions touched, F1 their harmonic mean.
    """
    true_labels, n_true = ndimage.label(truth, _TOUCHING)
    found_labels, n_found = ndimage.label(predicted, _TOUCHING)
    both = truth & predicted
    true_hit, found_hit = np.unique(true_labels[both]).size, np.unique(found_labels[both]).size
    precision = _ratio(found_hit, n_found, "no lesion was predicted")
    recall = _ratio(true_hit, n_true, "no lesion was drawn")
    if not n_true and not n_found:
        f1 = (float("nan"), "no lesion was drawn or predicted")
    elif not n_true or not n_found or not true_hit:
        f1 = (0.0, "")
    else:
        f1 = (2 * precision[0] * recall[0] / (precision[0] + recall[0]), "")
    return {"lesion_f1": f1, "lesion_precision": precision, "lesion_recall": recall}


def evaluate_patient(
    patient: str, truth: NDArray[np.uint8], predicted: NDArray[np.uint8], spacing_mm: Sequence[float]
) -> list[Score]:
    """Return all scores of one patient, for ventricle and WMH.

    Parameters
    ----------
    patient : str
    truth, predicted : (X, Y, Z) label arrays, 0 background, 1 ventricle, 2 WMH, one grid
    spacing_mm : voxel size along X, Y, Z, mm

    Raises
    ------
    GeometryError : the shapes differ.
    """
    if truth.shape != predicted.shape:
        raise GeometryError(f"{patient}: manual labels {truth.shape} and prediction {predicted.shape} differ in shape")
    scores = []
    millilitres = float(np.prod(spacing_mm)) / 1000.0
    for tissue in (Tissue.VENTRICLE, Tissue.WMH):
        drawn, found = truth == tissue, predicted == tissue
        values = overlap(drawn, found)
        values["hd95_3d_mm"] = hausdorff95(drawn, found, spacing_mm)
        values["hd95_2d_mm"] = hausdorff95_in_plane(drawn, found, spacing_mm)
        if tissue is Tissue.WMH:
            values |= lesions(drawn, found)
        true_ml, found_ml = drawn.sum() * millilitres, found.sum() * millilitres
        values["volume_manual_ml"], values["volume_found_ml"] = (float(true_ml), ""), (float(found_ml), "")
        error = _ratio(100.0 * (found_ml - true_ml), true_ml, "the manual mask is empty")
        values["volume_error_pct"] = (float(error[0]), error[1])
        values["absolute_volume_error_pct"] = (abs(float(error[0])), error[1])
        name = tissue.name.lower()
        scores += [Score(patient, name, metric, value, reason) for metric, (value, reason) in values.items()]
    return scores
