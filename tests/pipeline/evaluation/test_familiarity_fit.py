"""Limits of scans like those of the training hold for people left out about as often as they say."""

import numpy as np
import pytest

from pipeline.evaluation.familiarity_fit import OUTSIDE, fit_familiarity, left_out_unlike
from pipeline.segmentation.familiarity import RATIOS, WORDS


def _made_up(patients: int, seed: int) -> tuple[list[dict[str, float]], list[str]]:
    rng = np.random.default_rng(seed)
    found, names = [], []
    for patient in range(patients):
        own = {name: rng.normal() for name in WORDS}
        for _ in range(2):  # two alike images of one person
            values = {name: 2 + 0.3 * (own[name] + 0.1 * rng.normal()) for name in WORDS}
            found.append({name: np.exp(value) if name in RATIOS else value for name, value in values.items()})
            names.append(f"p{patient}")
    return found, names


def test_few_of_the_same_kind_are_unlike() -> None:
    outside = np.concatenate([left_out_unlike(*_made_up(10, seed)) > 1 for seed in range(40)])
    assert OUTSIDE / 3 < outside.mean() < 2 * OUTSIDE


def test_another_kind_is_unlike_in_what_it_differs() -> None:
    properties, names = _made_up(10, 1)
    learned = fit_familiarity(properties, names)
    assert learned.n_patients == 10
    for name in WORDS:
        other = dict(properties[0]) | {name: properties[0][name] * 50}
        found = learned.unlikeness(other)
        assert found is not None
        assert (found.name, found.score > 1) == (name, True)


def test_a_property_that_an_image_lacks_is_not_learned() -> None:
    properties, names = _made_up(6, 2)
    del properties[3]["noise"]
    learned = fit_familiarity(properties, names)
    assert set(learned.limits) == set(WORDS) - {"noise"}
    assert learned.unlikeness({"noise": 9e9}) is None


def test_fewer_people_make_wider_limits() -> None:
    properties, names = _made_up(10, 3)
    few = fit_familiarity(properties, ["a", "b"] * 10)
    many = fit_familiarity(properties, names)
    width = {n: few.limits[n][1] - few.limits[n][0] > many.limits[n][1] - many.limits[n][0] for n in WORDS}
    assert all(width.values())
    assert many.limits["fluid"] == pytest.approx((2 - 1.3, 2 + 1.3), abs=0.6)


def test_a_property_that_never_varied_has_limits_all_the_same() -> None:
    properties, names = _made_up(6, 3)
    properties = [one | {"slice_mm": 7.0} for one in properties]
    learned = fit_familiarity(properties, names)
    low, high = learned.limits["slice_mm"]
    assert low < 7.0 < high
    scores = [
        next(one.score for one in learned.each(properties[0] | {"slice_mm": mm}) if one.name == "slice_mm")
        for mm in (7.0, 7.02, 6.0)
    ]
    assert scores[0] < 0.1
    assert scores[1] < 1 < scores[2]
