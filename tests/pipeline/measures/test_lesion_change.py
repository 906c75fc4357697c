"""New, enlarged and vanished lesions: planted ones found, unchanged ones left alone, per lesion."""

import numpy as np
import pytest

from pipeline.measures.lesion_change import LesionCandidate, VisitLesions, lesion_changes, not_compared

AFFINE = np.diag([0.9, 0.8, 6.9, 1.0])
SHAPE = (80, 90, 10)
VOXEL_ML = 0.9 * 0.8 * 6.9 / 1000


def box(*corner: int, size: tuple[int, int, int] = (6, 6, 1)) -> np.ndarray:
    mask = np.zeros(SHAPE, bool)
    mask[tuple(slice(c, c + s) for c, s in zip(corner, size, strict=True))] = True
    return mask


def changes(before: np.ndarray, after: np.ndarray) -> list[LesionCandidate]:
    everywhere = np.ones(SHAPE, bool)
    one = VisitLesions(before, AFFINE, after.astype(float), everywhere)
    return lesion_changes(one, VisitLesions(after, AFFINE, before.astype(float), everywhere))


STAYS, GROWS, GROWN, GOES, COMES = (
    box(10, 10, 3),
    box(30, 30, 4),
    box(27, 27, 4, size=(12, 12, 2)),
    box(50, 50, 5),
    box(60, 20, 6),
)


def test_every_planted_change_is_found_and_nothing_else() -> None:
    found = changes(STAYS | GROWS | GOES, STAYS | GROWN | COMES)
    assert [one.kind for one in found] == ["new", "enlarged", "vanished"]
    new, enlarged, vanished = found
    assert (new.before_ml, new.after_ml) == (0, pytest.approx(36 * VOXEL_ML))
    assert (enlarged.before_ml, enlarged.after_ml) == (pytest.approx(36 * VOXEL_ML), pytest.approx(288 * VOXEL_ML))
    assert (vanished.before_ml, vanished.after_ml) == (pytest.approx(36 * VOXEL_ML), 0)
    assert new.slice_index == 6
    assert new.centroid_mm == pytest.approx((62.5 * 0.9, 22.5 * 0.8, 6 * 6.9), abs=0.06)


def test_nothing_changes_between_equal_visits() -> None:
    assert changes(STAYS | GROWS, STAYS | GROWS) == []
    empty = np.zeros(SHAPE, bool)
    assert changes(empty, empty) == []


def test_a_shift_within_the_tolerance_is_no_change() -> None:
    shifted = np.roll(STAYS | GROWS, (2, 1, 0), (0, 1, 2))
    assert changes(STAYS | GROWS, shifted) == []


def test_a_slice_between_two_of_the_other_visit_is_no_change() -> None:
    before, after = STAYS | GROWS, np.roll(STAYS | GROWS, 1, 2)
    everywhere = np.ones(SHAPE, bool)

    def between(mask: np.ndarray, other: np.ndarray) -> VisitLesions:
        return VisitLesions(mask, AFFINE, 0.7 * other + 0.3 * mask, everywhere)

    assert lesion_changes(between(before, after), between(after, before)) == []
    kinds = [one.kind for one in changes(before, after)]
    assert kinds == ["new", "new", "vanished", "vanished"], "a whole slice off is another place"


def test_a_part_that_comes_or_goes_of_a_lesion_that_stays_is_found() -> None:
    plaque = box(10, 10, 3, size=(12, 12, 2))
    arm = box(22, 12, 3, size=(10, 8, 2))
    [grown] = changes(plaque, plaque | arm)
    assert (grown.kind, grown.before_ml) == ("enlarged", pytest.approx(288 * VOXEL_ML))
    assert grown.after_ml == pytest.approx(448 * VOXEL_ML), "less than twice as much, yet a part of it is new"
    [gone] = changes(plaque | arm, plaque)
    assert gone.kind == "vanished"
    assert 0.3 < gone.before_ml < 160 * VOXEL_ML, "what lies within 2 mm of the rest may still be there"


def test_what_the_other_scan_does_not_show_is_not_compared() -> None:
    seen = np.ones(SHAPE, bool)
    seen[:, :, 6] = False
    none = np.zeros(SHAPE)
    later = VisitLesions(STAYS | COMES, AFFINE, STAYS.astype(float), seen)
    earlier = VisitLesions(STAYS, AFFINE, later.lesions.astype(float), np.ones(SHAPE, bool))
    assert lesion_changes(earlier, later) == []
    assert (not_compared(later), not_compared(earlier)) == (1, 0)
    assert not_compared(VisitLesions(COMES, AFFINE, none, ~seen)) == 0


def test_a_speck_is_no_candidate() -> None:
    assert changes(STAYS, STAYS | box(60, 60, 2, size=(3, 3, 1))) == []
    assert len(changes(STAYS, STAYS | box(60, 60, 2, size=(4, 3, 1)))) == 1


def test_the_first_lesion_of_a_person_is_new_and_the_last_vanishes() -> None:
    empty = np.zeros(SHAPE, bool)
    assert [one.kind for one in changes(empty, COMES)] == ["new"]
    assert [one.kind for one in changes(COMES, empty)] == ["vanished"]


def test_planted_changes_among_many_lesions_are_counted_lesion_by_lesion() -> None:
    rng = np.random.default_rng(4)
    places = [(x, y, z) for x in range(5, 70, 16) for y in range(5, 80, 16) for z in (2, 6)]
    rng.shuffle(places)
    kept, gone, fresh = places[:24], places[24:32], places[32:40]

    def union(corners: list[tuple[int, int, int]]) -> np.ndarray:
        return np.logical_or.reduce([box(*c) for c in corners])

    drift = np.roll(union([*kept, *gone]), (1, -1, 0), (0, 1, 2))
    found = changes(drift, union([*kept, *fresh]))
    kinds = [one.kind for one in found]
    assert (kinds.count("new"), kinds.count("vanished"), kinds.count("enlarged")) == (8, 8, 0)
