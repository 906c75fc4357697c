"""Synthetic scans: always the same for the same seed, with a truth that holds, looking like FLAIR."""

import numpy as np
import polars as pl
import pytest

pytest.importorskip("nilearn")

from pipeline.errors import ModelError
from pipeline.inputs.discovery import discover
from pipeline.inputs.nifti import read_scan
from pipeline.registration.icbm152 import ORIGIN, template_map
from pipeline.segmentation.tissues import Tissue
from pipeline.synthetic.anatomy import anatomy
from pipeline.synthetic.bids import write_bids
from pipeline.synthetic.flair import SHAPE, SPACING_MM, synthetic_scan
from vocabulary.measures import ZONES

pytestmark = pytest.mark.slow

LESIONS = {"periventricular": 12, "paraventricular": 9, "juxtacortical": 6}
VOXEL_ML = float(np.prod(SPACING_MM)) / 1000


@pytest.fixture(scope="module")
def patient():
    return synthetic_scan(7, group="MS", age_years=45, lesions=LESIONS)


def test_the_same_arguments_give_the_same_scan_and_others_another(patient):
    again = synthetic_scan(7, group="MS", age_years=45, lesions=LESIONS)
    np.testing.assert_array_equal(again.data, patient.data)
    np.testing.assert_array_equal(again.zones, patient.zones)
    assert not np.array_equal(synthetic_scan(8, lesions={}).data, patient.data)


def test_fluid_around_the_brainstem_and_between_the_hemispheres_is_no_ventricle():
    x, y, z = (int(origin) for origin in ORIGIN)
    head = anatomy()
    assert not head.ventricle[x - 8 : x + 9, y - 45 : y - 30, z - 8 : z + 12].any()
    assert not head.ventricle[x - 3 : x + 4, y - 60 : y - 40, z + 12 : z + 32].any()
    for side in (x - 25, x + 25):
        assert head.ventricle[side, y - 42, z + 8] == 1  # where each lateral ventricle is widest


def test_missing_maps_are_a_clear_error():
    with pytest.raises(ModelError, match=r"the tissue maps of nilearn 0\.14 are needed"):
        template_map("t9")


def test_geometry_is_that_of_thick_slices(patient):
    assert patient.data.shape == patient.labels.shape == patient.brain.shape == SHAPE
    assert np.diag(patient.affine)[:3] == pytest.approx(SPACING_MM)


def test_every_lesion_voxel_has_a_zone_and_lies_in_the_brain(patient):
    lesion = patient.labels == Tissue.WMH
    np.testing.assert_array_equal(patient.zones > 0, lesion)
    assert patient.brain[lesion].all()
    assert patient.lesions["volume_ml"].sum() == pytest.approx(lesion.sum() * VOXEL_ML)
    for number, zone in enumerate(ZONES, 1):
        its = patient.lesions.filter(pl.col("zone") == zone)["volume_ml"].sum()
        assert its == pytest.approx((patient.zones == number).sum() * VOXEL_ML)


def test_tissues_are_as_bright_as_on_flair(patient):
    brain = np.median(patient.data[patient.brain & (patient.labels == 0)])
    ventricle, lesion = (np.median(patient.data[patient.labels == label]) / brain for label in (1, 2))
    # Nine raw scans of the reference: ventricle 0.16 to 0.50, lesion 1.34 to 1.69 times the brain's median.
    assert 0.15 < ventricle < 0.55
    assert 1.2 < lesion < 1.8
    assert np.median(patient.data[:5, :5]) < 0.1 * brain


def test_sizes_are_those_of_people(patient):
    assert 1100 < patient.brain.sum() * VOXEL_ML < 1750
    assert 8 < (patient.labels == Tissue.VENTRICLE).sum() * VOXEL_ML < 80


def test_zones_lie_at_their_distance_from_the_ventricles(patient):
    ventricle = np.argwhere(patient.labels == Tissue.VENTRICLE) * SPACING_MM
    nearest = {}
    for number, zone in enumerate(ZONES, 1):
        places = np.argwhere(patient.zones == number) * SPACING_MM
        nearest[zone] = np.median([np.linalg.norm(ventricle - place, axis=1).min() for place in places])
    assert nearest["periventricular"] < 8 < nearest["paraventricular"]
    assert nearest["juxtacortical"] > 10


def test_white_matter_shines_around_the_horns_without_being_lesion():
    head = anatomy()
    scan = synthetic_scan(3, group="HC", age_years=40, lesions={})
    assert (head.rim > 0.9).any() and not head.rim[head.ventricle > 0].any()
    assert not (scan.labels == Tissue.WMH).any()


def test_ventricles_widen_with_age():
    young, old = (
        np.mean([(synthetic_scan(seed, group="HC", age_years=age, lesions={}).labels == 1).sum() for seed in (1, 2)])
        for age in (20, 75)
    )
    assert old > 1.15 * young


def test_an_unknown_zone_is_refused():
    with pytest.raises(ValueError, match="unknown zones cerebellar"):
        synthetic_scan(1, lesions={"cerebellar": 2})


def test_a_bids_dataset_can_be_read(tmp_path):
    people = pl.read_csv(write_bids(tmp_path, 2, seed=4), separator="\t")
    assert people.columns == ["participant_id", "group", "sex", "age"]
    assert people["group"].to_list() == ["MS", "MS"]
    paths = sorted(tmp_path.glob("sub-*/anat/*_FLAIR.nii.gz"))
    assert [path.parts[-3] for path in paths] == people["participant_id"].to_list()
    assert read_scan(paths[0]).spacing_mm == pytest.approx(SPACING_MM)


def test_people_drawn_at_once_are_those_drawn_one_by_one(tmp_path):
    one_by_one, at_once = (write_bids(tmp_path / str(threads), 3, 5, threads).parent for threads in (1, 2))
    paths = sorted(path.relative_to(one_by_one) for path in one_by_one.rglob("*.*"))
    assert len(paths) == 1 + 3 + 1  # the table, scans, and the sessions of the person who comes twice
    for path in paths:
        drawn, again = (one_by_one / path, at_once / path)
        if path.suffix == ".gz":
            np.testing.assert_array_equal(read_scan(drawn).data, read_scan(again).data)
        else:
            assert drawn.read_bytes() == again.read_bytes()


def test_from_three_scans_on_one_person_is_scanned_twice_at_another_age(tmp_path):
    table = write_bids(tmp_path, 3, seed=4)
    found, refused = discover([tmp_path], table)
    assert not refused
    first, *hers = sorted(found, key=lambda scan: scan.stem)
    assert (first.subject_id, first.session) == ("synthetic0001", None)
    assert [(scan.subject_id, scan.session, scan.age_years, scan.group, scan.sex) for scan in hers] == [
        ("synthetic0002", "1", 38.0, "MS", "F"),
        ("synthetic0002", "2", 40.0, "MS", "F"),
    ]
