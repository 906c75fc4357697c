"""The 95 % interval of a mean, given only where it was measured to hold (``python -m benchmarks.coverage``)."""

import numpy as np
import scipy
from numpy.typing import NDArray

from vocabulary.measures import Nature

FloatArray = NDArray[np.float64]
Interval = tuple[float, float]

LEAST_FOR_MEAN: dict[Nature, int] = {"load": 100, "count": 100, "share": 70, "size": 250}
"""People an interval of the mean needs. Ventricles have a long tail: theirs holds only where many share the mean."""
LEAST_UNLIKE = 10
"""At least so many people must differ from the commonest value: of fewer a mean has no interval to speak of."""


def mean_interval(values: FloatArray, nature: Nature) -> Interval:
    """Student's interval of a mean, on the scale on which means of such values are nearly symmetric.

    On the logarithm of the mean for sizes, loads and counts, whose spread grows with their mean; on its log odds for a
    share, so that the limits stay within 0-100.

    Parameters
    ----------
    values : (N,) float array without missing values, zero or more; shares in percent
    nature : of the measure

    Returns
    -------
    low, high : float; NaN below ``LEAST_FOR_MEAN`` values, or where all but a few are equal

    References
    ----------
    Zhou and Gao 1997 (intervals of skewed means), doi:10.1002/(SICI)1097-0258(19970415)16:7<783::AID-SIM488>3.0.CO;2-2
    """
    n = len(values)
    if n < LEAST_FOR_MEAN[nature] or few_differ(values):
        return np.nan, np.nan
    mean = float(values.mean())
    half = float(scipy.special.stdtrit(n - 1, 0.975) * values.std(ddof=1) / np.sqrt(n))
    if nature == "share":
        part = mean / 100
        odds, reach = float(scipy.special.logit(part)), half / 100 / (part * (1 - part))
        return 100 * float(scipy.special.expit(odds - reach)), 100 * float(scipy.special.expit(odds + reach))
    return mean * float(np.exp(-half / mean)), mean * float(np.exp(half / mean))


def few_differ(values: FloatArray) -> bool:
    """Whether more than half of the values are equal, and fewer than ``LEAST_UNLIKE`` differ from them.

    Examples
    --------
    >>> few_differ(np.array([100.0] * 50 + [20.0] * 9)), few_differ(np.arange(5.0))
    (True, False)
    """
    n = len(values)
    if not n:
        return False
    # Where all but a few are equal, so are all but those few of any of them, and what they are is their median.
    some = np.sort(values[: 2 * LEAST_UNLIKE])
    commonest = some[len(some) // 2]
    if int((some != commonest).sum()) >= LEAST_UNLIKE:
        return False
    alike = int((values == commonest).sum())
    return alike > n / 2 and n - alike < LEAST_UNLIKE
