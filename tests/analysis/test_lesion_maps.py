"""Lesion maps: counts by hand, and a permutation test that is right when nothing differs and finds what does."""

import numpy as np
import polars as pl
import pytest

from analysis.lesion_map_comparison import Cancelled, enhance, strata_of, voxel_test
from analysis.lesion_maps import difference, group_map
from vocabulary.lesion_grid import AFFINE, N_VOXELS, SHAPE, image_of, places_of

MAPS = pl.Schema({"lesion_voxels": pl.List(pl.UInt32), "seen_runs": pl.List(pl.UInt32)})
WHOLE = [0, N_VOXELS]


def maps_of(*rows: tuple[list[int], list[int]]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=MAPS, orient="row")


def test_counts_by_hand() -> None:
    found = group_map(maps_of(([5, 7], [0, 8]), ([7], [6, 10]), ([], [])))
    assert found.n == 3
    assert found.n_lesion[[5, 6, 7, 8]].tolist() == [1, 0, 2, 0]
    assert found.n_seen[[0, 5, 6, 7, 8, 9, 10]].tolist() == [1, 1, 2, 2, 1, 1, 0]
    shares = found.frequency()
    assert shares[[5, 7, 8]].tolist() == [1.0, 1.0, 0.0]
    assert np.isnan(shares[10])
    assert np.isnan(found.frequency(least_seen=2)[5])


def test_nobody() -> None:
    found = group_map(maps_of())
    assert (found.n, int(found.n_seen.sum())) == (0, 0)
    assert np.isnan(found.frequency()).all()


def test_a_difference_needs_both_groups_to_show_the_place() -> None:
    one, other = group_map(maps_of(([3], [0, 5]))), group_map(maps_of(([], [0, 4]), ([3], [0, 4])))
    assert difference(one, other)[[2, 3]].tolist() == [0.0, 0.5]
    assert np.isnan(difference(one, other)[4])


def test_numbers_and_places_belong_together() -> None:
    number = 40 + 99 * (50 + 117 * 30)
    assert places_of(np.array([number])).tolist() == [[-98 + 80, -134 + 100, -72 + 60]]
    assert image_of(np.arange(N_VOXELS))[40, 50, 30] == number
    assert (AFFINE @ [*SHAPE, 1])[:3].tolist() == [100, 100, 118]


def cohort(rng: np.random.Generator, n: int, more: float = 0.0) -> tuple[pl.DataFrame, np.ndarray, np.ndarray]:
    """Return people with lesion patches in some of eight places, more often in place 0 in the first group."""
    first = np.arange(n) % 2 == 0
    strata = np.arange(n) // 2 % 3
    corners = [500_000 + 4 * 99 * 117 * k for k in range(8)]  # four planes apart, so that no two patches meet
    patch = [x + 99 * (y + 117 * z) for x in range(3) for y in range(3) for z in range(2)]
    rows = []
    for person in range(n):
        rate = 0.15 + 0.1 * strata[person]
        chance = [rate + (more if first[person] and k == 0 else 0) for k in range(8)]
        rows.append(
            (sorted(c + v for c, p in zip(corners, chance, strict=True) if rng.random() < p for v in patch), WHOLE)
        )
    return maps_of(*rows), first, strata


def test_a_planted_difference_is_found_where_it_is() -> None:
    maps, first, strata = cohort(np.random.default_rng(1), 120, more=0.55)
    found = voxel_test(maps, first, strata, n_permutations=200)
    sure = found.voxels[found.p_voxel < 0.05]
    assert sure.size == 18
    assert sure.min() == 500_000
    assert set(found.voxels[found.p_cluster < 0.05]) == set(sure)
    assert (found.z[found.p_voxel < 0.05] > 0).all()
    assert (found.n_first, found.n_second, found.n_strata, found.n_alone) == (60, 60, 3, 0)


def test_the_statistic_is_that_of_mantel_and_haenszel() -> None:
    # Two strata by hand: 3 of 4 against 1 of 4, and 2 of 3 against 0 of 3.
    have = [1, 1, 1, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0]
    first = np.array([1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0], bool)
    strata = np.array([0] * 8 + [1] * 6)
    maps = maps_of(*(([9] if one else [], WHOLE) for one in have))
    excess = (3 - 4 * 4 / 8) + (2 - 3 * 2 / 6)
    variance = 4 * 4 * 4 * 4 / (8 * 8 * 7) + 3 * 3 * 2 * 4 / (6 * 6 * 5)
    found = voxel_test(maps, first, strata, n_permutations=1, least_lesions=1)
    assert found.voxels.tolist() == [9]
    assert found.z[0] == pytest.approx(excess / variance**0.5)


def test_who_does_not_show_a_place_is_not_counted_as_free_of_lesions() -> None:
    rows = [([9], WHOLE)] * 3 + [([], WHOLE)] * 1 + [([9], WHOLE)] * 1 + [([], WHOLE)] * 3
    first = np.array([1] * 4 + [0] * 4, bool)
    plain = voxel_test(maps_of(*rows), first, n_permutations=1, least_lesions=1)
    blind = voxel_test(maps_of(*rows, ([], [100, 200]), ([], [100, 200])), np.append(first, [True, False]),
                       n_permutations=1, least_lesions=1)  # fmt: skip
    assert blind.z[0] == pytest.approx(plain.z[0])


def test_the_same_seed_gives_the_same_answer_and_a_stop_stops() -> None:
    maps, first, strata = cohort(np.random.default_rng(2), 60)
    one, two = (voxel_test(maps, first, strata, n_permutations=60) for _ in range(2))
    assert one.p_cluster.tolist() == two.p_cluster.tolist()
    told: list[float] = []
    with pytest.raises(Cancelled):
        voxel_test(maps, first, strata, n_permutations=500, progress=lambda share: told.append(share) or len(told) < 2)
    assert told == [0.1, 0.2]


def test_groups_in_strata_of_their_own_tell_nothing() -> None:
    maps, first, _ = cohort(np.random.default_rng(3), 40, more=0.6)
    found = voxel_test(maps, first, first.astype(np.int64), n_permutations=20)
    assert (found.n_strata, found.n_alone) == (0, 40)
    assert found.smallest_p == 1.0


def test_nothing_to_test() -> None:
    found = voxel_test(maps_of(*[([], WHOLE)] * 4), np.array([True, True, False, False]), n_permutations=5)
    assert found.voxels.size == 0
    assert found.smallest_p is None


@pytest.mark.slow
def test_false_positives_are_as_many_as_stated() -> None:
    """On data without a difference, tests at 5 % call no more than about 5 %; how many of hundreds: docs/methods.md."""
    rng = np.random.default_rng(7)
    calls = np.zeros(2)
    for trial in range(150):
        found = voxel_test(*cohort(rng, 36), n_permutations=39, seed=trial)
        calls += [found.p_voxel.min() <= 0.05, found.p_cluster.min() <= 0.05]
    assert ((calls / 150 > 0.015) & (calls / 150 < 0.085)).all(), calls / 150


def test_strata_are_sex_and_decade() -> None:
    people = pl.DataFrame({"sex": ["F", "F", "M", "F", None], "age_years": [31.0, 39.9, 31.0, 40.0, None]})
    strata = strata_of(people)
    assert strata[0] == strata[1]
    assert len(set(strata.tolist())) == 4


def test_enhancement_prefers_patches_and_keeps_the_sign() -> None:
    line = np.array([500_000, 500_001, 500_002, 500_010])
    found = enhance(np.array([2.0, 2.0, 2.0, 2.0]), line)
    assert found[0] == found[1] > found[3] > 0
    assert (enhance(np.array([-2.0, -2.0, -2.0, -2.0]), line) == -found).all()
