"""How like the training a scan is: 0 in the middle of it, 1 at the limit, ratios by their logarithm."""

import numpy as np
import pytest

from pipeline.segmentation.bundled_models import find_model
from pipeline.segmentation.familiarity import WORDS, Familiarity
from pipeline.segmentation.image_properties import BALANCE, FLUID, NOISE, image_properties

USUAL = Familiarity({"noise": (0.05, 0.2), "fluid": (0.2, 0.6)}, 10)


@pytest.mark.parametrize(
    ("properties", "score", "name"),
    [
        ({"noise": 0.1, "fluid": 0.41}, 0.05, "fluid"),
        ({"noise": 0.05}, 1.0, "noise"),
        ({"noise": 0.2, "fluid": 0.4}, 1.0, "noise"),
        ({"noise": 0.4}, 2.0, "noise"),
        ({"noise": 0.1, "fluid": 1.0}, 3.0, "fluid"),
        ({"noise": 0.1, "fluid": -0.2}, 3.0, "fluid"),
    ],
)
def test_distances_are_in_halves_of_the_range(properties: dict[str, float], score: float, name: str) -> None:
    found = USUAL.unlikeness(properties)
    assert found is not None
    assert (found.score, found.name) == (pytest.approx(score, abs=1e-9), name)


def test_a_network_that_agrees_with_itself_is_no_doubt() -> None:
    usual = Familiarity({"disagreement": (0.02, 0.08)}, 10)
    assert [usual.each({"disagreement": value})[0].score for value in (0.0, 0.04, 0.08)] == pytest.approx([0, 0, 1])


def test_what_is_not_known_is_not_compared() -> None:
    assert USUAL.unlikeness({"disagreement": 3.0}) is None
    assert USUAL.each({}) == []


def test_the_shipped_model_knows_its_training() -> None:
    usual = find_model("mscohort-2").familiarity
    assert usual is not None
    assert set(usual.limits) == set(WORDS)
    assert usual.limits["slice_mm"][0] < 6.4 < 8.1 < usual.limits["slice_mm"][1]
    assert find_model("mscohort-1").familiarity is None


def test_properties_of_a_head_of_known_brightness() -> None:
    data = np.zeros((60, 70, 6), np.float32)  # air 0, scalp 40, tissue 100, fluid 25
    data[5:55, 5:65] = 40
    brain = np.zeros(data.shape, bool)
    brain[10:50, 10:60] = True
    data[brain] = 100
    labels = np.zeros(data.shape, np.uint8)
    labels[25:35, 30:40] = 1
    data[labels == 1] = 25
    found = image_properties(data, labels, brain, (1.0, 1.0, 7.0), 0.04)
    assert found["slice_mm"], found["disagreement"] == (7.0, 0.04)
    assert found[FLUID] == pytest.approx(0.25)
    assert found[NOISE] == 0.0
    assert BALANCE in found
    assert image_properties(data, labels, None, (1.0, 1.0, 7.0), None) == {"slice_mm": 7.0}
    doubled = image_properties(2 * data, labels, brain, (1.0, 1.0, 7.0), 0.04)
    assert doubled == pytest.approx(found), "units of the scanner do not matter"
