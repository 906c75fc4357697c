"""One rule for every door: what a sidecar or a DICOM header says an image is, and what happens to it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.errors import ImageError
from pipeline.inputs.dicom import converted, converter, flair_series, is_dicom
from pipeline.inputs.discovery import image_problem, survey
from pipeline.inputs.image_facts import facts_of
from pipeline.inputs.image_kind import changes, other_kind
from pipeline.inputs.subject_from import subject_from
from tests.pipeline.small_scans import small_volume, write_small_scan

pydicom = pytest.importorskip("pydicom", reason="needs the extra 'dicom'")
needs_dcm2niix = pytest.mark.skipif(converter() is None, reason="needs dcm2niix: install the extra 'dicom'")


def write_dicom(folder: Path, description: str = "t2_tirm_tra_dark-fluid", **about: Any) -> Path:
    """Write a small series; ``about`` overrides DICOM elements, ``skip`` leaves slices out."""
    skip, number, preamble = about.pop("skip", ()), about.pop("number", 5), about.pop("preamble", True)
    folder.mkdir(parents=True, exist_ok=True)
    volume = np.round(small_volume(number)).astype(np.uint16)
    for z in range(volume.shape[2]):
        if z in skip:
            continue
        data = pydicom.Dataset()
        data.SOPClassUID, data.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.4", f"1.2.3.{number}.{z + 1}"
        data.Modality, data.Manufacturer, data.SeriesDescription = "MR", "SIEMENS", description
        data.PatientName, data.PatientID, data.PatientSex, data.PatientAge = "Secret^Name", "H4711", "F", "044Y"
        data.StudyInstanceUID, data.SeriesInstanceUID, data.FrameOfReferenceUID = "1.2.3", f"1.2.3.{number}", "1.2.4"
        data.SeriesNumber, data.InstanceNumber = number, z + 1
        data.ImageOrientationPatient, data.ImagePositionPatient = [1, 0, 0, 0, 1, 0], [-27.0, -32.0, 7.0 * z]
        data.PixelSpacing, data.SliceThickness, data.SpacingBetweenSlices = [0.9, 0.9], 6.0, 7.0
        data.Rows, data.Columns = volume.shape[1], volume.shape[0]
        data.SamplesPerPixel, data.PhotometricInterpretation, data.PixelRepresentation = 1, "MONOCHROME2", 0
        data.BitsAllocated, data.BitsStored, data.HighBit = 16, 16, 15
        data.EchoTime, data.RepetitionTime, data.InversionTime = 120.0, 9000.0, 2500.0
        data.MagneticFieldStrength, data.ManufacturerModelName, data.MRAcquisitionType = 1.5, "Avanto", "2D"
        data.PixelData = volume[:, :, z].T.tobytes()
        for key, value in about.items():
            setattr(data, key, value)
        path = folder / f"IM{number}{z:03d}"
        data.file_meta = pydicom.dataset.FileMetaDataset()
        data.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
        pydicom.dcmwrite(path, data, enforce_file_format=True)
        if not preamble:
            path.write_bytes(path.read_bytes()[132:])
    return folder


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({"description": "t1_se_tra", "EchoTime": 12.0, "InversionTime": None}, "calls it T1"),
        ({"description": "Ax T1 FLAIR"}, "T1 FLAIR"),
        ({"description": "AAHead_Scout"}, "a localizer"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}, "a localizer"),
        ({"description": "ep2d_diff_b0"}, "diffusion"),
        ({"ImageType": ["DERIVED", "PRIMARY", "DIFFUSION", "ADC"]}, "diffusion"),
        ({"ScanningSequence": "EP"}, "echo-planar"),
        ({"Modality": "CT"}, "modality is 'CT'"),
        ({"EchoTime": 9.0}, "echo time of 9 ms"),
        ({"InversionTime": 180.0}, "inversion time of 180 ms"),
        ({"description": "t2_tse_tra", "InversionTime": None}, "does not call it FLAIR"),
    ],
)
def test_a_series_that_is_no_flair_is_refused_whatever_its_folder(
    tmp_path: Path, about: dict[str, Any], said: str
) -> None:
    folder = write_dicom(tmp_path / "P1" / "series", **about)
    found = survey([folder])
    assert found.scans == []
    assert said in found.refused[0].reason
    with pytest.raises(ImageError, match=said):
        flair_series(folder)


@needs_dcm2niix
def test_a_tree_of_series_gives_its_flair(tmp_path: Path) -> None:
    write_dicom(tmp_path / "P1" / "20240102" / "FLAIR")
    write_dicom(tmp_path / "P1" / "20240102" / "T1", "t1_se_tra", number=6)
    write_dicom(tmp_path / "P1" / "20240102" / "DWI", "ep2d_diff_b0", number=7)
    write_dicom(tmp_path / "P2" / "CT", "Head 5.0", number=8, Modality="CT")
    write_dicom(write_dicom(tmp_path / "P3", number=10), "t1_se_tra", number=9, EchoTime=12.0)
    found = survey([tmp_path])
    assert [(scan.subject_id, scan.session, scan.sex, scan.age_years) for scan in found.scans] == [
        ("P1", "20240102", "F", 44.0),
        ("P3", None, "F", 44.0),
    ]
    assert found.scans[0].identity_from == (
        "subject from folder 'P1'; visit from folder '20240102'; sex, age from DICOM header"
    )
    assert [len(scan.files) for scan in found.scans] == [0, 6]  # of P3's folder, only the FLAIR's
    assert len(found.passed_over) == 4
    with converted(found.scans[1].path, found.scans[1].files) as image:
        assert image.path.is_file()
    assert "H4711" not in str(found)


@needs_dcm2niix
def test_missing_slices_are_refused_and_say_where(tmp_path: Path) -> None:
    [refusal] = survey([write_dicom(tmp_path / "P1", skip=(2,))]).refused
    assert "14.0 mm between two of them, 7.0 mm elsewhere; 1 of 6 slices are missing" in refusal.reason


@needs_dcm2niix
def test_files_without_preamble_are_dicom_too(tmp_path: Path) -> None:
    folder = write_dicom(tmp_path / "P1", preamble=False)
    assert is_dicom(next(folder.iterdir()))
    assert [scan.subject_id for scan in survey([folder]).scans] == ["P1"]


@needs_dcm2niix
def test_the_patient_id_is_taken_only_where_it_is_asked_for(tmp_path: Path) -> None:
    folder = write_dicom(tmp_path / "data" / "FLAIR")
    from pipeline.inputs.discovery import Choices

    assert survey([folder], Choices(subject_from=subject_from("dicom"))).scans[0].subject_id == "H4711"


@pytest.mark.parametrize(
    ("sidecar", "said"),
    [
        ({"Modality": "CT"}, "modality is 'CT'"),
        ({"SeriesDescription": "t1_mprage_sag"}, "calls it T1"),
        ({"ImageType": ["DERIVED", "PRIMARY", "DIFFUSION"]}, "diffusion"),
        ({"EchoTime": 0.003}, "echo time of 3 ms"),
        ({"ScanningSequence": "EP"}, "echo-planar"),
    ],
)
def test_a_file_is_judged_by_its_sidecar_in_both_commands(tmp_path: Path, sidecar: dict[str, Any], said: str) -> None:
    path = write_small_scan(tmp_path / "sub-1" / "anat" / "sub-1_FLAIR.nii.gz")
    path.with_name("sub-1_FLAIR.json").write_text(json.dumps(sidecar))
    assert said in survey([tmp_path]).refused[0].reason
    assert said in (image_problem(path) or "")


def test_a_sidecar_that_says_flair_makes_a_file_one(tmp_path: Path) -> None:
    path = write_small_scan(tmp_path / "P1" / "image.nii.gz")
    assert survey([tmp_path]).scans == []
    path.with_name("image.json").write_text('{"SeriesDescription": "t2_space_dark-fluid", "MagneticFieldStrength": 3}')
    [scan] = survey([tmp_path]).scans
    assert scan.facts.acquisition.field_strength_t == 3.0


def test_facts_of_the_whole_dataset_hold_unless_a_scans_own_say_otherwise(tmp_path: Path) -> None:
    write_small_scan(tmp_path / "sub-1" / "anat" / "sub-1_acq-3D_FLAIR.nii.gz")
    (tmp_path / "FLAIR.json").write_text('{"EchoTime": 0.1, "RepetitionTime": 9}')
    (tmp_path / "sub-1" / "anat" / "sub-1_acq-3D_FLAIR.json").write_text('{"EchoTime": 0.38}')
    [scan] = survey([tmp_path]).scans
    assert (scan.facts.acquisition.echo_time_ms, scan.facts.acquisition.repetition_time_ms) == (380.0, 9000.0)


def test_free_text_of_a_header_is_not_kept() -> None:
    facts = facts_of({"Manufacturer": "SIEMENS Secret", "ManufacturersModelName": "Sec\nret;Name"}, "sidecar")
    assert (facts.acquisition.manufacturer, facts.acquisition.scanner_model) == ("Siemens", None)
    reason = other_kind(facts_of({"SeriesDescription": "t1 of Secret Name"}, "sidecar"), name_says_flair=True)
    assert reason == "its sidecar calls it T1 ('t1'); expected FLAIR"


@pytest.mark.parametrize(
    ("name", "sidecar", "said"),
    [
        ("sub-1_FLAIR", {}, []),
        ("FLAIR_reg", {}, ["registered or resampled, says its name"]),
        ("n4_FLAIR_brain", {}, ["bias-corrected, says its name", "brain-extracted, says its name"]),
        ("sub-1_FLAIR", {"SkullStripped": True}, ["brain-extracted, says its sidecar"]),
        ("sub-1_FLAIR", {"ImageType": ["DERIVED", "SECONDARY", "MPR"]}, ["not as acquired (MPR), says its sidecar"]),
        ("P1_t2_space_dark-fluid_sag", {}, []),
    ],
)
def test_what_other_programs_did_is_said(name: str, sidecar: dict[str, Any], said: list[str]) -> None:
    assert changes(name, facts_of(sidecar, "sidecar")) == said
