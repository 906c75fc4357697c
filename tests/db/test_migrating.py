"""Migrations: numbered without gaps, applied once, forward only."""

import duckdb
import polars as pl
import pytest

from db.errors import StoreIncompatible
from db.import_table import import_table
from db.migrating import latest_schema, migrate, schema_of
from db.sql_files import statements
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
    expected = (
        "dataset protocol subject scan run measure lesion registration region_load rejection missing_value scan_flag"
    )
    expected += " extra_column extra_value"
    expected += " model model_score model_measure model_curve model_calibration model_confusion model_speed review"
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
    folder = store.root / "versions"
    folder.mkdir(parents=True)
    with duckdb.connect(folder / "cohort-000001.duckdb") as connection:
        connection.execute("CREATE TABLE schema_version (number INTEGER PRIMARY KEY, name VARCHAR NOT NULL)")
        for number, name in enumerate(("0001_cohort", "0002_known_protocols"), 1):
            connection.execute(statements("migrations")[name])
            connection.execute("INSERT INTO schema_version VALUES ($number, $name)", {"number": number, "name": name})
        for statement in connection.extract_statements(OLD_ROWS):
            connection.execute(statement)
    (store.root / "CURRENT").write_text("cohort-000001.duckdb\n")
    return store


OLD_ROWS = """
INSERT INTO dataset VALUES ('old', 'Old', false, 'cite', 'MIT', repeat('0', 64));
INSERT INTO run VALUES ('r', 'import', 'old', 'mscohort-demo-1', 'f.csv', 'h', '{}', '0.1', now()::TIMESTAMP,
now()::TIMESTAMP, 3, 1);
INSERT INTO rejection VALUES ('r', 'f.csv', 5, 'sex', 'unknown');
INSERT INTO model VALUES ('m', 'unet', repeat('a', 64), 5, 'd', 'MIT');
INSERT INTO subject SELECT 'old', 'p' || i, 'HC', 'F', nullif(30 + i, 32) FROM range(3) AS t (i);
INSERT INTO scan SELECT 'old/p' || i, 'old', 'p' || i, NULL, 'f.nii', NULL, 20, 1, 1, 6 FROM range(3) AS t (i);
INSERT INTO measure
SELECT 'old/p' || i, 'mscohort-demo-1', 'r', 'm', 'study-code', 1000, 50, 14 + i, 10 + i, 4, 0, .3, .1, .1, .1, 0, 2
FROM range(3) AS t (i);
INSERT INTO missing_value VALUES ('old/p2', 'mscohort-demo-1', 'age_years', 'not given');
INSERT INTO lesion VALUES
('old/p0', 'mscohort-demo-1', 1, 'periventricular', 'frontal', 10, .06, 1, 2, 3, 4, 5),
('old/p0', 'mscohort-demo-1', 2, 'paraventricular', NULL, 4, .02, NULL, NULL, 3, 4, 5);
INSERT INTO region_load VALUES ('old/p0', 'mscohort-demo-1', 'frontal', 10, .06, 1);
INSERT INTO model_score VALUES ('m', 's1', 'cv5', 'wmh', .8, NULL, .7, 4, .6, 10, 11, 'nothing was found');
"""


def test_a_filled_store_of_schema_2_keeps_every_row(older_store: Store, make_table) -> None:
    before = _tables(older_store)
    with pytest.raises(StoreIncompatible, match="any import or demo updates it"):
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
