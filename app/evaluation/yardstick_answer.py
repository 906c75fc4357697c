"""`mscohort evaluate --nested`: the yardstick as JSON, as a person's tables, and as CSV files."""

import os
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl

from analysis.model_scores.yardstick import yardstick_summary
from app.json_rows import rows_of
from app.sentences.formatting import MISSING, format_interval, format_number, format_table
from pipeline.errors import ModelError
from pipeline.evaluation.held_out import Candidate, Trial
from pipeline.evaluation.yardstick import Yardstick, judge, predict_cases
from pipeline.training.labelled_scans import LabelledScan
from vocabulary.files import whole_file

_SHOWN = {
    ("ventricle", "dice"): "ventricle Dice",
    ("wmh", "dice"): "WMH Dice",
    ("wmh", "lesion_f1"): "lesion F1",
    ("wmh", "hd95_3d_mm"): "WMH HD95, mm",
    ("wmh", "volume_error_pct"): "WMH volume error, %",
    ("wmh", "absolute_volume_error_pct"): "WMH absolute volume error, %",
}


def run_yardstick(
    candidates: Sequence[Candidate], scans: Sequence[LabelledScan], progress: Callable[[int, int, str], None]
) -> list[Yardstick]:
    """Judge each candidate's cross-validation.

    Raises
    ------
    ModelError : a candidate has no cross-validation, so no rule can be chosen without the patient it is applied to.
    """
    answers = []
    for candidate in candidates:
        trial = _cross_validation(candidate)
        cases = predict_cases(trial.patients, scans, flips=candidate.flips, window=candidate.window, progress=progress)
        folds = {patient: "+".join(weights.name for weights in members) for patient, members in trial.patients.items()}
        answers.append(judge(candidate.model_id, cases, folds, candidate.decision if candidate.card else None))
    return answers


def _cross_validation(candidate: Candidate) -> Trial:
    for trial in candidate.trials:
        if trial.split.startswith("cv"):
            return trial
    raise ModelError(
        f"{candidate.model_id}: --nested needs a cross-validation, whose every network left some patients out; give "
        "the folder that mscohort train --split folds wrote"
    )


def yardstick_json(result: Yardstick) -> dict[str, Any]:
    """Return the JSON answer of one model."""
    return {
        "model_id": result.patients["model_id"][0],
        "decision": asdict(result.decision),
        "summary": rows_of(yardstick_summary(result.patients)),
        "sizes": rows_of(result.sizes),
        "calibration": rows_of(result.calibration),
        "rules": rows_of(result.rules),
        "load_error": asdict(result.load_error) if result.load_error else None,
        "covered": rows_of(result.covered),
        "familiarity": asdict(result.familiarity) if result.familiarity else None,
        "unlike": rows_of(result.unlike),
        "lesion_chance": asdict(result.lesion_chance) if result.lesion_chance else None,
        "certainty": rows_of(result.certainty),
    }


def yardstick_text(answer: dict[str, Any]) -> str:
    """Return tables: scores by rule, kind of image and load, then lesions by size."""
    lines = []
    for rule in dict.fromkeys(row["rule"] for row in answer["summary"]):
        cells = [
            (
                row["kind"],
                row["load"],
                _SHOWN[row["class"], row["metric"]],
                format_number(row["mean"]),
                _interval(row["ci_low"], row["ci_high"]),
                _interval(row["next_low"], row["next_high"]),
                str(row["n"]),
            )
            for row in answer["summary"]
            if row["rule"] == rule and (row["class"], row["metric"]) in _SHOWN
        ]
        title = "chosen without the patients it is applied to" if rule == "nested" else "of the shipped model's card"
        lines += [f"{answer['model_id']}, patients never seen, rule {rule}: {title}"]
        lines += [
            format_table(("image", "load", "score", "mean", "95 % CI of the mean", "95 % of next patients", "n"), cells)
        ]
        sizes = [
            (
                row["kind"],
                row["load"],
                row["size"],
                f"{row['found']} of {row['n_true']}",
                f"{row['right']} of {row['n_predicted']}",
                MISSING if row["f1"] is None else format_number(row["f1"]),
            )
            for row in answer["sizes"]
            if row["rule"] == rule
        ]
        lines += [format_table(("image", "load", "lesion, voxels", "found", "right of those called", "F1"), sizes), ""]
    errors = [
        (row["kind"], row["load"], "scaled" if row["scaled"] else "as they are", format_number(row["error"]))
        for row in answer["calibration"]
    ]
    lines += [format_table(("image", "load", "probabilities of WMH", "calibration error"), errors)]
    if answer["covered"]:
        held = [(row["kind"], row["load"], f"{row['covered']} of {row['n']}") for row in answer["covered"]]
        lines += ["", "Range of the load by hand (95 %), learned without the patient it is applied to:"]
        lines += [format_table(("image", "load", "load by hand within the range"), held)]
    if answer["unlike"]:
        outside = [(row["kind"], row["load"], f"{row['outside']} of {row['n']}") for row in answer["unlike"]]
        lines += ["", "Unlike the other patients' images, by limits learned without the patient:"]
        lines += [format_table(("image", "load", "flagged"), outside)]
    if answer["certainty"]:
        sure = [
            (row["kind"], row["load"], "sure" if row["sure"] else "unsure", f"{row['right']} of {row['n']}")
            for row in answer["certainty"]
        ]
        lines += ["", "Found lesions by how sure they are, learned without the fold, and those drawn by hand, too:"]
        lines += [format_table(("image", "load", "lesions", "drawn by hand, too"), sure)]
    return "\n".join(lines)


def _interval(low: float | None, high: float | None) -> str:
    return MISSING if low is None or high is None else format_interval(low, high)


def write_yardstick(folder: Path, results: Sequence[Yardstick]) -> dict[str, str]:
    """Write yardstick.csv, yardstick_patients.csv and yardstick_sizes.csv, keeping other models' rows.

    Returns
    -------
    table -> path
    """
    folder.mkdir(parents=True, exist_ok=True)
    patients = pl.concat([result.patients for result in results])
    tables = {
        "yardstick": yardstick_summary(patients),
        "yardstick_patients": patients,
        "yardstick_sizes": pl.concat([result.sizes for result in results]),
    }
    paths = {}
    for name, judged in tables.items():
        path = folder / f"{name}.csv"
        table = judged
        if path.is_file():
            kept = pl.read_csv(path, schema_overrides=judged.schema).select(judged.columns)
            table = pl.concat([kept.filter(~pl.col("model_id").is_in(judged["model_id"].unique().to_list())), judged])
        with whole_file(path) as unfinished:
            table.write_csv(unfinished)
        paths[name] = os.fspath(path)
    return paths
