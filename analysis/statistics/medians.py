"""The 95 % interval of a median between order statistics, for any sample of five or more."""

import numpy as np
import scipy
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Interval = tuple[float, float]

LEAST_FOR_MEDIAN = 5


def median_interval(values: FloatArray) -> Interval:
    """95 % interval of the median, interpolated between neighbouring order statistics.

    The interval from the k-th smallest to the k-th largest value holds the median with a chance that depends on n and k
    only (binomial); between the k above and the k below 95 % it is interpolated, which assumes nothing but that values
    are continuous. Of five values the whole range is given: 93.75 %.

    Returns
    -------
    low, high : float; NaN below ``LEAST_FOR_MEDIAN`` values

    References
    ----------
    Hettmansperger and Sheather 1986, Stat Probab Lett 4:75-79, doi:10.1016/0167-7152(86)90021-0
    """
    n = len(values)
    if n < LEAST_FOR_MEDIAN:
        return np.nan, np.nan
    ordered = np.sort(values)
    # The widest k whose interval still holds the median 95 times in a hundred; 0 where not even the range does.
    k = _largest_rank(n)
    if k == 0:
        return float(ordered[0]), float(ordered[-1])
    held, next_held = (1 - 2 * float(scipy.special.bdtr(rank - 1, n, 0.5)) for rank in (k, k + 1))
    share = (held - 0.95) / (held - next_held)
    weight = (n - k) * share / (k + (n - 2 * k) * share)
    low = (1 - weight) * ordered[k - 1] + weight * ordered[k]
    high = (1 - weight) * ordered[n - k] + weight * ordered[n - k - 1]
    return float(low), float(high)


def _largest_rank(n: int) -> int:
    """The largest k for which P(Binomial(n, 1/2) < k) is at most .025."""
    k = int(scipy.special.bdtrik(0.025, n, 0.5)) + 2
    while k > 0 and scipy.special.bdtr(k - 1, n, 0.5) > 0.025:
        k -= 1
    return k
