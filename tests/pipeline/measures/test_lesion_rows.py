"""Lesion rows: centroids in world coordinates, whole lesions gathered, rules moved on stored distances."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.measures.lesion_rows import lesion_rows, zone_expression
from pipeline.measures.zoning import ZONE_RULES, find_rule, lesion_parts, zone_of
from vocabulary.run_contract import LESION_COLUMNS

SPACING = (0.8, 0.5, 6.0)
AFFINE = np.array([[-0.8, 0, 0, 90.0], [0, 0.5, 0, -40.0], [0, 0, 6.0, 12.0], [0, 0, 0, 1.0]])
CENTROID = ["centroid_x_mm", "centroid_y_mm", "centroid_z_mm"]

Mask = NDArray[np.bool_]


def rows_of(
    wmh: Mask, ventricle: Mask, brain: Mask, affine: NDArray = AFFINE, rule: str = "study-code"
) -> pl.DataFrame:
    parts, _ = lesion_parts(wmh, ventricle, brain, SPACING)
    return lesion_rows(parts, [zone_of(part, find_rule(rule)) for part in parts], affine)


@pytest.fixture
def head() -> tuple[Mask, Mask, Mask]:
    """Return WMH, ventricle and brain; one lesion runs over two slices, the third slice has no ventricle."""
    brain = np.zeros((60, 80, 3), bool)
    brain[5:55, 5:75] = True
    ventricle = np.zeros_like(brain)
    ventricle[20, 30:50, :2] = True
    wmh = np.zeros_like(brain)
    wmh[24:26, 40, 0] = True
    wmh[26:32, 41, 1] = True  # touches the part below by a corner: one lesion
    wmh[50, 60, 2] = True
    return wmh, ventricle, brain


@pytest.fixture
def scattered() -> tuple[Mask, Mask, Mask]:
    """Return many lesions at random, in every zone of every rule."""
    x, y = np.meshgrid(np.arange(40), np.arange(48), indexing="ij")
    brain = np.repeat((np.hypot((x - 20) / 17, (y - 24) / 21) < 1)[:, :, None], 4, 2)
    ventricle = np.repeat((np.hypot((x - 20) / 3, (y - 22) / 6) < 1)[:, :, None], 4, 2)
    ventricle[:, :, 3] = False
    wmh = (np.random.default_rng(5).random(brain.shape) < 0.05) & brain & ~ventricle
    return wmh, ventricle, brain


def test_rows_hold_what_was_worked_out_by_hand(head: tuple[Mask, Mask, Mask]) -> None:
    rows = rows_of(*head)
    assert rows.schema == LESION_COLUMNS
    assert rows["lesion_number"].to_list() == [1, 2, 3]
    first = rows.row(by_predicate=pl.col("slice_index") == 0, named=True)
    assert first["area_mm2"] == pytest.approx(2 * 0.8 * 0.5)
    assert first["volume_ml"] == pytest.approx(2 * 0.8 * 0.5 * 6 / 1000)
    assert first["distance_to_ventricle_mm"] == pytest.approx(4 * 0.8)
    assert [first[name] for name in CENTROID] == pytest.approx([90 - 24.5 * 0.8, -40 + 40 * 0.5, 12])


def test_a_slice_without_ventricle_has_null_distances(head: tuple[Mask, Mask, Mask]) -> None:
    last = rows_of(*head).row(by_predicate=pl.col("slice_index") == 2, named=True)
    assert last["distance_to_ventricle_mm"] is None
    assert last["centroid_to_ventricle_mm"] is None
    assert last["distance_to_cortex_mm"] == pytest.approx(5 * 0.8)


def gathered(rows: pl.DataFrame) -> pl.DataFrame:
    """Return one row per lesion in space: slices, area, volume, and the centroid of its parts weighed by area."""
    weight = pl.col("area_mm2")
    return (
        rows.group_by("whole_lesion_number")
        .agg(
            n_slices=pl.col("slice_index").n_unique(),
            area_mm2=weight.sum(),
            volume_ml=pl.col("volume_ml").sum(),
            **{name: (pl.col(name) * weight).sum() / weight.sum() for name in CENTROID},
        )
        .sort("whole_lesion_number")
    )


def test_lesions_are_whole_by_a_corner_across_slices(head: tuple[Mask, Mask, Mask]) -> None:
    whole = gathered(rows_of(*head))
    assert whole["n_slices"].to_list() == [2, 1]
    assert whole["area_mm2"].to_list() == pytest.approx([8 * 0.4, 0.4])
    assert whole["volume_ml"].to_list() == pytest.approx([8 * 2.4 / 1000, 2.4 / 1000])
    # Eight voxels: two at x 24, 25 in slice 0 and six at x 26..31 in slice 1.
    x, y, z = (24 + 25 + sum(range(26, 32))) / 8, (2 * 40 + 6 * 41) / 8, 6 / 8
    expected = [90 - 0.8 * x, -40 + 0.5 * y, 12 + 6 * z]
    assert [whole[name][0] for name in CENTROID] == pytest.approx(expected)


def test_a_lesion_may_lie_in_two_zones() -> None:
    brain = np.ones((90, 60, 3), bool)
    ventricle = np.zeros_like(brain)
    ventricle[20, 20] = True
    wmh = np.zeros_like(brain)
    wmh[22:60, 20, 0] = True
    wmh[59, 20, 1] = True
    rows = rows_of(wmh, ventricle, brain)
    assert rows["whole_lesion_number"].to_list() == [1, 1]
    assert rows["zone"].n_unique() == 2


def test_whole_lesions_are_the_connected_components(scattered: tuple[Mask, Mask, Mask]) -> None:
    image, count = ndimage.label(scattered[0], np.ones((3, 3, 3)))
    whole = gathered(rows_of(*scattered))
    assert whole["whole_lesion_number"].to_list() == list(range(1, count + 1))
    assert whole["area_mm2"].to_list() == pytest.approx(list(np.bincount(image.ravel())[1:] * 0.4))
    centres = np.array(ndimage.center_of_mass(scattered[0], image, range(1, count + 1)))
    np.testing.assert_allclose(whole.select(CENTROID).to_numpy(), centres @ AFFINE[:3, :3].T + AFFINE[:3, 3])


@pytest.mark.parametrize("name", ZONE_RULES)
def test_stored_rows_give_the_zones_the_images_gave(scattered: tuple[Mask, Mask, Mask], name: str) -> None:
    rows = rows_of(*scattered, rule=name)
    assert rows["zone"].n_unique() == 3
    again = rows.select(zone_expression(find_rule(name)).alias("zone"))["zone"]
    assert again.to_list() == rows["zone"].to_list()


def test_a_limit_can_be_moved_on_stored_rows(scattered: tuple[Mask, Mask, Mask]) -> None:
    moved = replace(find_rule("study-readme"), name="moved", ventricle_mm=5.0)
    parts, _ = lesion_parts(*scattered, SPACING)
    rows = rows_of(*scattered, rule="study-readme")
    zones = rows.select(zone_expression(moved).alias("zone"))["zone"].to_list()
    assert zones == [zone_of(part, moved) for part in parts]
    assert zones != rows["zone"].to_list()


@pytest.mark.parametrize("flipped", [(0,), (1,), (0, 2)])
def test_a_flipped_array_with_its_affine_has_the_same_lesions(
    scattered: tuple[Mask, Mask, Mask], flipped: tuple[int, ...]
) -> None:
    affine = AFFINE.copy()
    for axis in flipped:
        affine[:3, 3] += affine[:3, axis] * (scattered[0].shape[axis] - 1)
        affine[:3, axis] *= -1
    turned = rows_of(*(np.flip(mask, flipped) for mask in scattered), affine=affine)
    told = ["zone", "area_mm2", "distance_to_ventricle_mm", "distance_to_cortex_mm", *CENTROID]

    def table(rows: pl.DataFrame) -> pl.DataFrame:
        return rows.select(told).with_columns(pl.selectors.float().round(6)).sort(CENTROID)

    assert table(turned).equals(table(rows_of(*scattered)), null_equal=True)


def test_no_lesion_is_an_empty_table_and_zones_must_match() -> None:
    nothing = np.zeros((10, 12, 4), bool)
    rows = rows_of(nothing, nothing, ~nothing)
    assert rows.schema == LESION_COLUMNS
    assert rows.height == 0
    with pytest.raises(ValueError, match="zip"):
        lesion_rows([], ["periventricular"], AFFINE)
