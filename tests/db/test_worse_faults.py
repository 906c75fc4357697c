"""A store whose files were lost, cut short or replaced: one clear line, the versions listed, the way back open."""

import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from app import cli
from db import store as store_module
from db.errors import NotInStore, StoreChanged, StoreDamaged, StoreError, StoreMissing
from db.import_table import import_table
from db.publish_scans import publish_scans
from db.publish_table import DatasetCard
from db.sql_files import statements
from db.store import Store
from db.undo import undo
from tests.db.conftest import MakeTable
from tests.db.fake_run import patients, write_run
from vocabulary.measures import PUBLISHED_PROTOCOL

FIRST, SECOND = "cohort-000001.duckdb", "cohort-000002.duckdb"


def publish(store: Store, times: int = 1) -> None:
    for _ in range(times):
        with store.write():
            pass


def damage(store: Store, fault: str) -> None:
    """Do to a store of two versions what a disk or a person does."""
    pointer, live = store.root / "CURRENT", store.root / "versions" / SECOND
    match fault:
        case "CURRENT gone":
            pointer.unlink()
        case "CURRENT a folder":
            pointer.unlink()
            (pointer / "inside").mkdir(parents=True)
        case "CURRENT no text":
            pointer.write_bytes(b"\xff\xfe\x00")
        case "half a database":
            os.truncate(live, live.stat().st_size // 2)
        case "the first block of a database":
            os.truncate(live, 12_288)
        case "an empty database":
            os.truncate(live, 0)
        case "a missing view":
            with duckdb.connect(live) as connection:
                connection.execute("DROP VIEW cohort")
        case "a missing table":
            with duckdb.connect(live) as connection:
                connection.execute("DROP TABLE rejection")
        case "a version that is a folder":
            live.unlink()
            live.mkdir()


FAULTS = (
    *("CURRENT gone", "CURRENT a folder", "CURRENT no text", "half a database", "the first block of a database"),
    *("an empty database", "a missing view", "a missing table", "a version that is a folder"),
)


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_one_line_and_list_and_rollback_work(
    filled_store: Store, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(filled_store)
    damage(filled_store, fault)
    where = ["--store", os.fspath(filled_store.root)]
    with pytest.raises(StoreDamaged), filled_store.read() as snapshot:
        snapshot.cohort("tabriz")
        snapshot.rejections()
    for words in (["demo", "--subjects", "5", "--scans", "0"], ["store", "audit"]):
        if not (fault.startswith("a missing") and words[0] == "demo"):
            assert cli.main([*words, *where]) == 1
            assert capsys.readouterr().err.rstrip("\n").count("\n") <= 1
    assert cli.main(["store", "list", *where]) == 0
    said = capsys.readouterr().out
    assert "version 1, " in said or "version 1 (live), " in said
    assert cli.main(["store", "rollback", "--to", "1", *where]) == 0
    with filled_store.read() as snapshot:
        assert (snapshot.version, snapshot.cohort("tabriz").height) == (1, 4)


def test_a_lost_pointer_hides_nothing_and_a_demo_builds_over_nothing(filled_store: Store) -> None:
    """It was taken for "no store": a demo became version 2, and five more writes pruned the real data."""
    (filled_store.root / "CURRENT").unlink()
    with pytest.raises(StoreDamaged, match="CURRENT file is gone, versions 1 are there; 'mscohort store rollback'"):
        filled_store.current()
    with pytest.raises(StoreDamaged), filled_store.write():
        pass
    assert filled_store.rollback().number == 1
    with filled_store.read() as snapshot:
        assert snapshot.cohort("tabriz").height == 4


@pytest.mark.parametrize("garbage", [b"\xff\xfe", b"", b"../../x", b"x" * 5000, None])
def test_garbage_in_pending_stops_nobody(filled_store: Store, garbage: bytes | None) -> None:
    pending = filled_store.root / "PENDING"
    if garbage is None:
        (pending / "inside").mkdir(parents=True)
    else:
        pending.write_bytes(garbage)
    assert [version.number for version in filled_store.versions()] == [1]
    publish(filled_store)
    assert not pending.exists()
    assert [version.number for version in filled_store.versions()] == [1, 2]


@pytest.mark.parametrize("second", ["gone", "garbage"])
def test_a_second_fault_after_a_kill_loses_nothing(filled_store: Store, second: str) -> None:
    """Killed between moving the pointer and removing its note, then CURRENT was lost: the note cost the version."""
    publish(filled_store)
    (filled_store.root / "PENDING").write_text(SECOND)
    if second == "gone":
        (filled_store.root / "CURRENT").unlink()
    else:
        (filled_store.root / "CURRENT").write_bytes(b"\xff")
    assert filled_store.rollback().number == 2
    assert [version.number for version in filled_store.versions()] == [1, 2]


def test_the_very_first_version_survives_both_faults(filled_store: Store) -> None:
    (filled_store.root / "PENDING").write_text(FIRST)
    (filled_store.root / "CURRENT").unlink()
    publish(filled_store)
    with filled_store.read() as snapshot:
        assert snapshot.cohort("tabriz").height == 4


def test_a_first_import_that_was_killed_before_it_went_live_is_no_damage(filled_store: Store) -> None:
    (filled_store.root / "PENDING").write_text(FIRST)
    (filled_store.root / "CURRENT").unlink()
    with pytest.raises(StoreMissing):
        filled_store.read()


@contextmanager
def full_disk(_: Path, ending: str = "") -> Iterator[Path]:
    raise OSError(errno.ENOSPC, "No space left on device")
    yield Path(ending)


def test_rollback_works_on_a_full_disk(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(store, 2)
    monkeypatch.setattr(store_module, "whole_file", full_disk)
    assert store.rollback().number == 1
    live = store.current()
    assert live is not None and live.number == 1


def test_publishing_on_a_full_disk_leaves_the_old_version(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(store)
    monkeypatch.setattr(store_module, "flush", lambda path: next(full_disk(path).gen))
    with pytest.raises((OSError, StoreError)):
        publish(store)
    live = store.current()
    assert live is not None and live.number == 1


def test_undoing_a_measurement_keeps_what_somebody_imported_while_it_ran(
    store: Store, make_table: MakeTable, tmp_path: Path
) -> None:
    """It went back to the version at which the measurement had begun, and took the import with it."""
    publish(store)
    import_table(store, make_table(name="tabriz.csv"), PUBLISHED_PROTOCOL)
    run = write_run(tmp_path / "run", patients(1), derivatives=store.root)
    done = publish_scans(store, run, DatasetCard("scans", "Scans"))
    assert (done.before, done.version) == (2, 3)
    undo(store, "scans", done.version, done.before)
    with store.read() as snapshot:
        assert snapshot.datasets()["dataset_id"].to_list() == ["tabriz"]


def test_undoing_keeps_what_somebody_imported_after_it(store: Store, make_table: MakeTable, tmp_path: Path) -> None:
    """It was refused; before that, it took the import with it."""
    first = write_run(tmp_path / "first", patients(1), derivatives=store.root)
    publish_scans(store, first, DatasetCard("scans", "Scans"))
    with store.read() as snapshot:
        one = snapshot.rows_of("scans")
    run = write_run(tmp_path / "run", patients(3), derivatives=store.root)
    done = publish_scans(store, run, DatasetCard("scans", "Scans"))
    import_table(store, make_table(name="tabriz.csv"), PUBLISHED_PROTOCOL)
    with store.read() as snapshot:
        others = snapshot.rows_of("tabriz")
    assert undo(store, "scans", done.version, done.before).number == done.version + 2
    with store.read() as snapshot:
        assert snapshot.rows_of("scans") == one
        assert snapshot.rows_of("tabriz") == others
        assert set(snapshot.audit().values()) == {0}


def test_undoing_the_first_import_of_a_dataset_takes_it_away_and_nothing_else(
    store: Store, make_table: MakeTable, tmp_path: Path
) -> None:
    run = write_run(tmp_path / "run", patients(2), derivatives=store.root)
    done = publish_scans(store, run, DatasetCard("scans", "Scans"))
    import_table(store, make_table(name="tabriz.csv"), PUBLISHED_PROTOCOL)
    undo(store, "scans", done.version, done.before)
    with store.read() as snapshot:
        assert snapshot.datasets()["dataset_id"].to_list() == ["tabriz"]


def test_undoing_knows_every_table_of_a_dataset() -> None:
    queries = statements("queries")
    deleted = re.findall(r"^DELETE FROM (\w+)", queries["delete_dataset"], flags=re.MULTILINE)
    kept = re.findall(r"^SELECT \* FROM (\w+)", queries["dataset_rows"], flags=re.MULTILINE)
    restored = re.findall(
        r"^INSERT INTO (\w+) BY NAME SELECT \* FROM kept_(\d+)", queries["restore_dataset"], re.MULTILINE
    )
    assert sorted(kept) == sorted(deleted)
    assert restored == [(name, str(number)) for number, name in enumerate(kept)]


def test_undoing_is_refused_where_the_dataset_itself_was_changed_since(store: Store, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", patients(1), derivatives=store.root)
    done = publish_scans(store, run, DatasetCard("scans", "Scans"))
    more = write_run(tmp_path / "more", patients(2), derivatives=store.root)
    later = publish_scans(store, more, DatasetCard("scans", "Scans"))
    with pytest.raises(StoreChanged, match="'scans' was changed again since version 1"):
        undo(store, "scans", done.version, done.before)
    live = store.current()
    assert live is not None and live.number == later.version


def test_undoing_is_refused_where_the_version_is_no_longer_kept(
    store: Store, make_table: MakeTable, tmp_path: Path
) -> None:
    import_table(store, make_table(name="tabriz.csv"), PUBLISHED_PROTOCOL)
    run = write_run(tmp_path / "run", patients(1), derivatives=store.root)
    done = publish_scans(store, run, DatasetCard("scans", "Scans"))
    publish(store, 5)
    with pytest.raises(NotInStore, match="version 2 is no longer kept"):
        undo(store, "scans", 2, done.before)


def test_going_back_does_nothing_once_somebody_has_imported(filled_store: Store) -> None:
    publish(filled_store, 2)
    with pytest.raises(StoreChanged, match="version 2 is no longer the live one"):
        filled_store.rollback(1, instead_of=2)
    live = filled_store.current()
    assert live is not None and live.number == 3


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_store_is_its_owner_s_alone(filled_store: Store) -> None:
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode) for path in (filled_store.root, *filled_store.root.rglob("*"))
    }
    assert modes["store"] == modes["versions"] == 0o700
    assert modes["CURRENT"] == modes[FIRST] == 0o600


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_folder_made_for_a_group_stays_the_group_s(store: Store) -> None:
    store.root.mkdir()
    store.root.chmod(0o770)
    publish(store)
    assert stat.S_IMODE((store.root / "versions" / FIRST).stat().st_mode) == 0o660
