"""What a reader says of a scan's measurement: the verdict that counts, a form for another one, the history."""

from datetime import UTC, datetime
from typing import Any

import polars as pl
import streamlit as st

from app import state
from app.access.current import may
from app.components import choosing
from app.components.tables import numbers_table
from app.state import OpenedStore
from db.errors import StoreError
from db.review_scan import LONGEST_REASON, VERDICTS, review_scan

WORDS = {"pass": "passed", "doubt": "in doubt", "fail": "failed"}
BADGES = {"pass": "✓ passed by a reader", "doubt": "? in doubt, says a reader", "fail": "✗ failed by a reader"}
NOBODY = "no reader looked"


def verdict_words(verdict: str | None) -> str:
    """Return a verdict in words.

    Examples
    --------
    >>> verdict_words("doubt"), verdict_words(None)
    ('in doubt', 'no reader looked')
    """
    return WORDS.get(verdict or "", NOBODY)


def review_form(opened: OpenedStore, scan: dict[str, Any]) -> None:
    """Draw the verdict that counts, the form, and every verdict so far."""
    st.markdown("## Reader's verdict")
    history = opened.snapshot.reviews(scan_id=scan["scan_id"]).filter(pl.col("protocol_id") == scan["protocol_id"])
    counts = history.filter(pl.col("current"))
    if counts.height:
        row = counts.row(0, named=True)
        why = f": {row['reason']}" if row["reason"] else ""
        st.text(f"{WORDS[row['verdict']].capitalize()}, {row['initials']}, {row['reviewed_at']:%Y-%m-%d}{why}")
    elif history.height:
        st.text("No reader looked at this measurement; the verdicts below are on an earlier one.")
    else:
        st.text("No reader looked at it yet.")
    if may("write"):
        _form(scan)
    if history.height:
        rows = history.select(
            When=pl.col("reviewed_at").dt.strftime("%Y-%m-%d %H:%M UTC"),
            Verdict=pl.col("verdict").replace(WORDS),
            Reason=pl.col("reason"),
            Initials=pl.col("initials"),
            Counts=pl.when(pl.col("current")).then(pl.lit("yes")).otherwise(pl.lit("no")),
        )
        numbers_table(rows, left=("When", "Verdict", "Reason", "Initials", "Counts"))


def _form(scan: dict[str, Any]) -> None:
    with st.form(f"review-{scan['scan_id']}", border=True):
        verdict = choosing.segmented_control(
            "Image and segmentation", VERDICTS, format_func=verdict_words, key="verdict"
        )
        reason = st.text_input("Reason (needed unless it passes)", max_chars=LONGEST_REASON, key="review-reason")
        initials = st.text_input("Initials", max_chars=5, key="review-initials", width=120)
        if st.form_submit_button("Record the verdict"):
            _record(scan, verdict, reason, initials)


def _record(scan: dict[str, Any], verdict: str | None, reason: str, initials: str) -> None:
    try:
        review_scan(
            state.store(),
            scan["scan_id"],
            scan["protocol_id"],
            verdict=verdict or "",
            reason=reason,
            initials=initials,
            reviewed_at=datetime.now(UTC).replace(tzinfo=None, microsecond=0),
        )
    except StoreError as error:
        st.error(f"Not recorded: {error}." if verdict else "Not recorded: choose passed, in doubt or failed.")
    else:
        st.rerun()
