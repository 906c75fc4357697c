"""The range of the load by hand: what is learned is what was put in, and it holds for people left out."""

import numpy as np
import pytest

from pipeline.evaluation.load_error import fit_load_error, left_out_covered
from pipeline.segmentation.expected_load import LoadError


def _made_up(patients: int, seed: int) -> tuple[np.ndarray, np.ndarray, list[str]]:
    rng = np.random.default_rng(seed)
    found = np.exp(rng.uniform(np.log(0.3), np.log(30), 6 * patients))
    drawn = 1.1 * found + rng.normal(0, np.hypot(0.2 * found, 0.5))
    return found, np.maximum(drawn, 0), [f"p{number // 6}" for number in range(6 * patients)]


def test_what_was_put_in_is_learned():
    found, drawn, _ = _made_up(400, 1)
    error = fit_load_error(found, drawn, 400)
    assert (error.slope, error.share, error.floor_ml) == pytest.approx((1.1, 1.96 * 0.2, 1.96 * 0.5), rel=0.1)


def test_few_patients_widen_it():
    found, drawn, _ = _made_up(10, 2)
    few, many = (fit_load_error(found, drawn, n) for n in (5, 500))
    assert few.share > 1.4 * many.share
    assert few.slope == many.slope


def test_it_holds_for_patients_left_out_about_as_often_as_it_says():
    held = np.concatenate([left_out_covered(*_made_up(12, seed)) for seed in range(6)])
    assert 0.9 < held.mean() <= 1.0
    found, drawn, patients = _made_up(12, 7)
    drawn[:6] = 10 * found[:6] + 5  # one patient unlike the others
    assert not left_out_covered(found, drawn, patients)[:6].any()


def test_a_range_never_falls_below_nothing():
    assert LoadError(1.0, 0.5, 1.2, 10).between(0.0) == (0.0, 1.2)
    low, high = LoadError(1.0, 0.5, 1.2, 10).between(20.0)
    assert (low, high) == pytest.approx((20 - np.hypot(10, 1.2), 20 + np.hypot(10, 1.2)))
