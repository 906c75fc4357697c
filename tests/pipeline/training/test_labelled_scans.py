"""Loading the study's layout, its traps, and honest splits."""

import nibabel as nib
import numpy as np
import pytest

from pipeline.errors import GeometryError, ImageMissing, TrainingError
from pipeline.segmentation.preprocessing import find_recipe
from pipeline.segmentation.tissues import Tissue, allowed_code
from pipeline.training.labelled_scans import balanced_folds, load_patient, load_patients, study_split

HEAD = find_recipe("head")
SOMEWHERE = np.diag([0.9, 0.9, 7.0, 1.0])
MIRRORED = np.diag([-0.9, 0.9, 7.0, 1.0])


def _save(path, array, affine=SOMEWHERE):
    nib.save(nib.Nifti1Image(array, affine), path)


@pytest.fixture
def patient_folder(tmp_path, head_phantom):
    """Return a folder as the study lays it out: the raw scan lies mirrored, and the labels' affine is wrong."""
    folder = tmp_path / "000123"
    folder.mkdir()
    values = np.array([0, 32639, 65535], np.uint16)[head_phantom.truth]
    _save(folder / "flair_prepared.nii.gz", head_phantom.volume / 700)
    _save(folder / "three_class_manual.nii.gz", values, MIRRORED)
    _save(folder / "FLAIR.nii.gz", (head_phantom.volume * 3)[::-1].astype(np.int16), MIRRORED)
    _save(folder / "brain_mask.nii.gz", head_phantom.brain[::-1].astype(np.uint8), MIRRORED)
    return folder


def test_labels_are_paired_in_array_order(patient_folder, head_phantom):
    scan = load_patient(patient_folder, HEAD)
    np.testing.assert_array_equal(scan.truth, head_phantom.truth)
    assert scan.spacing_mm == pytest.approx((0.9, 0.9, 7.0))
    assert scan.codes.shape == scan.images[0].shape == (256, 256, 6)
    assert scan.images[0][scan.codes == allowed_code([Tissue.WMH])].min() > 1
    assert scan.images[0][scan.codes == allowed_code([Tissue.VENTRICLE])].max() < -1


def test_the_raw_scan_is_turned_to_match(patient_folder):
    scan = load_patient(patient_folder, HEAD)
    assert len(scan.images) == 2
    np.testing.assert_allclose(scan.images[1], scan.images[0], atol=0.03)  # the raw scan holds whole numbers


def test_codes_know_brain_where_a_mask_is_given(patient_folder, head_phantom):
    scan = load_patient(patient_folder, HEAD)
    brain_only = head_phantom.brain & (head_phantom.truth == 0)
    assert (scan.codes == allowed_code([Tissue.BRAIN, Tissue.RIM])).sum() == brain_only.sum()
    outside = scan.codes == allowed_code([Tissue.BACKGROUND])
    assert set(scan.stripped[outside]) == {-3.0} < set(scan.images[0][outside])  # air where skull and scalp were
    assert scan.stripped[scan.codes == allowed_code([Tissue.WMH])].min() > 1
    (patient_folder / "brain_mask.nii.gz").unlink()
    unknown = load_patient(patient_folder, HEAD)
    assert unknown.stripped is None
    assert len(unknown.images) == 1
    assert (unknown.codes == allowed_code([Tissue.BACKGROUND, Tissue.BRAIN, Tissue.RIM])).any()


def test_a_raw_scan_of_someone_else_is_not_used(patient_folder, head_phantom):
    other = np.random.default_rng(5).permutation(head_phantom.volume.ravel()).reshape(head_phantom.volume.shape)
    _save(patient_folder / "FLAIR.nii.gz", other)
    assert len(load_patient(patient_folder, HEAD).images) == 1


def test_slices_with_a_tissue(patient_folder):
    scan = load_patient(patient_folder, HEAD)
    assert scan.slices_with(Tissue.VENTRICLE).tolist() == [1, 2, 3, 4]
    assert scan.slices_with(Tissue.WMH).tolist() == [2, 3, 4]


def test_missing_and_mismatched_files(patient_folder, tmp_path):
    _save(patient_folder / "three_class_manual.nii.gz", np.zeros((5, 5, 5), np.uint8))
    with pytest.raises(GeometryError, match="differ in shape"):
        load_patients(tmp_path, HEAD)
    (patient_folder / "flair_prepared.nii.gz").unlink()
    with pytest.raises(ImageMissing, match="flair_prepared"):
        load_patients(tmp_path, HEAD)
    with pytest.raises(TrainingError, match="no labelled patient"):
        load_patients(patient_folder, HEAD)


def test_folds_hold_each_patient_once_and_balance_loads():
    loads = {f"p{load}": float(load) for load in range(10)}
    folds = balanced_folds(loads, 5)
    assert sorted(patient for fold in folds for patient in fold) == sorted(loads)
    assert {sum(loads[patient] for patient in fold) for fold in folds} == {9.0}


@pytest.mark.parametrize("folds", [1, 4])
def test_impossible_folds_are_refused(folds):
    with pytest.raises(TrainingError, match="expected 2 to 3"):
        balanced_folds({"a": 1, "b": 2, "c": 3}, folds)


def test_the_studys_split_is_its_own():
    train, test = study_split(["101228", "101627", "112776"])
    assert (train, test) == (["101627"], ["101228", "112776"])


@pytest.mark.reference
def test_reference_patients_load_with_their_raw_scans(reference):
    scans = load_patients(reference / "mri", HEAD)
    assert len(scans) == 10
    assert [scan.patient for scan in scans if len(scan.images) == 1] == ["102313"]
    assert [int((scan.truth == Tissue.WMH).sum()) for scan in scans[:3]] == [783, 490, 3863]
    for scan in scans:
        bright = np.median(scan.images[0][scan.codes == allowed_code([Tissue.WMH])])
        dark = np.median(scan.images[0][scan.codes == allowed_code([Tissue.VENTRICLE])])
        assert bright > 0.5
        assert dark < -0.5
