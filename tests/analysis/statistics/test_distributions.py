"""Box-Cox t and zero-adjusted gamma against the published check values, scipy and their own definitions."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, stats

from analysis.statistics.distributions import BoxCoxT, ZeroAdjustedGamma

# Coefficients and check values of STUDY section 3, computed with gamlss and with an independent scipy likelihood.
# age, male, value -> centile, z, P50, P95
VENTRICLE_CHECKS = [
    (18, 0, 0.6, 93.29, 1.4978, 0.3508, 0.6331),
    (35, 0, 0.7, 92.75, 1.4575, 0.4153, 0.7495),
    (45, 1, 0.8, 95.64, 1.7104, 0.4327, 0.7808),
    (65, 0, 0.9, 90.79, 1.3282, 0.5594, 1.0095),
]
# age, male, area -> F, F just below, at an intracranial area of 111,000 mm2
LOAD_CHECKS = [
    (35, 0, 0, 0.19318, 0.0),
    (35, 0, 35, 0.89511, 0.88876),
    (45, 1, 60, 0.86695, 0.86259),
    (65, 0, 40, 0.93479, 0.93083),
]


def ventricles(age: float, male: int) -> BoxCoxT:
    log_mu = -0.8788 + 0.0993 * (age - 35) / 10 - 0.0583 * male
    return BoxCoxT(np.exp(log_mu), np.exp(-1.002), 0.4233, np.exp(2.2274))


def loads(age: float, male: int) -> ZeroAdjustedGamma:
    logit = -1.4295 + 0.2355 * (age - 35) / 10 - 1.0296 * male
    return ZeroAdjustedGamma(np.exp(2.8478 + 0.6017 * male), np.exp(-0.0114), 1 / (1 + np.exp(-logit)))


@pytest.mark.parametrize(("age", "male", "value", "centile", "z", "p50", "p95"), VENTRICLE_CHECKS)
def test_box_cox_t_gives_the_published_centiles(age, male, value, centile, z, p50, p95):
    model = ventricles(age, male)
    assert 100 * model.cdf(value) == pytest.approx(centile, abs=0.006)
    # The published z was computed before the coefficients were rounded to four digits.
    assert stats.norm.ppf(model.cdf(value)) == pytest.approx(z, abs=3e-4)
    assert model.ppf([0.5, 0.95]) == pytest.approx([p50, p95], abs=1e-4)


@pytest.mark.parametrize(("age", "male", "area", "at_most", "below"), LOAD_CHECKS)
def test_zero_adjusted_gamma_gives_the_published_probabilities(age, male, area, at_most, below):
    assert loads(age, male).whole_cdf([area, area - 1]) == pytest.approx([at_most, below], abs=2e-5)


@pytest.mark.reference
def test_check_values_here_are_those_of_the_reference(reference: Path):
    anchors = json.loads((reference / "published" / "anchors.json").read_text(encoding="utf-8"))
    ventricle = [
        (c["age"], c["male"], c["value"], c["centile"], c["z"], c["p50"], c["p95"])
        for c in anchors["vent_ratio_pct"]["checks"]
    ]
    load = [(c["age"], c["male"], c["area"], c["F"], c["F_minus"]) for c in anchors["wmh_area"]["checks"]]
    assert ventricle == VENTRICLE_CHECKS
    assert load == LOAD_CHECKS


@pytest.mark.parametrize("nu", [-0.8, 0.0, 0.4, 1.0, 2.5])
def test_box_cox_t_density_integrates_to_its_probabilities(nu):
    model = BoxCoxT(mu=2.0, sigma=0.3, nu=nu, tau=6.0)
    for low, high in [(0.0, 1.5), (1.5, 2.5), (2.5, 40.0)]:
        area, _ = integrate.quad(lambda y: float(model.pdf(y)), low, high, limit=200)
        assert area == pytest.approx(float(model.cdf(high) - model.cdf(low)), abs=1e-7)


@pytest.mark.parametrize("nu", [-0.8, 0.0, 0.4, 1.0, 2.5])
def test_box_cox_t_quantiles_invert_its_probabilities(nu):
    model = BoxCoxT(mu=2.0, sigma=0.3, nu=nu, tau=6.0)
    p = np.array([1e-6, 0.01, 0.3, 0.5, 0.9, 0.999])
    assert model.cdf(model.ppf(p)) == pytest.approx(p, rel=1e-8)


def test_box_cox_t_special_cases_are_known_distributions():
    y = np.array([0.4, 1.0, 3.0])
    # nu 0 is a log-t; with many degrees of freedom, a log-normal.
    log_t = BoxCoxT(mu=1.5, sigma=0.5, nu=0.0, tau=4.0)
    assert log_t.cdf(y) == pytest.approx(stats.t(4).cdf(np.log(y / 1.5) / 0.5), rel=1e-12)
    log_normal = BoxCoxT(mu=1.5, sigma=0.5, nu=0.0, tau=1e9)
    assert log_normal.pdf(y) == pytest.approx(stats.lognorm(0.5, scale=1.5).pdf(y), rel=1e-6)
    # nu 1 is a t about mu, cut at zero.
    cut = stats.t(5, loc=1.5, scale=0.75)
    expected = (cut.cdf(y) - cut.cdf(0)) / cut.sf(0)
    assert BoxCoxT(mu=1.5, sigma=0.5, nu=1.0, tau=5.0).cdf(y) == pytest.approx(expected, rel=1e-12)


def test_box_cox_t_is_smooth_where_nu_passes_zero():
    at_zero = BoxCoxT(2.0, 0.3, 0.0, 6.0)
    near_zero = BoxCoxT(2.0, 0.3, 1e-9, 6.0)
    assert near_zero.cdf([1.0, 3.0]) == pytest.approx(at_zero.cdf([1.0, 3.0]), rel=1e-8)
    assert near_zero.ppf([0.1, 0.9]) == pytest.approx(at_zero.ppf([0.1, 0.9]), rel=1e-6)


def test_zero_adjusted_gamma_is_a_mass_and_a_scipy_gamma():
    model = ZeroAdjustedGamma(mu=10.0, sigma=0.8, p_zero=0.3)
    gamma = stats.gamma(1 / 0.64, scale=6.4)
    y = np.array([0.5, 8.0, 30.0])
    assert model.cdf(y) == pytest.approx(0.3 + 0.7 * gamma.cdf(y), rel=1e-12)
    assert model.pdf(y) == pytest.approx(0.7 * gamma.pdf(y), rel=1e-12)
    assert model.pdf(0) == pytest.approx(0.3)
    assert model.cdf([-1, 0]) == pytest.approx([0, 0.3])
    assert model.ppf([0, 0.3, 1]).tolist() == [0, 0, np.inf]
    assert model.cdf(model.ppf([0.31, 0.7, 0.999])) == pytest.approx([0.31, 0.7, 0.999], rel=1e-10)


def test_whole_numbers_and_their_ranks_invert_each_other():
    model = ZeroAdjustedGamma(mu=17.0, sigma=0.99, p_zero=0.19)
    counts = np.arange(200.0)
    assert model.whole_ppf(model.whole_cdf(counts)).tolist() == counts.tolist()
    assert model.whole_cdf([-1, 0, 3.7]).tolist() == [0, 0.19, float(model.whole_cdf(3))]
    assert model.whole_cdf(1e9) == pytest.approx(1)
    # Just above the mass at zero comes 1: no count lies between.
    assert model.whole_ppf([0.19, 0.19 + 1e-9]).tolist() == [0, 1]


def test_random_values_follow_the_distribution_and_the_seed():
    for model in (ventricles(40, 1), loads(40, 1)):
        drawn = model.rvs(np.random.default_rng(5), 20_000)
        assert drawn.tolist() == model.rvs(np.random.default_rng(5), 20_000).tolist()
        p = np.array([0.2, 0.5, 0.9, 0.99])
        observed = (drawn[:, None] <= model.ppf(p)).mean(axis=0)
        # 5 standard errors of a proportion of 20,000
        assert observed == pytest.approx(p, abs=5 * np.sqrt(0.25 / 20_000))


def test_arguments_broadcast_and_missing_stays_missing():
    model = BoxCoxT(mu=np.array([1.0, 2.0]), sigma=0.3, nu=0.4, tau=6.0)
    assert model.cdf([[1.0], [2.0]]).shape == (2, 2)
    assert model.rvs(np.random.default_rng(0)).shape == (2,)
    load = ZeroAdjustedGamma(10.0, 0.8, 0.3)
    for answer in (model.cdf(np.nan), model.pdf(np.nan), model.ppf([np.nan, 1.5])):
        assert np.isnan(answer).all()
    for answer in (load.cdf(np.nan), load.ppf([np.nan, -0.1]), load.whole_cdf(np.nan), load.whole_ppf([np.nan, 2])):
        assert np.isnan(answer).all()


def test_nothing_lies_below_zero():
    model = BoxCoxT(1.0, 0.3, 0.4, 6.0)
    assert model.cdf([-1, 0]).tolist() == [0, 0]
    assert model.pdf([-1, 0]).tolist() == [0, 0]


@pytest.mark.parametrize("bad", [0, -1, np.nan, np.inf])
def test_parameters_that_make_no_distribution_are_refused(bad):
    for build in (lambda: BoxCoxT(bad, 1, 1, 1), lambda: BoxCoxT(1, bad, 1, 1), lambda: BoxCoxT(1, 1, 1, bad)):
        with pytest.raises(ValueError, match="must be a positive number"):
            build()
    with pytest.raises(ValueError, match="mu must be a positive number"):
        ZeroAdjustedGamma(bad, 1, 0.5)


def test_other_impossible_parameters_are_refused():
    with pytest.raises(ValueError, match="nu must be a finite number"):
        BoxCoxT(1, 1, np.nan, 1)
    with pytest.raises(ValueError, match="p_zero must lie between 0 and 1"):
        ZeroAdjustedGamma(1, 1, [0.5, 1.2])
