"""The rank of one value with its interval, by the delta method on a scale where the error is about normal."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from analysis.norms.forms import Form, ZeroAdjustedForm
from analysis.norms.maximum_likelihood import Fit, gradient
from analysis.norms.people import People

Floats = NDArray[np.float64]
Interval = tuple[float, float]

Z_95 = float(scipy.special.ndtri(0.975))
FAR_TAIL = 0.99
"""Beyond this rank a load's interval is taken on the logarithm of the proportion above it."""
SMALLEST = 1e-12
SCALES: dict[str, tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]] = {
    "probit": (lambda above: -scipy.special.ndtri(above), scipy.special.ndtr),
    "logit": (lambda above: np.log1p(-above) - np.log(above), scipy.special.expit),
    "log_above": (lambda above: -np.log(above), lambda g: -np.expm1(-np.maximum(g, 0.0))),
}
"""Scale -> (from the proportion above a value, back to the rank)."""


@dataclass(frozen=True)
class Rank:
    """Where a value lies, as proportions from 0 to 1.

    ``below`` and ``at_or_below`` differ for areas counted in whole mm²; ``middle`` lies half-way and is the centile.
    """

    below: float
    at_or_below: float
    middle: float
    interval: Interval
    interval_at_or_below: Interval


def rank(form: Form, fitted: Fit, person: People) -> Rank:
    """Rank one person's value, with 95 % intervals of the rank.

    Parameters
    ----------
    person : one person with a value

    Notes
    -----
    Delta method: the slope of g(rank) in the parameters and their covariance give the error of g(rank), where g is
    the probit for a size, the logit for a load, and the log of the proportion above in the far tail of a load, where
    a logit's symmetric interval would be too narrow above.
    """

    def beyond(parameters: Floats) -> Floats:
        return form.beyond(parameters, person)

    def beyond_all(parameters: Floats) -> Floats:
        return 1 - form.at_or_below(parameters, person)

    theta = fitted.parameters
    upper = float(beyond(theta)[0])
    at_or_below = float(form.at_or_below(theta, person)[0])
    below = float(form.below(theta, person)[0])
    some = not isinstance(form, ZeroAdjustedForm) or bool(person.value[0] >= 0.5)
    around = _interval(form, fitted, beyond) if some else (0.0, 0.0)
    upto = _interval(form, fitted, beyond_all) if isinstance(form, ZeroAdjustedForm) else around
    # Nobody has less than none: a lesion-free person lies anywhere from the lowest rank to that of the last such one.
    return Rank(below, at_or_below, 1 - upper, around if some else (0.0, upto[1]), upto)


def _interval(form: Form, fitted: Fit, beyond: Callable[[Floats], Floats]) -> Interval:
    """Return the interval of 1 - beyond."""
    theta = fitted.parameters
    far = form.scale == "logit" and float(beyond(theta)[0]) < 1 - FAR_TAIL
    link, inverse = SCALES["log_above" if far else form.scale]

    def linked(parameters: Floats) -> Floats:
        return link(np.clip(beyond(parameters), SMALLEST, 1 - SMALLEST))

    slope = gradient(linked, theta)[0]
    error = float(np.sqrt(max(slope @ fitted.covariance @ slope, 0.0)))
    middle = float(linked(theta)[0])
    low, high = inverse(np.array([middle - Z_95 * error, middle + Z_95 * error]))
    return float(low), float(high)


def hull(one: Interval, other: Interval) -> Interval:
    """Return the narrowest interval that holds both.

    Examples
    --------
    >>> hull((0.84, 0.94), (0.77, 0.97))
    (0.77, 0.97)
    """
    return min(one[0], other[0]), max(one[1], other[1])
