"""What a run of scans would do, before it does it: who each scan shows, what is left out, how the table fits."""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from db.errors import StoreMissing
from db.store import Store
from pipeline.ingest.scan_records import measured_before
from pipeline.inputs.clashes import Known
from pipeline.inputs.discovery import Survey
from vocabulary.identifiers import code_doubt
from vocabulary.messages import counted, printable

_NAMED = 3
_COLUMNS_NAMED = 12


def scans_held(store: Store, dataset: str, out: Path) -> list[Known]:
    """Return every scan that a dataset holds, in the store or in the folder of its results.

    Parameters
    ----------
    out : folder of the dataset's results; it need not exist

    Raises
    ------
    StoreIncompatible, StoreDamaged : what the store holds cannot be read, so nothing says what would be replaced.
    """
    held = measured_before(out)
    stems = {scan.stem for scan in held if scan.subject_id}
    try:
        with store.read() as snapshot:
            frame = snapshot.scans().filter(pl.col("dataset_id") == dataset)
            rows = frame.unique("scan_id", maintain_order=True).iter_rows(named=True)
            stored = [Known(row["subject_id"], row["stem"], row["source_sha256"], row["file_name"]) for row in rows]
    except StoreMissing:
        stored = []
    new = [scan for scan in stored if scan.stem not in stems]
    return [*(scan for scan in held if scan.stem not in {other.stem for other in new}), *new]


def answer(found: Survey) -> dict[str, Any]:
    """Return what was found as JSON: the keys of ``mscohort ingest --dry-run``."""
    match = found.participants
    return {
        "scans": [
            {
                "path": os.fspath(scan.path),
                "subject_id": scan.subject_id,
                "session": scan.session,
                "group": scan.group,
                "sex": scan.sex,
                "age_years": scan.age_years,
                "identity_from": scan.identity_from,
                "sources": dict(scan.sources),
                "changed": list(scan.changed),
            }
            for scan in found.scans
        ],
        "passed_over": [{"path": item.input, "reason": item.reason} for item in found.passed_over],
        "refused": [{"path": item.input, "reason": item.reason} for item in found.refused],
        "participants": {
            "rows": match.rows,
            "matched_rows": match.matched_rows,
            "unmatched_rows": list(match.unmatched_rows),
            "unmatched_scans": list(match.unmatched_scans),
            "notes": list(match.notes),
            "further_columns": list(dict.fromkeys(header for table in found.tables for header in table.further)),
        },
    }


def people(scans: Sequence[dict[str, Any]]) -> int:
    """Return how many people the scans of an answer show."""
    return len({scan["subject_id"] for scan in scans})


def counts(said: dict[str, Any]) -> list[str]:
    """Say in a few lines what was found: the last lines of every run, and the preview's answer.

    Parameters
    ----------
    said : from ``answer``

    Examples
    --------
    >>> table = {"rows": 0, "matched_rows": 0}
    >>> passed = [{"path": "a", "reason": "hidden file"}]
    >>> counts({"scans": [], "passed_over": passed, "refused": [], "participants": table})
    ['found: 0 scans of 0 people to measure, 1 passed over (1 hidden file), 0 refused']
    """
    scans, passed, refused = said["scans"], said["passed_over"], said["refused"]
    why = Counter(_kind(item["reason"]) for item in passed)
    reasons = "; ".join(f"{n:,} {reason}" for reason, n in why.most_common(4)) + ("; ..." if len(why) > 4 else "")
    lines = [
        f"found: {counted(len(scans), 'scan')} of {counted(people(scans), 'person')} to measure, "
        f"{len(passed):,} passed over{f' ({reasons})' if passed else ''}, {len(refused):,} refused"
    ]
    doubts = {scan["subject_id"]: text for scan in scans if (text := code_doubt(scan["subject_id"]))}
    if doubts:
        named = _some([f"{code} {text}" for code, text in doubts.items()])
        lines.append(f"codes that may not be pseudonyms: {named}; only pseudonyms may go into the store")
    return [*lines, *_table_lines(said["participants"], len(scans))]


def _table_lines(table: dict[str, Any], n_scans: int) -> list[str]:
    if not table["rows"]:
        return []
    lines = [
        f"table of people: {table['matched_rows']:,} of {counted(table['rows'], 'row')} matched; "
        f"{n_scans - len(table['unmatched_scans']):,} of {counted(n_scans, 'scan')} have a row"
    ]
    if n_scans and not table["matched_rows"]:
        lines[0] += ": NOBODY matches, so every group, sex and age stays unknown; compare the codes"
    if table["unmatched_rows"]:
        lines.append(f"rows without a scan: {_some(table['unmatched_rows'])}")
    if table["unmatched_scans"]:
        lines.append(f"scans without a row: {_some(table['unmatched_scans'])}")
    if table["further_columns"]:
        more = ", ..." if len(table["further_columns"]) > _COLUMNS_NAMED else ""
        named = ", ".join(printable(header, 40) for header in table["further_columns"][:_COLUMNS_NAMED])
        lines.append(f"further columns of the table: {named}{more} (--extra COLUMN keeps one)")
    return [*lines, *table["notes"]]


def _kind(reason: str) -> str:
    """Return a reason without what differs from file to file, for counting."""
    if reason.startswith("its name says"):
        return reason.partition(",")[0]
    return (
        "another FLAIR of the visit"
        if reason.startswith("another FLAIR")
        else reason.partition(";")[0].partition(" (")[0]
    )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
