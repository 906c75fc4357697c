"""`mscohort join FILE --dataset NAME`: what a further table says of people whose measures are there already."""

import argparse
from pathlib import Path
from typing import Any

from app.commands.table_choices import add_choice_arguments, choices_from
from db.join_table import join_table
from db.store import Store, default_root
from db.tables.apart import read_table_apart
from vocabulary.messages import counted

_NAMED = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `join`."""
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="CSV, TSV, XLSX or Parquet file, one row per person, or person and visit",
    )
    parser.add_argument("--dataset", required=True, metavar="NAME", help="whose people they are")
    add_choice_arguments(parser)
    parser.add_argument(
        "--accept-valid", action="store_true", help="join the sound rows and name the others with reasons"
    )
    parser.add_argument(
        "--replace", action="store_true", help="let the table's values take the place of others that are there"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="join nothing: say whose rows they are and what would change"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Join the table and return the report."""
    root = args.store or default_root()
    report = join_table(
        Store(root),
        args.file,
        args.dataset,
        choices=choices_from(args),
        accept_valid=args.accept_valid,
        replace=args.replace,
        dry_run=args.dry_run,
        reader=read_table_apart,
    )
    return {**report.to_dict(), "dry_run": args.dry_run, "store": str(root)}


def show(result: dict[str, Any]) -> str:
    """Summarise the report in a few lines."""
    joined = "would be joined to" if result["dry_run"] else "joined to"
    done = joined if result["changed"] else "nothing changed: all of it is in"
    lines = [
        f"{result['source']}: {done} {result['dataset']}, store version {result['version']} in {result['store']}",
        *joined_lines(result),
    ]
    return "\n".join([*lines, f"  content {result['content_sha256']}"])


def joined_lines(result: dict[str, Any]) -> list[str]:
    """Return what a joined table brought, one line each; also for `ingest`."""
    lines = [
        f"  {result['n_matched']:,} of {counted(result['n_rows'], 'row')} matched; "
        f"{result['n_people_matched']:,} of {counted(result['n_people'], 'person')} "
        f"{'has' if result['n_people'] == 1 else 'have'} a row"
    ]
    lines += [
        f"  {extra['label']} ({', '.join(filter(None, (extra['kind'], extra['unit'])))}): "
        f"{counted(result['n_values'][extra['name']], 'person')} with a value, as {extra['name']}"
        for extra in result["extras"]
    ]
    lines += [f"  {what}: known of {counted(n, 'more person')}" for what, n in result["filled"].items() if n]
    for title, key in (("rows of nobody here", "unmatched_rows"), ("people without a row", "people_without_row")):
        if result[key]:
            n = len(result[key]) if key == "unmatched_rows" else result["n_people"] - result["n_people_matched"]
            more = f" and {n - _NAMED:,} more" if n > _NAMED else ""
            lines.append(f"  {title}: {', '.join(result[key][:_NAMED])}{more}")
    if result["n_rejected"]:
        lines.append(f"  {counted(result['n_rejected'], 'row')} left out:")
        lines += [f"    row {p['row_number']}, {p['column_name']}: {p['reason']}" for p in result["problems"]]
    if result["ignored_columns"]:
        lines.append(f"  not taken: {', '.join(result['ignored_columns'])} (--extra COLUMN keeps one)")
    return [*lines, *(f"  note: {note}" for note in result["notes"])]
