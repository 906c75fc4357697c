"""What an evaluation leaves behind: CSV files as they ship beside the models, and pictures of patients."""

import os
from collections.abc import Callable
from pathlib import Path

import polars as pl
from numpy import uint8
from numpy.typing import NDArray

from pipeline.evaluation.evaluate import Evaluation
from pipeline.evaluation.held_out import Trial
from pipeline.evaluation.overlays import overlay_png
from pipeline.training.labelled_scans import LabelledScan
from vocabulary.files import whole_file, write_whole

PICTURES = "evaluations"
"""Folder of the store for pictures of patients; they never leave this machine."""


def write_tables(folder: Path, result: Evaluation) -> dict[str, str]:
    """Write one CSV file per table, keeping rows of other models and splits that the folder already holds.

    Returns
    -------
    table -> path
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = {}
    for name, table in result.tables().items():
        path = folder / f"{name}.csv"
        key = [column for column in ("model_id", "split") if column in table.columns]
        if path.is_file():
            kept = pl.read_csv(path, schema_overrides=table.schema).select(table.columns)
            table = pl.concat([kept.join(table.select(key).unique(), on=key, how="anti"), table])  # noqa: PLW2901
        with whole_file(path) as unfinished:
            table.write_csv(unfinished)
        paths[name] = os.fspath(path)
    return paths


def keep_pictures(root: Path, kept: list[str]) -> Callable[[Trial, LabelledScan, NDArray[uint8]], None]:
    """Return a function that saves a patient's picture in the store's folder and notes its path in ``kept``."""

    def keep(trial: Trial, scan: LabelledScan, labels: NDArray[uint8]) -> None:
        path = root / PICTURES / trial.model_id / trial.split / f"{scan.patient}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(overlay_png(scan.original, scan.truth, labels), path)
        kept.append(os.fspath(path))

    return keep
