"""Undoing an import loses nothing that people said afterwards: saved cohorts stay, a correction makes it refuse."""

from datetime import datetime
from pathlib import Path

import pytest

from db.correct_person import Described, correct_person
from db.errors import StoreChanged
from db.publish_scans import publish_scans
from db.publish_table import DatasetCard
from db.saved_cohorts import SavedCohort, rule_text, save_cohort
from db.store import Store
from db.undo import undo
from tests.db.fake_run import patients, write_run

AT = datetime(2026, 3, 1, 12)


def measured(store: Store, tmp_path: Path, name: str, n: int) -> tuple[int, int | None]:
    """Publish a run of n people; return the version it made and the one before."""
    run = write_run(tmp_path / name, patients(n), derivatives=store.root)
    done = publish_scans(store, run, DatasetCard("scans", "Scans"))
    return done.version, done.before


def test_a_saved_cohort_stays_when_an_import_is_undone(store: Store, tmp_path: Path) -> None:
    measured(store, tmp_path, "first", 2)
    version, before = measured(store, tmp_path, "second", 4)
    with store.read() as snapshot:
        row = snapshot.datasets().row(0, named=True)
    protocol, content = row["protocol_ids"][0], row["content_sha256"]
    assert save_cohort(store, SavedCohort("women", "scans", protocol, rule_text({"sexes": ["F"]}), 2, content, AT))
    undo(store, "scans", version, before)
    with store.read() as snapshot:
        assert snapshot.datasets()["n"].to_list() == [2]
        assert snapshot.saved_cohorts()["name"].to_list() == ["women"]
        assert set(snapshot.audit().values()) == {0}


def test_an_import_is_not_undone_over_a_correction(store: Store, tmp_path: Path) -> None:
    measured(store, tmp_path, "first", 2)
    version, before = measured(store, tmp_path, "second", 4)
    assert correct_person(store, "scans/sub-01", Described("HC", "M", 31.0, None), initials="RD", corrected_at=AT)
    with pytest.raises(StoreChanged, match="'scans' was changed again since version 2"):
        undo(store, "scans", version, before)
    with store.read() as snapshot:
        assert snapshot.corrections("scans", "01")["after"].to_list() == ["HC"]
        assert snapshot.datasets()["n"].to_list() == [4]
