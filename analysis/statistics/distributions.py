"""Two distributions the normative models need: Box-Cox t and zero-adjusted gamma, after Rigby and Stasinopoulos."""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class BoxCoxT:
    """Box-Cox t distribution of a positive, skewed, heavy-tailed quantity.

    ``z = ((y / mu) ** nu - 1) / (nu * sigma)``, or ``log(y / mu) / sigma`` when nu is 0, follows Student's t with
    tau degrees of freedom, truncated to the z that a positive y can have. It is gamlss's BCT; BCTo differs only in
    modelling log(mu) instead of mu.

    Parameters
    ----------
    mu : float or array, > 0
        Median, up to the truncation (negligible while sigma * |nu| is small); the unit of y.
    sigma : float or array, > 0
        About the coefficient of variation.
    nu : float or array
        Skewness: 1 symmetric, below 1 skewed to the right.
    tau : float or array, > 0
        Degrees of freedom: the smaller, the heavier the tails.

    Raises
    ------
    ValueError : mu, sigma or tau is not positive, or a parameter is not a finite number.

    Notes
    -----
    Parameters and arguments broadcast. A missing (NaN) argument gives NaN.

    References
    ----------
    Rigby and Stasinopoulos, Statistical Modelling 2006;6:209-229, doi:10.1191/1471082X06st122oa.

    Examples
    --------
    >>> ventricles = BoxCoxT(mu=0.4153, sigma=0.3671, nu=0.4233, tau=9.276)
    >>> float(ventricles.ppf(0.95).round(3))
    0.749
    """

    mu: ArrayLike
    sigma: ArrayLike
    nu: ArrayLike
    tau: ArrayLike

    def __post_init__(self) -> None:
        _check_positive(mu=self.mu, sigma=self.sigma, tau=self.tau)
        if not np.all(np.isfinite(np.asarray(self.nu, dtype=float))):
            raise ValueError("nu must be a finite number")

    def pdf(self, y: ArrayLike) -> Floats:
        """Density at y, per unit of y; 0 where y is not positive."""
        y_, mu, sigma, nu, tau = _arrays(y, self.mu, self.sigma, self.nu, self.tau)
        positive = _not_below(y_, 0.0, strict=True)
        inside = np.where(positive, y_, mu)
        z = _to_z(inside, mu, sigma, nu)
        log_t = scipy.special.gammaln((tau + 1) / 2) - scipy.special.gammaln(tau / 2) - 0.5 * np.log(np.pi * tau)
        log_t = log_t - (tau + 1) / 2 * np.log1p(z**2 / tau)
        log_jacobian = nu * np.log(inside / mu) - np.log(inside) - np.log(sigma)
        density: Floats = np.exp(log_t + log_jacobian) / self._kept()
        return np.where(positive, density, 0.0)

    def cdf(self, y: ArrayLike) -> Floats:
        """Probability of a value not above y, in 0-1; 0 where y is not positive."""
        y_, mu, sigma, nu, tau = _arrays(y, self.mu, self.sigma, self.nu, self.tau)
        positive = _not_below(y_, 0.0, strict=True)
        z = _to_z(np.where(positive, y_, mu), mu, sigma, nu)
        kept = self._kept()
        below = np.where(nu > 0, 1 - kept, 0.0)
        probability: Floats = (scipy.special.stdtr(tau, z) - below) / kept
        return np.where(positive, np.clip(probability, 0.0, 1.0), 0.0)

    def ppf(self, p: ArrayLike) -> Floats:
        """Value below which a proportion p lies; NaN where p is outside 0-1."""
        p_, mu, sigma, nu, tau = _arrays(p, self.mu, self.sigma, self.nu, self.tau)
        valid = (p_ >= 0) & (p_ <= 1)
        kept = self._kept()
        share = np.where(nu > 0, 1 - (1 - np.where(valid, p_, 0.5)) * kept, np.where(valid, p_, 0.5) * kept)
        z = scipy.special.stdtrit(tau, share)
        with np.errstate(divide="ignore", over="ignore"):
            power = np.maximum(1 + sigma * nu * z, 0.0) ** (1 / np.where(nu == 0, 1.0, nu))
            value: Floats = mu * np.where(nu == 0, np.exp(sigma * z), power)
        return np.where(valid, value, np.nan)

    def rvs(self, rng: np.random.Generator, size: int | tuple[int, ...] | None = None) -> Floats:
        """Random values by inversion; the same generator state gives the same values."""
        return self.ppf(rng.random(_shape(size, self.mu, self.sigma, self.nu, self.tau)))

    def _kept(self) -> Floats:
        """Probability that an untruncated t keeps y positive."""
        sigma, nu, tau = _arrays(self.sigma, self.nu, self.tau)
        with np.errstate(divide="ignore"):
            limit = 1 / (sigma * np.abs(nu))
        kept: Floats = scipy.special.stdtr(tau, limit)
        return kept


@dataclass(frozen=True)
class ZeroAdjustedGamma:
    """Zero with probability p_zero, else gamma: a load that some people do not have at all (gamlss's ZAGA).

    Parameters
    ----------
    mu : float or array, > 0
        Mean of the positive values.
    sigma : float or array, > 0
        Coefficient of variation of the positive values (gamma shape 1 / sigma**2).
    p_zero : float or array, in 0-1
        Probability of exactly zero.

    Raises
    ------
    ValueError : mu or sigma is not positive, or p_zero is outside 0-1.

    Notes
    -----
    Parameters and arguments broadcast. A missing (NaN) argument gives NaN. An area counted in whole mm² is a rounded
    one: k stands for k - 0.5 to k + 0.5, and a positive area is at least 0.5, or it would have been counted as none.
    The ``whole`` methods are the distribution of such counts.

    References
    ----------
    Rigby, Stasinopoulos, Heller and De Bastiani, Distributions for Modeling Location, Scale, and Shape, 2019,
    doi:10.1201/9780429298547, chapter 9.

    Examples
    --------
    >>> load = ZeroAdjustedGamma(mu=17.25, sigma=0.9887, p_zero=0.1932)
    >>> load.whole_cdf([0, 35]).round(3).tolist()
    [0.193, 0.895]
    """

    mu: ArrayLike
    sigma: ArrayLike
    p_zero: ArrayLike

    def __post_init__(self) -> None:
        _check_positive(mu=self.mu, sigma=self.sigma)
        p_zero = np.asarray(self.p_zero, dtype=float)
        if not np.all((p_zero >= 0) & (p_zero <= 1)):
            raise ValueError("p_zero must lie between 0 and 1")

    def pdf(self, y: ArrayLike) -> Floats:
        """Density of the positive values at y, per unit of y; at exactly 0 the probability of zero."""
        y_, mu, sigma, p_zero = _arrays(y, self.mu, self.sigma, self.p_zero)
        positive = _not_below(y_, 0.0, strict=True)
        inside = np.where(positive, y_, mu)
        shape, scale = sigma**-2, mu * sigma**2
        log_density = (
            (shape - 1) * np.log(inside) - inside / scale - scipy.special.gammaln(shape) - shape * np.log(scale)
        )
        density: Floats = (1 - p_zero) * np.exp(log_density)
        return np.where(positive, density, np.where(y_ == 0, p_zero, 0.0))

    def cdf(self, y: ArrayLike) -> Floats:
        """Probability of a value not above y, in 0-1: p_zero at 0, 0 below."""
        y_, mu, sigma, p_zero = _arrays(y, self.mu, self.sigma, self.p_zero)
        at_least_zero = _not_below(y_, 0.0, strict=False)
        gamma = _gamma_cdf(np.where(at_least_zero, y_, 0.0), mu, sigma)
        return np.where(at_least_zero, p_zero + (1 - p_zero) * gamma, 0.0)

    def ppf(self, p: ArrayLike) -> Floats:
        """Smallest value with at least a proportion p at or below it; NaN where p is outside 0-1."""
        p_, mu, sigma, p_zero = _arrays(p, self.mu, self.sigma, self.p_zero)
        valid = (p_ >= 0) & (p_ <= 1)
        value = _gamma_ppf(_share_of_positive(p_, p_zero), mu, sigma)
        return np.where(valid, value, np.nan)

    def rvs(self, rng: np.random.Generator, size: int | tuple[int, ...] | None = None) -> Floats:
        """Random values by inversion; the same generator state gives the same values."""
        return self.ppf(rng.random(_shape(size, self.mu, self.sigma, self.p_zero)))

    def whole_cdf(self, k: ArrayLike) -> Floats:
        """Probability of at most k counted units, in 0-1; k between whole numbers is read as the one below."""
        k_, mu, sigma, p_zero = _arrays(k, self.mu, self.sigma, self.p_zero)
        at_least_zero = _not_below(k_, 0.0, strict=False)
        below = _gamma_cdf(np.asarray(0.5), mu, sigma)
        upto = _gamma_cdf(np.where(at_least_zero, np.floor(k_), 0.0) + 0.5, mu, sigma)
        return np.where(at_least_zero, p_zero + (1 - p_zero) * (upto - below) / (1 - below), 0.0)

    def whole_ppf(self, p: ArrayLike) -> Floats:
        """Smallest whole number with at least a proportion p at or below it; NaN where p is outside 0-1."""
        p_, mu, sigma, p_zero = _arrays(p, self.mu, self.sigma, self.p_zero)
        valid = (p_ >= 0) & (p_ <= 1)
        below = _gamma_cdf(np.asarray(0.5), mu, sigma)
        value = _gamma_ppf(below + _share_of_positive(p_, p_zero) * (1 - below), mu, sigma)
        # The margin absorbs rounding, so that the rank of k gives k back.
        counted = np.where(p_ > p_zero, np.maximum(np.ceil(value * (1 - 1e-9) - 0.5), 1.0), 0.0)
        return np.where(valid, counted, np.nan)


def _gamma_cdf(y: Floats, mu: Floats, sigma: Floats) -> Floats:
    probability: Floats = scipy.special.gammainc(sigma**-2, y / (mu * sigma**2))
    return probability


def _gamma_ppf(p: Floats, mu: Floats, sigma: Floats) -> Floats:
    value: Floats = mu * sigma**2 * scipy.special.gammaincinv(sigma**-2, p)
    return value


def _share_of_positive(p: Floats, p_zero: Floats) -> Floats:
    """Rank among the positive values: 0 up to p_zero, 1 at 1."""
    positive = (p > p_zero) & (p <= 1)
    share: Floats = np.where(positive, p - p_zero, 0.0) / np.where(positive, 1 - p_zero, 1.0)
    return share


def _to_z(y: Floats, mu: Floats, sigma: Floats, nu: Floats) -> Floats:
    # expm1 keeps the limit at nu = 0 smooth, where a difference of powers would lose every digit.
    log_ratio = np.log(y / mu)
    z: Floats = np.where(nu == 0, log_ratio, np.expm1(nu * log_ratio) / np.where(nu == 0, 1.0, nu)) / sigma
    return z


def _not_below(y: Floats, limit: float, *, strict: bool) -> NDArray[np.bool_]:
    """Return where y is above (or at) the limit; a NaN counts as inside so that it stays NaN."""
    return np.isnan(y) | (y > limit if strict else y >= limit)


def _arrays(*values: ArrayLike) -> list[Floats]:
    return [np.asarray(value, dtype=np.float64) for value in values]


def _shape(size: int | tuple[int, ...] | None, *parameters: ArrayLike) -> int | tuple[int, ...]:
    return np.broadcast_shapes(*(np.shape(p) for p in parameters)) if size is None else size


def _check_positive(**parameters: ArrayLike) -> None:
    for name, value in parameters.items():
        array = np.asarray(value, dtype=float)
        if not np.all(np.isfinite(array) & (array > 0)):
            raise ValueError(f"{name} must be a positive number")
