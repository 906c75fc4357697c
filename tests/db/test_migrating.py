"""Migrations: numbered without gaps, applied once, forward only."""

import duckdb
import pytest

from db.errors import StoreIncompatible
from db.importing import import_table
from db.migrating import latest_schema, migrate, schema_of
from db.statements import statements
from db.store import Store


def test_migrations_are_numbered_from_one_without_gaps() -> None:
    numbers = [int(name.split("_")[0]) for name in statements("migrations")]
    assert numbers == list(range(1, len(numbers) + 1))
    assert latest_schema() == len(numbers)


def test_an_empty_database_gets_every_table_of_the_design() -> None:
    with duckdb.connect() as connection:
        assert schema_of(connection) == 0
        assert migrate(connection) == latest_schema()
        tables = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
        assert migrate(connection) == 0
        assert schema_of(connection) == latest_schema()
    expected = "dataset protocol subject scan run measure lesion region_load model model_score rejection missing_value"
    assert tables == {*expected.split(), "schema_version"}


def test_known_protocols_are_described() -> None:
    with duckdb.connect() as connection:
        migrate(connection)
        rows = connection.execute("SELECT protocol_id, description FROM protocol ORDER BY 1").fetchall()
    assert [name for name, _ in rows] == ["mscohort-demo-1", "tabriz-2026-published"]
    assert "No real person" in rows[0][1]
    assert "about a tenth" in rows[1][1]


def test_a_database_of_the_future_is_refused() -> None:
    with duckdb.connect() as connection:
        migrate(connection)
        connection.execute("INSERT INTO schema_version VALUES (1000, 'later')")
        with pytest.raises(StoreIncompatible, match="schema 1000"):
            migrate(connection)


def test_an_import_brings_an_older_store_up_to_date(store: Store, make_table, monkeypatch) -> None:
    every = statements("migrations")
    older = {"0001_cohort": every["0001_cohort"]}
    monkeypatch.setattr("db.migrating.statements", lambda kind: older if kind == "migrations" else statements(kind))
    with store.write():
        pass
    monkeypatch.undo()
    with pytest.raises(StoreIncompatible, match="any import or demo updates it"):
        store.read()
    assert import_table(store, make_table(), "own").n_subjects == 4
    with store.read() as snapshot:
        assert "tabriz-2026-published" in snapshot.protocols()["protocol_id"]
