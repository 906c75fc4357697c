"""Scores against values worked out by hand."""

import math

import numpy as np
import pytest

from pipeline.errors import GeometryError
from pipeline.evaluation.scores import (
    evaluate_patient,
    hausdorff95,
    hausdorff95_in_plane,
    lesions,
    overlap,
)
from pipeline.segmentation.tissues import Tissue

SPACING = (0.5, 2.0, 7.0)


def _mask(*voxels, shape=(12, 9, 5)):
    mask = np.zeros(shape, bool)
    for voxel in voxels:
        mask[voxel] = True
    return mask


def test_overlap_by_hand():
    truth = _mask((0, 0, 0), (1, 0, 0), (2, 0, 0), (3, 0, 0))
    found = _mask((2, 0, 0), (3, 0, 0), (4, 0, 0))
    assert overlap(truth, found) == {"dice": (4 / 7, ""), "precision": (2 / 3, ""), "recall": (0.5, "")}


def test_empty_masks_are_undefined_with_a_reason():
    nothing, something = _mask(), _mask((1, 1, 1))
    both = overlap(nothing, nothing)
    assert math.isnan(both["dice"][0])
    assert both["dice"][1] == "both masks are empty"
    assert overlap(nothing, something)["dice"] == (0.0, "")
    assert overlap(nothing, something)["recall"][1] == "the manual mask is empty"
    assert overlap(something, nothing)["precision"][1] == "nothing was predicted"
    assert hausdorff95(something, nothing, SPACING)[1] == "nothing was predicted"
    assert hausdorff95_in_plane(something, nothing, SPACING)[1] == "no slice holds both masks"


@pytest.mark.parametrize(
    ("moved", "expected"), [((6, 4, 2), 1.0), ((4, 5, 2), 2.0), ((4, 4, 3), 7.0), ((7, 6, 2), 4.272)]
)
def test_hausdorff_distance_counts_millimetres_along_each_axis(moved, expected):
    assert hausdorff95(_mask((4, 4, 2)), _mask(moved), SPACING)[0] == pytest.approx(expected, abs=1e-3)


def test_hausdorff_is_the_worse_direction():
    truth = _mask((0, 0, 0))
    found = _mask((0, 0, 0), (10, 0, 0))
    assert hausdorff95(truth, found, (1, 1, 1))[0] == pytest.approx(9.5)
    assert hausdorff95(found, truth, (1, 1, 1))[0] == pytest.approx(9.5)


def test_in_plane_distance_sees_shared_slices_only():
    truth = _mask((4, 4, 1), (4, 4, 2))
    found = _mask((6, 4, 1), (4, 4, 4))
    assert hausdorff95_in_plane(truth, found, SPACING)[0] == pytest.approx(1.0)
    assert hausdorff95(truth, found, SPACING)[0] > 7


def test_lesions_touching_by_a_corner_are_one():
    truth = _mask((1, 1, 1), (2, 2, 2), (8, 7, 4), (5, 1, 3))
    found = _mask((2, 2, 2), (8, 0, 0))
    scores = lesions(truth, found)
    assert scores["lesion_precision"] == (0.5, "")
    assert scores["lesion_recall"] == (1 / 3, "")
    assert scores["lesion_f1"][0] == pytest.approx(0.4)


def test_lesion_f1_without_lesions():
    nothing, something = _mask(), _mask((1, 1, 1))
    assert lesions(nothing, something)["lesion_f1"] == (0.0, "")
    assert lesions(something, nothing)["lesion_f1"] == (0.0, "")
    assert math.isnan(lesions(nothing, nothing)["lesion_f1"][0])


def test_a_perfect_patient():
    truth = np.zeros((12, 9, 5), np.uint8)
    truth[2:5, 2:5, 1:3] = Tissue.VENTRICLE
    truth[8:10, 2:4, 2] = Tissue.WMH
    scores = {(score.tissue, score.metric): score.value for score in evaluate_patient("p", truth, truth, SPACING)}
    assert scores["ventricle", "dice"] == scores["wmh", "lesion_f1"] == 1
    assert scores["wmh", "hd95_3d_mm"] == scores["ventricle", "volume_error_pct"] == 0
    assert scores["ventricle", "volume_found_ml"] == pytest.approx(18 * 7 / 1000)


def test_volume_error_has_a_sign():
    truth = np.zeros((12, 9, 5), np.uint8)
    truth[:4, 0, 0] = Tissue.WMH
    found = truth.copy()
    found[3, 0, 0] = 0
    scores = {(score.tissue, score.metric): score.value for score in evaluate_patient("p", truth, found, SPACING)}
    assert scores["wmh", "volume_error_pct"] == pytest.approx(-25)
    assert scores["wmh", "absolute_volume_error_pct"] == pytest.approx(25)


def test_grids_must_agree():
    with pytest.raises(GeometryError, match="differ in shape"):
        evaluate_patient("p", np.zeros((3, 3, 3), np.uint8), np.zeros((3, 3, 4), np.uint8), SPACING)
