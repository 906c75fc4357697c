"""Scores of models over patients: means with intervals, targets reached, models against models, volumes."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl
import scipy

from analysis.model_scores.targets import METRICS, TISSUES
from analysis.statistics.agreement import BlandAltman, Icc, bland_altman, icc_agreement
from analysis.statistics.bootstrap import bootstrap_mean
from analysis.statistics.multiplicity import holm

SUMMARY_SCHEMA = {
    "model_id": pl.String,
    "class": pl.String,
    "metric": pl.String,
    "n": pl.Int64,
    "n_missing": pl.Int64,
    "mean": pl.Float64,
    "ci_low": pl.Float64,
    "ci_high": pl.Float64,
}


PAIRED_SCHEMA = {
    "metric": pl.String,
    "class": pl.String,
    "model": pl.String,
    "other": pl.String,
    "n": pl.Int64,
    "difference": pl.Float64,
    "ci_low": pl.Float64,
    "ci_high": pl.Float64,
    "p_value": pl.Float64,
    "p_adjusted": pl.Float64,
    "family_size": pl.Int64,
}


COMPARED = (("dice", "ventricle"), ("dice", "wmh"), ("lesion_f1", "wmh"))


def summary(scores: pl.DataFrame) -> pl.DataFrame:
    """Return mean and 95 % interval per model, tissue and metric.

    Parameters
    ----------
    scores : of one split; columns model_id, subject_id, class, metric, value (null where it has no meaning)

    Returns
    -------
    DataFrame of ``SUMMARY_SCHEMA``; ``n`` patients have a value, ``n_missing`` do not. Means are over patients,
    intervals percentile bootstrap over patients, seeded (``analysis.statistics.bootstrap.bootstrap_mean``).
    """
    rows = []
    for (model, tissue, metric), group in scores.sort("subject_id").group_by(
        "model_id", "class", "metric", maintain_order=True
    ):
        known = group["value"].drop_nulls().drop_nans()
        mean, low, high = bootstrap_mean(known.to_list()) if known.len() else (None, None, None)
        rows.append((model, tissue, metric, known.len(), group.height - known.len(), mean, low, high))
    return pl.DataFrame(rows, schema=SUMMARY_SCHEMA, orient="row")


def paired(
    scores: pl.DataFrame, models: Sequence[str], asked: Sequence[tuple[str, str]] = COMPARED, seed: int = 0
) -> pl.DataFrame:
    """Compare every two models on the same patients.

    Wilcoxon's signed-rank test, exact where there are no ties; Holm's adjustment over all tests of the table; the
    difference is the mean over patients of ``model`` minus ``other`` with its percentile bootstrap interval.

    Parameters
    ----------
    scores : of one split, as for ``summary``
    models : identifiers, in the order of comparison
    asked : (metric, tissue) pairs

    Returns
    -------
    DataFrame of ``PAIRED_SCHEMA``; p is null where fewer than two patients have both values, or all are equal.

    References
    ----------
    Wilcoxon 1945, doi:10.2307/3001968. Holm 1979, Scand J Stat 6:65-70.
    """
    rows = []
    for metric, tissue in asked:
        wide = scores.filter((pl.col("metric") == metric) & (pl.col("class") == tissue)).pivot(
            on="model_id", index="subject_id", values="value"
        )
        for model, other in combinations([m for m in models if m in wide.columns], 2):
            both = wide.select("subject_id", model, other).drop_nulls().drop_nans().sort("subject_id")
            gap = (both[model] - both[other]).to_numpy()
            mean, low, high = bootstrap_mean(gap.tolist(), seed=seed) if gap.size else (None, None, None)
            rows.append((metric, tissue, model, other, gap.size, mean, low, high, _signed_rank(gap)))
    adjusted, size = holm([row[-1] for row in rows])
    full = [(*row, None if np.isnan(value) else float(value), size) for row, value in zip(rows, adjusted, strict=True)]
    return pl.DataFrame(full, schema=PAIRED_SCHEMA, orient="row")


def _signed_rank(gap: np.ndarray) -> float | None:
    if gap.size < 2 or not np.any(gap):
        return None
    no_ties = np.unique(np.abs(gap)).size == gap.size and not np.any(gap == 0)
    return float(scipy.stats.wilcoxon(gap, method="exact" if no_ties else "approx").pvalue)


def target_rows(summaries: pl.DataFrame, model: str) -> list[dict[str, object]]:
    """Return one row per target: metric, class, target, mean, whether the mean has reached it, and surely.

    ``surely`` means with the whole interval. A target without a score is a row whose mean and verdicts are None.
    """
    known = {(row["class"], row["metric"]): row for row in rows_of_model(summaries, model)}
    rows: list[dict[str, object]] = []
    for metric in METRICS.values():
        for tissue, target in metric.targets.items():
            row = known.get((tissue, metric.name))
            has = row is not None and row["mean"] is not None
            ends = (row["ci_low"], row["ci_high"]) if has and row else (None, None)
            worst = None if None in ends else metric.worst(*ends)
            rows.append(
                {
                    "metric": metric.name,
                    "class": tissue,
                    "target": target,
                    "mean": row["mean"] if has and row else None,
                    "reached": metric.reached(tissue, row["mean"]) if has and row else None,
                    "surely": metric.reached(tissue, worst) if worst is not None else None,
                }
            )
    return rows


def volumes(scores: pl.DataFrame) -> pl.DataFrame:
    """Return one row per patient and tissue with both volumes: subject_id, class, manual_ml, found_ml.

    Parameters
    ----------
    scores : of one model and split; metrics volume_manual_ml and volume_found_ml
    """
    names = {"volume_manual_ml": "manual_ml", "volume_found_ml": "found_ml"}
    sides = [
        scores.filter(pl.col("metric") == metric).select("subject_id", "class", pl.col("value").alias(name))
        for metric, name in names.items()
    ]
    return sides[0].join(sides[1], on=["subject_id", "class"]).drop_nulls().sort("class", "subject_id")


def volume_agreement(rows: pl.DataFrame) -> dict[str, tuple[BlandAltman, Icc]]:
    """Return Bland and Altman's description in mL and ICC(2,1) per tissue with at least two patients.

    Parameters
    ----------
    rows : answer of ``volumes``
    """
    found = {}
    for tissue in TISSUES:
        side = rows.filter(pl.col("class") == tissue)
        if side.height > 1:
            pair = (side["manual_ml"].to_list(), side["found_ml"].to_list())
            found[tissue] = (bland_altman(*pair), icc_agreement(*pair))
    return found


def rows_of_model(summaries: pl.DataFrame, model: str, metric: str | None = None) -> list[dict[str, Any]]:
    """Return one model's rows of ``summary``, of one metric where it is named."""
    wanted = summaries.filter(pl.col("model_id") == model)
    return (wanted.filter(pl.col("metric") == metric) if metric else wanted).to_dicts()
