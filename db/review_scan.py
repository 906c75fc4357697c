"""Record what a reader says of a scan's measurement: pass, doubt or fail; nothing said before is lost."""

import re
from datetime import datetime

import polars as pl

from db.errors import NotInStore, ReviewRefused
from db.publish_table import read_or_migrate
from db.sql_files import statements
from db.store import Store

VERDICTS = ("pass", "doubt", "fail")
INITIALS = re.compile(r"[^\W\d_]{1,5}")
LONGEST_REASON = 300


def review_scan(
    store: Store, scan_id: str, protocol_id: str, *, verdict: str, reason: str, initials: str, reviewed_at: datetime
) -> None:
    """Add a verdict to a scan's history.

    Parameters
    ----------
    verdict : 'pass', 'doubt' or 'fail'
    reason : why; needed unless it passes
    initials : of the reader, one to five letters; no name
    reviewed_at : UTC, without a time zone

    Raises
    ------
    NotInStore : no such scan under this protocol
    ReviewRefused : an unknown verdict, no reason, or initials that are none
    StoreBusy : another process is writing
    """
    reason, initials = " ".join(reason.split()), initials.strip()
    if verdict not in VERDICTS:
        raise ReviewRefused(f"'{verdict}' is not one of {', '.join(VERDICTS)}")
    if not INITIALS.fullmatch(initials):
        raise ReviewRefused("initials are one to five letters; no name, no number")
    if verdict != "pass" and not reason:
        raise ReviewRefused(f"'{verdict}' needs a reason")
    if len(reason) > LONGEST_REASON:
        raise ReviewRefused(f"the reason has {len(reason)} letters; at most {LONGEST_REASON}")
    with store.lock():
        snapshot = read_or_migrate(store)
        held = pl.DataFrame() if snapshot is None else snapshot.scans()
        if snapshot is not None:
            snapshot.close()
        rows = (
            held.filter((pl.col("scan_id") == scan_id) & (pl.col("protocol_id") == protocol_id))
            if held.height
            else held
        )
        if rows.is_empty():
            raise NotInStore(f"the store holds no scan '{scan_id}' measured under {protocol_id}")
        values = {
            "scan_id": scan_id,
            "protocol_id": protocol_id,
            "run_id": rows["run_id"][0],
            "verdict": verdict,
            "reason": reason,
            "initials": initials,
            "reviewed_at": reviewed_at,
        }
        with store.write(f"review of {scan_id}: {verdict}") as connection:
            connection.execute(statements("queries")["insert_review"], values)
