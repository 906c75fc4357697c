"""Adjust p values for the number of tests, and say how many tests that was."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Adjusted = tuple[NDArray[np.float64], int]


def holm(p_values: Sequence[float | None] | NDArray[np.float64]) -> Adjusted:
    """Holm's step-down adjustment of a family of p values.

    Controls the chance of any false alarm in the family, whatever the dependence between the tests.

    Parameters
    ----------
    p_values : sequence of float; None and NaN mark tests that could not be done

    Returns
    -------
    adjusted : (N,) float array, NaN where the p value is missing
    family_size : int, number of tests that were done; missing ones are not counted

    References
    ----------
    Holm 1979, Scand J Stat 6:65-70, https://www.jstor.org/stable/4615733

    Examples
    --------
    >>> holm([0.01, 0.04, None, 0.03])
    (array([0.03, 0.06,  nan, 0.06]), 3)
    """
    p, done, order = _sorted_family(p_values)
    size = len(order)
    stepped = np.maximum.accumulate(p[order] * (size - np.arange(size)))
    return _put_back(p, order, stepped), int(done.sum())


def benjamini_hochberg(p_values: Sequence[float | None] | NDArray[np.float64]) -> Adjusted:
    """Benjamini and Hochberg's adjustment of a family of p values (q values).

    Controls the expected share of false alarms among the findings, for independent or positively
    dependent tests.

    Parameters
    ----------
    p_values : sequence of float; None and NaN mark tests that could not be done

    Returns
    -------
    adjusted : (N,) float array, NaN where the p value is missing
    family_size : int, number of tests that were done; missing ones are not counted

    References
    ----------
    Benjamini and Hochberg 1995, J R Stat Soc B 57:289-300, doi:10.1111/j.2517-6161.1995.tb02031.x

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, None, 0.03])
    (array([0.03, 0.04,  nan, 0.04]), 3)
    """
    p, done, order = _sorted_family(p_values)
    size = len(order)
    stepped = np.minimum.accumulate((p[order] * size / np.arange(1, size + 1))[::-1])[::-1]
    return _put_back(p, order, stepped), int(done.sum())


def bonferroni(p_values: Sequence[float | None] | NDArray[np.float64]) -> Adjusted:
    """Bonferroni's adjustment of a family of p values: each times the number of tests, at most 1.

    Controls the same chance as ``holm`` and is never better; for readers whose journal asks for it.

    Parameters
    ----------
    p_values : sequence of float; None and NaN mark tests that could not be done

    Returns
    -------
    adjusted : (N,) float array, NaN where the p value is missing
    family_size : int, number of tests that were done; missing ones are not counted

    References
    ----------
    Dunn 1961, J Am Stat Assoc 56:52-64, doi:10.1080/01621459.1961.10482090

    Examples
    --------
    >>> bonferroni([0.01, 0.04, None, 0.4])
    (array([0.03, 0.12,  nan, 1.  ]), 3)
    """
    p, done, order = _sorted_family(p_values)
    return _put_back(p, order, p[order] * len(order)), int(done.sum())


def _sorted_family(
    p_values: Sequence[float | None] | NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.intp]]:
    p = np.array([np.nan if value is None else value for value in p_values], dtype=float)
    done = ~np.isnan(p)
    if np.any((p[done] < 0) | (p[done] > 1)):
        raise ValueError("p values must lie between 0 and 1")
    order = np.flatnonzero(done)
    return p, done, order[np.argsort(p[order], kind="stable")]


ADJUSTMENTS: dict[str, Callable[[Sequence[float | None]], Adjusted]] = {
    "holm": holm,
    "bonferroni": bonferroni,
    "bh": benjamini_hochberg,
}
ADJUSTMENT_NAMES = {"holm": "Holm", "bonferroni": "Bonferroni", "bh": "Benjamini-Hochberg"}


def _put_back(p: NDArray[np.float64], order: NDArray[np.intp], stepped: NDArray[np.float64]) -> NDArray[np.float64]:
    adjusted = np.full(len(p), np.nan)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted
