"""Bring a store's schema up to date: numbered migrations, applied forward only."""

import duckdb

from db.errors import StoreIncompatible
from db.sql_files import statements


def latest_schema() -> int:
    """Return the number of the newest migration this software knows."""
    return max(_numbered())


def schema_of(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the number of the last migration applied to a database; 0 when it is empty."""
    found = connection.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'schema_version'").fetchall()
    if found == [(0,)]:
        return 0
    [(applied,)] = connection.execute("SELECT coalesce(max(number), 0) FROM schema_version").fetchall()
    return int(applied)


def relations(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Return the names of a database's own tables and views."""
    found = "SELECT table_name FROM duckdb_tables() UNION SELECT view_name FROM duckdb_views() WHERE NOT internal"
    return frozenset(name for (name,) in connection.execute(found).fetchall())


def migrate(connection: duckdb.DuckDBPyConnection) -> int:
    """Apply every migration that a database does not have yet, each in its own transaction.

    Returns
    -------
    int : how many were applied

    Raises
    ------
    StoreIncompatible : the database has a schema newer than this software.
    """
    present = schema_of(connection)
    check_not_newer(present)
    if present == 0:
        connection.execute("CREATE TABLE schema_version (number INTEGER PRIMARY KEY, name VARCHAR NOT NULL)")
    outstanding = {number: name for number, name in _numbered().items() if number > present}
    for number, name in outstanding.items():
        connection.begin()
        connection.execute(statements("migrations")[name])
        connection.execute("INSERT INTO schema_version VALUES ($number, $name)", {"number": number, "name": name})
        connection.commit()
    return len(outstanding)


def check_not_newer(schema: int) -> None:
    """Raise StoreIncompatible for a schema that this software does not know yet."""
    if schema > latest_schema():
        raise StoreIncompatible(
            f"the store has schema {schema}, this mscohort knows schemas up to {latest_schema()}; update mscohort"
        )


def _numbered() -> dict[int, str]:
    return {int(name.split("_")[0]): name for name in statements("migrations")}
