"""Agreement against literal values of tests/reference/agreement.R (R 4.2.2), pingouin 0.7 and the published example."""

import math
from dataclasses import astuple

import numpy as np
import pytest

from analysis.statistics.agreement import bland_altman, icc_agreement, icc_consistency

BY_HAND = [4.3, 3.2, 22.4, 23.0, 24.7, 16.0, 17.3, 14.5, 28.0, 16.1]
FOUND = [5.7, 6.6, 15.0, 28.1, 15.8, 11.7, 16.3, 14.6, 26.3, 17.1]
# Shrout and Fleiss 1979, table 2, judges 1 and 2.
JUDGE_1, JUDGE_2 = [9, 6, 8, 7, 10, 6], [2, 1, 4, 1, 5, 2]


def test_limits_of_agreement_and_their_intervals_are_those_of_r() -> None:
    result = bland_altman(BY_HAND, FOUND)
    assert astuple(result) == pytest.approx(
        (
            *(10, 0),
            *(-1.23, -4.44478454, 1.98478454),
            *(-10.03799761, -18.31109901, -6.457287102),
            *(7.577997608, 3.997287102, 15.85109901),
            *(-0.1386533493, -0.6212924312, 0.3439857326, 0.5262893431),
        ),
        rel=1e-8,
    )


def test_icc_is_that_of_r_and_pingouin() -> None:
    agreement, consistency = icc_agreement(BY_HAND, FOUND), icc_consistency(BY_HAND, FOUND)
    assert astuple(agreement)[3:6] == pytest.approx((0.8343452984, 0.4864333542, 0.9555882185), rel=1e-8)
    assert astuple(consistency)[3:6] == pytest.approx((0.8308036874, 0.4576537604, 0.955120349), rel=1e-8)
    assert (agreement.f, agreement.df1, agreement.df2) == (pytest.approx(10.82058858), 9, 9)
    assert agreement.p_value == consistency.p_value == pytest.approx(0.0007682020927)


def test_judges_who_differ_by_a_constant_are_consistent_but_do_not_agree() -> None:
    agreement, consistency = icc_agreement(JUDGE_1, JUDGE_2), icc_consistency(JUDGE_1, JUDGE_2)
    assert astuple(agreement)[3:6] == pytest.approx((0.1256544503, -0.02365322154, 0.599851484), rel=1e-8)
    assert astuple(consistency)[3:6] == pytest.approx((0.7453416149, -0.0209087463, 0.9599830815), rel=1e-8)
    assert (agreement.name, consistency.name) == ("ICC(2,1)", "ICC(3,1)")


def test_limits_hold_for_the_95_percent_they_promise() -> None:
    # 20,000 differences of a standard normal: the interval of a limit must cover the true one 95 times in 100.
    generator = np.random.default_rng(1)
    covered = 0
    for _ in range(2000):
        result = bland_altman(np.zeros(10), generator.normal(size=10))
        covered += result.limit_high_ci_low < 1.959964 < result.limit_high_ci_high
    assert 0.935 < covered / 2000 < 0.965


def test_proportional_bias_is_seen() -> None:
    generator = np.random.default_rng(2)
    true = generator.uniform(5, 50, 40)
    double = bland_altman(true, 2 * true + generator.normal(0, 1, 40))
    assert double.slope == pytest.approx(2 / 3, abs=0.05)
    assert double.slope_p < 1e-10


def test_missing_pairs_are_left_out_and_counted() -> None:
    result = bland_altman([1.0, None, 3.0, 4.0], [2.0, 5.0, float("nan"), 6.0])
    assert (result.n, result.n_missing, result.bias) == (2, 2, 1.5)
    assert math.isnan(result.slope)
    assert icc_agreement([1.0, None, 3.0], [1.0, 2.0, 4.0]).n_missing == 1


def test_too_little_to_say_is_nan_not_zero() -> None:
    nobody, one = bland_altman([], []), bland_altman([1.0], [3.0])
    assert (nobody.n, one.n, one.bias) == (0, 1, 2.0)
    assert math.isnan(nobody.bias)
    assert math.isnan(one.limit_high)
    assert math.isnan(icc_agreement([1.0], [3.0]).icc)
    assert math.isnan(icc_consistency([2.0, 2.0], [2.0, 2.0]).icc)


def test_perfect_agreement_and_a_pure_offset() -> None:
    assert icc_agreement([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]).icc == 1
    offset = icc_agreement([1.0, 2.0, 3.0], [2.0, 3.0, 4.0])
    assert offset.icc == pytest.approx(2 / 3)  # mean squares: people 2, methods 1.5; 2 / (2 + 2 / 3 x 1.5)
    assert icc_consistency([1.0, 2.0, 3.0], [2.0, 3.0, 4.0]).icc == 1
    assert math.isnan(offset.ci_low)


def test_unpaired_values_are_refused() -> None:
    with pytest.raises(ValueError, match="expected pairs"):
        bland_altman([1.0, 2.0], [1.0])
