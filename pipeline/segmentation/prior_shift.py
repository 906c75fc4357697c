"""Lesion probabilities adjusted to how much lesion a scan holds.

A network learns how common lesions are from its training patches, half of which are centred on lesions of patients
with an ordinary load. In a person with few lesions it therefore calls too many, in one with many too few. The remedy
is the classifier's adjustment to new prior probabilities (Saerens, Latinne & Decaestecker 2002,
doi:10.1162/089976602753284446), of which this is one step.
"""

import math
from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from pipeline.plane_masks import tight_box

FURTHEST = 8.0
"""Odds are multiplied by at most this and divided by at most this."""


def expected_wmh_ml(wmh: NDArray[np.float32], spacing_mm: Sequence[float]) -> float:
    """Return the sum of all lesion probabilities as a volume, mL.

    Parameters
    ----------
    wmh : (X, Y, Z) float32, probability of WMH
    spacing_mm : voxel size along X, Y, Z, mm, slice gap included
    """
    return float(wmh.sum(dtype=np.float64)) * math.prod(spacing_mm) / 1000


def adjust_to_load(
    probabilities: Sequence[NDArray[np.float32]],
    spacing_mm: Sequence[float],
    usual_wmh_ml: float,
    *,
    out: Sequence[NDArray[np.float32]] | None = None,
) -> Sequence[NDArray[np.float32]]:
    """Return probabilities as they would be had the network learned from patients with this scan's load.

    Parameters
    ----------
    probabilities : ventricle and WMH, each (X, Y, Z) float32; what is missing to 1 is background
    spacing_mm : voxel size along X, Y, Z, mm, slice gap included
    usual_wmh_ml : load of the training patients, mL: the geometric mean of their expected volumes out of fold
    out : where the answer is put, as in NumPy; may be ``probabilities`` itself

    Returns
    -------
    Ventricle and WMH, each (X, Y, Z) float32: the odds of WMH against the rest are multiplied by load / usual load,
    kept within 1/8 and 8, and the rest shares what is left in its own proportions

    Raises
    ------
    ValueError : the usual load is not positive.

    Examples
    --------
    >>> probabilities = np.array([0.2, 0.5], np.float32).reshape(2, 1, 1, 1)  # one voxel of 8 mL: half of it is 4 mL
    >>> adjust_to_load(probabilities, (20, 20, 20), usual_wmh_ml=12.0).ravel().round(2)
    array([0.3 , 0.25], dtype=float32)
    """
    if not usual_wmh_ml > 0:
        raise ValueError(f"the usual load is {usual_wmh_ml} mL; expected a positive number")
    ventricle, wmh = probabilities
    weight = min(max(expected_wmh_ml(wmh, spacing_mm) / usual_wmh_ml, 1 / FURTHEST), FURTHEST)
    both = cast("Sequence[NDArray[np.float32]]", np.empty((2, *wmh.shape), np.float32)) if out is None else out
    for before, after in zip((ventricle, wmh), both, strict=True):
        if before is not after:
            after[...] = before
    for box in tight_box(wmh > 0):  # where nothing is likely nothing changes
        for fluid, lesion in zip(both[0][box], both[1][box], strict=True):  # by planes: all at once takes more memory
            adjusted = lesion * weight / (lesion * weight + (1 - lesion))
            rest = np.where(lesion < 1, (1 - adjusted) / np.maximum(1 - lesion, np.finfo(np.float32).tiny), 0.0)
            np.multiply(fluid, rest, out=fluid)
            lesion[...] = adjusted
    return both
