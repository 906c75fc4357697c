"""`mscohort gather`: the parts of a run that several machines measured, put together and published once."""

import argparse
import os
from pathlib import Path
from typing import Any

from db.store import Store, default_root
from vocabulary.measures import RESEARCH_ONLY
from vocabulary.messages import counted


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    parser.add_argument(
        "out", type=Path, metavar="OUT", help="the folder given to every 'mscohort ingest --shard' as --out"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Gather and publish, and return what was found."""
    from app.measuring import gather_into_store

    store = Store(args.store or default_root())
    stored = gather_into_store(store, args.out)
    return {
        "n_scans": stored.run.n_scans,
        "n_measured": stored.run.n_measured,
        "n_reused": stored.run.n_reused,
        "n_rejected": len(stored.run.rejections),
        "rejections": [{"input": rejection.input, "reason": rejection.reason} for rejection in stored.run.rejections],
        "run_id": stored.run.run_id,
        "run_folder": os.fspath(stored.run.path),
        "out": os.fspath(stored.out),
        "store": os.fspath(store.root),
        "version": stored.publication.version,
        "version_before": stored.publication.before,
        "changed": stored.publication.changed,
        "content_sha256": stored.publication.content_sha256,
    }


def show(result: dict[str, Any]) -> str:
    """Summarise what was put together."""
    done = "published as" if result["changed"] else "nothing changed, already in"
    return (
        f"{counted(result['n_scans'], 'scan')} of all parts, {result['n_rejected']:,} rejected\n"
        f"  {done} version {result['version']} of the store in {result['store']}\n"
        f"  {RESEARCH_ONLY}"
    )
