"""Reliability of probabilities made to be right, and made to be wrong."""

import numpy as np
import pytest

from pipeline.evaluation.calibration import BINS, LEAST, Reliability
from pipeline.segmentation.tissues import Tissue


def _bins(truth, chance):
    probabilities = np.stack([np.zeros_like(chance), chance])
    reliability = Reliability()
    for half in (slice(0, 50), slice(50, 100)):
        reliability.add(truth[half], probabilities[:, half])
    return list(reliability.bins())


def test_honest_probabilities_lie_on_the_diagonal() -> None:
    generator = np.random.default_rng(0)
    chance = generator.random((100, 100, 10)).astype(np.float32)
    truth = np.where(generator.random(chance.shape) < chance, Tissue.WMH, 0).astype(np.uint8)
    bins = _bins(truth, chance)
    assert [one.number for one in bins] == list(range(BINS))
    assert {one.tissue for one in bins} == {"wmh"}
    for one in bins:
        assert one.observed == pytest.approx(one.predicted, abs=0.02)
    assert sum(one.n_pixels for one in bins) == (chance >= LEAST).sum()


def test_what_is_left_out_does_not_depend_on_the_truth() -> None:
    chance = np.full((100, 1, 2), 0.005, np.float32)
    chance[:, :, 1] = 1.0
    bins = _bins(np.full(chance.shape, Tissue.WMH, np.uint8), chance)
    assert [(one.number, one.predicted, one.observed, one.n_pixels) for one in bins] == [(BINS - 1, 1.0, 1.0, 100)]
