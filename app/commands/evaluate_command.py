"""`mscohort evaluate DATA --model NAME...`: how good models are, on patients they never saw."""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from analysis.model_scores.agreement import AGREEMENT_SCHEMA
from app.commands.progress import ProgressLine, still_starting
from app.json_rows import rows_of
from app.sentences.agreement import agreement_table
from app.sentences.formatting import MISSING, format_interval, format_number, format_p, format_table
from app.sentences.models import SHORT
from db.store import Store, default_root
from pipeline.evaluation.held_out import Candidate, LeftOut, find_candidate, on_raw_scans
from vocabulary.measures import RESEARCH_ONLY
from vocabulary.splits import OTHER_SPLIT, STUDY_SPLIT

if TYPE_CHECKING:
    from pipeline.training.labelled_scans import LabelledScan

_SPLITS = ("all", "cv", STUDY_SPLIT, OTHER_SPLIT)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `evaluate`."""
    parser.add_argument("data", type=Path, metavar="DATA", help="folder of labelled patients")
    parser.add_argument(
        "--model",
        nargs="+",
        required=True,
        metavar="NAME",
        help="shipped models or training folders; A+B averages two; ID=A+B names it in the store",
    )
    parser.add_argument("--split", choices=_SPLITS, default="all", help="only this split (default: all there are)")
    parser.add_argument("--raw", action="store_true", help="show the raw FLAIR.nii.gz, not flair_prepared.nii.gz")
    parser.add_argument(
        "--nested",
        action="store_true",
        help="the yardstick: prepared and raw, three loads, the rule chosen without the patients it is applied to",
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="also write the tables as CSV files")
    parser.add_argument("--overlays", action="store_true", help="keep a picture per patient in the store's folder")
    parser.add_argument("--speed", action="store_true", help="note seconds per scan; on an otherwise idle machine")
    parser.add_argument("--no-store", action="store_true", help="do not write the scores into the store")
    parser.add_argument("--device", choices=("auto", "cpu", "gpu"), default="auto", help="where networks run")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Evaluate and return the JSON answer.

    Returns
    -------
    dict : data, device, models (each with its splits: n_patients, summary, pooled, agreement, measures), paired, speed,
        left_out (patients a model may not be judged on, with reasons), files, pictures, store, changed
    """
    from app.evaluation.answer import paired_by_split, splits_of
    from app.evaluation.files import keep_pictures, write_tables
    from pipeline.errors import ModelError
    from pipeline.evaluation.evaluate import evaluate
    from pipeline.segmentation.keras_start import describe, start_keras
    from pipeline.segmentation.preprocessing import find_recipe
    from pipeline.training.labelled_folders import find_patients, load_patients, what_it_is

    patients = find_patients(args.data)
    if told := what_it_is(args.data, patients):
        sys.stderr.write(f"{told}\n")
    candidates = [_only(find_candidate(name, patients), args.split) for name in args.model]
    scans = _raw_scans(args.data, patients) if args.raw else []
    if args.raw:
        candidates = [on_raw_scans(candidate, {scan.patient for scan in scans}) for candidate in candidates]
    names = [candidate.model_id for candidate in candidates]
    if len(set(names)) < len(names):
        raise ModelError(f"two models are called {max(names, key=names.count)!r}; name them with ID=")
    left_out = [gone for candidate in candidates for gone in candidate.left_out]
    for line in _left_out_lines(left_out):
        sys.stderr.write(f"{line}\n")
    candidates = [candidate for candidate in candidates if candidate.trials]
    tested = sorted({p for candidate in candidates for trial in candidate.trials for p in trial.patients})
    if not tested:
        wanted = "" if args.split == "all" else f" in split {args.split!r}"
        raise ModelError(
            f"{', '.join(names)}: no patient of {args.data} to be judged on{wanted}; give the folder of a "
            "cross-validation, whose every network left some patients out"
        )
    device = start_keras(args.device, still_starting)
    sys.stderr.write(f"networks run on {describe(device)}: {device.reason}\n")
    scans = scans or load_patients(args.data, find_recipe("head"), tested)
    if args.nested:
        return _nested(args, candidates, scans, describe(device))
    root = args.store or default_root()
    pictures: list[str] = []
    result = evaluate(
        candidates,
        scans,
        device=describe(device) if args.speed else None,
        progress=_Line(),
        on_case=keep_pictures(root, pictures) if args.overlays else None,
    )
    answer = {
        "data": os.fspath(args.data),
        "device": describe(device),
        "n_patients": len(tested),
        "models": [{**about, "splits": splits_of(str(about["model_id"]), result)} for about in rows_of(result.models)],
        "paired": paired_by_split(result.scores),
        "speed": rows_of(result.speed),
        "left_out": [asdict(gone) for gone in left_out],
        "files": write_tables(args.out, result) if args.out else {},
        "pictures": pictures,
        "store": None,
    }
    if not args.no_store:
        from db.publish_evaluations import publish_models

        answer["changed"] = publish_models(Store(root), result.tables())
        answer["store"] = os.fspath(root)
    return answer


def _nested(
    args: argparse.Namespace, candidates: Sequence[Candidate], scans: "Sequence[LabelledScan]", device: str
) -> dict[str, Any]:
    """Answer ``--nested``; its scores go into files, not into the store."""
    from app.evaluation.yardstick_answer import run_yardstick, write_yardstick, yardstick_json

    results = run_yardstick(candidates, scans, _Line())
    return {
        "data": os.fspath(args.data),
        "device": device,
        "nested": [yardstick_json(result) for result in results],
        "files": write_yardstick(args.out, results) if args.out else {},
    }


def _raw_scans(folder: Path, patients: Sequence[str]) -> "list[LabelledScan]":
    """Return the patients with a raw scan, which networks then see in place of the prepared one."""
    from pipeline.segmentation.preprocessing import find_recipe
    from pipeline.training.labelled_folders import load_patients

    scans = load_patients(folder, find_recipe("head"), patients)
    return [replace(scan, original=scan.raw) for scan in scans if scan.raw is not None]


def _only(candidate: Candidate, split: str) -> Candidate:
    """Keep one kind of split; patients are then left out because of it, which is no news."""
    if split == "all":
        return candidate
    wanted = tuple(
        trial for trial in candidate.trials if trial.split == split or (split == "cv" and trial.split.startswith("cv"))
    )
    return replace(candidate, trials=wanted)


def _left_out_lines(left_out: Sequence[LeftOut]) -> list[str]:
    """One line per model and reason."""
    groups: dict[tuple[str, str], list[str]] = {}
    for gone in left_out:
        groups.setdefault((gone.model_id, gone.reason), []).append(gone.patient)
    return [f"{model}: not judged on {', '.join(who)}: {why}" for (model, why), who in groups.items()]


def show(result: dict[str, Any]) -> str:
    """Return the scores for a person: a table per model and split, then models against each other."""
    if "nested" in result:
        from app.evaluation.yardstick_answer import yardstick_text

        written = [f"written: {path}" for path in result["files"].values()]
        return "\n".join([*map(yardstick_text, result["nested"]), *written, RESEARCH_ONLY])
    lines: list[str] = []
    for model in result["models"]:
        for part in model["splits"]:
            lines += [
                f"{model['model_id']} ({model['architecture']}, {model['n_parameters']:,} parameters), split "
                f"{part['split']}: {part['n_patients']} patients, none of them seen in training",
                _summary_table(part["summary"]),
                *[_pooled_line(row) for row in part["pooled"]],
                *[_agreement_line(row) for row in part["agreement"]],
                _measures_table(part["measures"]["agreement"]),
                "",
            ]
    if result["paired"]:
        family = result["paired"][0]["family_size"]
        lines += [f"Models against each other, same patients (Wilcoxon's signed ranks, Holm over {family}):"]
        lines += [_paired_table(result["paired"]), ""]
    lines += [
        f"{row['model_id']}: {row['seconds_per_scan']:.2f} s per scan of {row['n_slices']} slices on {row['device']}"
        for row in result["speed"]
    ]
    lines += [f"written: {path}" for path in result["files"].values()]
    if result["pictures"]:
        folder = Path(result["pictures"][0]).parents[2]
        lines.append(f"{len(result['pictures'])} pictures of patients in {folder}, for this machine only")
    if result["store"]:
        lines.append(f"the store holds the scores{'' if result['changed'] else ', as before'}: {result['store']}")
    lines += [*_left_out_lines([LeftOut(**gone) for gone in result["left_out"]]), RESEARCH_ONLY]
    return "\n".join(lines)


def _summary_table(rows: Sequence[dict[str, Any]]) -> str:
    cells = [
        (
            SHORT[row["class"]],
            row["metric"],
            format_number(row["mean"]),
            MISSING if row["ci_low"] is None else format_interval(row["ci_low"], row["ci_high"]),
            str(row["n"]),
            str(row["n_missing"]),
        )
        for row in rows
    ]
    return format_table(("tissue", "score", "mean of patients", "95 % CI", "n", "undefined"), cells)


def _pooled_line(row: dict[str, Any]) -> str:
    figures = ", ".join(f"{name} {format_number(row[name])}" for name in ("dice", "precision", "recall"))
    return f"  {SHORT[row['tissue']]}, all pixels pooled as in the study: {figures}"


def _agreement_line(row: dict[str, Any]) -> str:
    icc = row["icc"][0]
    names = ("bias", "limit_low", "limit_high", "slope")
    bias, low, high, slope = (f"{format_number(row[name])} ({_interval(row, name)})" for name in names)
    return (
        f"  {SHORT[row['class']]} volume in mL, model minus manual: bias {bias}, limits of agreement {low} to {high}, "
        f"proportional bias {slope}; {icc['name']} {format_number(icc['icc'])} ({_interval(icc, '')})"
    )


def _interval(row: dict[str, Any], name: str) -> str:
    low, high = (row[f"{name}_ci_{end}" if name else f"ci_{end}"] for end in ("low", "high"))
    return MISSING if low is None or high is None else format_interval(low, high)


def _measures_table(rows: Sequence[dict[str, Any]]) -> str:
    table = agreement_table(pl.DataFrame(rows, schema=AGREEMENT_SCHEMA))
    return format_table(tuple(table.columns), table.rows())


def _paired_table(rows: Sequence[dict[str, Any]]) -> str:
    cells = [
        (
            row["split"],
            f"{row['model']} - {row['other']}",
            f"{SHORT[row['class']]} {row['metric']}",
            format_number(row["difference"]),
            MISSING if row["ci_low"] is None else format_interval(row["ci_low"], row["ci_high"]),
            format_p(row["p_value"]),
            format_p(row["p_adjusted"]),
            str(row["n"]),
        )
        for row in rows
    ]
    return format_table(("split", "models", "score", "difference", "95 % CI", "p", "p Holm", "n"), cells)


class _Line(ProgressLine):
    """One line per patient, written over on a terminal until the last."""

    def __call__(self, done: int, total: int, what: str) -> None:
        text = f"{done} of {total} patients evaluated{self.left(done, total)}: {what}"
        if self.live and done < total:
            self.over(text)
        else:
            self.line(text)
