"""Chances of lesions: what was put in is learned, and a chance says what it says for people left out."""

import numpy as np
import pytest

from pipeline.evaluation.lesion_chance_fit import (
    SURE,
    FoundLesion,
    fit_lesion_chance,
    left_out_chances,
    lesions_and_truth,
)


def _made_up(n: int, seed: int) -> list[FoundLesion]:
    rng = np.random.default_rng(seed)
    odds = rng.uniform(0, 9, n)
    right = rng.random(n) < 1 / (1 + np.exp(-(odds - 4)))
    return [FoundLesion(f"p{i % 10}", f"fold{i % 5}", "raw", "full", *one) for i, one in enumerate(zip(odds, right))]  # noqa: B905


def test_what_was_put_in_is_learned() -> None:
    learned = fit_lesion_chance(_made_up(4000, 1))
    assert learned is not None
    assert (learned.intercept, learned.slope) == pytest.approx((-4, 1), rel=0.12)
    assert learned.n_patients == 10
    assert learned.n_sure + learned.n_unsure == 4000
    assert learned.sure_right > 0.9 > 0.5 > learned.unsure_right


def test_chances_hold_for_folds_left_out() -> None:
    lesions = _made_up(3000, 2)
    chances, right = left_out_chances(lesions), np.array([one.right for one in lesions])
    for low in (0.1, 0.4, 0.7):
        chosen = (chances >= low) & (chances < low + 0.2)
        assert right[chosen].mean() == pytest.approx(chances[chosen].mean(), abs=0.08)
    assert right[chances >= SURE].mean() > SURE


def test_a_fold_does_not_judge_itself() -> None:
    lesions = _made_up(1000, 3)
    turned = [
        FoundLesion(one.patient, one.fold, one.kind, one.load, one.log_odds, not one.right)
        if one.fold == "fold0"
        else one
        for one in lesions
    ]
    own = np.array([one.fold == "fold0" for one in lesions])
    assert left_out_chances(turned)[own] == pytest.approx(left_out_chances(lesions)[own])


@pytest.mark.parametrize("lesions", [[], _made_up(1, 4), [one for one in _made_up(50, 5) if one.right]])
def test_nothing_is_learned_from_nothing(lesions: list[FoundLesion]) -> None:
    assert fit_lesion_chance(lesions) is None


def test_a_lesion_is_right_where_it_touches_a_drawn_one() -> None:
    labels, truth = np.zeros((9, 9, 2), np.uint8), np.zeros((9, 9, 2), np.uint8)
    labels[0:2, 0, 0] = labels[5:7, 5, 1] = 2
    truth[1, 0, 0] = truth[8, 8, 1] = 2
    wmh = np.full(labels.shape, 0.5, np.float32)
    assert lesions_and_truth(labels, wmh, truth) == [(0.0, True), (0.0, False)]
