"""`mscohort ingest PATH...`: scans into the store, many at a time, resumable."""

import argparse
import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.commands.join_command import joined_lines
from app.commands.progress import ProgressLine, duration
from app.commands.table_choices import add_extra_argument, extra_choice
from app.previewing import answer, counts, scans_held
from db.store import Store, default_root
from db.tables.choices import TableChoices
from pipeline.inputs.clashes import DEFAULT_CHOICE
from pipeline.measures.zoning import DEFAULT_RULE, RULE_NAMES
from pipeline.segmentation.bundled_models import DEFAULT_MODEL
from vocabulary.measures import RESEARCH_ONLY, ZONE_NOTICE
from vocabulary.messages import counted, printable

if TYPE_CHECKING:
    from pipeline.ingest.ingest import Progress, Spread
    from pipeline.ingest.run_folder import RunFolder
    from pipeline.ingest.shards import Shard

_SHOWN_REJECTIONS = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `ingest`."""
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="NIfTI files, folders searched for FLAIR files and DICOM series, or BIDS datasets; an address such as "
        "s3://BUCKET/STUDY is copied into the folder of --out first",
    )
    parser.add_argument(
        "--participants", type=Path, metavar="FILE",
        help="table of people (TSV, CSV): participant_id, group, sex, age; a column path or scan says whose a file is",
    )  # fmt: skip
    add_extra_argument(parser)
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
        "--executor", default="local", metavar="WHERE",
        help="local (default), dask (this machine's cores), or dask=ADDRESS, a scheduler whose workers see the files",
    )  # fmt: skip
    parser.add_argument(
        "--shard", metavar="PART/PARTS",
        help="measure one part, such as 2/3, into --out beside other machines, and publish nothing; 'gather' does",
    )  # fmt: skip
    parser.add_argument(
        "--progress-file", type=Path, metavar="FILE", help="also append progress to FILE, one JSON object per scan"
    )
    parser.add_argument("--model", default=DEFAULT_MODEL, metavar="NAME", help=f"default: {DEFAULT_MODEL}")
    parser.add_argument(
        "--zone-rule",
        choices=RULE_NAMES,
        default=DEFAULT_RULE,
        help=f"what makes a zone (default: {DEFAULT_RULE})",
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure the scans, publish them, and return what happened to each."""
    from app.cli import UsageError
    from app.measuring import NothingMeasured, check_further, keep_further, measure_into_store, measure_part, run_method
    from db.publish_table import DatasetCard, check_slug, read_or_migrate
    from pipeline.errors import PipelineError
    from pipeline.ingest.shards import parse_shard
    from pipeline.inputs.discovery import Choices, survey
    from pipeline.inputs.subject_from import subject_from

    if args.workers is not None and args.workers < 1:
        raise UsageError(f"--workers {args.workers}: expected 1 or more")
    shard = parse_shard(args.shard) if args.shard else None
    if shard is not None and (args.out is None or args.extra):
        raise UsageError(
            "--shard needs --out, a folder that all machines see"
            if args.out is None
            else "--extra does not go with --shard; keep further columns with 'mscohort join' after 'mscohort gather'"
        )
    spread = _spread(args.executor)
    check_slug("dataset", args.dataset)
    run_method(args.model, args.zone_rule)  # an unknown one is said before every file is read
    store = Store(args.store or default_root())
    out = args.out or store.root / "derivatives" / args.dataset
    rule = subject_from(args.subject_from) if args.subject_from else None
    choices = Choices(args.participants, rule, tuple(args.prefer), args.replace)
    further = TableChoices(extras=tuple(extra_choice(text) for text in args.extra))
    line = _Line(args.progress_file)
    held = None if args.dry_run else read_or_migrate(store)
    if held is not None:
        held.close()
    try:
        paths, fetched = _here(args.paths, out, line)
        found = survey(paths, choices, known=scans_held(store, args.dataset, out), progress=line.checking)
        said = answer(found) | ({"fetched": fetched} if fetched else {})
        if further.extras:
            check_further(found.tables, further)
        if args.dry_run:
            return {"dry_run": True, "dataset": args.dataset, **said}
        if shard is not None:
            part = measure_part(
                store, DatasetCard(args.dataset, args.dataset), found.scans, found.refused, shard, spread=spread,
                model_id=args.model, zone_rule=args.zone_rule, out=out, replace=args.replace, workers=args.workers,
                progress=line.progress,
            )  # fmt: skip
            return _part(args, part, shard, said)
        stored = measure_into_store(
            store,
            DatasetCard(args.dataset, args.dataset),
            found.scans,
            found.refused,
            model_id=args.model,
            zone_rule=args.zone_rule,
            out=out,
            replace=args.replace,
            workers=args.workers,
            progress=line.progress,
            spread=spread,
        )
        joined = keep_further(store, args.dataset, found.tables, further) if further.extras else []
    except NothingMeasured as error:
        error.details += counts(said)
        raise
    except KeyboardInterrupt:
        raise PipelineError("stopped; what was measured is kept: run the same command again to go on") from None
    finally:
        line.clear()
    run_folder = stored.run
    return {
        "dataset": args.dataset,
        "n_measured": run_folder.n_measured,
        "n_reused": run_folder.n_reused,
        "n_rejected": len(run_folder.rejections),
        "rejections": [{"input": rejection.input, "reason": rejection.reason} for rejection in run_folder.rejections],
        "n_passed_over": len(found.passed_over),
        "passed_over": said["passed_over"],
        "participants": said["participants"],
        "found": counts(said),
        "fetched": said.get("fetched", []),
        "run_id": run_folder.run_id,
        "run_folder": os.fspath(run_folder.path),
        "out": os.fspath(stored.out),
        "model": args.model,
        "zone_rule": args.zone_rule,
        "store": os.fspath(store.root),
        "version": joined[-1].version if joined else stored.publication.version,
        "version_before": next(
            (before for before in (stored.publication.before, *(j.before for j in joined)) if before is not None), None
        ),
        "changed": stored.publication.changed or any(report.changed for report in joined),
        "joined": [report.to_dict() for report in joined],
    }


def _here(places: Sequence[str], out: Path, line: "_Line") -> tuple[list[Path], list[dict[str, Any]]]:
    """Return the paths, with a copy in place of each address, and what was copied for each address."""
    from pipeline.inputs.remote import bring, is_remote

    paths, fetched = [], []
    for place in places:
        if not is_remote(place):
            paths.append(Path(place))
            continue
        brought = bring(place, out, line.fetching)
        paths.append(brought.path)
        fetched.append(
            {
                "address": place,
                "path": os.fspath(brought.path),
                "n_copied": brought.copied,
                "n_kept": brought.kept,
                "copied_bytes": brought.copied_bytes,
                "left": [{"input": name, "reason": reason} for name, reason in brought.left],
            }
        )
    return paths, fetched


def _fetched(result: dict[str, Any]) -> list[str]:
    """Return a line for each address: how much was copied, and what was not."""
    lines = []
    for item in result.get("fetched", ()):
        lines.append(
            f"{printable(item['address'])}: {counted(item['n_copied'], 'file')} copied "
            f"({item['copied_bytes'] / 2**20:,.1f} MiB), {item['n_kept']:,} here before; in {item['path']}"
        )
        lines += [f"  not copied: {one['input']}: {one['reason']}" for one in item["left"][:_SHOWN_REJECTIONS]]
        if len(item["left"]) > _SHOWN_REJECTIONS:
            lines.append(f"  ... all {len(item['left']):,} with --json")
    return lines


def _spread(executor: str) -> "Spread | None":
    """Return what spreads the scans, None for this machine's own processes."""
    from functools import partial

    from app.cli import UsageError

    kind, equals, address = executor.partition("=")
    if executor == "local":
        return None
    if kind != "dask" or (equals and not address):
        raise UsageError(f"--executor {printable(executor)}: expected local, dask or dask=ADDRESS")
    from pipeline.ingest.dask_jobs import run_jobs_on_dask

    return partial(run_jobs_on_dask, address=address)


def _part(args: argparse.Namespace, part: "RunFolder", shard: "Shard", said: dict[str, Any]) -> dict[str, Any]:
    """Return the answer of one part, which is in no store yet."""
    return {
        "dataset": args.dataset,
        "shard": str(shard),
        "n_measured": part.n_measured,
        "n_reused": part.n_reused,
        "n_rejected": len(part.rejections),
        "rejections": [{"input": rejection.input, "reason": rejection.reason} for rejection in part.rejections],
        "found": counts(said),
        "fetched": said.get("fetched", []),
        "run_folder": os.fspath(part.path),
        "out": os.fspath(args.out),
        "model": args.model,
        "zone_rule": args.zone_rule,
        "changed": False,
    }


def show(result: dict[str, Any]) -> str:
    """Summarise the run, refusals with their reasons; of a dry run, what it found."""
    if result.get("dry_run"):
        return "\n".join(_preview(result))
    if "shard" in result:
        return "\n".join(
            [
                f"part {result['shard']} of {result['dataset']}: {counted(result['n_measured'], 'scan')} measured, "
                f"{result['n_reused']:,} measured before, {result['n_rejected']:,} rejected",
                *(f"  {line}" for line in _fetched(result)),
                f"  tables in {result['run_folder']}",
                f"  nothing is published: 'mscohort gather {result['out']}' does, once all parts are there",
            ]
        )
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
            *(f"  {line}" for line in (*result["found"], *_fetched(result))),
            *(line for report in result["joined"] for line in (f"  from {report['source']}:", *joined_lines(report))),
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
    return [*lines, *counts(result), *_fetched(result), "nothing was measured: leave out --dry-run to measure"]


class _Line(ProgressLine):
    """One line per scan in a log; on a terminal refusals stay and the rest is written over."""

    def __init__(self, file: Path | None = None) -> None:
        super().__init__()
        self._file = file

    def checking(self, done: int, total: int) -> None:
        self.over(f"checking {done:,} of {total:,} files")

    def fetching(self, done: int, total: int) -> None:
        self.over(f"fetching {done:,} of {total:,} files")

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
            said += f", {duration(now.seconds_left)} left"
        if not now.name:
            self.over(f"{said}; loading the model ...") if self.live else self.line(said)
        elif self.live and not now.reason:
            self.over(f"{said}; {now.name}")
        else:
            self.line(f"{said}; {now.name} {f'rejected: {now.reason}' if now.reason else 'measured'}")
