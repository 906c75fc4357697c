"""The store's files in other DuckDB clients: the storage version is an old one, whatever wrote the file before."""

from pathlib import Path

import duckdb
import pytest

from db.migrating import migrate
from db.storage_version import STORAGE_VERSION, is_widely_readable
from db.store import Store


def _storage_version(path: Path) -> str:
    with duckdb.connect(path, read_only=True) as connection:
        assert is_widely_readable(connection)
        [(tags,)] = connection.execute("SELECT tags FROM duckdb_databases() WHERE path IS NOT NULL").fetchall()
    return str(tags["storage_version"])


def test_a_new_store_is_written_for_older_clients(filled_store: Store) -> None:
    version = filled_store.current()
    assert version is not None
    assert _storage_version(version.path).startswith(STORAGE_VERSION)


@pytest.mark.parametrize("folder", ["store", "it's a store"])
def test_a_store_of_the_newest_storage_is_rewritten_by_the_next_import(folder: str, tmp_path: Path) -> None:
    store = Store(tmp_path / folder)
    versions = store.root / "versions"
    versions.mkdir(parents=True)
    with duckdb.connect(versions / "cohort-000001.duckdb") as connection:
        migrate(connection)
        connection.execute("INSERT INTO protocol VALUES ('own', 'Own', 'kept', NULL, NULL)")
        assert not is_widely_readable(connection)
        constraints = connection.execute("SELECT count(*) FROM duckdb_constraints()").fetchall()
    (store.root / "CURRENT").write_text("cohort-000001.duckdb\n")
    with store.write() as connection:
        assert connection.execute("SELECT description FROM protocol WHERE protocol_id = 'own'").fetchall() == [
            ("kept",)
        ]
        assert connection.execute("SELECT count(*) FROM duckdb_constraints()").fetchall() == constraints
    version = store.current()
    assert version is not None
    assert _storage_version(version.path).startswith(STORAGE_VERSION)
    assert not list(versions.glob("building*"))
