"""`mscohort store list|rollback|audit`."""

import json
from pathlib import Path

import duckdb
import pytest

from app import cli

HEADER = (
    "PatientID,PatientAge,PatientSex,StudyGroup,TotalIntracranialArea,"
    "TotalVentricleArea,TotalWMHArea,TotalPeriArea,TotalParaArea,TotalJuxtArea"
)


@pytest.fixture
def root(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """Return a store with two versions: one person, then two."""
    for rows in ("P1,44,0,MS,116000,560,0,0,0,0", "P1,44,0,MS,116000,560,0,0,0,0\nP2,44,1,HC,116000,560,0,0,0,0"):
        table = tmp_path / "cohort.csv"
        table.write_text(f"{HEADER}\n{rows}\n")
        words = ["import", str(table), "--protocol", "tabriz-2026-published", "--replace"]
        assert cli.main([*words, "--store", str(tmp_path / "store")]) == 0
    capsys.readouterr()
    return tmp_path / "store"


def said(capsys: pytest.CaptureFixture[str], root: Path, *words: str) -> dict:
    assert cli.main(["store", *words, "--store", str(root), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_list_names_versions_and_datasets(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listed = said(capsys, root, "list")
    assert listed["version"] == 2
    assert [(version["number"], version["live"]) for version in listed["versions"]] == [(1, False), (2, True)]
    assert listed["datasets"][0]["dataset"] == "tabriz"
    assert listed["datasets"][0]["n"] == 2
    assert cli.main(["store", "list", "--store", str(root)]) == 0
    shown = capsys.readouterr().out
    assert "version 2 (live)" in shown
    assert "tabriz: 2 people (1 HC, 1 MS), protocol tabriz-2026-published" in shown


def test_list_of_an_empty_store_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["store", "list", "--store", str(tmp_path / "none")]) == 0
    assert "'mscohort demo' or 'mscohort import' makes the first" in capsys.readouterr().out


def test_list_works_when_a_kept_version_is_damaged(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "versions" / "cohort-000001.duckdb").write_bytes(b"broken")
    listed = said(capsys, root, "list")
    assert [version["readable"] for version in listed["versions"]] == [False, True]
    assert listed["datasets"][0]["n"] == 2
    assert cli.main(["store", "list", "--store", str(root)]) == 0
    assert "version 1, 0.0 MB, cannot be read" in capsys.readouterr().out


def test_rollback_goes_back_and_forth(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, root, "rollback")["version"] == 1
    assert said(capsys, root, "list")["datasets"][0]["n"] == 1
    assert said(capsys, root, "rollback", "--to", "2")["version"] == 2
    assert cli.main(["store", "rollback", "--to", "7", "--store", str(root)]) == 1
    assert capsys.readouterr().err == (
        "mscohort store: the store has no version 7 to go back to; kept versions: 1, 2\n"
    )


def test_audit_passes_a_sound_store(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    audited = said(capsys, root, "audit")
    assert audited["audits"]["zone_areas_add_up"] == 0
    assert cli.main(["store", "audit", "--store", str(root)]) == 0
    assert "no row contradicts another" in capsys.readouterr().out


def test_audit_names_what_contradicts_and_exits_1(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with duckdb.connect(root / "versions" / "cohort-000002.duckdb") as connection:
        connection.execute("UPDATE measure SET wmh_area_mm2 = 9")
    assert cli.main(["store", "audit", "--store", str(root), "--json"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "contradicting rows: zone_areas_add_up 2; 'store rollback' helps" in err


def test_to_belongs_to_rollback(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["store", "list", "--to", "1", "--store", str(root)]) == 2
    assert "--to belongs to 'rollback'" in capsys.readouterr().err
