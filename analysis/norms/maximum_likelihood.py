"""Maximum likelihood with the covariance of the estimates, for models of a handful of parameters."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LogLikelihood = Callable[[Floats], Floats]
"""Parameters (K,) -> log-likelihood of each person (N,)."""

STEP = 1e-4
NEWTON_STEPS = 12
CLOSE_ENOUGH = 1e-6
"""Newton stops when a step is this small in standard errors."""


class NotFitted(ValueError):
    """The model could not be fitted to these people; the message says why."""


@dataclass(frozen=True)
class Fit:
    """Estimates (K,), their covariance (K, K) from the observed information, and the log-likelihood."""

    parameters: Floats
    covariance: Floats
    log_likelihood: float


def fit(log_likelihood: LogLikelihood, start: Floats, *, near: bool = False) -> Fit:
    """Maximise the sum of ``log_likelihood`` from ``start``: BFGS, then Newton to the last digits.

    Parameters
    ----------
    near : the start is close to the maximum, so Newton's steps are tried first

    Raises
    ------
    NotFitted : there is no maximum, or the data do not determine every parameter
    """
    if near:
        try:
            return _newton(log_likelihood, start)
        except NotFitted:
            pass

    def loss(parameters: Floats) -> float:
        return -_total(log_likelihood, parameters)

    def slope(parameters: Floats) -> Floats:
        down: Floats = -_slope(log_likelihood, parameters)
        return down

    found = scipy.optimize.minimize(loss, start, jac=slope, method="BFGS", options={"gtol": 1e-2, "maxiter": 500})
    return _newton(log_likelihood, np.asarray(found.x, dtype=float))


def _newton(log_likelihood: LogLikelihood, start: Floats) -> Fit:
    parameters = start
    for _ in range(NEWTON_STEPS):
        covariance = _inverse(_information(log_likelihood, parameters))
        step = covariance @ _slope(log_likelihood, parameters)
        before = _total(log_likelihood, parameters)
        while _total(log_likelihood, parameters + step) < before - 1e-9 and np.abs(step).max() > 1e-10:
            step = step / 2
        parameters = parameters + step
        if np.all(np.abs(step) < CLOSE_ENOUGH * np.sqrt(np.diag(covariance))):
            return Fit(parameters, covariance, _total(log_likelihood, parameters))
    raise NotFitted("the likelihood of these people has no clear maximum")


def _total(log_likelihood: LogLikelihood, parameters: Floats) -> float:
    with np.errstate(all="ignore"):
        total = float(np.sum(log_likelihood(parameters)))
    return total if np.isfinite(total) else -1e12


def _slope(log_likelihood: LogLikelihood, parameters: Floats) -> Floats:
    with np.errstate(all="ignore"):
        total: Floats = scores(log_likelihood, parameters).sum(axis=0)
    return total


def scores(log_likelihood: LogLikelihood, parameters: Floats) -> Floats:
    """Slope of each person's log-likelihood in each parameter (N, K), by central differences."""
    return np.stack([_difference(log_likelihood, parameters, j) for j in range(len(parameters))], axis=-1)


def gradient(function: LogLikelihood, parameters: Floats) -> Floats:
    """Slope of any smooth function of the parameters (N, K)."""
    return scores(function, parameters)


def without(estimates: Fit, score: Floats) -> Floats:
    """Estimates had one person not been among the fitted: one Newton step from those of everybody.

    Parameters
    ----------
    score : (K,) slope of this person's log-likelihood at the estimates
    """
    left_out: Floats = estimates.parameters - estimates.covariance @ score
    return left_out


def _difference(function: LogLikelihood, parameters: Floats, j: int) -> Floats:
    step = np.zeros_like(parameters)
    step[j] = STEP
    change: Floats = (function(parameters + step) - function(parameters - step)) / (2 * STEP)
    return change


def _information(log_likelihood: LogLikelihood, parameters: Floats) -> Floats:
    """Return the observed information (K, K), by central differences of the slope."""
    rows = []
    for j in range(len(parameters)):
        step = np.zeros_like(parameters)
        step[j] = STEP
        with np.errstate(all="ignore"):
            up, down = (scores(log_likelihood, parameters + s * step).sum(axis=0) for s in (1, -1))
        rows.append((up - down) / (2 * STEP))
    raw = -np.stack(rows)
    symmetric: Floats = (raw + raw.T) / 2
    return symmetric


def _inverse(information: Floats) -> Floats:
    if not np.all(np.isfinite(information)):
        raise NotFitted("the likelihood of these people is not finite")
    try:
        np.linalg.cholesky(information)
    except np.linalg.LinAlgError:
        raise NotFitted("these people do not determine every parameter of the model") from None
    return np.asarray(np.linalg.inv(information), dtype=np.float64)
