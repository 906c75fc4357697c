"""A store that an older mscohort left: whatever publishes brings it up to date, whatever reads says how to."""

import json
import os
from datetime import datetime
from pathlib import Path

import pytest

from app import cli
from app.previewing import scans_held
from db.errors import NotInStore, StoreIncompatible
from db.migrating import latest_schema
from db.review_scan import review_scan
from db.store import Store
from tests.db.older_store import fill_older_store
from tests.pipeline.small_scans import write_small_scan

TABLE = "id,sex,group,wmh_volume_ml\nA1,F,MS,4\nA2,M,HC,1\n"
PUBLISHING = {
    "demo": ("demo", "--subjects", "30", "--scans", "0"),
    "demo --if-empty": ("demo", "--if-empty"),
    "import": ("import", "{table}", "--protocol", "own"),
    "store update": ("store", "update"),
}
READING = {
    "compare": ("compare", "wmh_area_mm2"),
    "export": ("export", "{table}-export"),
    "ingest --dry-run": ("ingest", "--dry-run", "{scan}"),
}


@pytest.fixture
def older(tmp_path: Path) -> Store:
    """Return a store of schema 2."""
    return fill_older_store(Store(tmp_path / "store", lock_seconds=5))


def words_of(command: tuple[str, ...], tmp_path: Path) -> list[str]:
    table = tmp_path / "people.csv"
    table.write_text(TABLE, encoding="utf-8")
    scan = write_small_scan(tmp_path / "sub-1_FLAIR.nii.gz", 1) if "{scan}" in command else table
    return [word.format(table=table, scan=scan) for word in command]


@pytest.mark.parametrize("command", PUBLISHING)
def test_what_publishes_brings_it_up_to_date(older, tmp_path, capsys, command) -> None:
    words = words_of(PUBLISHING[command], tmp_path)
    assert cli.main([*words, "--store", os.fspath(older.root)]) == 0, capsys.readouterr().err
    with older.read() as snapshot:
        assert "old" in snapshot.datasets()["dataset_id"].to_list(), "its people are still there"
        assert snapshot.cohort("old").height == 3


def test_a_reviewed_scan_is_looked_for_in_the_store_brought_up_to_date(older) -> None:
    with pytest.raises(NotInStore, match="holds no scan"):
        review_scan(
            older,
            "old/nobody",
            "mscohort-1",
            verdict="pass",
            reason="",
            initials="AB",
            reviewed_at=datetime(2026, 1, 1),
        )
    older.read().close()


@pytest.mark.parametrize("command", READING)
def test_what_reads_says_what_to_do(older, tmp_path, capsys, command) -> None:
    assert cli.main([*words_of(READING[command], tmp_path), "--store", os.fspath(older.root)]) == 1
    [line] = capsys.readouterr().err.strip().splitlines()[-1:]
    assert f"schema 2, this mscohort expects {latest_schema()}; 'mscohort store update' brings it up to date" in line
    assert older.current().number == 1


def test_scans_that_cannot_be_asked_for_are_not_taken_for_none(older, tmp_path) -> None:
    with pytest.raises(StoreIncompatible):
        scans_held(older, "old", tmp_path / "none")


def test_going_back_to_an_older_version_brings_it_up_to_date(older, tmp_path, capsys) -> None:
    assert cli.main([*words_of(PUBLISHING["import"], tmp_path), "--store", os.fspath(older.root)]) == 0
    assert cli.main(["store", "list", "--store", os.fspath(older.root)]) == 0
    assert "of an older mscohort; going back to it brings it up to date" in capsys.readouterr().out
    assert cli.main(["store", "rollback", "--to", "1", "--store", os.fspath(older.root), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["version"] == 4, "a copy; what an import made in between stays"
    with older.read() as snapshot:
        assert snapshot.datasets()["dataset_id"].to_list() == ["old"]


def test_updating_twice_changes_nothing(older, tmp_path, capsys) -> None:
    for changed, version in ((True, 2), (False, 2)):
        assert cli.main(["store", "update", "--store", os.fspath(older.root), "--json"]) == 0
        answer = json.loads(capsys.readouterr().out)
        assert (answer["changed"], answer["version"]) == (changed, version)
    assert cli.main(["store", "update", "--store", os.fspath(tmp_path / "none")]) == 1
    assert "makes the first" in capsys.readouterr().err
