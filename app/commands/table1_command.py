"""`mscohort table1`: who is in the cohort, group by group, as a paper prints it."""

import argparse
from pathlib import Path
from typing import Any

from analysis.table_one import table_one
from app.commands.filters import add_filter_arguments, counts, filter_from, footing, load_frame, matching_of
from app.exports.table_one_files import KINDS, table_bytes
from app.json_rows import rows_of
from app.sentences.formatting import format_table
from app.sentences.table_one import HEADERS, NOTES, cells
from app.words.tables import LANGUAGES
from vocabulary.extra_columns import shown_extras
from vocabulary.files import write_whole
from vocabulary.measures import RESEARCH_ONLY


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `table1`."""
    parser.add_argument("--out", type=_table_file, metavar="FILE", help=f"also write it: .{', .'.join(KINDS)}")
    parser.add_argument("--lang", choices=list(LANGUAGES), default="en", help="language of the file (default: en)")
    add_filter_arguments(parser)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Describe the people and return the JSON answer.

    Returns
    -------
    dict : filters, n {HC, MS}, rows (those of ``analysis.table_one.table_one``), cells (the table as
        printed, header first), out (the file written, or null), and where the numbers come from
    """
    source, everyone = load_frame(args)
    chosen = filter_from(args)
    frame = chosen.apply(everyone)
    table = table_one(frame, [column.name for column in shown_extras()])
    result = {
        **source.to_dict(),
        "filters": chosen.to_dict(),
        "filter_text": chosen.describe(),
        "n": counts(frame),
        **matching_of(chosen, everyone, frame),
        "rows": rows_of(table),
        "cells": [list(HEADERS), *map(list, cells(table))],
        "out": None if args.out is None else str(args.out),
    }
    if args.out is not None:
        write_whole(table_file(args.out.suffix.lower().removeprefix("."), result, args.lang), args.out)
    return result


def table_file(kind: str, result: dict[str, Any], lang: str = "en") -> bytes:
    """Return the answer as a file of that kind, with its title and notes."""
    headers, *rows = result["cells"]
    title = f"Table 1. {result['dataset']}: {result['filter_text']}"
    notes = [NOTES, *footing(result).splitlines(), RESEARCH_ONLY]
    return table_bytes(kind, headers, rows, title=title, notes=notes, synthetic=result["synthetic"], lang=lang)


def show(result: dict[str, Any]) -> str:
    """Return the table for a person."""
    headers, *rows = result["cells"]
    written = [f"written to {result['out']}"] if result["out"] else []
    return "\n".join([format_table(headers, rows), NOTES, *written, footing(result)])


def _table_file(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower().removeprefix(".") not in KINDS:
        raise argparse.ArgumentTypeError(f"'{text}' does not end in .{', .'.join(KINDS)}")
    return path
