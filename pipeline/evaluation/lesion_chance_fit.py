"""Learn how sure a found lesion is, and whether that holds for patients left out.

A lesion is right where it touches one that was drawn by hand. Its chance is a logistic model of its mean log odds.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, optimize

from pipeline.segmentation.lesion_chance import LesionChance, mean_log_odds
from pipeline.segmentation.tissues import Tissue

SURE = 0.8
"""A judgement: four of five such lesions are drawn by hand, too."""
_TOUCHING = np.ones((3, 3, 3))


@dataclass(frozen=True)
class FoundLesion:
    """One lesion of one image: whose, by which fold's rule, its mean log odds, and whether it was drawn, too."""

    patient: str
    fold: str
    kind: str
    load: str
    log_odds: float
    right: bool


def lesions_and_truth(
    labels: NDArray[np.uint8], wmh: NDArray[np.float32], truth: NDArray[np.uint8]
) -> list[tuple[float, bool]]:
    """Return every found lesion's mean log odds, and whether it touches a drawn one.

    Parameters
    ----------
    labels, truth : (X, Y, Z), 2 is WMH
    wmh : (X, Y, Z), the probability the labels were decided by
    """
    numbers, count = ndimage.label(labels == Tissue.WMH, _TOUCHING)
    touched = np.isin(np.arange(1, count + 1), numbers[truth == Tissue.WMH])
    return [(float(odds), bool(hit)) for odds, hit in zip(mean_log_odds(labels, wmh), touched, strict=True)]


def fit_lesion_chance(lesions: list[FoundLesion]) -> LesionChance | None:
    """Return the chance learned on all lesions, with how often it was right fold by fold without the fold's patients.

    None where there is nothing to learn from: fewer than two folds, or lesions that are all right or all wrong.
    """
    odds = np.array([one.log_odds for one in lesions])
    right = np.array([one.right for one in lesions], bool)
    folds = np.array([one.fold for one in lesions])
    if len(set(folds)) < 2 or right.all() or not right.any():
        return None
    sure = left_out_chances(lesions) >= SURE
    intercept, slope = _logistic(odds, right)
    return LesionChance(
        round(intercept, 4),
        round(slope, 4),
        SURE,
        _share(right[sure]),
        int(sure.sum()),
        _share(right[~sure]),
        int((~sure).sum()),
        len({one.patient for one in lesions}),
    )


def left_out_chances(lesions: list[FoundLesion]) -> NDArray[np.float64]:
    """Return each lesion's chance by the model learned without its fold."""
    odds = np.array([one.log_odds for one in lesions])
    right = np.array([one.right for one in lesions], bool)
    folds = np.array([one.fold for one in lesions])
    chances = np.zeros(len(lesions))
    for fold in np.unique(folds):
        intercept, slope = _logistic(odds[folds != fold], right[folds != fold])
        chances[folds == fold] = 1 / (1 + np.exp(-(intercept + slope * odds[folds == fold])))
    return chances


def _logistic(odds: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[float, float]:
    def loss(values: NDArray[np.float64]) -> float:
        linear = values[0] + values[1] * odds
        # The small penalty keeps the slope finite where the classes do not overlap.
        return float(np.mean(np.logaddexp(0, linear) - right * linear) + 1e-3 * values[1] ** 2)

    best = optimize.minimize(loss, np.zeros(2), method="BFGS")
    return float(best.x[0]), float(best.x[1])


def _share(right: NDArray[np.bool_]) -> float:
    return round(float(right.mean()), 3) if right.size else 0.0
