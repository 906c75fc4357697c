"""Losses against values worked out by hand, on both known and half-known targets."""

import math

import numpy as np
import pytest

from pipeline.errors import RecipeError

pytest.importorskip("keras", reason="needs Keras, which the extras cpu and gpu install")

from pipeline.training.losses import LOSSES, build_loss, tversky, unified_focal, weighted_cross_entropy

PREDICTION = np.array([[[[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]]]], np.float32)
KNOWN = np.array([[[[1, 0, 0], [0, 0, 1]]]], np.float32)
HALF_KNOWN = np.array([[[[1, 1, 0], [0, 0, 1]]]], np.float32)


def test_cross_entropy_by_hand():
    expected = -(math.log(0.7) + math.log(0.6)) / 2
    assert float(weighted_cross_entropy()(KNOWN, PREDICTION)) == pytest.approx(expected, rel=1e-5)
    weighted = -(math.log(0.7) + 10 * math.log(0.6)) / 2
    assert float(weighted_cross_entropy((1, 5, 10))(KNOWN, PREDICTION)) == pytest.approx(weighted, rel=1e-5)


def test_focus_discounts_the_easy_voxels():
    expected = -(0.3**2 * math.log(0.7) + 0.4**2 * math.log(0.6)) / 2
    assert float(weighted_cross_entropy(focus=2.0)(KNOWN, PREDICTION)) == pytest.approx(expected, rel=1e-4)


def test_a_half_known_voxel_is_right_with_either_class():
    expected = -(math.log(0.9) + math.log(0.6)) / 2
    assert float(weighted_cross_entropy()(HALF_KNOWN, PREDICTION)) == pytest.approx(expected, rel=1e-5)


def test_dice_by_hand():
    # WMH: hit 0.6, miss 0.4, false alarm 0.1; one is added above and below against empty classes.
    wmh = (0.6 + 1) / (0.6 + 0.2 + 0.05 + 1)
    assert float(tversky(indices=(2,))(KNOWN, PREDICTION)) == pytest.approx(1 - wmh, rel=1e-4)


def test_dice_ignores_voxels_it_cannot_judge():
    ventricle = (0 + 1) / (0 + 0.5 * 0.3 + 1)  # the first voxel may be ventricle, so its 0.2 counts neither way
    assert float(tversky(indices=(1,))(HALF_KNOWN, PREDICTION)) == pytest.approx(1 - ventricle, rel=1e-4)


def test_misses_can_cost_more_than_false_alarms():
    strict = tversky(indices=(2,), miss_weight=0.9)
    missed = np.array([[[[0.7, 0.2, 0.1], [0.7, 0.2, 0.1]]]], np.float32)
    invented = np.array([[[[0.1, 0.3, 0.6], [0.1, 0.3, 0.6]]]], np.float32)
    assert float(strict(KNOWN, missed)) > float(strict(KNOWN, invented))


def test_unified_focal_falls_as_the_prediction_improves():
    loss = unified_focal()
    better = 0.5 * PREDICTION + 0.5 * KNOWN
    assert float(loss(KNOWN, KNOWN)) < float(loss(KNOWN, better)) < float(loss(KNOWN, PREDICTION))


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_every_loss_prefers_the_truth_and_stays_finite(name):
    loss = build_loss(name)
    worst = np.roll(KNOWN, 1, axis=-1)
    right, wrong = float(loss(KNOWN, KNOWN)), float(loss(KNOWN, worst))
    assert np.isfinite(wrong)
    assert -1e-6 <= right < 0.05 < wrong


def test_an_unknown_loss_names_those_there_are():
    with pytest.raises(RecipeError, match="unified_focal"):
        build_loss("magic")
