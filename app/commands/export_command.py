"""`mscohort export DIR`: the cohort to take away, with its lesions, flags, refused inputs and a data dictionary."""

import argparse
from pathlib import Path
from typing import Any

from app.commands.filters import add_filter_arguments, filter_from, load_frame
from app.exports.contents import contents
from app.exports.files import FORMATS, write_folder
from db.store import Store, default_root
from vocabulary.messages import counted


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `export`."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="new or empty folder, or that of an earlier export")
    parser.add_argument("--format", choices=FORMATS, default="csv", help="default: csv")
    add_filter_arguments(parser)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Write the export and return what is in it.

    Without a filter everybody is exported, also people whose group or sex is not known and later visits.
    """
    source, everyone = load_frame(args)
    chosen = filter_from(args)
    # The dataset and protocol only say which people are meant; everything else chooses among them.
    filtered = chosen != chosen.everyone()
    frame = chosen.apply(everyone) if filtered else everyone
    with Store(args.store or default_root()).read() as snapshot:
        found = contents(snapshot, source.dataset_id, source.protocol_id, frame, chosen if filtered else None)
    files = write_folder(found, args.format, args.folder)
    return {
        **found.about,
        "folder": str(args.folder),
        "format": args.format,
        "files": files,
        "rows": {name: table.height for name, table in found.tables.items()},
    }


def show(result: dict[str, Any]) -> str:
    """Say what was written where."""
    n = result["n"]
    people = f"{counted(result['n_rows'], 'row')} of {result['dataset']} ({n['HC']:,} HC, {n['MS']:,} MS)"
    lines = [
        f"{people} in {result['folder']}",
        f"  {result['filter_text']}; protocol {result['protocol']}, store version {result['store_version']}",
        *(f"  {name}: {counted(rows, 'row')}" for name, rows in result["rows"].items()),
        f"  content {result['content_sha256']}",
    ]
    if result["synthetic"]:
        lines.insert(0, result["synthetic_notice"])
    return "\n".join(lines)
