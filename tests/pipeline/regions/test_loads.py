"""Loads by region, on a grid small enough to count by hand: 2 x 1 x 5 mm voxels of 0.01 mL."""

import numpy as np
import pytest

from pipeline.errors import GeometryError
from pipeline.regions.loads import regional_loads
from pipeline.regions.parcellation import Parcellation, Region

SPACING = (2.0, 1.0, 5.0)
REGIONS = (Region(1, "front", "left"), Region(2, "front", "right"), Region(3, "arch", "both"))


def parcellation() -> Parcellation:
    """Left half 0 to 9, right half 10 to 19; front where y is 10 to 19, the arch one row of the midline."""
    image = np.zeros((20, 30, 2), np.uint16)
    image[:10, 10:20] = 1
    image[10:, 10:20] = 2
    image[8:12, 20] = 3
    left = np.zeros(image.shape, bool)
    left[:10] = True
    return Parcellation("test", REGIONS, image, left)


def loads_of(wmh: np.ndarray):
    return regional_loads(wmh, np.ones(wmh.shape, bool), parcellation(), SPACING)


def test_volumes_counts_and_fractions_by_hand() -> None:
    wmh = np.zeros((20, 30, 2), bool)
    wmh[2:4, 12:15, 0] = True  # six voxels, one lesion, left
    wmh[7:12, 15, 1] = True  # one lesion over the midline: three left, two right
    found = loads_of(wmh)
    assert found.loads["lesion_volume_ml"].to_list() == pytest.approx([0.09, 0.02, 0.0])
    assert found.loads["lesion_area_mm2"].to_list() == pytest.approx([18.0, 4.0, 0.0])
    assert found.loads["lesion_count"].to_list() == [2, 0, 0]  # the second lies mostly on the left
    assert found.loads["region_volume_ml"].to_list() == pytest.approx([2.0, 2.0, 0.08])
    assert found.loads["fraction_pct"].to_list() == pytest.approx([4.5, 1.0, 0.0])
    assert found.lesions.rows() == [
        (1, "front", "left", pytest.approx(0.06)),
        (2, "front", "left", pytest.approx(0.05)),
    ]
    assert (found.unassigned_ml, found.moved_ml, found.n_unassigned) == (0, 0, 0)


def test_what_lies_in_no_region_goes_to_the_nearest_of_its_side_or_stays_unassigned() -> None:
    wmh = np.zeros((20, 30, 2), bool)
    wmh[4, 22, 0] = True  # 3 mm behind the left front, 8 mm beside the arch
    wmh[10, 24, 0] = True  # right, 4 mm behind the arch
    wmh[3, 27, 0] = True  # 8 mm from anything
    found = loads_of(wmh)
    assert found.loads["lesion_volume_ml"].to_list() == pytest.approx([0.01, 0.0, 0.01])
    assert found.moved_ml == pytest.approx(0.02)
    assert found.unassigned_ml == pytest.approx(0.01)
    assert found.n_unassigned == 1
    assert found.lesions.filter(found.lesions["region"].is_null()).height == 1


def test_no_lesion_is_given_to_the_other_side() -> None:
    wmh = np.zeros((20, 30, 2), bool)
    wmh[9, 8, 0] = True  # left; the right front is 4.5 mm away, the left one 2 mm
    mirrored = parcellation()
    mirrored.image[:10, 10:20] = 0  # without a left front there is nothing for it
    found = regional_loads(wmh, np.ones(wmh.shape, bool), mirrored, SPACING)
    assert found.loads["lesion_volume_ml"].sum() == 0
    assert found.unassigned_ml == pytest.approx(0.01)


@pytest.mark.parametrize("seed", range(5))
def test_parts_add_up_to_the_whole(seed: int) -> None:
    wmh = np.random.default_rng(seed).random((20, 30, 2)) > 0.8
    found = loads_of(wmh)
    assert found.loads["lesion_volume_ml"].sum() + found.unassigned_ml == pytest.approx(found.wmh_volume_ml, abs=1e-12)
    assert found.loads["lesion_count"].sum() + found.n_unassigned == found.lesions.height
    assert found.lesions["volume_ml"].sum() == pytest.approx(found.wmh_volume_ml, abs=1e-12)


def test_no_lesion_at_all() -> None:
    found = loads_of(np.zeros((20, 30, 2), bool))
    assert (found.wmh_volume_ml, found.lesions.height) == (0, 0)
    assert found.loads["lesion_count"].sum() == 0


def test_other_grids_are_refused() -> None:
    with pytest.raises(GeometryError, match="differ in shape"):
        regional_loads(np.zeros((3, 3, 3), bool), np.zeros((3, 3, 3), bool), parcellation(), SPACING)
