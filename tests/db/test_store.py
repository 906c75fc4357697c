"""Versions, the pointer to the live one, and what a killed writer leaves behind."""

from pathlib import Path

import pytest
from filelock import FileLock
from platformdirs import user_data_dir

from db import store as store_module
from db.errors import AuditFailed, NotInStore, StoreBusy, StoreDamaged, StoreError, StoreIncompatible, StoreMissing
from db.store import KEEP_VERSIONS, Store, default_root


def publish(store: Store, times: int = 1) -> None:
    for _ in range(times):
        with store.write():
            pass


def files(store: Store) -> list[str]:
    return sorted(path.name for path in (store.root / "versions").iterdir())


def test_the_default_folder_is_the_variable_then_the_user_s_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MSCOHORT_STORE", "somewhere")
    assert default_root() == Path("somewhere")
    monkeypatch.setenv("MSCOHORT_STORE", "")
    assert default_root() == Path(user_data_dir("mscohort", appauthor=False))


def test_an_empty_store_has_no_version_and_says_what_to_do(store: Store) -> None:
    assert store.current() is None
    assert store.versions() == []
    with pytest.raises(StoreMissing, match="run 'mscohort demo' or 'mscohort import"):
        store.read()
    assert not store.root.exists(), "looking must not create anything"


def test_every_write_is_a_new_version_and_five_are_kept(store: Store) -> None:
    publish(store, KEEP_VERSIONS + 2)
    assert [version.number for version in store.versions()] == [3, 4, 5, 6, 7]
    assert store.current() == store.versions()[-1]
    assert (store.root / "CURRENT").read_text() == "cohort-000007.duckdb\n"


def test_large_versions_are_kept_while_they_fit_but_the_way_back_always(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(store, 4)
    size = store.versions()[-1].path.stat().st_size
    monkeypatch.setattr(store_module, "KEEP_BYTES", 3 * size + size // 2)
    publish(store)
    assert [version.number for version in store.versions()] == [3, 4, 5]
    monkeypatch.setattr(store_module, "KEEP_BYTES", 1)
    publish(store)
    assert [version.number for version in store.versions()] == [5, 6]
    assert store.rollback().number == 5


def test_the_version_that_a_new_one_was_made_of_is_kept_however_old(store: Store) -> None:
    publish(store, KEEP_VERSIONS)
    store.rollback(1)
    publish(store)
    assert 1 in [version.number for version in store.versions()]
    assert len(store.versions()) == KEEP_VERSIONS


def test_an_exception_discards_the_next_version(store: Store) -> None:
    publish(store)
    with pytest.raises(RuntimeError, match="stop"), store.write() as connection:
        connection.execute("INSERT INTO protocol VALUES ('p', 't', 'd', NULL, NULL)")
        raise RuntimeError("stop")
    assert files(store) == ["cohort-000001.duckdb"]
    with store.read() as snapshot:
        assert "p" not in snapshot.protocols()["protocol_id"]


def test_a_failing_audit_publishes_nothing(filled_store: Store) -> None:
    with pytest.raises(AuditFailed, match="zone_areas_add_up"), filled_store.write() as connection:
        connection.execute("UPDATE measure SET periventricular_area_mm2 = 1000 WHERE scan_id = 'tabriz/P001'")
    assert files(filled_store) == ["cohort-000001.duckdb"]


def test_a_broken_constraint_is_one_clear_store_error(store: Store) -> None:
    with pytest.raises(StoreError, match="the store refused the data, nothing was published: Constraint"):  # noqa: SIM117
        with store.write() as connection:
            connection.execute("INSERT INTO dataset VALUES ('bad name', 't', false, NULL, NULL, '')")
    assert store.current() is None


def test_rollback_goes_back_step_by_step_and_anywhere(store: Store) -> None:
    publish(store, 3)
    assert store.rollback().number == 2
    assert store.rollback().number == 1
    with pytest.raises(NotInStore, match="no older version to go back to; kept versions: 1, 2, 3"):
        store.rollback()
    assert store.rollback(to=3).number == 3
    with pytest.raises(NotInStore, match="no version 9"):
        store.rollback(to=9)
    live = store.current()
    assert live is not None and live.number == 3


def test_a_write_after_a_rollback_starts_from_the_live_version(store: Store) -> None:
    with store.write() as connection:
        connection.execute("INSERT INTO protocol VALUES ('first', 't', 'd', NULL, NULL)")
    with store.write() as connection:
        connection.execute("INSERT INTO protocol VALUES ('second', 't', 'd', NULL, NULL)")
    store.rollback()
    publish(store)
    with store.read() as snapshot:
        assert snapshot.version == 3
        names = snapshot.protocols()["protocol_id"].to_list()
    assert "first" in names
    assert "second" not in names


def test_leftovers_of_a_killed_writer_are_swept_by_the_next(store: Store) -> None:
    publish(store)
    versions = store.root / "versions"
    (versions / "building.duckdb").write_bytes(b"half")
    (versions / "building.duckdb.wal").write_bytes(b"half")
    (store.root / ".CURRENT.4711.4711").write_text("cohort-0")
    assert [version.number for version in store.versions()] == [1]
    publish(store)
    assert files(store) == ["cohort-000001.duckdb", "cohort-000002.duckdb"]
    kept = {path.name for path in store.root.iterdir()} - {"audit.jsonl", "audit.jsonl.lock"}
    assert kept == {"CURRENT", "lock", "versions"}


def test_a_version_finished_but_never_live_is_not_offered_and_is_swept(store: Store) -> None:
    """The writer died between renaming its file and moving the pointer."""
    publish(store, 2)
    (store.root / "CURRENT").write_text("cohort-000001.duckdb\n")
    (store.root / "PENDING").write_text("cohort-000002.duckdb")
    assert [version.number for version in store.versions()] == [1]
    with pytest.raises(NotInStore):
        store.rollback()
    assert files(store) == ["cohort-000001.duckdb"]


def test_a_version_that_went_live_survives_its_writer_s_death(store: Store) -> None:
    """The writer died between moving the pointer and removing its note."""
    publish(store, 2)
    (store.root / "PENDING").write_text("cohort-000002.duckdb")
    assert [version.number for version in store.versions()] == [1, 2]
    publish(store)
    assert files(store) == ["cohort-000001.duckdb", "cohort-000002.duckdb", "cohort-000003.duckdb"]


@pytest.mark.parametrize("pointer", [b"", b"../../etc/passwd\n", b"cohort-7.duckdb\n", b"\xff\xfe", b"x" * 500])
def test_a_damaged_pointer_is_said_and_rollback_heals_it(store: Store, pointer: bytes) -> None:
    publish(store, 2)
    (store.root / "CURRENT").write_bytes(pointer)
    with pytest.raises(StoreDamaged, match="CURRENT file"):
        store.read()
    with pytest.raises(StoreDamaged), store.write():
        pass
    assert store.rollback().number == 2
    with store.read() as snapshot:
        assert snapshot.version == 2


def test_a_missing_version_is_said_and_rollback_heals_it(store: Store) -> None:
    publish(store, 2)
    (store.root / "versions" / "cohort-000002.duckdb").unlink()
    with pytest.raises(StoreDamaged, match=r"names cohort-000002\.duckdb, which is gone"):
        store.read()
    assert store.rollback().number == 1


def test_a_damaged_version_is_said(store: Store) -> None:
    publish(store)
    (store.root / "versions" / "cohort-000001.duckdb").write_bytes(b"not a database" * 1000)
    with pytest.raises(StoreDamaged, match="cannot be opened"):
        store.read()


def test_a_second_writer_waits_then_gives_up(store: Store) -> None:
    publish(store)
    other = FileLock(store.root / "lock")
    with (
        other,
        pytest.raises(StoreBusy, match="another process is writing"),
        Store(store.root, lock_seconds=0.1).write(),
    ):
        pass
    assert files(store) == ["cohort-000001.duckdb"]


def test_a_reader_does_not_notice_a_writer(filled_store: Store) -> None:
    with filled_store.read() as before, filled_store.write() as connection:
        connection.execute("INSERT INTO protocol VALUES ('p', 't', 'd', NULL, NULL)")
        assert before.cohort("tabriz").height == 4
        with filled_store.read() as during:
            assert during.version == 1
    with filled_store.read() as after:
        assert after.version == 2


def test_a_store_in_place_of_a_file_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file")
    with pytest.raises(StoreError, match="cannot write to the store"), Store(tmp_path / "store").write():
        pass


def test_a_store_of_a_newer_schema_is_refused(store: Store) -> None:
    with store.write() as connection:
        connection.execute("INSERT INTO schema_version VALUES (99, '0099_later')")
    with pytest.raises(StoreIncompatible, match=r"schema 99.*update mscohort"):
        store.read()
    with pytest.raises(StoreIncompatible), store.write():
        pass
