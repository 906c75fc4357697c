"""Effect sizes of two samples with their intervals, MS relative to HC; all on plain arrays without missing values."""

import numpy as np
import scipy
from numpy.typing import NDArray

from analysis.statistics.means import few_differ

FloatArray = NDArray[np.float64]
Estimate = tuple[float, float, float]

MOST_PAIRS = 4_000_000
QUANTILES = 2000
# Smallest groups whose intervals held the truth 93 to 97 times in a hundred (python -m benchmarks.coverage).
LEAST_FOR_SHIFT = 5
LEAST_FOR_RANKS, LEAST_FOR_TIED_RANKS = 10, 50
LEAST_FOR_D = 50
# Above this the noncentral t is a normal distribution to more digits than anyone reads.
NORMAL_ABOVE = 20_000
SHIFT_PRECISION = 1e-7


def rank_biserial(ms: FloatArray, hc: FloatArray) -> Estimate:
    """Rank-biserial correlation with its 95 % interval: P(MS larger) - P(HC larger).

    The interval uses the placement values of DeLong on Fisher's z scale, so it stays within -1 to 1,
    handles ties and needs no resampling at any n; Student's t with the degrees of freedom of Brunner and Munzel.

    Returns
    -------
    estimate, low, high : float; the interval is NaN below ``LEAST_FOR_RANKS`` people in a group (below
        ``LEAST_FOR_TIED_RANKS`` where nearly everybody of a group has one value), or where the groups do not overlap

    References
    ----------
    DeLong et al. 1988, Biometrics 44:837-845, doi:10.2307/2531595.
    Kerby 2014, doi:10.2466/11.IT.3.1.
    """
    ms, hc = np.sort(ms), np.sort(hc)
    ms_above, hc_above = _placements(ms, hc), _placements(hc, ms)
    r = 2 * float(ms_above.mean()) - 1
    least = LEAST_FOR_TIED_RANKS if few_differ(ms) or few_differ(hc) else LEAST_FOR_RANKS
    if min(len(ms), len(hc)) < least or abs(r) > 1 - 1e-12:
        return r, np.nan, np.nan
    errors = ms_above.var(ddof=1) / len(ms), hc_above.var(ddof=1) / len(hc)
    half = welch_quantile(errors[0], len(ms), errors[1], len(hc)) * 2 * np.sqrt(sum(errors)) / (1 - r * r)
    return r, float(np.tanh(np.arctanh(r) - half)), float(np.tanh(np.arctanh(r) + half))


def cohen_d(ms: FloatArray, hc: FloatArray) -> Estimate:
    """Signed Cohen's d (pooled SD) with its 95 % interval, whatever the shapes and spreads of the two groups.

    The interval adds up what every person contributes to d (its influence function), so it needs neither normal
    values nor equal spreads; Student's t with Welch's degrees of freedom. It needs people: below ``LEAST_FOR_D`` in
    a group there is none.

    Returns
    -------
    estimate, low, high : float; all NaN when the pooled SD is zero or a group has fewer than two members; the
        interval is NaN below ``LEAST_FOR_D`` people in a group

    References
    ----------
    Hampel 1974 (influence function), doi:10.1080/01621459.1974.10482962; Bonett 2008 (unequal variances),
    doi:10.1037/1082-989X.13.2.99.
    """
    n1, n2 = len(ms), len(hc)
    if min(n1, n2) < 2:
        return np.nan, np.nan, np.nan
    df = n1 + n2 - 2
    pooled = ((n1 - 1) * ms.var(ddof=1) + (n2 - 1) * hc.var(ddof=1)) / df
    if not pooled > 0:
        return np.nan, np.nan, np.nan
    d = float((ms.mean() - hc.mean()) / np.sqrt(pooled))
    if min(n1, n2) < LEAST_FOR_D:
        return d, np.nan, np.nan
    errors = []
    for values, sign in ((ms, 1), (hc, -1)):
        gap = values - values.mean()
        influence = sign * gap / np.sqrt(pooled) - d * (len(values) - 1) / df * gap**2 / (2 * pooled)
        errors.append(influence.var(ddof=1) / len(values))
    half = welch_quantile(errors[0], n1, errors[1], n2) * np.sqrt(sum(errors))
    return d, float(d - half), float(d + half)


def noncentral_d_interval(d: float, n1: int, n2: int) -> tuple[float, float]:
    """95 % interval of Cohen's d under normal values of equal spread, from the noncentral t distribution.

    What most programs print. No page shows it: of loads and shares it held the truth about eight times in ten.

    Notes
    -----
    Above 20,000 people it is the normal one, d -/+ 1.96 sqrt(1/n1 + 1/n2 + d^2 / (2 (n1 + n2))).

    References
    ----------
    Cumming and Finch 2001, doi:10.1177/0013164401614002; Hedges and Olkin 1985, section 5.E.
    """
    df, unit = n1 + n2 - 2, np.sqrt(1 / n1 + 1 / n2)
    t = d / unit
    if df > NORMAL_ABOVE or abs(t) > 30:
        half = float(scipy.special.ndtri(0.975) * np.sqrt(unit**2 + d * d / (2 * (n1 + n2))))
        return d - half, d + half
    # The noncentral t is inverted for |t| and mirrored: the routine is accurate for positive values only.
    low, high = scipy.special.nctdtrinc(df, 0.975, abs(t)) * unit, scipy.special.nctdtrinc(df, 0.025, abs(t)) * unit
    return (float(low), float(high)) if t >= 0 else (float(-high), float(-low))


def welch_quantile(error_a: float, n_a: int, error_b: float, n_b: int) -> float:
    """97.5 % quantile of Student's t with Welch's degrees of freedom, of two squared errors of n_a and n_b people."""
    total = error_a + error_b
    if not total > 0:
        return float(scipy.special.ndtri(0.975))
    df = total**2 / (error_a**2 / (n_a - 1) + error_b**2 / (n_b - 1))
    return float(scipy.special.stdtrit(df, 0.975))


def hodges_lehmann(ms: FloatArray, hc: FloatArray) -> Estimate:
    """Hodges-Lehmann shift, the median of all MS - HC differences, with its 95 % interval.

    The interval holds every shift t at which the test of P(MS - t > HC) = 1/2 by placement values keeps p > .05
    (Brunner and Munzel; Student's t with their degrees of freedom). Unlike the usual one between order statistics
    (Moses) it does not take the groups to have one shape, and holds for shares, whose zeros and hundreds differ between
    the groups. Above 4 million pairs each group is first thinned to 2,000 evenly spaced quantiles, which leaves
    estimate and interval where they were to a thousandth of the spread.

    Returns
    -------
    estimate, low, high : float; the interval is NaN below ``LEAST_FOR_SHIFT`` people in a group

    References
    ----------
    Hodges and Lehmann 1963, doi:10.1214/aoms/1177704172.
    Brunner and Munzel 2000, doi:10.1002/(SICI)1521-4036(200001)42:1<17::AID-BIMJ17>3.0.CO;2-U.
    """
    n1, n2 = len(ms), len(hc)
    if n1 * n2 > MOST_PAIRS:
        ms, hc = _thinned(ms), _thinned(hc)
    differences = (ms[:, None] - hc[None, :]).ravel()
    places = [(len(differences) - 1) // 2, len(differences) // 2]
    shift = float(np.partition(differences, places)[places].mean())
    if min(n1, n2) < LEAST_FOR_SHIFT:
        return shift, np.nan, np.nan
    ms, hc = np.sort(ms), np.sort(hc)
    low = _last_kept(ms, hc, (n1, n2), shift, float(ms[0] - hc[-1]))
    high = _last_kept(ms, hc, (n1, n2), shift, float(ms[-1] - hc[0]))
    return shift, low, high


def _last_kept(ms: FloatArray, hc: FloatArray, people: tuple[int, int], kept: float, end: float) -> float:
    """The shift nearest to ``end`` that the placement test keeps, by bisection from ``kept``, one that it does."""
    if kept == end:
        return kept
    if not _keeps(ms - kept, hc, people) or _keeps(ms - end, hc, people):
        # So many are equal that no shift is kept, or so few are left that every one is.
        return np.nan
    refused, precision = end, SHIFT_PRECISION * abs(end - kept)
    while abs(refused - kept) > precision:
        middle = (refused + kept) / 2
        if _keeps(ms - middle, hc, people):
            kept = middle
        else:
            refused = middle
    # The answer of the test changes only where an MS value meets one of HC: the limit is such a difference.
    first, last = min(kept, refused), max(kept, refused)
    start, stop = np.searchsorted(hc, ms - last - precision, "left"), np.searchsorted(hc, ms - first + precision)
    met = np.flatnonzero(stop > start)
    return float(ms[met[0]] - hc[start[met[0]]]) if len(met) else kept


def _keeps(ms: FloatArray, hc: FloatArray, people: tuple[int, int]) -> bool:
    """Whether the placement test of sorted samples keeps P(MS > HC) = 1/2 at 5 %."""
    ms_above, hc_above = _placements(ms, hc), _placements(hc, ms)
    errors = float(ms_above.var(ddof=1)) / people[0], float(hc_above.var(ddof=1)) / people[1]
    gap = abs(float(ms_above.mean()) - 0.5)
    return gap <= welch_quantile(errors[0], people[0], errors[1], people[1]) * float(np.sqrt(sum(errors)))


def _placements(ours: FloatArray, theirs: FloatArray) -> FloatArray:
    """For each of ours the share of theirs (sorted) below it, ties counted half."""
    return (np.searchsorted(theirs, ours, "left") + np.searchsorted(theirs, ours, "right")) / (2 * len(theirs))


def _thinned(values: FloatArray) -> FloatArray:
    if len(values) <= QUANTILES:
        return values
    return np.sort(values)[((np.arange(QUANTILES) + 0.5) / QUANTILES * len(values)).astype(np.int64)]
