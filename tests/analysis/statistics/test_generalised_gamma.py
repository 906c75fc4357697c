"""Zero-adjusted counts against scipy's distributions and against the zero-adjusted gamma."""

import numpy as np
import pytest
from scipy import stats

from analysis.statistics.distributions import ZeroAdjustedGamma
from analysis.statistics.generalised_gamma import ZeroAdjustedCounts


def test_power_one_is_the_zero_adjusted_gamma() -> None:
    mu, sigma, p_zero = 17.25, 0.9887, 0.1932
    one = ZeroAdjustedCounts(sigma**-2, 1.0, mu * sigma**2, p_zero)
    other = ZeroAdjustedGamma(mu, sigma, p_zero)
    k = np.arange(0, 200)
    assert one.at_or_below(k) == pytest.approx(other.whole_cdf(k), abs=1e-12)
    mass = np.diff(other.whole_cdf(k), prepend=0.0)
    assert np.exp(one.log_mass(k)) == pytest.approx(mass, rel=1e-6, abs=1e-12)
    assert np.exp(one.log_mass(np.arange(0, 3000))).sum() == pytest.approx(1.0)


def test_shape_one_is_a_weibull_above_half_a_step() -> None:
    one = ZeroAdjustedCounts(1.0, 0.65, 190.0, 0.05)
    scipy = stats.weibull_min(0.65, scale=190.0)
    k = np.array([1, 10, 500, 4000])
    assert one.above(k) == pytest.approx(0.95 * scipy.sf(k + 0.5) / scipy.sf(0.5), rel=1e-9)
    assert one.at_or_above(k) == pytest.approx(0.95 * scipy.sf(k - 0.5) / scipy.sf(0.5), rel=1e-9)
    p = np.array([0.02, 0.3, 0.99])
    y = one.quantile(p)
    assert y[0] == 0
    assert 1 - 0.95 * scipy.sf(y[1:]) / scipy.sf(0.5) == pytest.approx(p[1:], rel=1e-9)


def test_the_far_tail_keeps_its_digits() -> None:
    gamma = ZeroAdjustedCounts(1.0231, 1.0, 16.86, 0.2)
    assert 0 < float(gamma.above(1000)) < 1e-20
    assert np.isfinite(gamma.log_mass([1000.0])).all()
