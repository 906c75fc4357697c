"""Measures of a phantom worked out by hand."""

import math

import numpy as np
import pytest

from pipeline.errors import GeometryError
from pipeline.quantification import quantify
from pipeline.zoning import find_rule, lesion_parts, zone_of
from tests.pipeline.conftest import HeadPhantom
from vocabulary import MEASURES, ZONES

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
