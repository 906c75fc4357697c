"""What all writers of a dataset do once its rows are there: ages at visits, reasons for unknowns, the content hash."""

import hashlib

import duckdb
import polars as pl

from db.content_hash import content_sha256
from db.extras import with_extras
from db.sql_files import statements
from vocabulary.extra_columns import ExtraColumn

AGES = pl.Schema({"scan_id": pl.String, "age_years": pl.Float64})


def write_ages(connection: duckdb.DuckDBPyConnection, dataset_id: str, ages: pl.DataFrame) -> None:
    """Write the ages of people at these scans; what is not known here does not wipe out what was.

    Parameters
    ----------
    ages : scan_id, age_years (years)
    """
    connection.register("incoming_age", ages.select(list(AGES)).cast(AGES).to_arrow())
    run_each(connection, "write_ages", dataset_id=dataset_id)
    connection.unregister("incoming_age")


def run_each(connection: duckdb.DuckDBPyConnection, query: str, **values: object) -> None:
    """Run a query statement by statement, each committed by itself."""
    for statement in connection.extract_statements(statements("queries")[query]):
        connection.execute(statement, {name: values[name] for name in statement.named_parameters})


def write_content(connection: duckdb.DuckDBPyConnection, dataset_id: str) -> str:
    """Write the content hash of a dataset as it stands now, and return it."""
    content = _content(connection, dataset_id)
    run_each(connection, "update_content", dataset_id=dataset_id, content_sha256=content)
    return content


def _content(connection: duckdb.DuckDBPyConnection, dataset_id: str) -> str:
    """Return the content hash; of a dataset under several protocols, the hash of theirs."""
    found = "SELECT DISTINCT protocol_id FROM cohort WHERE dataset_id = $dataset_id ORDER BY 1"
    protocols = [name for (name,) in connection.execute(found, {"dataset_id": dataset_id}).fetchall()]
    queries, own = statements("queries"), {"dataset_id": dataset_id}
    described = connection.execute(queries["extra_columns"], own).fetchall()
    columns = [ExtraColumn(name, kind, label, unit) for name, kind, label, unit, _ in described]
    values = connection.sql(queries["extra_values"], params=own).pl()
    hashes = []
    for protocol_id in protocols:
        frame = connection.sql(queries["cohort"], params=own | {"protocol_id": protocol_id}).pl()
        hashes.append(content_sha256(with_extras(frame, columns, values), protocol_id, columns))
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("\0".join(hashes).encode()).hexdigest()
