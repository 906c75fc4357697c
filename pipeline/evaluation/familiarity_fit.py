"""Learn what scans of the training's kind are like, from patients the networks never saw.

Each property's limits are those of the next patient: mean and deviation over images, Student's t of the number of
*patients* (a patient's images are alike), and Bonferroni's share of 5 % for each property, so that 95 % of such scans
lie within all limits.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from pipeline.segmentation.familiarity import RATIOS, WORDS, Familiarity, on_scale

OUTSIDE = 0.05
"""Share of scans of the same kind that lie outside the limits of any property."""
LEAST_REACH = 0.01
"""On the scale of a property, a hundredth of what is compared as a ratio: scans of one protocol all have the same
distance between slices, and a rounded header must not make a stranger of the next one."""


def fit_familiarity(properties: Sequence[Mapping[str, float]], patients: Sequence[str]) -> Familiarity:
    """Return the limits of every property of ``WORDS`` that all images have.

    Parameters
    ----------
    properties : one mapping per image, from ``pipeline.segmentation.image_properties``
    patients : whose image each is, of two people or more
    """
    n = len(set(patients))
    names = [name for name in WORDS if all(name in one for one in properties)]
    reach = float(stats.t.ppf(1 - OUTSIDE / (2 * max(len(names), 1)), n - 1) * np.sqrt((1 + 1 / n) * n / (n - 1)))
    limits = {}
    for name in names:
        values = np.array([on_scale(name, one[name]) for one in properties])
        ends = values.mean() + max(reach * values.std(), LEAST_REACH) * np.array([-1, 1])
        low, high = np.exp(ends) if name in RATIOS else ends
        limits[name] = (float(f"{low:.4g}"), float(f"{high:.4g}"))
    return Familiarity(limits, n)


def left_out_unlike(properties: Sequence[Mapping[str, float]], patients: Sequence[str]) -> NDArray[np.float64]:
    """Return, per image, how unlike the other patients' images it is by the limits learned without its patient."""
    whose = np.array(patients)
    scores = np.zeros(len(properties))
    for patient in dict.fromkeys(patients):
        others = [one for one, name in zip(properties, patients, strict=True) if name != patient]
        learned = fit_familiarity(others, [name for name in patients if name != patient])
        for at in np.flatnonzero(whose == patient).tolist():
            found = learned.unlikeness(properties[at])
            scores[at] = found.score if found else np.nan
    return scores
