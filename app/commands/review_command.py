"""`mscohort review SCAN [VERDICT]`: record what a reader says of a scan's measurement, or list what was said."""

import argparse
from datetime import UTC, datetime
from typing import Any

import polars as pl

from app.json_rows import rows_of
from db.errors import NotInStore
from db.review_scan import VERDICTS, review_scan
from db.store import Store, default_root
from vocabulary.measures import RESEARCH_ONLY

WORDS = {"pass": "passed", "doubt": "in doubt", "fail": "failed"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `review`."""
    parser.add_argument("scan", metavar="SCAN", help="a scan of the store, as DATASET/sub-CODE or its person's code")
    parser.add_argument("verdict", nargs="?", choices=VERDICTS, help="without one, what readers said so far is listed")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why; needed unless it passes")
    parser.add_argument("--initials", default="", metavar="AB", help="of the reader: one to five letters, no name")
    parser.add_argument("--protocol", metavar="ID", help="needed where the scan was measured under several protocols")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Record a verdict if one is given, and return all of them.

    Raises
    ------
    NotInStore : no such scan, or several
    ReviewRefused : no reason for a doubt or a failure, or initials that are none
    """
    store = Store(args.store or default_root())
    scan_id, protocol = _named(store, args.scan, args.protocol)
    if args.verdict:
        now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        review_scan(
            store, scan_id, protocol,
            verdict=args.verdict, reason=args.reason, initials=args.initials, reviewed_at=now,
        )  # fmt: skip
    with store.read() as snapshot:
        history = snapshot.reviews(scan_id=scan_id).filter(pl.col("protocol_id") == protocol)
    counting = history.filter(pl.col("current"))
    return {
        "scan": scan_id,
        "protocol": protocol,
        "verdict": counting["verdict"][0] if counting.height else None,
        "recorded": bool(args.verdict),
        "reviews": rows_of(
            history.select(
                "review_number",
                "verdict",
                "reason",
                "initials",
                pl.col("reviewed_at").dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "run_id",
                "current",
            )
        ),
    }


def show(result: dict[str, Any]) -> str:
    """Return the verdict that counts, and the history."""
    state = WORDS.get(result["verdict"] or "", "no reader looked at this measurement")
    lines = [f"{result['scan']} ({result['protocol']}): {state}"]
    lines += [
        f"  {row['reviewed_at']} {WORDS[row['verdict']]}, {row['initials']}"
        + (f": {row['reason']}" if row["reason"] else "")
        + ("" if row["current"] else " (does not count: a later verdict or measurement does)")
        for row in result["reviews"]
    ]
    return "\n".join([*lines, RESEARCH_ONLY])


def _named(store: Store, name: str, protocol: str | None) -> tuple[str, str]:
    """Return scan and protocol of a scan's identifier, or of a person's code who has one scan."""
    with store.read() as snapshot:
        scans = snapshot.scans()
    found = scans.filter((pl.col("scan_id") == name) | (pl.col("subject_id") == name))
    if protocol is not None:
        found = found.filter(pl.col("protocol_id") == protocol)
    if found.is_empty():
        under = f" measured under {protocol}" if protocol else ""
        raise NotInStore(f"the store holds no scan '{name}'{under}; name one as DATASET/sub-CODE, see the page Scans")
    if found.height > 1:
        names = ", ".join(f"{scan} ({how})" for scan, how in found.select("scan_id", "protocol_id").head(6).iter_rows())
        raise NotInStore(f"'{name}' is several scans: {names}; name one, with --protocol where needed")
    return str(found["scan_id"][0]), str(found["protocol_id"][0])
