"""Ten ways in which public data are laid out: the right person and visit, or a refusal; nobody is mixed up.

Names only, of the datasets named in the comments; every image is made up.
"""

import pytest

from pipeline.inputs.discovery import Choices, survey
from pipeline.inputs.subject_from import subject_from
from tests.pipeline.small_scans import write_small_scan

Who = tuple[str, str | None]

LAYOUTS: dict[str, dict[str, Who | None]] = {
    "BIDS with sessions (OpenNeuro)": {
        "sub-01/ses-01/anat/sub-01_ses-01_FLAIR.nii.gz": ("01", "01"),
        "sub-01/ses-02/anat/sub-01_ses-02_FLAIR.nii.gz": ("01", "02"),
        "sub-02/ses-01/anat/sub-02_ses-01_acq-3D_FLAIR.nii.gz": ("02", "01"),
        "derivatives/x/sub-01/anat/sub-01_FLAIR.nii.gz": None,
    },
    "WMH challenge 2017": {
        "Amsterdam/GE3T/100/pre/FLAIR.nii.gz": ("100", None),
        "Amsterdam/GE3T/100/orig/3DT1.nii.gz": None,
        "Singapore/50/pre/FLAIR.nii.gz": ("50", None),
        "Utrecht/0/pre/FLAIR.nii.gz": ("0", None),
        "Utrecht/0/wmh.nii.gz": None,
    },
    "MSSEG 2016": {
        "Training/Center_01/Patient_01/Raw_Data/FLAIR.nii.gz": ("Patient_01", None),
        "Training/Center_01/Patient_01/Preprocessed_Data/FLAIR_preprocessed.nii.gz": None,
        "Training/Center_01/Patient_02/Raw_Data/FLAIR.nii.gz": ("Patient_02", None),
        "Training/Center_01/Patient_02/Masks/Consensus_FLAIR.nii.gz": None,
    },
    "MSSEG-2": {
        "013/flair_time01_on_middle_space.nii.gz": ("013", "time01"),
        "013/flair_time02_on_middle_space.nii.gz": ("013", "time02"),
        "015/flair_time01_on_middle_space.nii.gz": ("015", "time01"),
        "015/ground_truth.nii.gz": None,
    },
    "ISBI 2015, longitudinal": {
        "training01/orig/training01_01_flair.nii.gz": None,  # visit 1 of training01, or a code: refused
        "training01/preprocessed/training01_01_flair_pp.nii": None,
        "training02/orig/training02_01_flair.nii.gz": None,
    },
    "Ljubljana, open_ms_data": {
        "patient01/patient01_study1_FLAIR.nii.gz": ("patient01", "study1"),
        "patient01/patient01_study2_FLAIR.nii.gz": ("patient01", "study2"),
        "patient02/patient02_study1_FLAIR.nii.gz": ("patient02", "study1"),
        "patient02/patient02_brainmask.nii.gz": None,
    },
    "MS-60, Baghdad": {
        "Patient-1/1-Flair.nii": ("Patient-1", None),
        "Patient-1/1-T1.nii": None,
        "Patient-2/2-Flair.nii": ("Patient-2", None),
    },
    "OASIS-3": {
        "OAS30001_MR_d0129/anat2/NIFTI/sub-OAS30001_ses-d0129_FLAIR.nii.gz": ("OAS30001", "d0129"),
        "OAS30001_MR_d0757/anat2/NIFTI/sub-OAS30001_ses-d0757_FLAIR.nii.gz": ("OAS30001", "d0757"),
    },
    "ADNI as downloaded": {
        "002_S_0295/Axial_FLAIR/2011-06-02_07_58_31.0/I239487/FLAIR.nii": ("002_S_0295", "2011-06-02"),
        "002_S_0295/Axial_FLAIR/2012-06-02_07_58_31.0/I239488/FLAIR.nii": ("002_S_0295", "2012-06-02"),
    },
    "dcm2niix in dated folders": {
        "P001/20240102/3D_FLAIR_20240102101010_501.nii.gz": ("P001", "20240102"),
        "P001/20250301/3D_FLAIR_20250301111111_401.nii.gz": ("P001", "20250301"),
        "P002/20240102/Ax_T2_FLAIR_FS_5.nii.gz": ("P002", "20240102"),
        "P002/20240102/Ax_T1_SE_4.nii.gz": None,
    },
    "codes that look like visits": {
        "clinic/M07_FLAIR.nii.gz": ("M07", None),
        "clinic/V001_FLAIR.nii.gz": ("V001", None),
        "clinic/T12/FLAIR.nii.gz": ("T12", None),
        "clinic/scan2/FLAIR.nii.gz": ("scan2", None),
    },
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_right_person_or_a_refusal(tmp_path, layout):
    expected = LAYOUTS[layout]
    for number, name in enumerate(expected):
        write_small_scan(tmp_path / "d" / name, number)
    found = survey([tmp_path / "d"])
    told = {scan.path.relative_to(tmp_path / "d").as_posix(): (scan.subject_id, scan.session) for scan in found.scans}
    assert told == {name: who for name, who in expected.items() if who is not None}
    mentioned = " ".join(item.input for item in (*found.refused, *found.passed_over))
    for name, who in expected.items():
        assert who is not None or name in mentioned or name.split("/")[0] in mentioned, f"{name} is gone without a word"
    assert all(item.reason for item in found.refused)


@pytest.mark.parametrize(
    ("layout", "rule", "name", "who"),
    [
        (
            "ISBI 2015, longitudinal",
            r"(?P<subject>training\d+)_(?P<session>\d+)_",
            "training02/orig/training02_01_flair.nii.gz",
            ("training02", "01"),
        ),
    ],
)  # fmt: skip
def test_what_was_refused_can_be_said(tmp_path, layout, rule, name, who):
    for number, other in enumerate(LAYOUTS[layout]):
        write_small_scan(tmp_path / "d" / other, number)
    found = survey([tmp_path / "d"], Choices(subject_from=subject_from(rule)))
    assert who in [(scan.subject_id, scan.session) for scan in found.scans if scan.path == tmp_path / "d" / name]
