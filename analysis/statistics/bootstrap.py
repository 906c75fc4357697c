"""The seeded bootstrap interval of the mean of a few scores."""

from collections.abc import Sequence

import numpy as np


def bootstrap_mean(
    values: Sequence[float], draws: int = 10_000, seed: int = 0, level: float = 0.95
) -> tuple[float, float, float]:
    """Return the mean of a few values and its percentile bootstrap interval; NaN values are left out.

    For scores of patients, of which there are tens: with ten the interval is honest about little data but tends to be
    somewhat narrow; say n beside it.

    Returns
    -------
    mean, low, high : float; NaN without a value
    """
    known = np.asarray(values, float)
    known = known[~np.isnan(known)]
    if not known.size:
        return float("nan"), float("nan"), float("nan")
    picks = np.random.default_rng(seed).integers(known.size, size=(draws, known.size))
    low, high = np.quantile(known[picks].mean(1), ((1 - level) / 2, (1 + level) / 2))
    return float(known.mean()), float(low), float(high)
