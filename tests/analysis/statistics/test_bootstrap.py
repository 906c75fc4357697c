"""The bootstrap of a mean."""

import math

import pytest

from analysis.statistics.bootstrap import bootstrap_mean


def test_bootstrap_leaves_missing_values_out_and_repeats_itself():
    values = [0.6, 0.7, float("nan"), 0.8]
    mean, low, high = bootstrap_mean(values)
    assert mean == pytest.approx(0.7)
    assert 0.599 < low < mean < high < 0.801
    assert bootstrap_mean(values) == (mean, low, high)
    assert math.isnan(bootstrap_mean([float("nan")])[0])
