"""How sure a lesion is: by its own voxels alone, in the order in which lesions are numbered."""

import numpy as np
import pytest
from scipy import ndimage

from pipeline.segmentation.bundled_models import find_model
from pipeline.segmentation.lesion_chance import LEAST, LesionChance, mean_log_odds


def test_mean_log_odds_of_each_lesion_in_order_of_number() -> None:
    labels = np.zeros((8, 5, 3), np.uint8)
    labels[0, 0, 0] = labels[1, 1, 1] = 2  # one lesion: they touch by a corner
    labels[5:7, 3, 2] = 2
    labels[7, 0, 0] = 1
    wmh = np.full(labels.shape, 0.3, np.float32)
    wmh[0, 0, 0], wmh[1, 1, 1] = 0.9, 0.5
    wmh[5:7, 3, 2] = 1.0
    odds = mean_log_odds(labels, wmh)
    assert odds == pytest.approx([np.log(9) / 2, np.log((1 - LEAST) / LEAST)], rel=1e-5)
    numbers = ndimage.label(labels == 2, np.ones((3, 3, 3)))[0]
    assert (numbers[0, 0, 0], numbers[5, 3, 2]) == (1, 2)
    assert mean_log_odds(np.zeros_like(labels), wmh).size == 0


def test_the_chance_rises_with_the_odds() -> None:
    rule = LesionChance(-4.0, 1.0, 0.8, 0.9, 10, 0.5, 10, 10)
    assert rule.chance(-9) < 0.001 < rule.chance(4) == 0.5 < rule.chance(9)


def test_the_shipped_model_says_what_sure_came_to() -> None:
    chance = find_model("mscohort-2").lesion_chance
    assert chance is not None
    assert chance.n_patients == 10
    assert chance.sure_right > chance.sure > chance.unsure_right
    assert find_model("mscohort-1").lesion_chance is None
