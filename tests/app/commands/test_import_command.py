"""`mscohort import` as a person or a script meets it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import cli

HEADER = (
    "PatientID,PatientAge,PatientSex,StudyGroup,TotalIntracranialArea,"
    "TotalVentricleArea,TotalWMHArea,TotalPeriArea,TotalParaArea,TotalJuxtArea"
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "cohort.csv"
    path.write_text(f"{HEADER}\nP001,44,0,MS,116000,560,180,23,134,23\nP002,,1,HC,129000,460,69,57,5,7\n")
    return path


@pytest.fixture
def words(table: Path, tmp_path: Path) -> list[str]:
    return ["import", os.fspath(table), "--protocol", "tabriz-2026-published", "--store", os.fspath(tmp_path / "store")]


def test_json_is_one_object_on_stdout(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*words, "--json"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    report = json.loads(said.out)
    assert report["dataset"] == "tabriz"
    assert report["n"] == {"HC": 1, "MS": 1}
    assert (report["changed"], report["version"]) == (True, 1)
    assert (report["n_subjects"], report["n_missing_age"], report["n_rejected"]) == (2, 1, 0)
    assert len(report["content_sha256"]) == len(report["source_sha256"]) == 64
    assert cli.main([*words, "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert (again["changed"], again["version"], again["content_sha256"]) == (False, 1, report["content_sha256"])


def test_a_person_reads_a_short_summary(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "tabriz: 2 subjects (1 HC, 1 MS) imported"
    assert lines[1].startswith("  protocol tabriz-2026-published, store version 1 in ")
    assert lines[2] == "  age_years: 1 missing"
    assert cli.main(words) == 0
    assert "already in the store, nothing changed" in capsys.readouterr().out


def test_rejected_rows_and_ignored_columns_are_summarised(
    words: list[str], table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table.write_text(f"{HEADER},Site\nP1,44,0,MS,116000,560,0,0,0,0,A\nAnn Lee,44,0,MS,116000,560,0,0,0,0,A\n")
    assert cli.main([*words, "--accept-valid"]) == 0
    said = capsys.readouterr().out
    assert "  1 rows rejected:\n    row 3, PatientID: not a pseudonymous code" in said
    assert "  not imported: Site (--extra COLUMN keeps one)\n" in said


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--map", "PatientAge"], "expected COLUMN=MEASURE"),
        (["--map", "=age_years"], "expected COLUMN=MEASURE"),
        (["--map", "A=age_years", "--map", "A=sex"], "names the column 'A' twice"),
    ],
)
def test_wrong_usage_exits_2(
    options: list[str], expected: str, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*words, *options]) == 2
    assert expected in capsys.readouterr().err


def test_a_column_name_may_hold_an_equals_sign(words: list[str], table: Path) -> None:
    text = table.read_text().replace("PatientAge", "Age (=years)")
    table.write_text(text.replace(",0,MS", ",F,MS").replace(",1,HC", ",M,HC"))
    assert cli.main([*words, "--map", "Age (=years)=age_years"]) == 0


def test_the_protocol_must_be_said(table: Path) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["import", os.fspath(table)])
    assert stopped.value.code == 2


def test_a_real_process_refuses_in_one_line_and_exits_1(words: list[str], table: Path) -> None:
    table.write_bytes(b"")
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", *words, "--json"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "mscohort import: cohort.csv is empty (0 bytes)\n"


@pytest.mark.parametrize("command", ["import", "join"])
def test_a_file_that_is_not_there_is_said_plainly(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = {"import": ["--protocol", "p"], "join": ["--dataset", "d"]}[command]
    absent = tmp_path / "absent.csv"
    assert cli.main([command, os.fspath(absent), *words, "--store", os.fspath(tmp_path / "store")]) == 1
    assert capsys.readouterr().err == f"mscohort {command}: {absent}: no such file or directory\n"
