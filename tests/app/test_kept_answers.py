"""Kept answers are of this content and this program, or there are none."""

import os
from pathlib import Path

import pytest

from app import kept_answers

ANSWERS = {"load": "2.0 times"}


@pytest.fixture
def version_file(tmp_path: Path) -> Path:
    file = tmp_path / "versions" / "cohort-000001.duckdb"
    file.parent.mkdir()
    file.write_bytes(b"people")
    kept_answers.keep(file, "who", ANSWERS)
    return file


def test_what_is_kept_is_read_again(version_file: Path) -> None:
    assert kept_answers.read(version_file, "who") == ANSWERS


def test_other_people_have_none(version_file: Path) -> None:
    assert kept_answers.read(version_file, "who else") is None


def test_a_file_of_other_content_or_time_has_none(version_file: Path) -> None:
    kept = version_file.stat()
    version_file.write_bytes(b"others")
    os.utime(version_file, ns=(kept.st_atime_ns, kept.st_mtime_ns + 1))
    assert kept_answers.read(version_file, "who") is None
    version_file.write_bytes(b"more people")
    os.utime(version_file, ns=(kept.st_atime_ns, kept.st_mtime_ns))
    assert kept_answers.read(version_file, "who") is None


def test_another_program_has_none(version_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_answers, "program", lambda: "another")
    assert kept_answers.read(version_file, "who") is None


def test_a_changed_byte_is_noticed(version_file: Path) -> None:
    file = version_file.parents[1] / kept_answers.FILE
    file.write_text(file.read_text().replace("2.0 times", "3.0 times"))
    assert kept_answers.read(version_file, "who") is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"answers": 1}', '{"answers": [], "about": "", "sha256": ""}']
)
def test_what_cannot_be_read_is_none(version_file: Path, text: str) -> None:
    (version_file.parents[1] / kept_answers.FILE).write_text(text)
    assert kept_answers.read(version_file, "who") is None


def test_a_store_that_cannot_be_written_to_keeps_none(version_file: Path) -> None:
    folder = version_file.parents[1] / kept_answers.FILE.parent
    (version_file.parents[1] / kept_answers.FILE).unlink()
    folder.rmdir()
    folder.write_bytes(b"a file where the folder should be")
    kept_answers.keep(version_file, "who", ANSWERS)
    assert kept_answers.read(version_file, "who") is None


def test_a_version_that_is_gone_has_none(version_file: Path) -> None:
    version_file.unlink()
    kept_answers.keep(version_file, "who", ANSWERS)
    assert kept_answers.read(version_file, "who") is None
