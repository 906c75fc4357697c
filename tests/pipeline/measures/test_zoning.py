"""Zones: hand-derived distances, a brute-force reading of every rule, and independence of orientation."""

import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from benchmarks.zones import nested_loops, reference_masks
from pipeline.errors import GeometryError, RecipeError
from pipeline.measures.zoning import (
    CORTEX_MM,
    ZONE_RULES,
    LesionPart,
    _distances,
    find_rule,
    lesion_parts,
    zone_image,
    zone_of,
)

SPACING = (0.8, 0.5, 6.0)

Mask = NDArray[np.bool_]


@pytest.fixture
def masks() -> tuple[Mask, Mask, Mask]:
    """Return WMH, ventricle and brain of 60 x 80 x 3 voxels; the ventricle is the column x = 20, y = 30..49."""
    brain = np.zeros((60, 80, 3), bool)
    brain[5:55, 5:75] = True
    ventricle = np.zeros_like(brain)
    ventricle[20, 30:50, :2] = True
    wmh = np.zeros_like(brain)
    wmh[24:26, 40, 0] = True  # 4 columns of 0.8 mm from the ventricle
    wmh[50, 60:62, 0] = True  # 4 columns to the outside at x = 55: 5 * 0.8 mm
    wmh[40, 40, 2] = True  # no ventricle in this slice
    return wmh, ventricle, brain


def by_place(parts: list[LesionPart]) -> dict[tuple[int, int], LesionPart]:
    return {(round(part.centroid[0]), part.slice_index): part for part in parts}


def test_distances_and_sizes_are_those_measured_by_hand(masks: tuple[Mask, Mask, Mask]) -> None:
    parts, image = lesion_parts(*masks, SPACING)
    assert len(parts) == 3
    found = by_place(parts)
    near = found[24, 0]
    assert near.to_ventricle_mm == pytest.approx(4 * 0.8)
    assert near.centroid_to_ventricle_mm == pytest.approx(4.5 * 0.8)
    assert near.to_cortex_mm == pytest.approx((24 - 4) * 0.8)
    assert near.area_mm2 == pytest.approx(2 * 0.8 * 0.5)
    assert near.volume_ml == pytest.approx(2 * 0.8 * 0.5 * 6 / 1000)
    assert near.centroid == pytest.approx((24.5, 40, 0))
    edge = found[50, 0]
    assert edge.to_cortex_mm == pytest.approx(5 * 0.8)
    assert edge.to_ventricle_mm == pytest.approx(math.hypot(30 * 0.8, 11 * 0.5))
    assert found[40, 2].to_ventricle_mm == math.inf
    assert found[40, 2].centroid_to_ventricle_mm == math.inf
    assert [int(image[round(p.centroid[0]), round(p.centroid[1]), p.slice_index]) for p in parts] == [1, 2, 3]


@pytest.mark.parametrize(
    ("rule", "zones"),
    [
        ("study-code", ["periventricular", "juxtacortical", "paraventricular"]),
        ("study-readme", ["paraventricular"] * 3),
        ("contact", ["paraventricular"] * 3),
    ],
)
def test_each_rule_on_the_phantom(masks: tuple[Mask, Mask, Mask], rule: str, zones: list[str]) -> None:
    parts = by_place(lesion_parts(*masks, SPACING)[0])
    assert [zone_of(parts[place], find_rule(rule)) for place in ((24, 0), (50, 0), (40, 2))] == zones


def test_contact_is_an_eight_neighbour_and_the_ventricle_comes_first() -> None:
    brain = np.zeros((40, 40, 3), bool)
    brain[10:30, 10:30] = True
    ventricle = np.zeros_like(brain)
    ventricle[13, 13, 1] = True
    wmh = np.zeros_like(brain)
    wmh[10:13, 12, 1] = True  # touches the ventricle by a corner, and the outside
    wmh[29, 20, 1] = True  # touches the outside only
    wmh[20, 20, 1] = True  # touches nothing
    zones = [zone_of(part, find_rule("contact")) for part in lesion_parts(wmh, ventricle, brain, (1, 1, 6))[0]]
    assert zones == ["periventricular", "paraventricular", "juxtacortical"]


def test_fluid_in_a_sulcus_is_cortical_border() -> None:
    brain = np.zeros((40, 40, 1), bool)
    brain[2:38, 2:38] = True
    nothing = np.zeros_like(brain)
    wmh, cortex = nothing.copy(), nothing.copy()
    wmh[20, 20] = True
    cortex[23, 24] = True
    [without], _ = lesion_parts(wmh, nothing, brain, (1, 1, 6))
    [part], _ = lesion_parts(wmh, nothing, brain, (1, 1, 6), cortex)
    assert (without.to_cortex_mm, part.to_cortex_mm) == (18, 5)
    assert not part.touches_cortex
    cortex[22, 20] = True
    [part], _ = lesion_parts(wmh, nothing, brain, (1, 1, 6), cortex)
    assert part.to_cortex_mm == 2
    assert part.touches_cortex


def test_limits_are_inclusive_and_large_lesions_are_not_juxtacortical() -> None:
    part = LesionPart(1, 0, 28.0, 0.1, 7.5, 99, 6.0, False, False, (0, 0, 0))
    rule = find_rule("study-code")
    assert zone_of(part, rule) == "periventricular"
    off = LesionPart(1, 0, 28.0, 0.1, 7.51, 15.01, 6.0, False, False, (0, 0, 0))
    assert zone_of(off, rule) == "juxtacortical"
    large = LesionPart(1, 0, 28.4, 0.1, 7.51, 15.01, 6.0, False, False, (0, 0, 0))
    assert zone_of(large, rule) == "paraventricular"


def test_parts_of_one_lesion_share_its_number_and_may_differ_in_zone() -> None:
    brain = np.ones((60, 60, 3), bool)
    ventricle = np.zeros_like(brain)
    ventricle[20, 20] = True
    wmh = np.zeros_like(brain)
    wmh[22:45, 20, 0] = True
    wmh[44, 20, 1] = True
    parts = lesion_parts(wmh, ventricle, brain, (1, 1, 6))[0]
    assert [part.lesion for part in parts] == [1, 1]
    assert [zone_of(part, find_rule("study-code")) for part in parts] == ["periventricular", "paraventricular"]


def test_distances_are_looked_for_no_further_than_they_reach() -> None:
    rng = np.random.default_rng(2)
    for _ in range(100):
        target = ndimage.gaussian_filter(rng.random((50, 60)), rng.uniform(1, 6)) > rng.uniform(0.45, 0.52)
        lesion = ndimage.gaussian_filter(rng.random((50, 60)), 2) > 0.56
        if not target.any() or not lesion.any():
            continue
        spacing = tuple(rng.uniform(0.4, 2, 2))
        expected = ndimage.distance_transform_edt(~target, sampling=spacing)
        found = _distances(target, *np.nonzero(lesion), spacing)
        np.testing.assert_array_equal(found[lesion], expected[lesion])
        beside = ndimage.binary_dilation(lesion, np.ones((3, 3)))
        np.testing.assert_array_equal(found[beside] <= CORTEX_MM, expected[beside] <= CORTEX_MM)


def test_no_lesion_and_no_ventricle() -> None:
    nothing = np.zeros((10, 12, 4), bool)
    parts, image = lesion_parts(nothing, nothing, ~nothing, SPACING)
    assert parts == []
    assert zone_image(image, []).max() == 0


def test_masks_of_other_shapes_are_refused() -> None:
    with pytest.raises(GeometryError, match="differ in shape"):
        lesion_parts(np.zeros((3, 3, 3), bool), np.zeros((3, 3, 4), bool), np.zeros((3, 3, 3), bool), SPACING)
    with pytest.raises(RecipeError, match="expected one of: study-code, study-readme, contact"):
        find_rule("mcdonald")


@pytest.mark.parametrize("name", ZONE_RULES)
def test_flips_and_swapped_axes_change_nothing(masks: tuple[Mask, Mask, Mask], name: str) -> None:
    rule = find_rule(name)

    def areas(turned: tuple[Mask, ...], spacing: tuple[float, float, float]) -> list[tuple[str, float]]:
        parts = lesion_parts(turned[0], turned[1], turned[2], spacing)[0]
        return sorted((zone_of(part, rule), round(part.to_cortex_mm, 9)) for part in parts)

    expected = areas(masks, SPACING)
    assert areas(tuple(mask[::-1] for mask in masks), SPACING) == expected
    assert areas(tuple(mask[:, ::-1, ::-1] for mask in masks), SPACING) == expected
    swapped = tuple(mask.swapaxes(0, 1) for mask in masks)
    assert areas(swapped, (SPACING[1], SPACING[0], SPACING[2])) == expected


@pytest.mark.parametrize("name", ZONE_RULES)
def test_nested_loops_agree_on_random_lesions(name: str) -> None:
    generator = np.random.default_rng(5)
    x, y = np.meshgrid(np.arange(40), np.arange(48), indexing="ij")
    brain = np.repeat((np.hypot((x - 20) / 17, (y - 24) / 21) < 1)[:, :, None], 4, 2)
    ventricle = np.repeat((np.hypot((x - 20) / 3, (y - 22) / 6) < 1)[:, :, None], 4, 2)
    ventricle[:, :, 3] = False
    wmh = (generator.random(brain.shape) < 0.06) & brain & ~ventricle
    cortex = (generator.random(brain.shape) < 0.004) & brain & ~ventricle & ~wmh
    parts, image = lesion_parts(wmh, ventricle, brain, SPACING, cortex)
    ours = zone_image(image, [zone_of(part, find_rule(name)) for part in parts])
    assert set(np.unique(ours)) == {0, 1, 2, 3}
    np.testing.assert_array_equal(ours, nested_loops(wmh, ventricle, ~brain | cortex, SPACING, find_rule(name)))


@pytest.mark.reference
@pytest.mark.slow
def test_nested_loops_agree_on_a_slice_of_every_patient(reference: Path) -> None:
    # `python -m benchmarks.zones --patients 10` compares all slices, and speed.
    folders = sorted(path.parent for path in (reference / "mri").glob("*/three_class_manual.nii.gz"))
    assert len(folders) == 10
    for folder in folders:
        *masks, spacing = reference_masks(folder)
        areas = masks[0].sum((0, 1))
        typical = int(np.argsort(areas)[np.count_nonzero(areas == 0) + np.count_nonzero(areas) // 2])
        wmh, ventricle, brain, cortex = (mask[:, :, typical : typical + 1] for mask in masks)
        border = ~brain | cortex
        # The nearest pixel beyond the border is always one that touches the inside: the others need not be tried.
        rim = border & ndimage.binary_dilation(~border, np.ones((3, 3, 1)))
        parts, image = lesion_parts(wmh, ventricle, brain, spacing, cortex)
        for rule in ZONE_RULES.values():
            ours = zone_image(image, [zone_of(part, rule) for part in parts])
            np.testing.assert_array_equal(
                ours, nested_loops(wmh, ventricle, rim, spacing, rule), f"{folder}, {rule.name}"
            )
