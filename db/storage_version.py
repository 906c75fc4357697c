"""Keep the store's files readable by other DuckDB clients: R, JDBC, BI tools, releases with long support."""

from pathlib import Path

import duckdb

STORAGE_VERSION = "v1.2.0"
"""Oldest client that must read a version's file; DuckDB 2 by itself writes files that 1.4 cannot open."""

BLOCK_BYTES = 16384
"""The smallest block: a store of a thousand people takes 1 MB instead of 7, and every write copies it."""


def is_widely_readable(connection: duckdb.DuckDBPyConnection) -> bool:
    """Say whether the open file has the storage version that older clients read."""
    rows = connection.execute("SELECT tags FROM duckdb_databases() WHERE NOT internal AND path IS NOT NULL").fetchall()
    return all(str(tags.get("storage_version", "")).startswith(STORAGE_VERSION) for (tags,) in rows)


def rewrite_widely_readable(source: Path, target: Path) -> None:
    """Copy a database into a new file of the storage version that older clients read; rows, keys and comments stay.

    Raises
    ------
    duckdb.Error : the source cannot be read, or the target not be written.
    """
    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as connection:
        connection.execute(f"ATTACH {_quoted(source)} AS source (READ_ONLY)")
        connection.execute(
            f"ATTACH {_quoted(target)} AS target (STORAGE_VERSION '{STORAGE_VERSION}', BLOCK_SIZE {BLOCK_BYTES})"
        )
        connection.execute("COPY FROM DATABASE source TO target")


def _quoted(path: Path) -> str:
    """Return a path as an SQL literal; ATTACH takes no bound values."""
    return "'" + str(path).replace("'", "''") + "'"
