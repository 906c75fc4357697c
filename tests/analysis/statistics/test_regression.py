"""The fits against R (tests/reference/comparison.R) and against what can be worked out by hand."""

import numpy as np
import polars as pl
import pytest
from scipy import special

from analysis.statistics.regression import NotEstimable, fit, last_coefficient, natural_spline, spline_knots

AGES = np.array([18.0, 22, 25, 31, 34, 40, 46, 52, 60, 71])


def ones(n: int) -> np.ndarray:
    return np.ones(n)


def test_spline_is_straight_beyond_its_ends_and_smooth_within() -> None:
    knots = spline_knots(AGES, 4)
    assert knots.tolist() == [18, 26.5, 37, 50.5, 71]
    outside = natural_spline(np.array([75.0, 80.0, 85.0]), knots)
    assert np.diff(outside, n=2, axis=0) == pytest.approx(0, abs=1e-9)
    step = 1e-3
    bend = np.diff(natural_spline(50.5 + np.array([-2, -1, 0, 1, 2]) * step, knots), n=2, axis=0) / step**2
    assert np.ptp(bend, axis=0) == pytest.approx(0, abs=1e-4)


def test_a_constant_gets_no_knots_and_few_values_fewer() -> None:
    assert len(spline_knots(ones(9), 4)) == 0
    assert spline_knots(np.array([20.0] * 9 + [30.0]), 4).tolist() == [20, 30]


def test_linear_model_of_two_groups_is_the_difference_of_means() -> None:
    values = np.array([1.0, 2, 3, 6, 7, 11])
    design = np.column_stack([ones(6), [0, 0, 0, 1, 1, 1]])
    slope = last_coefficient(fit(design, values, robust=False), 2)
    # difference 6; pooled variance (2 + 14) / 4 = 4; error 2 * sqrt(2 / 3)
    assert slope.estimate == pytest.approx(6)
    assert slope.statistic == pytest.approx(6 / (2 * np.sqrt(2 / 3)))
    robust = last_coefficient(fit(design, values), 2)
    # HC3: squared residuals / (1 - 1/3)^2 / 9, summed over both groups
    assert (robust.estimate / robust.statistic) ** 2 == pytest.approx((2 + 14) * 2.25 / 9)


def test_log_linear_and_logit_models_of_two_groups_are_ratios() -> None:
    design = np.column_stack([ones(8), [0, 0, 0, 0, 1, 1, 1, 1]])
    loads = np.array([0.0, 1, 0, 3, 2, 8, 0, 10])
    assert last_coefficient(fit(design, loads, "poisson"), 2).estimate == pytest.approx(np.log(5))
    has = np.array([0.0, 0, 0, 1, 1, 1, 0, 1])
    odds = last_coefficient(fit(design, has, "binomial", robust=False), 2, normal=True)
    assert odds.estimate == pytest.approx(np.log(9))
    # Woolf: 1/1 + 1/3 + 1/3 + 1/1
    assert odds.estimate / odds.statistic == pytest.approx(np.sqrt(8 / 3))


@pytest.mark.reference
def test_own_errors_and_fractional_logit_are_those_of_r(released_frame: pl.DataFrame) -> None:
    aged = released_frame.drop_nulls("age_years")
    design = np.column_stack(
        [ones(aged.height), aged["age_years"], aged["sex"] == "M", aged["group"] == "MS"]
    ).astype(float)  # fmt: skip
    slope = last_coefficient(fit(design, np.log(aged["ventricle_ratio_pct"].to_numpy()), robust=False), 4)
    assert slope.estimate == pytest.approx(-0.0643804313063, rel=1e-9)
    assert slope.statistic == pytest.approx(-2.47085874089, rel=1e-9)
    ms = aged.filter((pl.col("group") == "MS") & (pl.col("wmh_area_mm2") > 0))
    age = ms["age_years"].to_numpy()
    knots = spline_knots(age, 3)
    fitted = fit(np.column_stack([ones(len(age)), natural_spline(age, knots)]),
                 ms["periventricular_share_pct"].to_numpy() / 100, "binomial")  # fmt: skip
    at = np.column_stack([ones(2), natural_spline(np.array([30.0, 50.0]), knots)])
    assert special.expit(fitted.interval(at)[0]) == pytest.approx([0.528337263165, 0.612033285045], rel=1e-8)


@pytest.mark.slow
def test_statsmodels_agrees() -> None:
    api = pytest.importorskip("statsmodels.api")
    generator = np.random.default_rng(2)
    x = generator.normal(size=(200, 2))
    design = np.column_stack([ones(200), x])
    loads = generator.poisson(np.exp(0.3 + x @ [0.5, -0.4])).astype(float)
    theirs = api.GLM(loads, design, family=api.families.Poisson()).fit()
    ours = fit(design, loads, "poisson")
    assert ours.coefficients == pytest.approx(theirs.params, rel=1e-7)
    # Its own HC3 leaves the leverage out for these models; its leverage and the sandwich give HC3.
    bread = np.linalg.inv(design.T @ (design * theirs.mu[:, None]))
    scores = design * ((loads - theirs.mu) / (1 - theirs.get_influence().hat_matrix_diag))[:, None]
    assert ours.covariance == pytest.approx(bread @ (scores.T @ scores) @ bread, rel=1e-6)
    theirs = api.OLS(loads, design).fit(cov_type="HC3")
    assert np.sqrt(np.diag(fit(design, loads).covariance)) == pytest.approx(theirs.bse, rel=1e-9)


def test_a_repeated_column_is_dropped_not_guessed() -> None:
    x = np.arange(10.0)
    outcome = 3 + 2 * x + np.array([0.1, -0.1] * 5)
    fitted = fit(np.column_stack([ones(10), x, 5 * x, 1 - x]), outcome)
    assert fitted.kept.tolist() == [0, 1]
    with pytest.raises(NotEstimable, match="cannot be told apart"):
        last_coefficient(fitted, 4)


@pytest.mark.parametrize(
    ("design", "outcome", "family", "reason"),
    [
        (np.eye(3)[:, :2], [1.0, 2, 3], "gaussian", "one person alone"),
        (np.ones((1, 1)), [1.0], "gaussian", "too few people"),
        (np.array([[1, 20], [1, 30]]), [1.0, 2], "gaussian", "too few people"),
        (np.column_stack([np.ones(9), [0] * 8 + [1]]), [0.0, 1, 2, 0, 1, 2, 0, 1, 9], "poisson", "one person alone"),
        (np.column_stack([np.ones(8), [0] * 4 + [1] * 4]), [0.0, 0, 0, 0, 1, 2, 3, 4], "poisson", "diverged|converge"),
        (np.column_stack([np.ones(8), range(8)]), [0.0, 0, 0, 0, 1, 1, 1, 1], "binomial", "diverged|converge"),
    ],
)
def test_what_the_data_do_not_determine_is_refused(design, outcome, family, reason) -> None:
    with pytest.raises(NotEstimable, match=reason):
        fit(design.astype(float), np.array(outcome), family)


def test_no_variation_has_no_test() -> None:
    design = np.column_stack([ones(6), [0.0, 0, 0, 1, 1, 1]])
    with pytest.raises(NotEstimable, match="do not vary"):
        last_coefficient(fit(design, np.array([1.0, 1, 1, 2, 2, 2])), 2)
