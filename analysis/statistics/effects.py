"""Effect sizes of two samples with their intervals, MS relative to HC; all on plain arrays without missing values."""

import numpy as np
from numpy.typing import NDArray
from scipy import special

FloatArray = NDArray[np.float64]
Estimate = tuple[float, float, float]

# Above this the noncentral t is a normal distribution to more digits than anyone reads.
NORMAL_ABOVE = 20_000
MOST_PAIRS = 4_000_000
QUANTILES = 2000


def rank_biserial(ms: FloatArray, hc: FloatArray) -> Estimate:
    """Rank-biserial correlation with its 95 % interval: P(MS larger) - P(HC larger).

    The interval uses the placement values of DeLong on Fisher's z scale, so it stays within -1 to 1,
    handles ties and needs no resampling at any n.

    Returns
    -------
    estimate, low, high : float; the interval is NaN when a group has one member or the groups do not overlap

    References
    ----------
    DeLong et al. 1988, Biometrics 44:837-845, doi:10.2307/2531595.
    Kerby 2014, doi:10.2466/11.IT.3.1.
    """
    ms_above = _placements(ms, hc)
    hc_above = _placements(hc, ms)
    r = 2 * float(ms_above.mean()) - 1
    if min(len(ms), len(hc)) < 2 or abs(r) > 1 - 1e-12:
        return r, np.nan, np.nan
    error = 2 * np.sqrt(ms_above.var(ddof=1) / len(ms) + hc_above.var(ddof=1) / len(hc))
    half = special.ndtri(0.975) * error / (1 - r * r)
    return r, float(np.tanh(np.arctanh(r) - half)), float(np.tanh(np.arctanh(r) + half))


def cohen_d(ms: FloatArray, hc: FloatArray) -> Estimate:
    """Signed Cohen's d (pooled SD) with its 95 % interval from the noncentral t distribution.

    Returns
    -------
    estimate, low, high : float; all NaN when the pooled SD is zero or a group has fewer than two members

    Notes
    -----
    Above 20,000 people the interval is the normal one, estimate -/+ 1.96 sqrt(1/n1 + 1/n2 + d^2 / (2 (n1 + n2))).

    References
    ----------
    Cumming and Finch 2001, doi:10.1177/0013164401614002 (noncentral t); Hedges and Olkin 1985, section 5.E.
    """
    n1, n2 = len(ms), len(hc)
    if min(n1, n2) < 2:
        return np.nan, np.nan, np.nan
    df = n1 + n2 - 2
    pooled = np.sqrt(((n1 - 1) * ms.var(ddof=1) + (n2 - 1) * hc.var(ddof=1)) / df)
    if not pooled > 0:
        return np.nan, np.nan, np.nan
    d = float((ms.mean() - hc.mean()) / pooled)
    unit = np.sqrt(1 / n1 + 1 / n2)
    t = d / unit
    if df > NORMAL_ABOVE or abs(t) > 30:
        half = special.ndtri(0.975) * np.sqrt(unit**2 + d * d / (2 * (n1 + n2)))
        return d, float(d - half), float(d + half)
    # The noncentral t is inverted for |t| and mirrored: the routine is accurate for positive values only.
    low, high = special.nctdtrinc(df, 0.975, abs(t)) * unit, special.nctdtrinc(df, 0.025, abs(t)) * unit
    return (d, float(low), float(high)) if t >= 0 else (d, float(-high), float(-low))


def hodges_lehmann(ms: FloatArray, hc: FloatArray) -> Estimate:
    """Hodges-Lehmann shift, the median of all MS - HC differences, with its 95 % interval.

    The interval runs between the order statistics of the differences given by the normal approximation to
    the Mann-Whitney distribution (Moses). Above 4 million pairs each group is first thinned to 2,000 evenly
    spaced quantiles, which leaves estimate and interval where they were to a thousandth of the spread.

    Returns
    -------
    estimate, low, high : float; the interval is NaN when the samples are too small for 95 %

    References
    ----------
    Hodges and Lehmann 1963, doi:10.1214/aoms/1177704172.
    Hollander, Wolfe and Chicken 2013, Nonparametric Statistical Methods, section 4.3.
    """
    n1, n2 = len(ms), len(hc)
    pairs = n1 * n2
    rank = int(np.floor(pairs / 2 - special.ndtri(0.975) * np.sqrt(pairs * (n1 + n2 + 1) / 12)))
    if pairs > MOST_PAIRS:
        ms, hc = _thinned(ms), _thinned(hc)
    differences = (ms[:, None] - hc[None, :]).ravel()
    wanted = [(pairs - 1) // 2, pairs // 2] + ([rank - 1, pairs - rank] if rank >= 1 else [])
    places = [n * len(differences) // pairs for n in wanted]
    values = np.partition(differences, places)[places]
    low, high = (values[2], values[3]) if rank >= 1 else (np.nan, np.nan)
    return float(values[:2].mean()), float(low), float(high)


def _placements(ours: FloatArray, theirs: FloatArray) -> FloatArray:
    """For each of ours the share of theirs below it, ties counted half."""
    ordered = np.sort(theirs)
    return (np.searchsorted(ordered, ours, "left") + np.searchsorted(ordered, ours, "right")) / (2 * len(theirs))


def _thinned(values: FloatArray) -> FloatArray:
    if len(values) <= QUANTILES:
        return values
    return np.sort(values)[((np.arange(QUANTILES) + 0.5) / QUANTILES * len(values)).astype(np.int64)]
