"""How sure a found lesion is: the chance that an outline by hand touches it, from people the networks never saw.

A network's probabilities are far too sure to be shown to people, but they rank lesions well: the mean of their log odds
over a lesion's voxels, scaled on patients left out, says how many of such lesions a rater drew, too.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.plane_masks import tight_box
from pipeline.segmentation.tissues import Tissue

LEAST = 1e-4
"""Probabilities are kept this far from 0 and 1: beyond, their logarithms are those of rounding."""
_TOUCHING = np.ones((3, 3, 3))


@dataclass(frozen=True)
class LesionChance:
    """How the mean log odds of a lesion become a chance, and what "sure" means.

    Attributes
    ----------
    intercept, slope : of the chance's log odds over the mean log odds
    sure : a lesion is sure from this chance on
    sure_right, n_sure : share of sure lesions that were drawn by hand, too, and their number, in patients left out
    unsure_right, n_unsure : likewise of the others
    n_patients : patients it was learned from, none of them seen by the networks that measured them
    """

    intercept: float
    slope: float
    sure: float
    sure_right: float
    n_sure: int
    unsure_right: float
    n_unsure: int
    n_patients: int

    def chance(self, mean_log_odds: float) -> float:
        """Return the chance that an outline by hand touches a lesion.

        Examples
        --------
        >>> LesionChance(-4.0, 1.0, 0.8, 0.9, 100, 0.5, 100, 10).chance(4.0)
        0.5
        """
        return 1 / (1 + math.exp(-(self.intercept + self.slope * mean_log_odds)))


def mean_log_odds(labels: NDArray[np.uint8], wmh: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the mean log odds of WMH of every lesion, in the order of their numbers (26-connected, from 1).

    Parameters
    ----------
    labels : (X, Y, Z), 2 is WMH
    wmh : (X, Y, Z) float32, the probability that the labels were decided by
    """
    lesion = labels == Tissue.WMH
    for box in tight_box(lesion):
        lesion, wmh = lesion[box], wmh[box]
    numbers = ndimage.label(lesion, _TOUCHING)[0][lesion]
    chance = np.clip(wmh[lesion].astype(np.float64), LEAST, 1 - LEAST)
    sizes = np.bincount(numbers)[1:]
    mean: NDArray[np.float64] = np.bincount(numbers, np.log(chance / (1 - chance)))[1:] / sizes
    return mean
