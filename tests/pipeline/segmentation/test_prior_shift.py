"""Lesion probabilities adjusted to the scan's load."""

import numpy as np
import pytest

from pipeline.segmentation.prior_shift import FURTHEST, adjust_to_load, expected_wmh_ml

SPACING = (0.9, 0.9, 7.0)
VOXEL_ML = 0.9 * 0.9 * 7.0 / 1000


def _probabilities(wmh, ventricle=0.0, voxels=1000):
    out = np.zeros((2, voxels, 1, 1), np.float32)
    out[0], out[1] = ventricle, wmh
    return out


def test_expected_volume_is_the_sum_of_probabilities():
    assert expected_wmh_ml(_probabilities(0.25)[1], SPACING) == pytest.approx(250 * VOXEL_ML, rel=1e-6)


def test_a_scan_with_the_usual_load_is_left_alone():
    given = _probabilities(0.3, 0.2)
    assert adjust_to_load(given, SPACING, 300 * VOXEL_ML) == pytest.approx(given, abs=1e-6)


def test_half_the_load_halves_the_odds_and_the_rest_keeps_its_proportions():
    found = adjust_to_load(_probabilities(0.5, 0.1), SPACING, 1000 * VOXEL_ML)
    assert found[:, 0, 0, 0] == pytest.approx([2 / 3 * 0.2, 1 / 3], abs=1e-6)


@pytest.mark.parametrize(("usual", "weight"), [(1e6, 1 / FURTHEST), (1e-6, FURTHEST)])
def test_the_odds_move_no_further_than_the_limit(usual, weight):
    found = adjust_to_load(_probabilities(0.5), SPACING, usual)[1, 0, 0, 0]
    assert found / (1 - found) == pytest.approx(weight, rel=1e-5)


def test_certainty_and_nothing_stay_what_they_are():
    given = _probabilities(0.0)
    given[:, 0] = np.reshape((0, 1), (2, 1, 1))
    found = adjust_to_load(given, SPACING, 5.0)
    assert found[:, 0, 0, 0].tolist() == [0, 1]
    assert found[:, 1, 0, 0].tolist() == [0, 0]


def test_an_answer_may_replace_what_was_given():
    given = np.random.default_rng(0).dirichlet((8, 1, 1), (20, 20, 3)).astype(np.float32)[..., 1:].transpose(3, 0, 1, 2)
    expected = adjust_to_load(given, SPACING, 0.1)
    assert abs(expected - given).max() > 0.05
    assert adjust_to_load(given, SPACING, 0.1, out=given) is given
    np.testing.assert_array_equal(given, expected)


def test_a_load_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="expected a positive number"):
        adjust_to_load(_probabilities(0.5), SPACING, float("nan"))
