"""What a scan is called."""

from typing import Any

import polars as pl


def scan_name(row: dict[str, Any]) -> str:
    """Return what a scan is called: the person, and the session where there is one."""
    return f"{row['subject_id']}, session {row['session']}" if row["session"] else str(row["subject_id"])


def scan_labels(scans: pl.DataFrame) -> dict[str, str]:
    """Return identifier -> what the box of scans shows, which is also what the address of Subject holds.

    Streamlit takes anything else, an identifier too, out of the address once it is read.
    """
    rows = {row["scan_id"]: row for row in scans.iter_rows(named=True)}
    names = [scan_name(row) for row in rows.values()]
    return {
        scan_id: scan_name(row) if names.count(scan_name(row)) == 1 else f"{scan_name(row)} ({row['dataset_id']})"
        for scan_id, row in rows.items()
    }
