"""Learn how far the load by hand lies from the load found, and whether that holds for patients left out.

The error has a part that grows with the load and one that does not: drawn ~ N(slope * found, (share * found)^2 +
floor^2), by maximum likelihood over all images. The interval takes Student's t of the number of *patients*, as a
patient's images are alike.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from pipeline.segmentation.expected_load import LoadError

_LEAST = 1e-3
FEWEST = 3
"""Patients that it takes."""


def fit_load_error(found: NDArray[np.float64], drawn: NDArray[np.float64], n_patients: int) -> LoadError:
    """Return the error of a model's loads.

    Parameters
    ----------
    found, drawn : mL, one value per image; at least as many as parameters
    n_patients : how many people the images show, 2 or more
    """

    def loss(values: NDArray[np.float64]) -> float:
        slope, share, floor = values[0], np.exp(values[1]), np.exp(values[2])
        variance = (share * found) ** 2 + floor**2 + _LEAST**2
        return float(np.sum(np.log(variance) + (drawn - slope * found) ** 2 / variance))

    begin = np.array([1.0, np.log(0.2), np.log(0.5)])
    best = optimize.minimize(loss, begin, method="Nelder-Mead", options={"maxiter": 4000, "xatol": 1e-6, "fatol": 1e-8})
    freedom = n_patients - 1
    margin = float(stats.t.ppf(0.975, freedom) * np.sqrt((1 + 1 / n_patients) * n_patients / freedom))
    share, floor = (margin * float(np.exp(value)) for value in best.x[1:])
    return LoadError(round(float(best.x[0]), 3), round(share, 3), round(floor, 3), n_patients)


def left_out_covered(
    found: NDArray[np.float64], drawn: NDArray[np.float64], patients: Sequence[str]
) -> NDArray[np.bool_]:
    """Return, per image, whether the range learned without its patient holds what was drawn."""
    whose = np.array(patients)
    covered = np.zeros(len(found), bool)
    for patient in dict.fromkeys(patients):
        mine = whose == patient
        error = fit_load_error(found[~mine], drawn[~mine], len(set(patients)) - 1)
        ends = [error.between(float(load)) for load in found[mine]]
        covered[mine] = [low <= load <= high for (low, high), load in zip(ends, drawn[mine], strict=True)]
    return covered
