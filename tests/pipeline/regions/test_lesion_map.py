"""Lesions on the common grid: where they are, how large, and what the scan shows."""

import numpy as np
import pytest

from benchmarks import planted_frequency
from benchmarks.lesion_frequency import compared
from pipeline.errors import GeometryError
from pipeline.regions.lesion_map import lesion_map
from pipeline.registration.affine import Registration
from pipeline.registration.template import Template
from vocabulary.lesion_grid import N_VOXELS, VOXEL_ML, places_of

SHAPE = (60, 50, 20)
AFFINE = np.array([[2.5, 0, 0, -70.0], [0, 3.0, 0, -90.0], [0, 0, 6.0, -40.0], [0, 0, 0, 1]])


def registered(to_template: np.ndarray, space: str = "ICBM152") -> Registration:
    """Return a registration as it would be; the template's images are not asked."""
    nothing = np.zeros((2, 2, 2), np.float32)
    template = Template(space, nothing, np.eye(4), nothing > 0)
    return Registration(template, to_template, AFFINE, SHAPE, 0.95)


def test_a_lesion_lies_where_its_voxels_are_and_has_its_volume() -> None:
    move = np.array([[1.1, 0, 0, 4.0], [0, 0.9, 0, -6.0], [0, 0, 1.0, 3.0], [0, 0, 0, 1]])
    wmh = np.zeros(SHAPE, bool)
    wmh[10:18, 20:26, 8:11] = True
    found = lesion_map(registered(move), wmh)
    places = places_of(found.voxels.astype(np.int64))
    middle = move @ AFFINE @ [13.5, 22.5, 9, 1]
    assert np.abs(places.mean(0) - middle[:3]).max() < 1.1
    volume = wmh.sum() * 2.5 * 3 * 6 / 1000 * np.linalg.det(move[:3, :3])
    assert found.voxels.size * VOXEL_ML == pytest.approx(volume, rel=0.1)
    assert (np.diff(found.voxels.astype(np.int64)) > 0).all()


def test_what_the_scan_shows_is_its_box() -> None:
    found = lesion_map(registered(np.eye(4)), np.ones(SHAPE, bool))
    first, end = found.seen[0::2].astype(np.int64), found.seen[1::2].astype(np.int64)
    assert (end > first).all()
    assert (end - first).sum() == found.voxels.size
    places = places_of(found.voxels.astype(np.int64))
    assert places.min(0).tolist() == [-70, -90, -42]
    assert (places.max(0) <= [78.75, 58.5, 77]).all()


def test_without_lesions_the_scan_still_shows_places() -> None:
    found = lesion_map(registered(np.eye(4)), np.zeros(SHAPE, bool))
    assert found.voxels.size == 0
    assert 0 < found.seen[0] < found.seen[-1] <= N_VOXELS


def test_another_space_or_grid_is_refused() -> None:
    with pytest.raises(GeometryError, match="a template in JHU"):
        lesion_map(registered(np.eye(4), "JHU"), np.zeros(SHAPE, bool))
    with pytest.raises(GeometryError, match="differ in shape"):
        lesion_map(registered(np.eye(4)), np.zeros((2, 2, 2), bool))


@pytest.mark.slow
def test_the_map_of_many_is_what_made_them() -> None:
    found = compared(24, seed=3)
    for ball in found["balls"]:
        assert ball["voxels"] > 20
        assert ball["map_off_by"] < 1e-6
        assert abs(ball["z"]) < 4
    assert found["chi2"] < 26.1  # 99.9 of 100 draws of eight balls
    assert (found["outside_highest"], found["outside_voxels"] > 100_000) == (0, True)


@pytest.mark.slow
def test_the_map_of_ragged_lesions_gives_back_the_rates_planted_by_region() -> None:
    people = 16
    found = planted_frequency.compared(people, seed=3)
    assert len(found["regions"]) > 30
    # By chance alone a region is beyond 4.5 errors in one group of 50, a difference between the sides in one of 120.
    assert found["largest_region_z"] < 4.5
    assert found["largest_side_z"] < 4.5
    assert found["region_correlation"] > 0.9
    assert 0.5 < found["voxel_mean_z_squared"] < 2
    assert (found["nowhere_highest"], found["nowhere_voxels"] > 100_000) == (0, True)
    other_side = planted_frequency.compared(people, seed=3, mirrored=True)
    assert other_side["largest_side_z"] > 6
    assert other_side["voxel_correlation"] < found["voxel_correlation"]
