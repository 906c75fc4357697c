"""`python -m benchmarks.peers`: masks of several tools against the same manual labels, in one table.

    python -m benchmarks.peers --data mri --tool ours=labels --tool lst=lst/masks --tool nnunet=predictions

A tool's folder holds one mask per patient, whose file name (or folder) contains the patient's name. Each mask must lie
on the grid of the manual labels, in array order. 1 counts as WMH where a mask has no other value; otherwise 2 does, and
1 is the ventricle, as this program writes them (``--wmh-value`` says otherwise). What a tool lacks, has twice or has on
another grid is named and not scored; every tool is summarised over the patients that *all* tools have.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.model_scores.yardstick import next_patient
from analysis.statistics.bootstrap import bootstrap_mean
from pipeline.evaluation.scores import evaluate_patient
from pipeline.segmentation.preprocessing import find_recipe
from pipeline.segmentation.tissues import Tissue
from pipeline.training.labelled_folders import find_patients, load_patients
from pipeline.training.labelled_scans import LabelledScan

METRICS = ("dice", "precision", "recall", "lesion_f1", "hd95_3d_mm", "volume_error_pct", "absolute_volume_error_pct")
ENDINGS = (".nii.gz", ".nii")


@dataclass(frozen=True)
class Tool:
    """Another program's masks: what to call it, and where they lie."""

    name: str
    folder: Path


@dataclass(frozen=True)
class PassedOver:
    """A patient of a tool that is not scored, and why."""

    tool: str
    patient: str
    reason: str


def find_mask(folder: Path, patient: str) -> Path | str:
    """Return the one mask of a patient, or why there is none.

    Examples
    --------
    >>> find_mask(Path("nowhere"), "P1")
    'no mask whose path contains P1'
    """
    found = sorted(
        path
        for path in folder.rglob("*")
        if path.name.endswith(ENDINGS) and patient in str(path.relative_to(folder)) and not path.name.startswith(".")
    )
    if len(found) != 1:
        return (
            f"{len(found)} masks whose paths contain {patient}" if found else f"no mask whose path contains {patient}"
        )
    return found[0]


def read_mask(path: Path, shape: Sequence[int], wmh_value: int | None) -> NDArray[np.uint8] | str:
    """Return labels 0, 1 ventricle, 2 WMH, or why the mask cannot be scored."""
    try:
        values = np.asarray(nib.load(path).dataobj, np.float32)  # type: ignore[attr-defined]
    except (OSError, ValueError, nib.filebasedimages.ImageFileError) as error:
        return f"{path.name} cannot be read ({error})"
    if values.shape != tuple(shape):
        return f"{path.name} has {values.shape} voxels; the labels have {tuple(shape)}"
    if not np.isfinite(values).all():
        return f"{path.name} holds values that are no numbers"
    if wmh_value is not None:
        return np.where(values == wmh_value, Tissue.WMH, Tissue.BACKGROUND).astype(np.uint8)
    if values.max(initial=0) <= 1:
        return np.where(values >= 0.5, Tissue.WMH, Tissue.BACKGROUND).astype(np.uint8)
    labels = np.zeros(values.shape, np.uint8)
    labels[values == 1] = Tissue.VENTRICLE
    labels[values == 2] = Tissue.WMH
    return labels


def compare(
    scans: Sequence[LabelledScan], tools: Sequence[Tool], wmh_value: int | None = None
) -> tuple[pl.DataFrame, list[PassedOver]]:
    """Score every tool on every patient it has a mask of.

    Returns
    -------
    tool, patient, metric, value of WMH; and what was passed over
    """
    rows: list[tuple[str, str, str, float | None]] = []
    passed_over = []
    for tool in tools:
        for scan in scans:
            path = find_mask(tool.folder, scan.patient)
            mask = path if isinstance(path, str) else read_mask(path, scan.truth.shape, wmh_value)
            if isinstance(mask, str):
                passed_over.append(PassedOver(tool.name, scan.patient, mask))
                continue
            rows += [
                (tool.name, scan.patient, score.metric, None if np.isnan(score.value) else score.value)
                for score in evaluate_patient(scan.patient, scan.truth, mask, scan.spacing_mm)
                if score.tissue == "wmh" and score.metric in METRICS
            ]
    schema = {"tool": pl.String, "patient": pl.String, "metric": pl.String, "value": pl.Float64}
    return pl.DataFrame(rows, schema, orient="row"), passed_over


def summarise(scores: pl.DataFrame, n_tools: int) -> pl.DataFrame:
    """Return mean, interval of the mean and of the next patient per tool and metric, over patients all tools have."""
    shared = scores.group_by("patient").agg(pl.col("tool").n_unique()).filter(pl.col("tool") == n_tools)["patient"]
    rows = []
    kept = scores.filter(pl.col("patient").is_in(shared.to_list()))
    for (tool, metric), group in kept.group_by("tool", "metric", maintain_order=True):
        values = group["value"].drop_nulls().to_list()
        rows.append((tool, metric, len(values), *bootstrap_mean(values), *next_patient(values)))
    numbers = dict.fromkeys(("mean", "ci_low", "ci_high", "next_low", "next_high"), pl.Float64)
    return pl.DataFrame(rows, {"tool": pl.String, "metric": pl.String, "n": pl.Int64, **numbers}, orient="row")


def _tool(text: str) -> Tool:
    name, equals, folder = text.partition("=")
    if not equals or not name or not Path(folder).is_dir():
        raise argparse.ArgumentTypeError(f"{text!r}: expected NAME=FOLDER, and the folder to be there")
    return Tool(name, Path(folder))


def main(words: Sequence[str] | None = None) -> None:
    """Print the table, or one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of labelled patients")
    parser.add_argument("--tool", type=_tool, action="append", required=True, metavar="NAME=FOLDER", dest="tools")
    parser.add_argument("--wmh-value", type=int, metavar="N", help="the value that stands for WMH")
    parser.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    args = parser.parse_args(words)
    names = [tool.name for tool in args.tools]
    if len(set(names)) < len(names):
        parser.error(f"two tools are called {max(names, key=names.count)!r}")
    scans = load_patients(args.data, find_recipe("head"), find_patients(args.data))
    scores, passed_over = compare(scans, args.tools, args.wmh_value)
    summary = summarise(scores, len(args.tools))
    for gone in passed_over:
        sys.stderr.write(f"{gone.tool}, patient {gone.patient}: not scored: {gone.reason}\n")
    if args.json:
        answer: dict[str, Any] = {"summary": summary.to_dicts(), "patients": scores.to_dicts()}
        answer["passed_over"] = [vars(gone) for gone in passed_over]
        sys.stdout.write(json.dumps(answer) + "\n")
        return
    sys.stdout.write(_table(summary, names))


def _table(summary: pl.DataFrame, tools: Sequence[str]) -> str:
    if summary.is_empty():
        return "no patient has a mask of every tool: nothing to compare\n"
    lines = [f"WMH, n = {summary['n'].max()} patients that all tools have: mean (95 % CI of the mean)"]
    lines.append(f"{'':26}" + "".join(f"{tool:>28}" for tool in tools))
    for metric in METRICS:
        cells = []
        for tool in tools:
            row = summary.filter((pl.col("tool") == tool) & (pl.col("metric") == metric)).to_dicts()
            cells.append(f"{row[0]['mean']:.3g} ({row[0]['ci_low']:.3g} to {row[0]['ci_high']:.3g})" if row else "-")
        lines.append(f"{metric:26}" + "".join(f"{cell:>28}" for cell in cells))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
