"""Zero-adjusted generalised gamma of an area counted in whole steps: gamma and Weibull are special cases."""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

HALF_STEP = 0.5
SMALLEST = 1e-300


@dataclass(frozen=True)
class ZeroAdjustedCounts:
    """None at all with probability p_zero, else an area that is at least half a step, known to the next whole step.

    The area without rounding is ``scale * G ** (1 / power)`` with G gamma distributed (``shape``, scale 1): a gamma
    distribution where power is 1, a Weibull where shape is 1. It is conditional on at least half a step, for a
    smaller area would have been counted as none; a counted k stands for k - 0.5 to k + 0.5.

    Parameters
    ----------
    shape, power, scale : float or array, > 0; scale in steps (mm²)
    p_zero : float or array, in 0-1

    Notes
    -----
    Parameters and arguments broadcast. Values need not be whole; anything below half a step counts as none.

    References
    ----------
    Stacy 1962, doi:10.1214/aoms/1177704481 (generalised gamma); Rigby et al. 2019, doi:10.1201/9780429298547,
    chapter 9 (zero-adjusted distributions).

    Examples
    --------
    >>> load = ZeroAdjustedCounts(shape=1.0231, power=1.0, scale=16.86, p_zero=0.1932)
    >>> load.at_or_below([0, 35]).round(3).tolist()
    [0.193, 0.895]
    """

    shape: ArrayLike
    power: ArrayLike
    scale: ArrayLike
    p_zero: ArrayLike

    def log_mass(self, k: ArrayLike) -> Floats:
        """Log probability of k to the next whole step."""
        k_, p_zero = np.asarray(k, float), np.asarray(self.p_zero, float)
        some = k_ >= HALF_STEP
        inside = np.where(some, k_, 1.0)
        low, high = np.maximum(inside - HALF_STEP, HALF_STEP), inside + HALF_STEP
        # On the side where the two are small their difference keeps its digits.
        upper = self._above(low) < HALF_STEP
        mass = np.where(upper, self._above(low) - self._above(high), self._below(high) - self._below(low))
        log_some = np.log1p(-p_zero) + np.log(np.maximum(mass, SMALLEST)) - np.log(self._above(HALF_STEP))
        logs: Floats = np.where(some, log_some, np.log(np.maximum(p_zero, SMALLEST)))
        return logs

    def at_or_below(self, k: ArrayLike) -> Floats:
        """Probability of at most k (to the half step above it), in 0-1."""
        share: Floats = 1.0 - self.above(k)
        return share

    def above(self, k: ArrayLike) -> Floats:
        """Probability of more than k, with its digits in the far tail."""
        k_ = np.asarray(k, float)
        edge = np.where(k_ >= HALF_STEP, k_ + HALF_STEP, HALF_STEP)
        share: Floats = (1 - np.asarray(self.p_zero, float)) * self._above(edge) / self._above(HALF_STEP)
        return share

    def at_or_above(self, k: ArrayLike) -> Floats:
        """Probability of k or more."""
        k_ = np.asarray(k, float)
        edge = np.maximum(k_ - HALF_STEP, HALF_STEP)
        share: Floats = (1 - np.asarray(self.p_zero, float)) * self._above(edge) / self._above(HALF_STEP)
        return np.where(k_ >= HALF_STEP, share, 1.0)

    def quantile(self, p: ArrayLike) -> Floats:
        """Area, not rounded, below which a proportion p lies; 0 up to p_zero."""
        p_, p_zero = np.asarray(p, float), np.asarray(self.p_zero, float)
        some = p_ > p_zero
        beyond = np.where(some, 1 - p_, 1.0) / np.where(some, 1 - p_zero, 1.0)
        g: Floats = scipy.special.gammainccinv(np.asarray(self.shape, float), beyond * self._above(HALF_STEP))
        return np.where(some, np.asarray(self.scale, float) * g ** (1 / np.asarray(self.power, float)), 0.0)

    def _below(self, y: ArrayLike) -> Floats:
        share: Floats = scipy.special.gammainc(np.asarray(self.shape, float), self._power_of(y))
        return share

    def _above(self, y: ArrayLike) -> Floats:
        share: Floats = scipy.special.gammaincc(np.asarray(self.shape, float), self._power_of(y))
        return share

    def _power_of(self, y: ArrayLike) -> Floats:
        scaled: Floats = np.asarray(y, float) / np.asarray(self.scale, float)
        powered: Floats = scaled ** np.asarray(self.power, float)
        return powered
