"""New, enlarged and vanished lesions: planted ones found, unchanged ones left alone, per lesion."""

import numpy as np
import pytest

from pipeline.measures.lesion_change import lesion_changes

AFFINE = np.diag([0.9, 0.8, 6.9, 1.0])
SHAPE = (80, 90, 10)
VOXEL_ML = 0.9 * 0.8 * 6.9 / 1000


def box(*corner: int, size: tuple[int, int, int] = (6, 6, 1)) -> np.ndarray:
    mask = np.zeros(SHAPE, bool)
    mask[tuple(slice(c, c + s) for c, s in zip(corner, size, strict=True))] = True
    return mask


STAYS, GROWS, GROWN, GOES, COMES = (
    box(10, 10, 3),
    box(30, 30, 4),
    box(27, 27, 4, size=(12, 12, 2)),
    box(50, 50, 5),
    box(60, 20, 6),
)


def test_every_planted_change_is_found_and_nothing_else() -> None:
    found = lesion_changes(STAYS | GROWS | GOES, STAYS | GROWN | COMES, AFFINE)
    assert [one.kind for one in found] == ["new", "enlarged", "vanished"]
    new, enlarged, vanished = found
    assert (new.before_ml, new.after_ml) == (0, pytest.approx(36 * VOXEL_ML))
    assert (enlarged.before_ml, enlarged.after_ml) == (pytest.approx(36 * VOXEL_ML), pytest.approx(288 * VOXEL_ML))
    assert (vanished.before_ml, vanished.after_ml) == (pytest.approx(36 * VOXEL_ML), 0)
    assert new.slice_index == 6
    assert new.centroid_mm == pytest.approx((62.5 * 0.9, 22.5 * 0.8, 6 * 6.9), abs=0.06)


def test_nothing_changes_between_equal_visits() -> None:
    assert lesion_changes(STAYS | GROWS, STAYS | GROWS, AFFINE) == []
    empty = np.zeros(SHAPE, bool)
    assert lesion_changes(empty, empty, AFFINE) == []


def test_a_shift_within_the_tolerance_is_no_change() -> None:
    shifted = np.roll(STAYS | GROWS, (2, 1, 0), (0, 1, 2))
    assert lesion_changes(STAYS | GROWS, shifted, AFFINE) == []
    next_slice = np.roll(STAYS | GROWS, 1, 2)
    assert lesion_changes(STAYS | GROWS, next_slice, AFFINE) == []


def test_a_speck_is_no_candidate() -> None:
    assert lesion_changes(STAYS, STAYS | box(60, 60, 2, size=(3, 3, 1)), AFFINE) == []
    assert len(lesion_changes(STAYS, STAYS | box(60, 60, 2, size=(4, 3, 1)), AFFINE)) == 1


def test_the_first_lesion_of_a_person_is_new_and_the_last_vanishes() -> None:
    empty = np.zeros(SHAPE, bool)
    assert [one.kind for one in lesion_changes(empty, COMES, AFFINE)] == ["new"]
    assert [one.kind for one in lesion_changes(COMES, empty, AFFINE)] == ["vanished"]


def test_planted_changes_among_many_lesions_are_counted_lesion_by_lesion() -> None:
    rng = np.random.default_rng(4)
    places = [(x, y, z) for x in range(5, 70, 16) for y in range(5, 80, 16) for z in (2, 6)]
    rng.shuffle(places)
    kept, gone, fresh = places[:24], places[24:32], places[32:40]

    def union(corners: list[tuple[int, int, int]]) -> np.ndarray:
        return np.logical_or.reduce([box(*c) for c in corners])

    drift = np.roll(union([*kept, *gone]), (1, -1, 0), (0, 1, 2))
    found = lesion_changes(drift, union([*kept, *fresh]), AFFINE)
    kinds = [one.kind for one in found]
    assert (kinds.count("new"), kinds.count("vanished"), kinds.count("enlarged")) == (8, 8, 0)
