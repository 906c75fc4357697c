"""`mscohort import FILE --protocol ID`: a cohort table into the store."""

import argparse
import sys
from pathlib import Path
from typing import Any

from app.commands.table_choices import add_choice_arguments, choices_from
from db.import_table import import_table
from db.store import Store, default_root
from db.tables.apart import read_table_apart
from db.tables.choices import TableChoices
from db.tables.exported import exported, table_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `import`."""
    parser.set_defaults(refuse=parser.error)
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="CSV, TSV, XLSX or Parquet file, one row per person; or an export"
    )
    parser.add_argument(
        "--protocol",
        metavar="ID",
        help="how the numbers were measured, such as tabriz-2026-published; needed unless FILE is an export",
    )
    parser.add_argument(
        "--dataset", metavar="NAME", help="default: tabriz for the released table, else from the file's name"
    )
    add_choice_arguments(parser)
    parser.add_argument(
        "--accept-valid", action="store_true", help="import the sound rows and record the rejected ones with reasons"
    )
    parser.add_argument("--replace", action="store_true", help="replace a dataset of this name that holds other rows")
    parser.add_argument("--citation", metavar="TEXT", help="how to cite the dataset")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Import the table and return the report."""
    root = args.store or default_root()
    if args.protocol is None and exported(table_of(args.file)) is None:
        args.refuse("the following arguments are required: --protocol (how the numbers were measured)")
    choices = choices_from(args)
    report = import_table(
        Store(root),
        args.file,
        args.protocol,
        dataset=args.dataset,
        choices=choices if choices != TableChoices() else None,
        accept_valid=args.accept_valid,
        replace=args.replace,
        citation=args.citation,
        progress=_progress if sys.stderr.isatty() else None,
        read=read_table_apart,
    )
    return {**report.to_dict(), "store": str(root)}


def show(result: dict[str, Any]) -> str:
    """Summarise the report in a few lines."""
    n = result["n"]
    unknown = result["n_subjects"] - n["HC"] - n["MS"]
    people = f"{n['HC']:,} HC, {n['MS']:,} MS" + (f", {unknown:,} of unknown group" if unknown else "")
    done = "imported" if result["changed"] else "already in the store, nothing changed"
    lines = [
        f"{result['dataset']}: {result['n_subjects']:,} subjects ({people}) {done}",
        f"  protocol {result['protocol']}, store version {result['version']} in {result['store']}",
    ]
    lines += [f"  {name}: {count:,} missing" for name, count in result["n_missing"].items()]
    if result["n_rejected"]:
        lines.append(f"  {result['n_rejected']:,} rows rejected:")
        lines += [f"    row {p['row_number']}, {p['column_name']}: {p['reason']}" for p in result["problems"]]
    if result["extras"]:
        kept = ", ".join(f"{e['name']} ({e['kind']}{', ' + e['unit'] if e['unit'] else ''})" for e in result["extras"])
        lines.append(f"  further columns: {kept}")
    if result["ignored_columns"]:
        lines.append(f"  not imported: {', '.join(result['ignored_columns'])} (--extra COLUMN keeps one)")
    lines += [f"  note: {note}" for note in result["notes"]]
    lines.append(f"  content {result['content_sha256']}")
    return "\n".join(lines)


def _progress(line: str) -> None:
    sys.stderr.write(f"{line} ...\n")
