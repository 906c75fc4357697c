"""`mscohort cohort save|list|remove`: people chosen by filters, under a name; the rule is kept, not the people."""

import argparse
from datetime import UTC, datetime
from typing import Any

from analysis.filters import Filter
from app.commands.filters import add_filter_arguments, counts, filter_from, load_frame
from app.sentences.formatting import format_table
from db.saved_cohorts import SavedCohort, remove_cohort, rule_text, save_cohort
from db.store import Store, default_root


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the actions of `cohort`."""
    parser.add_argument("action", choices=("save", "list", "remove"))
    parser.add_argument("name", nargs="?", metavar="NAME", help="the cohort to save or remove")
    parser.add_argument("--replace", action="store_true", help="save although the name has another rule")
    add_filter_arguments(parser)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Save, list or remove.

    Returns
    -------
    dict : ``action``, and for list ``cohorts``, else ``name``; for save also the rule, its hash and n
    """
    from app.cli import UsageError

    store = Store(args.store or default_root())
    if args.action == "list":
        with store.read() as snapshot:
            rows = snapshot.saved_cohorts().to_dicts()
        return {"action": "list", "cohorts": [row | {"saved_at": row["saved_at"].isoformat()} for row in rows]}
    if not args.name:
        raise UsageError(f"{args.action} needs the cohort's NAME")
    if args.action == "remove":
        remove_cohort(store, args.name)
        return {"action": "remove", "name": args.name}
    source, everyone = load_frame(args)
    chosen = filter_from(args)
    chosen = Filter.from_dict(chosen.to_dict() | {"dataset": source.dataset_id, "protocol": source.protocol_id})
    frame = chosen.apply(everyone)
    cohort = SavedCohort(
        name=args.name,
        dataset_id=source.dataset_id,
        protocol_id=source.protocol_id,
        rule=rule_text(chosen.to_dict()),
        n=frame.height,
        content_sha256=source.content_sha256,
        saved_at=datetime.now(UTC).replace(tzinfo=None, microsecond=0),
    )
    changed = save_cohort(store, cohort, replace=args.replace)
    return {
        "action": "save",
        "name": cohort.name,
        **source.to_dict(),
        "filters": chosen.to_dict(),
        "filter_text": chosen.describe(),
        "n": counts(frame),
        "rule_sha256": cohort.rule_sha256,
        "changed": changed,
    }


def show(result: dict[str, Any]) -> str:
    """Say what was saved, removed or is there."""
    if result["action"] == "list":
        if not result["cohorts"]:
            return "No cohort is saved; `mscohort cohort save NAME FILTERS` saves one."
        rows = [
            (row["name"], row["dataset_id"], f"{row['n']:,}", row["rule_sha256"][:8], row["saved_at"][:10])
            for row in result["cohorts"]
        ]
        return format_table(("cohort", "dataset", "n when saved", "rule", "saved"), rows)
    if result["action"] == "remove":
        return f"The cohort {result['name']} is no longer saved; its people stay in the store."
    n = result["n"]
    done = "Saved" if result["changed"] else "Already saved"
    return (
        f"{done}: {result['name']}, {n['MS']:,} MS, {n['HC']:,} HC of {result['dataset']}: {result['filter_text']} "
        f"(rule {result['rule_sha256'][:8]}). Use it with --cohort '{result['name']}'."
    )
