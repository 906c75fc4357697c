"""`mscohort demo`: the synthetic cohort and synthetic scans into the store, labelled synthetic everywhere."""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from analysis.norms.fit_reference import TooFewPeople
from analysis.norms.maximum_likelihood import NotFitted
from analysis.synthetic.cohort import synthetic_cohort
from analysis.synthetic.models import N_PEOPLE
from app.commands.progress import ProgressLine
from app.references import library
from db.errors import ImportConflict, StoreError
from db.import_table import import_frame
from db.publish_table import SYNTHETIC_PROTOCOL, DatasetCard, read_or_migrate
from db.store import Store, default_root
from pipeline.segmentation.runtime import can_segment
from vocabulary.files import private_folder, write_json
from vocabulary.measures import SYNTHETIC_NOTICE

DATASET = "demo"
DEFAULT_SEED = 2026
N_SCANS = 12
MOST_AT_ONCE = 4
"""Scans drawn at once; each takes some 500 MB."""
CITATION = "Synthetic cohort drawn by MS Cohort Explorer; not data, not to be cited as such."
SCANS_DATASET = "demo-scans"
SCANS_TITLE = "Synthetic demonstration scans"
SCANS_CITATION = "Synthetic FLAIR scans drawn by MS Cohort Explorer; not data, not to be cited as such."
BEGUN = "demo-begun.json"
"""Lies in the store's folder while the demonstration is built, so that one stopped midway is finished as begun."""
SETTINGS = ("seed", "subjects", "scans")
WITHOUT_NETWORKS = "scans left out: ONNX Runtime is not installed; install requirements/app.txt and run demo again"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `demo`."""
    parser.add_argument("--seed", type=_at_least(0), default=DEFAULT_SEED, metavar="N", help=f"default: {DEFAULT_SEED}")
    parser.add_argument(
        "--subjects", type=_at_least(1), default=N_PEOPLE, metavar="N", help=f"number of people (default: {N_PEOPLE:,})"
    )
    parser.add_argument(
        "--scans",
        type=_at_least(0),
        default=N_SCANS,
        metavar="N",
        help=f"number of scans, two of them of one person from three on (default: {N_SCANS})",
    )
    parser.add_argument(
        "--if-empty",
        action="store_true",
        help="do nothing when the store already holds a dataset, but finish a demo that was stopped midway",
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Build the demo dataset, or refresh it; the same seed and size change nothing.

    With ``--if-empty`` a demonstration that was stopped midway is finished as it was begun.

    Raises
    ------
    ImportConflict : the store holds real data under the name 'demo'.
    StoreError : the store cannot be written to.
    """
    root = args.store or default_root()
    held = _held(Store(root))
    with _alone(root) as alone:
        return _built(args, root, held, _begun(root, held) if args.if_empty and alone else None)


def _built(args: argparse.Namespace, root: Path, held: dict[str, bool], begun: dict[str, int] | None) -> dict[str, Any]:
    """Build the demo, or finish the one that was begun, and return the answer of ``run``."""
    store = Store(root)
    if begun:
        sys.stderr.write("the demonstration was stopped before it was whole; it is finished now\n")
        vars(args).update(begun)
    answer = {"dataset": DATASET, "synthetic": True, "seed": args.seed, "store": str(root), "notice": SYNTHETIC_NOTICE}
    if held and args.if_empty and not begun:
        return {**answer, "changed": False, "skipped": True, "datasets": sorted(held)}
    if not held.get(DATASET, True):
        raise ImportConflict(
            f"the store in {root} holds real data under the name '{DATASET}'; import them under another name first"
        )
    _note_begun(root, args)
    sys.stderr.write(f"drawing {args.subjects:,} synthetic people (seed {args.seed})\n")
    report = import_frame(
        store,
        synthetic_cohort(args.seed, args.subjects),
        dataset=DATASET,
        protocol_id=SYNTHETIC_PROTOCOL,
        title="Synthetic demonstration cohort",
        synthetic=True,
        settings={"seed": args.seed, "subjects": args.subjects},
        citation=CITATION,
        replace=True,
    )
    references = _fit_references(root, report.content_sha256)
    scans = _measure_scans(store, args.scans, args.seed)
    (root / BEGUN).unlink(missing_ok=True)
    current = store.current()
    return {
        **report.to_dict(),
        **answer,
        "changed": report.changed or scans["changed"],
        "version": current.number if current else report.version,
        "references": references,
        "n_scans": scans["n_scans"],
        "scans_note": scans["note"],
        "skipped": False,
    }


def show(result: dict[str, Any]) -> str:
    """Say what the store holds now."""
    if result["skipped"]:
        return f"The store in {result['store']} already holds {', '.join(result['datasets'])}; nothing changed."
    n = result["n"]
    done = "built" if result["changed"] else "already in the store, nothing changed"
    note = f" ({result['scans_note']})" if result["scans_note"] else " measured, see the pages Scans and Subject"
    return "\n".join(
        [
            f"{result['dataset']}: {result['n_subjects']:,} synthetic people ({n['HC']:,} HC, {n['MS']:,} MS) {done}",
            f"norms fitted to them: {', '.join(result['references']) or 'none, they are too few'}",
            f"demo-scans: {result['n_scans']:,} synthetic scans{note}",
            f"  seed {result['seed']}, store version {result['version']} in {result['store']}",
            f"  {result['notice']}",
        ]
    )


def _fit_references(root: Path, content_sha256: str) -> list[str]:
    """Fit norms to the synthetic controls and patients, so that a synthetic person can be placed; return their names.

    Where the people asked for are too few to carry a norm there is none; what was fitted to the same people is kept.
    """
    held = [r.name for r in library(root).references if r.content_sha256 == content_sha256]
    if held:
        return held
    from app.commands import norms_fit

    names = []
    for group in ("HC", "MS"):
        asked = argparse.Namespace(
            dataset=DATASET,
            protocol=SYNTHETIC_PROTOCOL,
            group=group,
            name=None,
            only_passed=False,
            replace=True,
            check=False,
        )
        with suppress(TooFewPeople, NotFitted):
            names.append(norms_fit.run(asked, root)["reference"])
    return names


def _measure_scans(store: Store, n: int, seed: int) -> dict[str, Any]:
    """Draw n scans, measure them by the pipeline of real ones and publish them; 0 leaves them out.

    What was measured before is not measured again.

    Returns
    -------
    dict : ``n_scans``, ``changed`` and, where none were made, ``note``
    """
    if n == 0:
        return {"n_scans": 0, "changed": False, "note": "scans left out, as asked"}
    if not can_segment():
        return {"n_scans": 0, "changed": False, "note": WITHOUT_NETWORKS}
    from app.measuring import measure_into_store
    from pipeline.inputs.discovery import discover
    from pipeline.machine import cores
    from pipeline.synthetic.bids import write_bids

    line = ProgressLine()
    with tempfile.TemporaryDirectory(prefix="mscohort-demo-") as folder:
        line.line(f"drawing {n:,} synthetic scans")
        participants = write_bids(Path(folder), n, seed, min(cores(), MOST_AT_ONCE))
        stored = measure_into_store(
            store,
            DatasetCard(SCANS_DATASET, SCANS_TITLE, synthetic=True, citation=SCANS_CITATION),
            *discover([Path(folder)], participants),
            progress=lambda now: line.line(f"measuring synthetic scans: {now.done:,} of {now.total:,}"),
        )
    return {"n_scans": stored.run.n_scans, "changed": stored.publication.changed, "note": ""}


@contextmanager
def _alone(root: Path) -> Iterator[bool]:
    """Tell whether a demonstration that was begun is nobody's work right now; within the block it is this process's."""
    lock = FileLock(root / f"{BEGUN}.lock", timeout=0)
    try:
        private_folder(root)
        lock.acquire()
    except (Timeout, OSError):  # another process builds it, or nobody may
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def _note_begun(root: Path, args: argparse.Namespace) -> None:
    try:
        write_json({name: vars(args)[name] for name in SETTINGS}, private_folder(root) / BEGUN)
    except OSError as error:
        raise StoreError(f"cannot write to the store in {root}: {error.strerror or error}") from error


def _begun(root: Path, held: dict[str, bool]) -> dict[str, int] | None:
    """Return the settings of a demonstration that was stopped midway; None without one, or beside anybody's data."""
    if not held or set(held) - {DATASET, SCANS_DATASET} or not all(held.values()):
        return None
    try:
        said = json.loads((root / BEGUN).read_bytes())
        return {name: int(said[name]) for name in SETTINGS}
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _held(store: Store) -> dict[str, bool]:
    """Return the store's datasets and whether each is synthetic; none for an empty store. An older one is updated."""
    snapshot = read_or_migrate(store)
    if snapshot is None:
        return {}
    with snapshot:
        return dict(snapshot.datasets().select("dataset_id", "synthetic").iter_rows())


def _at_least(lowest: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        value = int(text)
        if value < lowest:
            raise argparse.ArgumentTypeError(f"{value} is too small; expected {lowest} or more")
        return value

    return number
