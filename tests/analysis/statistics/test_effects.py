"""Effect sizes on samples small enough to count by hand, and large ones against their small-sample formula."""

import numpy as np
import pytest

from analysis.statistics import effects
from analysis.statistics.effects import cohen_d, hodges_lehmann, noncentral_d_interval, rank_biserial


def test_rank_biserial_counts_pairs() -> None:
    # MS 2, 5 against HC 1, 2, 3: of 6 pairs 4 are larger, 1 equal, 1 smaller
    assert rank_biserial(np.array([2.0, 5.0]), np.array([1.0, 2.0, 3.0]))[0] == pytest.approx((4 - 1) / 6)


def test_rank_biserial_of_separated_groups_has_no_interval() -> None:
    r, low, high = rank_biserial(np.array([5.0, 6.0]), np.array([1.0, 2.0]))
    assert r == 1
    assert np.isnan([low, high]).all()


def test_cohen_d_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    # means 3 and 2, pooled variance ((2 * 1) + (2 * 1)) / 4 = 1
    d, low, high = cohen_d(np.array([2.0, 3.0, 4.0]), np.array([1.0, 2.0, 3.0]))
    assert d == pytest.approx(1)
    assert np.isnan([low, high]).all()
    # R: cohen() of comparison.R
    monkeypatch.setattr(effects, "LEAST_FOR_D", 10)
    ten = cohen_d(np.array([2.0, 3, 4, 4, 5, 6, 7, 7, 9, 12]), np.array([1.0, 2, 3, 3, 3, 4, 5, 5, 6, 7]))
    assert ten == pytest.approx((0.802500564258, -0.071076183927, 1.67607731244), rel=1e-9)


def test_noncentral_interval_of_d_is_the_usual_one() -> None:
    # d of the released ventricle ratios with R's noncentral t: what most programs print
    found = noncentral_d_interval(-0.0590527597604, 381, 999)
    assert found == pytest.approx((-0.177079049261, 0.0589949476945), rel=1e-6)
    # R: t = 1.224745, df 4
    assert noncentral_d_interval(1.0, 3, 3) == pytest.approx((-0.784655234, 2.684221458), rel=1e-7)


def test_cohen_d_of_constant_groups_is_unknown() -> None:
    assert np.isnan(cohen_d(np.array([1.0, 1.0]), np.array([1.0, 1.0]))).all()


def test_cohen_d_of_normal_values_has_the_usual_error() -> None:
    values = np.random.default_rng(3).normal(size=20_000)
    d, low, high = cohen_d(values[:8_000] + 0.3, values[8_000:])
    usual = 1.96 * np.sqrt(1 / 8_000 + 1 / 12_000 + d * d / 40_000)
    assert (low, high) == pytest.approx((d - usual, d + usual), abs=1e-3)


def test_hodges_lehmann_is_the_median_difference() -> None:
    # differences 1, 2, 3, 0, 1, 2 -> sorted 0, 1, 1, 2, 2, 3
    shift, low, high = hodges_lehmann(np.array([4.0, 3.0]), np.array([3.0, 2.0, 1.0]))
    assert shift == 1.5
    assert np.isnan([low, high]).all()


def test_hodges_lehmann_of_many_people_is_that_of_all_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(5)
    ms, hc = generator.gamma(1.5, 2.0, 3_000), generator.gamma(1.2, 2.0, 4_000)
    thinned = hodges_lehmann(ms, hc)
    monkeypatch.setattr(effects, "MOST_PAIRS", 20_000_000)
    assert thinned == pytest.approx(hodges_lehmann(ms, hc), abs=2e-3)


def test_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    generator = np.random.default_rng(11)
    covered = 0
    for _ in range(400):
        _, low, high = rank_biserial(generator.normal(0.5, 1, 40), generator.normal(0, 1, 60))
        covered += low <= 0.2763263901682369 <= high  # 2 * Phi(0.5 / sqrt 2) - 1
    assert 0.92 <= covered / 400 <= 0.98
