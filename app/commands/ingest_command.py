"""`mscohort ingest PATH...`: scans into the store, many at a time, resumable."""

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.previewing import answer, counts, scans_held
from db.store import Store, default_root
from pipeline.inputs.clashes import DEFAULT_CHOICE
from pipeline.measures.zoning import DEFAULT_RULE, ZONE_RULES
from pipeline.segmentation.bundled_models import DEFAULT_MODEL
from vocabulary.measures import RESEARCH_ONLY, ZONE_NOTICE
from vocabulary.messages import counted

if TYPE_CHECKING:
    from pipeline.ingest.ingest import Progress

_SHOWN_REJECTIONS = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `ingest`."""
    parser.add_argument(
        "paths",
        type=Path,
        nargs="+",
        metavar="PATH",
        help="NIfTI files, folders searched for FLAIR files and DICOM series, or BIDS datasets",
    )
    parser.add_argument(
        "--participants", type=Path, metavar="FILE",
        help="table of people (TSV, CSV): participant_id, group, sex, age; a column path or scan says whose a file is",
    )  # fmt: skip
    parser.add_argument(
        "--dry-run", action="store_true", help="measure nothing: say who each scan shows, what is left out and why"
    )
    parser.add_argument(
        "--subject-from", metavar="WHAT",
        help="where the person's code stands: folder, name, dicom (PatientID), or a regular expression searched in the "
        "path, with groups subject and session (default: BIDS entities, else names with one reading only)",
    )  # fmt: skip
    parser.add_argument(
        "--prefer", action="append", default=[], metavar="WORD",
        help="which of several FLAIRs of one visit: the one with WORD in its path; may be repeated "
        f"(default: {DEFAULT_CHOICE})",
    )  # fmt: skip
    parser.add_argument(
        "--replace", action="store_true",
        help="let another image take the place of the one that was measured under the same code and visit",
    )  # fmt: skip
    parser.add_argument("--dataset", default="scans", metavar="NAME", help="what the scans are called in the store")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="folder for labels and records (default: in the store's folder)"
    )
    parser.add_argument(
        "--workers", type=int, metavar="N", help="scans measured at once (default: by cores and memory)"
    )
    parser.add_argument(
        "--progress-file", type=Path, metavar="FILE", help="also append progress to FILE, one JSON object per scan"
    )
    parser.add_argument("--model", default=DEFAULT_MODEL, metavar="NAME", help=f"default: {DEFAULT_MODEL}")
    parser.add_argument(
        "--zone-rule",
        choices=tuple(ZONE_RULES),
        default=DEFAULT_RULE,
        help=f"what makes a zone (default: {DEFAULT_RULE})",
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure the scans, publish them, and return what happened to each."""
    from app.cli import UsageError
    from app.measuring import run_method
    from db.compatibility import check_joining
    from db.publish_scans import publish_scans
    from db.publish_table import DatasetCard, check_slug
    from pipeline.errors import PipelineError
    from pipeline.ingest.ingest import ingest
    from pipeline.inputs.discovery import Choices, survey
    from pipeline.inputs.subject_from import subject_from

    if args.workers is not None and args.workers < 1:
        raise UsageError(f"--workers {args.workers}: expected 1 or more")
    check_slug("dataset", args.dataset)
    protocol_id, settings = run_method(args.model, args.zone_rule)
    root = args.store or default_root()
    store, card = Store(root), DatasetCard(args.dataset, args.dataset)
    out = args.out or root / "derivatives" / args.dataset
    rule = subject_from(args.subject_from) if args.subject_from else None
    choices = Choices(args.participants, rule, tuple(args.prefer), args.replace)
    show = _Line(args.progress_file)
    try:
        found = survey(args.paths, choices, known=scans_held(store, args.dataset, out), progress=show.checking)
        said = answer(found)
        if args.dry_run:
            return {"dry_run": True, "dataset": args.dataset, **said}
        if found.scans:
            check_joining(store, card, protocol_id, settings, [scan.stem for scan in found.scans])
        folder = ingest(
            found.scans,
            out,
            args.model,
            args.zone_rule,
            rejections=found.refused,
            dataset=args.dataset,
            workers=args.workers,
            replace=args.replace,
            progress=show.progress,
        )
    except KeyboardInterrupt:
        raise PipelineError("stopped; what was measured is kept: run the same command again to go on") from None
    finally:
        show.end()
    if not folder.n_scans:
        raise NothingMeasured(folder.rejections, counts(said))
    publication = publish_scans(store, folder.path, card)
    return {
        "dataset": args.dataset,
        "n_measured": folder.n_measured,
        "n_reused": folder.n_reused,
        "n_rejected": len(folder.rejections),
        "rejections": [{"input": rejection.input, "reason": rejection.reason} for rejection in folder.rejections],
        "n_passed_over": len(found.passed_over),
        "passed_over": said["passed_over"],
        "participants": said["participants"],
        "found": counts(said),
        "run_id": folder.run_id,
        "run_folder": os.fspath(folder.path),
        "out": os.fspath(out),
        "model": args.model,
        "zone_rule": args.zone_rule,
        "store": os.fspath(root),
        "version": publication.version,
        "changed": publication.changed,
    }


class NothingMeasured(ValueError):
    """Every input was refused; the reasons are its details."""

    def __init__(self, rejections: tuple[Any, ...], found: list[str]) -> None:
        super().__init__(f"none of {counted(len(rejections), 'input')} could be measured, and nothing was published:")
        self.details = [*(f"{rejection.input}: {rejection.reason}" for rejection in rejections), *found]


def show(result: dict[str, Any]) -> str:
    """Summarise the run, refusals with their reasons; of a dry run, what it found."""
    if result.get("dry_run"):
        return "\n".join(_preview(result))
    reused = f", {result['n_reused']:,} measured before and unchanged" if result["n_reused"] else ""
    lines = [
        f"{result['dataset']}: {counted(result['n_measured'], 'scan')} measured{reused}, "
        f"{result['n_rejected']:,} rejected",
        *(f"  {item['input']}: {item['reason']}" for item in result["rejections"][:_SHOWN_REJECTIONS]),
    ]
    if result["n_rejected"] > _SHOWN_REJECTIONS:
        lines.append(f"  ... all {result['n_rejected']:,} with --json, or on the page Scans")
    done = "published as" if result["changed"] else "nothing changed, already in"
    return "\n".join(
        [
            *lines,
            f"  files in {result['out']}",
            f"  {done} version {result['version']} of the store in {result['store']}",
            f"  model {result['model']}, zone rule {result['zone_rule']}. {ZONE_NOTICE}",
            f"  {RESEARCH_ONLY}",
            *(f"  {line}" for line in result["found"]),
        ]
    )


def _preview(result: dict[str, Any]) -> list[str]:
    """Return one line per scan and per input that is left out, and the counts last."""
    lines = []
    for scan in result["scans"]:
        age = None if scan["age_years"] is None else f"{scan['age_years']:g} years"
        about = ", ".join(str(told) for told in (scan["group"], scan["sex"], age) if told) or "nothing known"
        visit = f" visit {scan['session']}" if scan["session"] else ""
        changed = f" [{'; '.join(scan['changed'])}]" if scan["changed"] else ""
        lines.append(f"{scan['subject_id']}{visit} ({about}): {scan['path']}{changed}; {scan['identity_from']}")
    for title, key in (("passed over", "passed_over"), ("refused", "refused")):
        items = result[key]
        lines += [f"{title}: {item['path']}: {item['reason']}" for item in items[:_SHOWN_REJECTIONS]]
        if len(items) > _SHOWN_REJECTIONS:
            lines.append(f"... all {len(items):,} {title} with --json")
    return [*lines, *counts(result), "nothing was measured: leave out --dry-run to measure"]


class _Line:
    """Progress on stderr: one line that is written over on a terminal, one line per scan in a log."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._live = sys.stderr.isatty()
        self._width = 0

    def checking(self, done: int, total: int) -> None:
        if self._live:
            self._over(f"checking {done:,} of {total:,} files")

    def progress(self, now: "Progress") -> None:
        if self._file:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(now), ensure_ascii=False) + "\n")
        said = f"{now.done:,} of {now.total:,}"
        if now.n_reused:
            said += f", {now.n_reused:,} measured before"
        if now.n_rejected:
            said += f", {now.n_rejected:,} rejected"
        if now.seconds_left is not None:
            said += f", {_duration(now.seconds_left)} left"
        if not now.name:
            self._over(f"{said}; loading the model ...") if self._live else self._write(f"{said}\n")
        elif self._live and not now.reason:
            self._over(f"{said}; {now.name}")
        else:
            outcome = f"rejected: {now.reason}" if now.reason else "measured"
            self._over("")
            self._write(f"{said}; {now.name} {outcome}\n")

    def end(self) -> None:
        self._over("")

    def _over(self, text: str) -> None:
        if self._live:
            self._write(f"\r{text:<{self._width}}" + ("\r" if not text else ""))
            self._width = len(text)

    def _write(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
