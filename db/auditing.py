"""Audits: SQL that selects the rows that contradict each other. None means the store is sound."""

import duckdb

from db.errors import AuditFailed
from db.sql_files import statements


def audit(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Run every audit.

    Returns
    -------
    dict : audit name -> number of violating rows
    """
    return {name: len(connection.execute(sql).fetchall()) for name, sql in statements("audits").items()}


def check(connection: duckdb.DuckDBPyConnection) -> None:
    """Run every audit and raise AuditFailed, naming the audits and the first violating rows."""
    failures = []
    for name, sql in statements("audits").items():
        rows = connection.execute(sql).fetchall()
        if rows:
            failures.append(f"{name} ({len(rows):,} rows, first: {', '.join(map(str, rows[0]))})")
    if failures:
        raise AuditFailed(f"the data contradict themselves, nothing was published: {'; '.join(failures)}")
