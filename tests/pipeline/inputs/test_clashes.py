"""Scans that get in each other's way: choices, codes that look alike, images that would replace others, tables."""

import os

import pytest

from pipeline.inputs.clashes import Known
from pipeline.inputs.discovery import Choices, survey
from pipeline.inputs.subject_from import subject_from
from tests.pipeline.small_scans import write_small_scan


def _write(folder, *names):
    return [write_small_scan(folder / name, number) for number, name in enumerate(names)]


@pytest.mark.parametrize(
    ("names", "prefer", "chosen"),
    [
        (("sub-1/anat/sub-1_run-1_FLAIR.nii", "sub-1/anat/sub-1_run-2_FLAIR.nii"), (), "sub-1_run-1_FLAIR.nii"),
        (("sub-1/anat/sub-1_run-1_FLAIR.nii", "sub-1/anat/sub-1_run-2_FLAIR.nii"), ("run-2",), "sub-1_run-2_FLAIR.nii"),
        (
            ("sub-1/anat/sub-1_acq-2D_FLAIR.nii", "sub-1/anat/sub-1_acq-3D_FLAIR.nii"),
            ("acq-3D",),
            "sub-1_acq-3D_FLAIR.nii",
        ),
        (("P1/FLAIR_brain.nii", "P1/FLAIR.nii"), (), "FLAIR.nii"),
        (("P1/FLAIR_brain.nii", "P1/FLAIR.nii"), ("brain",), "FLAIR_brain.nii"),
        (("P1/Preprocessed_Data/FLAIR_preprocessed.nii", "P1/Raw_Data/FLAIR.nii"), (), "FLAIR.nii"),
    ],
)
def test_several_flairs_of_one_visit_are_a_choice_that_is_said(tmp_path, names, prefer, chosen):
    _write(tmp_path / "d", *names)
    found = survey([tmp_path / "d"], Choices(prefer=prefer))
    assert [scan.path.name for scan in found.scans] == [chosen]
    assert found.refused == []
    [left] = found.passed_over
    assert chosen in left.reason
    assert "--prefer" in left.reason


@pytest.mark.parametrize(
    ("one", "other"), [("P-07", "P07"), ("P07", "p07"), ("7", "007"), ("P07", "P7"), ("1.12", "11.2"), ("A_1", "A-01")]
)
def test_codes_written_in_two_ways_never_share_a_stem(tmp_path, one, other):
    first, second = _write(tmp_path / "d", f"{one}/FLAIR.nii", f"{other}/FLAIR.nii")
    rule = subject_from(r"([^/]+)/FLAIR.nii$")
    both = survey([tmp_path / "d"], Choices(subject_from=rule))
    assert both.scans == []
    assert len(both.refused) == 2
    [scan] = survey([first], Choices(subject_from=rule)).scans
    held = [Known(scan.subject_id, scan.stem, scan.source_sha256, os.fspath(first))]
    later = survey([second], Choices(subject_from=rule, replace=True), known=held)
    assert later.scans == []
    assert "leading zeros" in later.refused[0].reason
    assert os.fspath(first) in later.refused[0].reason


def test_an_image_never_takes_the_place_of_another_unasked(tmp_path):
    first, second = _write(tmp_path, "a/P1_FLAIR.nii", "b/P1_FLAIR.nii")
    [scan] = survey([first]).scans
    held = [Known("P1", scan.stem, scan.source_sha256, os.fspath(first))]
    assert len(survey([first], known=held).scans) == 1  # the same bytes: nothing to do
    refused = survey([second], known=held).refused
    assert [os.fspath(second) in item.input and os.fspath(first) in item.reason for item in refused] == [True]
    assert len(survey([second], Choices(replace=True), known=held).scans) == 1


def test_a_table_says_who_each_file_is(tmp_path):
    _write(tmp_path / "d", "x/one.nii.gz", "x/two_FLAIR.nii.gz", "y/FLAIR_001.nii")
    (tmp_path / "people.csv").write_text(
        "id,session,path,group\nA1,,x/one.nii.gz,MS\nB2,v2,./x/two_FLAIR.nii.gz,HC\nC3,,y/FLAIR_001,MS\nD4,,gone.nii,MS\n"
    )
    found = survey([tmp_path / "d"], Choices(tmp_path / "people.csv"))
    assert [(s.path.name, s.subject_id, s.session, s.group) for s in found.scans] == [
        ("one.nii.gz", "A1", None, "MS"),
        ("two_FLAIR.nii.gz", "B2", "v2", "HC"),
        ("FLAIR_001.nii", "C3", None, "MS"),
    ]
    assert found.scans[0].identity_from == "subject, group from row 2 of people.csv"
    assert found.participants.unmatched_rows == ("D4",)


def test_two_rows_for_one_file_are_refused(tmp_path):
    _write(tmp_path, "x/FLAIR.nii")
    (tmp_path / "people.csv").write_text("id,scan\nA1,x/FLAIR.nii\nB2,x/FLAIR.nii\n")
    found = survey([tmp_path / "x"], Choices(tmp_path / "people.csv"))
    assert "rows 2 and 3" in found.refused[0].reason


def test_a_row_that_writes_a_code_in_another_way_is_matched_and_said(tmp_path):
    _write(tmp_path, "sub-007/anat/sub-007_FLAIR.nii", "sub-A01/anat/sub-A01_FLAIR.nii", "sub-9/anat/sub-9_FLAIR.nii")
    (tmp_path / "participants.tsv").write_text("participant_id\tage\tgroup\n7\t30\tMS\nSub-a01\t50\tHC\n12\t40\tHC\n")
    found = survey([tmp_path])
    assert [(scan.subject_id, scan.group) for scan in found.scans] == [("007", "MS"), ("9", None), ("A01", "HC")]
    told = found.participants
    assert (told.rows, told.matched_rows, told.unmatched_rows) == (3, 2, ("12",))
    assert [path.endswith("sub-9_FLAIR.nii") for path in told.unmatched_scans] == [True]
    assert told.notes[0] == "'007' is row 2 of participants.tsv, written '7'"


def test_a_persons_folder_finds_its_datasets_table_and_sessions(tmp_path):
    _write(tmp_path / "ds", "sub-1/ses-a/anat/sub-1_ses-a_FLAIR.nii", "sub-1/ses-b/anat/sub-1_ses-b_FLAIR.nii")
    (tmp_path / "ds" / "participants.tsv").write_text("participant_id\tsex\nsub-1\tF\n")
    (tmp_path / "ds" / "sub-1" / "sub-1_sessions.tsv").write_text("session_id\tage\nses-a\t44\nses-b\t46\n")
    for given, ages in (
        ("sub-1", [44.0, 46.0]),
        ("sub-1/ses-b", [46.0]),
        ("sub-1/ses-b/anat/sub-1_ses-b_FLAIR.nii", [46.0]),
    ):
        found = survey([tmp_path / "ds" / given])
        assert {scan.sex for scan in found.scans} == {"F"}, given
        assert [scan.age_years for scan in found.scans] == ages, given
    assert "age from sub-1_sessions.tsv" in found.scans[0].identity_from


def test_the_age_at_a_visit_goes_before_that_of_the_person(tmp_path):
    _write(tmp_path, *(f"sub-1/ses-{name}/anat/sub-1_ses-{name}_FLAIR.nii" for name in "abc"))
    (tmp_path / "participants.tsv").write_text("participant_id\tage\nsub-1\t40\n")
    (tmp_path / "sub-1" / "sub-1_sessions.tsv").write_text("session_id\tage\nses-a\t41\nses-b\t43.5\nses-c\tn/a\n")
    scans = survey([tmp_path]).scans
    assert [scan.age_years for scan in scans] == [41.0, 43.5, 40.0]
    assert [scan.sources["age_years"] for scan in scans] == ["sub-1_sessions.tsv"] * 2 + ["row 2 of participants.tsv"]


def test_what_cannot_be_read_costs_one_line_and_the_rest_goes_on(tmp_path):
    _write(tmp_path, "sub-01/anat/sub-01_FLAIR.nii.gz", "sub-02/anat/sub-02_flair.nii", "P4/P4_FLAIR.nii")
    anat = tmp_path / "sub-01" / "anat"
    (anat / "._sub-01_FLAIR.nii.gz").write_bytes(b"\0\5\x16\7" + bytes(4092))
    (anat / "sub-03_FLAIR.nii.gz").symlink_to("../../.git/annex/objects/none.nii.gz")
    (tmp_path / "sub-02" / "anat" / "sub-02_T1w.nii").write_bytes(b"")
    (tmp_path / "derivatives").mkdir()
    (tmp_path / "participants.tsv").symlink_to("none.tsv")
    found = survey([tmp_path])
    assert [scan.stem for scan in found.scans] == ["sub-01", "sub-02", "sub-P4"]
    assert [item.reason.split(";")[0] for item in found.refused] == ["is a link to a file that is not there"] * 2
    assert sorted(item.reason.split(";")[0] for item in found.passed_over) == [
        "folder that is not searched",
        "its name says T1w, not FLAIR",
        "shadow file of macOS, no image",
    ]
