"""Pixel counts and pooled figures, by hand."""

import math

import numpy as np
import pytest

from pipeline.errors import GeometryError
from pipeline.evaluation.confusion import confusion_counts, pooled
from pipeline.evaluation.scores import overlap
from pipeline.segmentation.tissues import Tissue


def test_rows_are_what_the_rater_drew() -> None:
    truth = np.array([[0, 0, 1, 1], [2, 2, 2, 0]], np.uint8)
    found = np.array([[0, 2, 1, 0], [2, 1, 2, 0]], np.uint8)
    assert confusion_counts(truth, found).tolist() == [[2, 0, 1], [1, 1, 0], [0, 1, 2]]


def test_pooled_figures_by_hand() -> None:
    [ventricle, wmh] = pooled(np.array([[2, 0, 1], [1, 1, 0], [0, 1, 2]]))
    assert (ventricle.dice, ventricle.precision, ventricle.recall) == (0.5, 0.5, 0.5)
    assert (wmh.dice, wmh.precision, wmh.recall) == (pytest.approx(4 / 6), pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert (wmh.specificity, wmh.accuracy) == (4 / 5, 6 / 8)


def test_counts_and_volumes_give_the_same_pooled_dice() -> None:
    generator = np.random.default_rng(4)
    truth, found = (generator.integers(0, 3, (7, 5, 3)).astype(np.uint8) for _ in range(2))
    [ventricle, wmh] = pooled(confusion_counts(truth, found))
    assert ventricle.dice == pytest.approx(overlap(truth == Tissue.VENTRICLE, found == Tissue.VENTRICLE)["dice"][0])
    assert wmh.dice == pytest.approx(overlap(truth == Tissue.WMH, found == Tissue.WMH)["dice"][0])


def test_pooled_dice_is_ruled_by_the_large_patient() -> None:
    big, small = np.full((10, 10, 1), 2, np.uint8), np.zeros((10, 10, 1), np.uint8)
    small[0, 0] = 2
    [_, wmh] = pooled(confusion_counts(big, big) + confusion_counts(small, np.zeros_like(small)))
    assert wmh.dice == pytest.approx(200 / 201)


def test_nothing_to_divide_by_is_nan() -> None:
    [_, wmh] = pooled(np.array([[5, 0, 0], [0, 3, 0], [0, 0, 0]]))
    assert math.isnan(wmh.dice)
    assert math.isnan(wmh.recall)
    assert wmh.specificity == 1


def test_grids_must_agree() -> None:
    with pytest.raises(GeometryError, match="differ in shape"):
        confusion_counts(np.zeros((2, 2), np.uint8), np.zeros((2, 3), np.uint8))
