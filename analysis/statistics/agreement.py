"""How well two ways of measuring the same people agree: bias, limits of agreement, intraclass correlation.

Correlation is not agreement: a method that always finds double correlates perfectly. All functions take paired values,
``reference`` (the trusted ones, such as those of a rater) and ``measured``, and leave out pairs that lack one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Values = Sequence[float | None] | FloatArray

WIDTH = float(scipy.special.ndtri(0.975))
"""Limits of agreement lie this many standard deviations around the bias: 1.96."""


@dataclass(frozen=True)
class BlandAltman:
    """Bias and 95 % limits of agreement of measured minus reference, with 95 % intervals, in the unit of the values.

    Attributes
    ----------
    n, n_missing : pairs used, and pairs left out because a value is missing
    bias, limit_low, limit_high : mean difference, and bias -/+ 1.96 standard deviations of the differences
    *_ci_low, *_ci_high : 95 % intervals; NaN with fewer than two pairs
    slope, slope_ci_low, slope_ci_high, slope_p : proportional bias, the change of the difference per unit of the mean
        of both; NaN with fewer than three pairs, or where all means or all differences are equal
    """

    n: int
    n_missing: int
    bias: float
    bias_ci_low: float
    bias_ci_high: float
    limit_low: float
    limit_low_ci_low: float
    limit_low_ci_high: float
    limit_high: float
    limit_high_ci_low: float
    limit_high_ci_high: float
    slope: float
    slope_ci_low: float
    slope_ci_high: float
    slope_p: float


@dataclass(frozen=True)
class Icc:
    """One intraclass correlation with its 95 % interval and the F test against zero; NaN where undefined."""

    name: str
    n: int
    n_missing: int
    icc: float
    ci_low: float
    ci_high: float
    f: float
    df1: int
    df2: int
    p_value: float


def bland_altman(reference: Values, measured: Values) -> BlandAltman:
    """Describe the differences of two measurements of the same people.

    Parameters
    ----------
    reference, measured : values of the same people in the same order and unit; None and NaN are missing

    Raises
    ------
    ValueError : different numbers of values.

    Notes
    -----
    The interval of the bias is Student's; those of the limits are exact for normal differences, from the noncentral t
    distribution. The limits describe a normal distribution of differences that do not grow with size: a clear slope
    says that they do. The slope is an ordinary regression of the difference on the mean, which also picks up methods
    that differ in their spread alone.

    References
    ----------
    Bland and Altman 1986, doi:10.1016/S0140-6736(86)90837-8, and 1999, doi:10.1177/096228029900800204 (slope).
    Carkeet 2015, doi:10.1097/OPX.0000000000000513 (exact intervals of the limits).

    Examples
    --------
    >>> result = bland_altman([10, 20, 30], [11, 22, 33])
    >>> result.bias, round(result.limit_high, 2), round(result.slope, 3)
    (2.0, 3.96, 0.095)
    """
    first, second, n_missing = _pairs(reference, measured)
    n = len(first)
    gap = second - first
    nan = float("nan")
    bias = float(gap.mean()) if n else nan
    if n < 2:
        return BlandAltman(n, n_missing, bias, *(nan,) * 12)
    spread = float(gap.std(ddof=1))
    half = float(scipy.special.stdtrit(n - 1, 0.975) * spread / np.sqrt(n))
    # The estimated limit, standardised, is noncentral t: these are its distances from the bias in SDs.
    near, far = (
        float(scipy.special.nctdtrit(n - 1, WIDTH * np.sqrt(n), p) * spread / np.sqrt(n)) for p in (0.025, 0.975)
    )
    return BlandAltman(
        n=n,
        n_missing=n_missing,
        bias=bias,
        bias_ci_low=bias - half,
        bias_ci_high=bias + half,
        limit_low=bias - WIDTH * spread,
        limit_low_ci_low=bias - far,
        limit_low_ci_high=bias - near,
        limit_high=bias + WIDTH * spread,
        limit_high_ci_low=bias + near,
        limit_high_ci_high=bias + far,
        **_slope((first + second) / 2, gap),
    )


def _slope(size: FloatArray, gap: FloatArray) -> dict[str, float]:
    names = ("slope", "slope_ci_low", "slope_ci_high", "slope_p")
    if len(gap) < 3 or np.ptp(size) == 0 or np.ptp(gap) == 0:
        return dict.fromkeys(names, float("nan"))
    line = scipy.stats.linregress(size, gap)
    half = float(scipy.special.stdtrit(len(gap) - 2, 0.975)) * line.stderr
    values = (line.slope, line.slope - half, line.slope + half, line.pvalue)
    return {name: float(value) for name, value in zip(names, values, strict=True)}


def icc_agreement(reference: Values, measured: Values) -> Icc:
    """ICC(2,1), also written ICC(A,1): two-way random effects, absolute agreement, one measurement.

    A constant offset between the two lowers it: this is the one to report for replacing a rater by a model.

    Parameters, Raises
    ------------------
    As ``bland_altman``.

    Notes
    -----
    Interval by Satterthwaite's approximation, as in Shrout and Fleiss and in R's psych. NaN with fewer than two pairs,
    and where all values are equal. Estimates below zero are reported as they are.

    References
    ----------
    Shrout and Fleiss 1979, doi:10.1037/0033-2909.86.2.420. McGraw and Wong 1996, doi:10.1037/1082-989X.1.1.30.

    Examples
    --------
    >>> round(icc_agreement([9, 6, 8, 7, 10, 6], [2, 1, 4, 1, 5, 2]).icc, 4)
    0.1257
    """
    return _icc("ICC(2,1)", reference, measured)


def icc_consistency(reference: Values, measured: Values) -> Icc:
    """ICC(3,1), also written ICC(C,1): two-way mixed effects, consistency, one measurement.

    A constant offset between the two does not matter.

    Parameters, Raises, Notes, References
    -------------------------------------
    As ``icc_agreement``; the interval is exact for normal values.

    Examples
    --------
    >>> round(icc_consistency([9, 6, 8, 7, 10, 6], [2, 1, 4, 1, 5, 2]).icc, 4)
    0.7453
    """
    return _icc("ICC(3,1)", reference, measured)


def _icc(name: str, reference: Values, measured: Values) -> Icc:
    first, second, n_missing = _pairs(reference, measured)
    n, k = len(first), 2
    df1 = df2 = max(n - 1, 0)
    table = np.column_stack([first, second])
    undefined = Icc(name, n, n_missing, *(float("nan"),) * 4, df1, df2, float("nan"))
    if n < 2 or np.ptp(table) == 0:
        return undefined
    between = k * float(table.mean(axis=1).var(ddof=1))
    methods = n * float(table.mean(axis=0).var(ddof=1))
    rest = table - table.mean(axis=1, keepdims=True) - table.mean(axis=0) + table.mean()
    error = float((rest**2).sum()) / df2
    if error <= np.finfo(float).eps * between:
        # Nothing but a constant offset lies between the two.
        icc = 1.0 if name == "ICC(3,1)" else between / (between + k / n * methods)
        return Icc(name, n, n_missing, icc, float("nan"), float("nan"), float("inf"), df1, df2, 0.0)
    f = between / error
    if name == "ICC(3,1)":
        icc = (f - 1) / (f + k - 1)
        lower = f / scipy.stats.f.ppf(0.975, df1, df2)
        upper = f * scipy.stats.f.ppf(0.975, df2, df1)
        low, high = (lower - 1) / (lower + k - 1), (upper - 1) / (upper + k - 1)
    else:
        icc = (between - error) / (between + error + k / n * (methods - error))
        ratio = methods / error
        part = k * icc * ratio + n * (1 + (k - 1) * icc) - k * icc
        df = df1 * part**2 / (df2 * k**2 * icc**2 * ratio**2 + (n * (1 + (k - 1) * icc) - k * icc) ** 2)
        df *= k - 1
        to_low, to_high = scipy.stats.f.ppf(0.975, df1, df), scipy.stats.f.ppf(0.975, df, df1)
        shared = k * methods + (k * n - k - n) * error
        low = n * (between - to_low * error) / (to_low * shared + n * between)
        high = n * (to_high * between - error) / (shared + n * to_high * between)
    p_value = float(scipy.stats.f.sf(f, df1, df2))
    return Icc(name, n, n_missing, float(icc), float(low), float(high), float(f), df1, df2, p_value)


def _pairs(reference: Values, measured: Values) -> tuple[FloatArray, FloatArray, int]:
    if len(reference) != len(measured):
        raise ValueError(f"{len(reference)} reference and {len(measured)} measured values; expected pairs")
    both = np.array(
        [[np.nan if v is None else v for v in values] for values in (reference, measured)], dtype=np.float64
    ).reshape(2, -1)
    complete = ~np.isnan(both).any(axis=0)
    return both[0, complete], both[1, complete], int((~complete).sum())
