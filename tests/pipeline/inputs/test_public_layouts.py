"""Ways in which public data are laid out: the right person and visit, or a refusal; nobody is mixed up.

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
    "MSLesSeg": {
        "train/P1/T1/P1_T1_FLAIR.nii.gz": ("P1", "T1"),  # the first time, no T1 FLAIR
        "train/P1/T1/P1_T1_T1.nii.gz": None,
        "train/P1/T1/P1_T1_MASK.nii.gz": None,
        "train/P1/T2/P1_T2_FLAIR.nii.gz": ("P1", "T2"),
        "train/P1/T2/P1_T2_T2.nii.gz": None,
        "train/P2/T1/P2_T1_FLAIR.nii.gz": ("P2", "T1"),
        "test/P54/P54_FLAIR.nii.gz": ("P54", None),
        "elsewhere/P9_T1_FLAIR.nii.gz": None,  # may be T1 FLAIR
    },
    "UK Biobank, unpacked": {
        "1000223_20253_2_0/T2_FLAIR/T2_FLAIR.nii.gz": ("1000223", "2"),
        "1000223_20253_2_0/T2_FLAIR/T2_FLAIR_brain.nii.gz": None,
        "1000223_20253_2_0/T2_FLAIR/lesions/final_mask.nii.gz": None,
        "1000223_20253_3_0/T2_FLAIR/T2_FLAIR.nii.gz": ("1000223", "3"),
        "1000223_20252_2_0/T1/T1.nii.gz": None,
        "1000244_20253_2_0/T2_FLAIR/T2_FLAIR.nii.gz": ("1000244", "2"),
    },
    "UK Biobank, bulk files": {
        "1000223_20253_2_0.nii.gz": ("1000223", "2"),
        "1000223_20252_2_0.nii.gz": None,
    },
    "Ljubljana, 3D-MR-MS": {
        "cross_sectional/raw/patient01/FLAIR.nii.gz": ("patient01", None),
        "cross_sectional/raw/patient01/T1WKS.nii.gz": None,
        "cross_sectional/raw/patient01/consensus_gt.nii.gz": None,
        "cross_sectional/raw/patient02/FLAIR.nii.gz": ("patient02", None),
        "longitudinal/raw/patient03/study1_FLAIR.nii.gz": ("patient03", "study1"),
        "longitudinal/raw/patient03/study2_FLAIR.nii.gz": ("patient03", "study2"),
    },
    "OASIS-3 by sess-": {
        "OAS30003_MR_d1631/anat3/sub-OAS30003_sess-d1631_FLAIR.nii.gz": ("OAS30003", "d1631"),
        "OAS30003_MR_d2669/anat3/sub-OAS30003_sess-d2669_FLAIR.nii.gz": ("OAS30003", "d2669"),
    },
    "ADNI, long names": {
        "002_S_0413/Axial_T2-FLAIR/2017-06-21_13_23_38.0/I863055/ADNI_002_S_0413_MR_Axial_FLAIR_raw_I863055.nii": None,
    },
    "Shifts, two parts with the same numbers": {
        "msseg/train/flair/1_FLAIR_isovox.nii.gz": None,  # 1 of msseg, or 1 of best: refused
        "best/train/flair/1_FLAIR_isovox.nii.gz": None,
        "best/train/flair/3_FLAIR_isovox.nii.gz": ("3", None),
        "best/train/gt/3_gt_isovox.nii.gz": None,
    },
    "a hospital's folders by date": {
        "MS study/Pat 001/MRI 2023-05-01/FLAIR.nii.gz": ("Pat_001", "2023-05-01"),
        "MS study/Pat 001/MRI 2024-05-01/FLAIR.nii.gz": ("Pat_001", "2024-05-01"),
        "MS study/Pat 002/MRI 2023-06-01/T2_FLAIR.nii.gz": ("Pat_002", "2023-06-01"),
    },
    "a hospital's folders by group, numbered from 1 in each": {
        "Patients/001/T2_FLAIR.nii": None,
        "Controls/001/T2_FLAIR.nii": None,
        "Controls/002/T2_FLAIR.nii": ("002", None),
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
