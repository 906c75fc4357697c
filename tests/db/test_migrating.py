"""Migrations: numbered without gaps, applied once, forward only."""

import duckdb
import polars as pl
import pytest

from db.errors import StoreIncompatible
from db.import_table import import_table
from db.migrating import latest_schema, migrate, schema_of
from db.sql_files import statements
from db.store import Store
from tests.db.older_store import fill_older_store


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
    expected = (
        "dataset protocol subject scan run measure lesion registration region_load rejection missing_value scan_flag"
    )
    expected += " extra_column extra_value scan_age joined_table"
    expected += " model model_score model_measure model_curve model_calibration model_confusion model_speed review"
    expected += " lesion_review saved_cohort correction reliability"
    assert tables == {*expected.split(), "schema_version"}


def test_every_table_and_column_says_what_it_holds() -> None:
    with duckdb.connect() as connection:
        migrate(connection)
        silent = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE comment IS NULL "
            "UNION ALL SELECT view_name FROM duckdb_views() WHERE comment IS NULL AND NOT internal "
            "UNION ALL SELECT table_name || '.' || column_name FROM duckdb_columns() "
            "WHERE comment IS NULL AND NOT internal"
        ).fetchall()
        areas = connection.execute(
            "SELECT comment FROM duckdb_columns() WHERE column_name LIKE '%_mm2' OR column_name LIKE '%_ml'"
        ).fetchall()
    assert silent == []
    assert all(comment.rstrip().endswith((" mm2", " mL")) for (comment,) in areas), "units are said"


def test_known_protocols_are_described() -> None:
    with duckdb.connect() as connection:
        migrate(connection)
        rows = connection.execute("SELECT protocol_id, description FROM protocol ORDER BY 1").fetchall()
    assert [name for name, _ in rows] == ["mscohort-1", "mscohort-demo-1", "tabriz-2026-published"]
    assert "Not comparable" in rows[0][1]
    assert "No real person" in rows[1][1]
    assert "about a tenth" in rows[2][1]


def test_a_database_of_the_future_is_refused() -> None:
    with duckdb.connect() as connection:
        migrate(connection)
        connection.execute("INSERT INTO schema_version VALUES (1000, 'later')")
        with pytest.raises(StoreIncompatible, match="schema 1000"):
            migrate(connection)


@pytest.fixture
def older_store(store: Store) -> Store:
    """Return a store as the second version of the schema left it, every table filled."""
    return fill_older_store(store)


def test_a_filled_store_of_schema_2_keeps_every_row(older_store: Store, make_table) -> None:
    before = _tables(older_store)
    with pytest.raises(StoreIncompatible, match="store update"):
        older_store.read()
    assert import_table(older_store, make_table(), "own").n_subjects == 4
    after = _tables(older_store)
    # Nothing ever wrote regional loads before schema 7, which gives them a side.
    for name in set(before) - {"model_score", "schema_version", "protocol", "region_load"}:
        old = before[name]
        assert (
            after[name].select(old.columns).join(old, on=old.columns, how="semi", nulls_equal=True).height == old.height
        )
    assert before["lesion"].height == 2
    assert after["model"]["title"].to_list() == ["m"]
    scores = {
        row["metric"]: (row["value"], row["missing_reason"]) for row in after["model_score"].iter_rows(named=True)
    }
    assert scores == {
        "dice": (0.8, None),
        "precision": (None, "nothing was found"),
        "recall": (0.7, None),
        "hd95_mm": (4.0, None),
        "lesion_f1": (0.6, None),
        "volume_true_ml": (10.0, None),
        "volume_found_ml": (11.0, None),
    }
    with older_store.read() as snapshot:
        assert snapshot.cohort("old")["wmh_area_mm2"].to_list() == [14.0, 15.0, 16.0]
        assert not any(snapshot.audit().values())


def _tables(store: Store) -> dict[str, pl.DataFrame]:
    version = store.current()
    assert version is not None
    with duckdb.connect(version.path, read_only=True) as connection:
        names = [name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        return {name: connection.table(name).pl() for name in names}
