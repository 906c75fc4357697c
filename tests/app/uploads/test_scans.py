"""Uploads on their way to a job: found again by the code they were given, under no other name."""

import os
from pathlib import Path

import pytest

from app.uploads.scans import Arrival, problem, suggested_code, twice, write_arrivals
from pipeline.inputs.discovery import discover
from tests.pipeline.small_scans import write_small_scan


def _arrival(name: str, code: str, content: bytes = b"image", **about: object) -> Arrival:
    return Arrival(name, lambda: content, code, **about)  # type: ignore[arg-type]


def _image(folder: Path, seed: int) -> bytes:
    return write_small_scan(folder / f"{seed}.nii", seed).read_bytes()


def test_ingest_finds_everyone_with_what_is_known(tmp_path: Path) -> None:
    write_arrivals(
        [
            _arrival("Anna B.nii", "P-1.a", _image(tmp_path, 1), group="MS", sex="F", age_years=41.5),
            _arrival("x.NII", "P2", _image(tmp_path, 2), visit="2"),
        ],
        tmp_path / "scans",
    )
    scans, refused = discover([tmp_path / "scans"])
    assert refused == []
    assert [(s.subject_id, s.session, s.group, s.sex, s.age_years) for s in scans] == [
        ("P-1.a", None, "MS", "F", 41.5),
        ("P2", "2", None, None, None),
    ]
    assert [s.path.name for s in scans] == ["sub-P-1.a_FLAIR.nii", "sub-P2_ses-2_FLAIR.nii"]


def test_the_uploaded_name_is_written_nowhere(tmp_path: Path) -> None:
    write_arrivals([_arrival("Anna Smith 1981.nii", "P1")], tmp_path)
    written = "".join(os.fspath(path) for path in tmp_path.rglob("*")) + (tmp_path / "participants.tsv").read_text()
    assert "Anna" not in written


@pytest.mark.parametrize("code", ["", "../P1", "a/b", "P 1", "P_1", "a..b", "-P1", "Jürgen", "x" * 65])
def test_a_code_that_is_none_is_a_problem(code: str) -> None:
    assert problem(_arrival("FLAIR.nii.gz", code))


@pytest.mark.parametrize("name", ["scan.dcm", "brain_mask.nii.gz", "sub-1_T1w.nii.gz", "scan.nii.gz.exe"])
def test_a_file_that_is_no_flair_is_a_problem(name: str) -> None:
    assert problem(_arrival(name, "P1"))


def test_a_sound_upload_has_no_problem() -> None:
    assert problem(_arrival("FLAIR.nii.gz", "P-1.2", visit="baseline")) == ""


def test_two_files_of_one_person_need_visits() -> None:
    assert twice([_arrival("a.nii", "P1"), _arrival("b.nii", "P1"), _arrival("c.nii", "")]) == ["P1"]
    assert twice([_arrival("a.nii", "P1", visit="1"), _arrival("b.nii", "P1", visit="2")]) == []


@pytest.mark.parametrize("name", ["../../etc/FLAIR.nii.gz", "C:\\x\\Anna.nii.gz", "<b>.nii", "..nii", ".nii.gz", ""])
def test_suggestions_are_codes_or_nothing(name: str) -> None:
    assert problem(_arrival("scan.nii", suggested_code(name) or "P1")) == ""
