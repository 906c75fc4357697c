"""Measures of a phantom worked out by hand."""

import math

import numpy as np
import pytest

from pipeline.errors import GeometryError
from pipeline.measures.quantification import quantify, ratios_and_shares
from pipeline.measures.zoning import find_rule, lesion_parts, zone_of
from tests.pipeline.conftest import HeadPhantom
from vocabulary.measures import MEASURES, ZONES

SPACING = (0.9, 0.8, 7.0)


def measured(labels: np.ndarray, brain: np.ndarray, rule: str = "study-code") -> dict[str, float | None]:
    parts, _ = lesion_parts(labels == 2, labels == 1, brain, SPACING)
    return quantify(labels, brain, parts, [zone_of(part, find_rule(rule)) for part in parts], SPACING).values


def test_areas_volumes_and_count_are_those_worked_out_by_hand(head_phantom: HeadPhantom) -> None:
    values = measured(head_phantom.truth, head_phantom.brain)
    pixels = {tissue: int((head_phantom.truth == tissue).sum()) for tissue in (1, 2)}
    assert values["ventricle_area_mm2"] == pytest.approx(pixels[1] * 0.72)
    assert values["wmh_area_mm2"] == pytest.approx(pixels[2] * 0.72)
    assert values["wmh_volume_ml"] == pytest.approx(pixels[2] * 0.72 * 7 / 1000)
    assert values["intracranial_area_mm2"] == pytest.approx(head_phantom.brain.sum() * 0.72)
    # One lesion in slice 2, one that spans slices 3 and 4.
    assert values["lesion_count"] == 2


@pytest.mark.parametrize("rule", ["study-code", "study-readme", "contact"])
def test_zones_add_up_and_every_name_is_in_the_vocabulary(head_phantom: HeadPhantom, rule: str) -> None:
    values = measured(head_phantom.truth, head_phantom.brain, rule)
    assert math.fsum(values[f"{zone}_area_mm2"] or 0 for zone in ZONES) == pytest.approx(values["wmh_area_mm2"])
    assert math.fsum(values[f"{zone}_volume_ml"] or 0 for zone in ZONES) == pytest.approx(values["wmh_volume_ml"])
    assert set(values) <= set(MEASURES)


def test_turning_the_scan_changes_no_measure(head_phantom: HeadPhantom) -> None:
    labels, brain = head_phantom.truth, head_phantom.brain
    assert measured(labels[::-1, ::-1, ::-1], brain[::-1, ::-1, ::-1]) == pytest.approx(measured(labels, brain))


def test_no_lesion_is_zero_but_no_ventricle_and_no_brain_are_not_measured() -> None:
    nothing = np.zeros((40, 40, 4), np.uint8)
    answer = quantify(nothing, nothing > 0, [], [], SPACING)
    assert answer.values["wmh_area_mm2"] == 0
    assert answer.values["lesion_count"] == 0
    for name in ("ventricle_area_mm2", "ventricle_volume_ml", "intracranial_area_mm2"):
        assert answer.values[name] is None
        assert "found no" in answer.reasons[name]


def test_shapes_and_numbers_must_match() -> None:
    labels = np.zeros((5, 5, 5), np.uint8)
    with pytest.raises(GeometryError, match="brain mask"):
        quantify(labels, np.zeros((5, 5, 6), bool), [], [], SPACING)
    with pytest.raises(GeometryError, match="0 lesion parts but 1 zones"):
        quantify(labels, labels > 0, [], ["periventricular"], SPACING)


def test_a_lesion_without_zone_leaves_zones_unmeasured_and_says_why(head_phantom: HeadPhantom) -> None:
    labels, brain = head_phantom.truth, head_phantom.brain
    parts, _ = lesion_parts(labels == 2, labels == 1, brain, SPACING)
    zones = ["periventricular", None, "periventricular"]
    answer = quantify(labels, brain, parts, zones, SPACING, no_zone="nobody knows")
    for zone in ZONES:
        assert answer.values[f"{zone}_area_mm2"] is None
        assert answer.reasons[f"{zone}_volume_ml"] == "nobody knows"
    assert answer.values["wmh_area_mm2"]
    with pytest.raises(ValueError, match="say why"):
        quantify(labels, brain, parts, zones, SPACING)


def test_without_a_brain_mask_head_size_is_not_measured(head_phantom: HeadPhantom) -> None:
    answer = quantify(head_phantom.truth * (head_phantom.truth == 1), None, [], [], SPACING)
    assert answer.values["intracranial_area_mm2"] is None
    assert "no brain class" in answer.reasons["intracranial_area_mm2"]
    assert answer.values["ventricle_area_mm2"]


def test_ratios_and_shares_follow_from_the_areas() -> None:
    areas = {"intracranial_area_mm2": 2000.0, "ventricle_area_mm2": 50.0, "wmh_area_mm2": 20.0}
    areas |= {"periventricular_area_mm2": 15.0, "paraventricular_area_mm2": 5.0, "juxtacortical_area_mm2": 0.0}
    assert ratios_and_shares(areas) == {
        "ventricle_ratio_pct": 2.5,
        "wmh_ratio_pct": 1.0,
        "periventricular_share_pct": 75.0,
        "paraventricular_share_pct": 25.0,
        "juxtacortical_share_pct": 0.0,
    }
    healthy = ratios_and_shares({**areas, "wmh_area_mm2": 0.0, "intracranial_area_mm2": None})
    assert healthy["periventricular_share_pct"] is None
    assert healthy["wmh_ratio_pct"] is None
