"""--check and --adjust of `compare` and `correlate`, and the lines a check is shown in."""

import argparse
from typing import Any

from analysis.statistics.multiplicity import ADJUSTMENT_NAMES
from app.sentences.formatting import MISSING, format_table
from app.sentences.second_opinion import exact, said


def add_check_arguments(parser: argparse.ArgumentParser) -> None:
    """Add --check and --adjust."""
    parser.add_argument("--check", action="store_true", help="the same tests by pingouin beside ours (an extra)")
    parser.add_argument(
        "--adjust", choices=list(ADJUSTMENT_NAMES), default="holm", metavar="METHOD",
        help=f"adjustment of the p values: {', '.join(ADJUSTMENT_NAMES)} (default: holm)",
    )  # fmt: skip


def check_lines(result: dict[str, Any]) -> list[str]:
    """Return the lines that show the check of an answer; none where it was not asked for."""
    if "check" not in result:
        return []
    check = result["check"]
    rows = [
        (
            row["test"],
            row["number"],
            exact(row["ours"]),
            exact(row["theirs"]),
            MISSING if row["difference"] is None else f"{row['difference']:.1e}",
            row["note"] or "",
        )
        for row in check["rows"]
    ]
    return ["", said(check), format_table(("test", "number", "ours", "pingouin", "difference", "note"), rows)]
