"""`mscohort change SUBJECT`: the visits of a person, and what changed by more than measuring again gives."""

import argparse
from itertools import pairwise
from typing import Any

import polars as pl

from analysis.change import LOWER_BOUND, changes, within_of_rescans
from app.json_rows import rows_of
from app.sentences.change import change_sentence
from db.errors import NotInStore
from db.store import Store, default_root
from vocabulary.measures import RESEARCH_ONLY, SYNTHETIC_NOTICE


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `change`."""
    parser.add_argument("subject", metavar="SUBJECT", help="a person with several scans in the store")
    parser.add_argument("--dataset", metavar="NAME", help="needed where several datasets have such a person")
    parser.add_argument(
        "--rescans", metavar="NAME", help="dataset of people scanned twice without change: how far repeats lie apart"
    )
    parser.add_argument(
        "--lesions",
        action="store_true",
        help="also list lesions that are new, enlarged or gone, as candidates",
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Compare each visit with the one before.

    Raises
    ------
    NotInStore : no such person, several, or only one scan
    """
    with Store(args.store or default_root()).read() as snapshot:
        scans = snapshot.scans(args.dataset).filter(pl.col("subject_id") == args.subject)
        within = dict(LOWER_BOUND)
        if args.rescans:
            within |= within_of_rescans(snapshot.scans(args.rescans))
    where = scans.select("dataset_id", "protocol_id").unique(maintain_order=True)
    if where.height > 1:
        names = ", ".join(f"{dataset} ({protocol})" for dataset, protocol in where.rows())
        raise NotInStore(f"'{args.subject}' is in the store several times: {names}; name one with --dataset")
    if scans.height < 2:
        found = "no scan" if scans.is_empty() else "one scan"
        raise NotInStore(f"change needs two scans of '{args.subject}' measured from images; the store holds {found}")
    visits = scans.sort("session", nulls_last=False).to_dicts()
    rows = rows_of(changes(visits, within))
    return {
        "subject": args.subject,
        "dataset": visits[0]["dataset_id"],
        "protocol": visits[0]["protocol_id"],
        "synthetic": visits[0]["synthetic"],
        "visits": [{"session": v["session"], "scan": v["scan_id"], "flags": v["flags"]} for v in visits],
        "within": {
            name: {"sd_log": known.sd, "factor": known.factor, "source": known.source, "n": known.n}
            for name, known in within.items()
        },
        "changes": rows,
        "lesions": _lesions(visits) if args.lesions else None,
        "answer": [change_sentence(row) for row in rows],
    }


def _lesions(visits: list[dict[str, Any]]) -> list[dict[str, Any]]:
    # Imported here: images and registration are needed for this answer alone.
    from app.lesion_visits import candidates_between

    return [candidates_between(earlier, later) for earlier, later in pairwise(visits)]


def show(result: dict[str, Any]) -> str:
    """Return the sentences, and where the limits come from."""
    lines = [SYNTHETIC_NOTICE] if result["synthetic"] else []
    lines += result["answer"]
    for pair in result["lesions"] or ():
        where = f"visit {pair['from_session'] or '–'} to {pair['to_session'] or '–'}"
        counts = ", ".join(f"{n} {kind}" for kind, n in pair["counts"].items())
        lines.append(f"Lesions, {where}: {pair['refused'] or counts + ' (candidates for a reader)'}")
        lines += [
            f"  {one['kind']}: slice {one['slice_index'] + 1}, {one['before_ml']:.2f} to {one['after_ml']:.2f} mL, at "
            f"{', '.join(f'{c:.0f}' for c in one['centroid_mm'])} mm"
            for one in pair["candidates"]
        ]
    lines += [
        f"  {name}: limit from {known['source']} (SD of the logarithm {known['sd_log']:.2f})"
        for name, known in result["within"].items()
    ]
    return "\n".join([*lines, "A change is no sign of disease activity by itself. " + RESEARCH_ONLY])
