"""Whose scan it is: the right person and visit, or a doubt with the way out; never a wrong person."""

from pathlib import Path

import pytest

from pipeline.errors import ParticipantsError
from pipeline.inputs.identity import Doubt, Identity, Layout, identify
from pipeline.inputs.scan_names import Name
from pipeline.inputs.subject_from import subject_from
from vocabulary.code_forms import same_form

ROOT = Path("/data/x")


def _whose(*names: str) -> list[tuple[str, str | None] | None]:
    paths = [ROOT / name for name in names]
    layout = Layout(paths)
    found = [identify(path, layout) for path in paths]
    return [(told.name.subject_id, told.name.session) if isinstance(told, Identity) else None for told in found]


@pytest.mark.parametrize(
    ("name", "subject", "session"),
    [
        ("sub-01/anat/sub-01_FLAIR.nii.gz", "01", None),
        ("sub-01/ses-2/anat/sub-01_ses-2_acq-3D_FLAIR.nii", "01", "2"),
        ("sub-01/ses-2/FLAIR.nii", "01", "2"),
        ("Sub-01/M12/FLAIR.nii", "01", "M12"),
        ("101228/FLAIR.nii.gz", "101228", None),
        ("101228/flair_prepared.nii.gz", "101228", None),
        ("101228_T2_FLAIR.NII.GZ", "101228", None),
        ("P-07/baseline/anat/image.nii", "P-07", "baseline"),
        ("P-07/visit 2/3D FLAIR.nii", "P-07", "visit_2"),
        ("P-07/study1_FLAIR.nii", "P-07", "study1"),
        ("P7/V2/FLAIR.nii", "P7", "V2"),
        ("P7_V2_FLAIR.nii", "P7", "V2"),
        ("P7_FLAIR_V2.nii", "P7", "V2"),
        ("control_12.nii", "control_12", None),
        ("MS-0042-FLAIR.nii.gz", "MS-0042", None),
        ("FLAIR_P12.nii.gz", "P12", None),
        ("P1/t2_space_dark-fluid_sag_p2_iso_501.nii", "P1", None),
        ("P7_20240102_101010_3D_FLAIR_501.nii.gz", "P7", "20240102"),
        ("clinic/M07_FLAIR.nii.gz", "M07", None),
        ("clinic/scan2/FLAIR.nii.gz", "scan2", None),
        ("second/V001/FLAIR.nii.gz", "V001", None),
        ("second/T12/FLAIR.nii.gz", "T12", None),
        ("second/Y3_FLAIR.nii.gz", "Y3", None),
        ("0/pre/FLAIR.nii.gz", "0", None),
        ("P1/Raw_Data/FLAIR.nii.gz", "P1", None),
        ("P1/20240102/FLAIR.nii.gz", "P1", "20240102"),
        ("P1/20240102/501/FLAIR.nii.gz", "P1", "20240102"),
        ("013/flair_time01_on_middle_space.nii.gz", "013", "time01"),
        ("P3/3D_FLAIR_501.nii.gz", "P3", None),
        ("P1/mri/orig/FLAIRraw.nii.gz", "P1", None),
        ("patient01/patient01_study2_FLAIR.nii.gz", "patient01", "study2"),
        ("Center_07/Patient_03/Raw_Data/3DFLAIR.nii.gz", "Patient_03", None),
        ("GE1T5/112/pre/FLAIR.nii.gz", "112", None),
        ("A/FLAIR.nii", "A", None),
        ("P7/reading_FLAIR.nii", "P7", None),
        ("P7/visit2/P7_FLAIR.nii", "P7", "visit2"),
        ("P7/V2/P7_FLAIR.nii", "P7", "V2"),
        ("P7/20240102/P7_FLAIR.nii", "P7", "20240102"),
    ],
)
def test_the_person_and_the_visit(name: str, subject: str, session: str | None) -> None:
    assert _whose(name) == [(subject, session)]


@pytest.mark.parametrize(
    "name",
    [
        "FLAIR.nii.gz",  # nobody
        "data/raw/FLAIR_001.nii.gz",  # a person, or a series
        "P1/501/FLAIR.nii.gz",  # a person, or a series of P1
        "P1/P2_FLAIR.nii.gz",  # two people
        "P01_1_FLAIR.nii.gz",  # visit 1 of P01, or a code
        "sub-9/sub-01_FLAIR.nii",  # entities that contradict each other
        "sub-9/ses-1/sub-9_ses-2_FLAIR.nii",
        "P7/visit1/P7_baseline_FLAIR.nii",  # two visits
        "P7/M07/V2/FLAIR.nii",
    ],
)
def test_two_readings_are_a_doubt_with_the_way_out(name: str) -> None:
    path = Path("/data") / name
    told = identify(path, Layout([path]))
    assert isinstance(told, Doubt), told
    assert "--participants" in told.reason
    assert "--subject-from" in told.reason
    assert told.reason.isprintable()


def test_many_numbers_in_one_folder_are_people() -> None:
    assert _whose(*(f"MS01/{number:02}/FLAIR.nii" for number in range(1, 4))) == [
        ("01", None),
        ("02", None),
        ("03", None),
    ]
    assert _whose("MS01/01/FLAIR.nii", "MS01/02/FLAIR.nii") == [None, None]


def test_codes_counted_like_visits_below_a_word_are_a_doubt() -> None:
    assert _whose("anna/V1/FLAIR.nii", "anna/V2/FLAIR.nii") == [None, None]
    assert _whose("second/V001/FLAIR.nii", "second/T12/FLAIR.nii") == [("V001", None), ("T12", None)]


def test_more_visits_than_anybody_has_are_a_doubt() -> None:
    assert set(_whose(*(f"MS01/V{number}/FLAIR.nii" for number in range(1, 12)))) == {None}


@pytest.mark.parametrize(
    ("rule", "name", "subject", "session"),
    [
        ("folder", "P1/P2_FLAIR.nii.gz", "P1", None),
        ("name", "P1/P2_FLAIR.nii.gz", "P2", None),
        ("name", "data/FLAIR_001.nii.gz", "001", None),
        ("folder", "anna/V2/FLAIR.nii", "V2", None),
        (r"(?P<subject>\w+)/(?P<session>V\d)/", "anna/V2/FLAIR.nii", "anna", "V2"),
        (r"Center_(\d+)/Patient_(\d+)", "Center_01/Patient_02/FLAIR.nii", "01-02", None),
    ],
)
def test_it_can_be_said_where_the_code_stands(rule: str, name: str, subject: str, session: str | None) -> None:
    told = subject_from(rule).identify(Path("/data") / name)
    assert isinstance(told, Identity)
    assert told.name == Name(subject, session)


def test_a_pattern_that_fits_nothing_is_a_doubt_and_one_that_is_none_an_error() -> None:
    assert isinstance(subject_from(r"case(\d+)").identify(Path("/data/P1/FLAIR.nii")), Doubt)
    with pytest.raises(ParticipantsError, match="not a pattern"):
        subject_from("(")


def test_one_code_in_many_spellings() -> None:
    assert len({same_form(code) for code in ("P-07", "P07", "p07", "p7", "sub-P_007")}) == 1
    assert len({same_form(code) for code in ("P-07", "P70", "7", "1.12", "11.2")}) == 5
