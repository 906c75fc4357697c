"""`mscohort change SUBJECT`: the visits of a person, and what changed by more than measuring again gives."""

import argparse
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import polars as pl

from analysis.change import LOWER_BOUND, changes, not_comparable, within_of_rescans
from app.json_rows import rows_of
from app.sentences.change import change_sentence
from app.sentences.lesion_visits import KIND_WORDS, candidates_sentence
from db.errors import NotInStore, ReviewRefused
from db.review_lesions import LESION_VERDICTS, review_lesions
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
    parser.add_argument(
        "--verdict",
        action="append",
        default=[],
        metavar="N=ANSWER",
        help="a reader's yes, no or unsure to candidate N of the last two visits; repeatable, kept in the store",
    )
    parser.add_argument("--initials", default="", metavar="AB", help="of the reader who gives the verdicts")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Compare each visit with the one before.

    Raises
    ------
    NotInStore : no such person, several, or only one scan
    ReviewRefused : a verdict on no candidate, or without initials
    """
    store = Store(args.store or default_root())
    asked = _asked(args.verdict)
    with store.read() as snapshot:
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
    if asked:
        _record(store, visits[-2], visits[-1], asked, args.initials)
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
        "lesions": _lesions(store, visits) if args.lesions or asked else None,
        "answer": [change_sentence(row) for row in rows],
    }


def _asked(words: list[str]) -> dict[int, str]:
    """Read ``N=ANSWER`` words."""
    from app.cli import UsageError

    asked: dict[int, str] = {}
    for word in words:
        number, equals, answer = word.partition("=")
        if not equals or not number.strip().isdecimal() or answer.strip() not in LESION_VERDICTS:
            raise UsageError(f"--verdict '{word}' is not N=ANSWER with {', '.join(LESION_VERDICTS)}, such as 1=yes")
        if int(number) in asked:
            raise UsageError(f"--verdict is given twice for candidate {int(number)}")
        asked[int(number)] = answer.strip()
    return asked


def _record(store: Store, earlier: dict[str, Any], later: dict[str, Any], asked: dict[int, str], initials: str) -> None:
    from app.lesion_visits import compared, verdicts_for

    reason = not_comparable(earlier, later)
    if reason is not None:
        raise ReviewRefused(f"the last two visits have no candidates: {reason}")
    candidates = compared(earlier, later).candidates
    wrong = [number for number in asked if not 1 <= number <= len(candidates)]
    if wrong:
        raise ReviewRefused(f"there is no candidate {wrong[0]}; the last two visits have {len(candidates)}")
    with store.read() as snapshot:
        reviews = snapshot.lesion_reviews(later["dataset_id"], later["subject_id"])
    answers = {number - 1: answer for number, answer in asked.items()}
    review_lesions(
        store,
        earlier["scan_id"],
        later["scan_id"],
        later["protocol_id"],
        verdicts_for(candidates, answers, reviews, earlier, later),
        n_candidates=len(candidates),
        initials=initials,
        reviewed_at=datetime.now(UTC).replace(tzinfo=None, microsecond=0),
    )


def _lesions(store: Store, visits: list[dict[str, Any]]) -> list[dict[str, Any]]:
    # Imported here: images and registration are needed for this answer alone.
    from app.lesion_visits import candidates_between

    with store.read() as snapshot:
        reviews = snapshot.lesion_reviews(visits[0]["dataset_id"], visits[0]["subject_id"])
    return [candidates_between(earlier, later, reviews) for earlier, later in pairwise(visits)]


def show(result: dict[str, Any]) -> str:
    """Return the sentences, and where the limits come from."""
    lines = [SYNTHETIC_NOTICE] if result["synthetic"] else []
    lines += result["answer"]
    for pair in result["lesions"] or ():
        lines.append(candidates_sentence(pair))
        lines += [
            f"  {one['number']}. {KIND_WORDS[one['kind']]}: slice {one['slice_index'] + 1}, {one['before_ml']:.2f} to "
            f"{one['after_ml']:.2f} mL, at {', '.join(f'{c:.0f}' for c in one['centroid_mm'])} mm; "
            + (f"a reader says {one['verdict']}" if one["verdict"] else "no reader looked")
            for one in pair["candidates"]
        ]
    lines += [
        f"  {name}: limit from {known['source']} (SD of the logarithm {known['sd_log']:.2f})"
        for name, known in result["within"].items()
    ]
    return "\n".join([*lines, "A change is no sign of disease activity by itself. " + RESEARCH_ONLY])
