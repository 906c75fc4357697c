"""An evaluation as the answer of `mscohort evaluate`: per model and split, and models against each other."""

from dataclasses import asdict
from typing import Any

import polars as pl

from analysis.model_scores.agreement import measure_agreement
from analysis.model_scores.summary import paired, summary, volume_agreement, volumes
from analysis.statistics.agreement import icc_consistency
from app.json_rows import finite, rows_of
from pipeline.evaluation.confusion import CLASSES, pooled
from pipeline.evaluation.evaluate import Evaluation
from pipeline.measures.zoning import DEFAULT_RULE


def splits_of(model: str, result: Evaluation) -> list[dict[str, Any]]:
    """Return, per split of one model, means over patients, pooled figures and the agreement of volumes."""
    answers = []
    mine = result.scores.filter(pl.col("model_id") == model)
    for split in mine["split"].unique(maintain_order=True):
        scores = mine.filter(pl.col("split") == split)
        counts = result.confusion.filter((pl.col("model_id") == model) & (pl.col("split") == split))["n_pixels"]
        pairs = volumes(scores)
        agreement = []
        for tissue, (limits, icc) in volume_agreement(pairs).items():
            side = pairs.filter(pl.col("class") == tissue)
            consistency = icc_consistency(side["manual_ml"].to_list(), side["found_ml"].to_list())
            row = {"class": tissue, "unit": "mL", **asdict(limits), "icc": [asdict(icc), asdict(consistency)]}
            agreement.append(finite(row))
        answers.append(
            {
                "split": split,
                "n_patients": scores["subject_id"].n_unique(),
                "summary": rows_of(summary(scores).drop("model_id")),
                "pooled": [finite(asdict(figures)) for figures in pooled(counts.to_numpy().reshape(len(CLASSES), -1))],
                "agreement": agreement,
                "measures": _measures(result.measures, model, split),
            }
        )
    return answers


def _measures(measures: pl.DataFrame, model: str, split: str) -> dict[str, Any]:
    mine = measures.filter((pl.col("model_id") == model) & (pl.col("split") == split))
    return {
        "zone_rule": DEFAULT_RULE,
        "agreement": rows_of(measure_agreement(mine)),
        "patients": rows_of(mine.drop("model_id", "split")),
    }


def paired_by_split(scores: pl.DataFrame) -> list[dict[str, Any]]:
    """Compare every two models of each split; Holm's family is the split."""
    rows = []
    for split in scores["split"].unique(maintain_order=True):
        mine = scores.filter(pl.col("split") == split)
        models = mine["model_id"].unique(maintain_order=True).to_list()
        if len(models) > 1:
            rows += [{"split": split, **row} for row in rows_of(paired(mine, models))]
    return rows
