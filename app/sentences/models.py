"""What the Models page says: means with intervals, targets met and missed, models against models, volumes."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import polars as pl
from scipy import stats

from analysis.model_scores.targets import METRICS, TISSUES, split_in_sentence
from analysis.statistics.agreement import BlandAltman, Icc, bland_altman, icc_agreement
from analysis.statistics.multiplicity import holm
from app.sentences.formatting import MINUS, format_number
from pipeline.evaluation.scores import bootstrap_mean

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
NO_BREAK = "\N{NO-BREAK SPACE}"
SHORT = {"ventricle": "ventricle", "wmh": "WMH"}


def summary(scores: pl.DataFrame) -> pl.DataFrame:
    """Return mean and 95 % interval per model, tissue and metric.

    Parameters
    ----------
    scores : of one split; columns model_id, subject_id, class, metric, value (null where it has no meaning)

    Returns
    -------
    DataFrame of ``SUMMARY_SCHEMA``; ``n`` patients have a value, ``n_missing`` do not. Means are over patients,
    intervals percentile bootstrap over patients, seeded (``pipeline.evaluation.scores.bootstrap_mean``).
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
    return float(stats.wilcoxon(gap, method="exact" if no_ties else "approx").pvalue)


def answer_sentence(summaries: pl.DataFrame, model: str, title: str, split: str) -> str:
    """Say how well one model does on patients it never saw.

    Examples
    --------
    >>> row = {"model_id": "m", "metric": "dice", "n": 10, "n_missing": 0}
    >>> frame = pl.DataFrame([
    ...     {**row, "class": "ventricle", "mean": 0.9, "ci_low": 0.88, "ci_high": 0.92},
    ...     {**row, "class": "wmh", "mean": 0.75, "ci_low": 0.7, "ci_high": 0.8}])
    >>> print(answer_sentence(frame, "m", "default", "cv5"))
    On patients it never saw, the default model overlaps the manual outlines with a Dice of 0.90 (95 % CI 0.88-0.92) \
for the ventricles and 0.75 (95 % CI 0.70-0.80) for WMH: means of n = 10 patients, five-fold cross-validation.
    """
    found = {row["class"]: row for row in _of(summaries, model, "dice")}
    parts = [
        f"{_dice(found[tissue])} for {name}"
        for tissue, name in (("ventricle", "the ventricles"), ("wmh", "WMH"))
        if tissue in found and found[tissue]["mean"] is not None
    ]
    how = split_in_sentence(split)
    if not parts:
        return f"How well the {title} model does on patients it never saw is not known: no Dice for {how}."
    n = max(row["n"] for row in found.values())
    return (
        f"On patients it never saw, the {title} model overlaps the manual outlines with a Dice of "
        f"{' and '.join(parts)}: means of n = {n} patients, {how}."
    )


def _dice(row: dict[str, float]) -> str:
    return f"{row['mean']:.2f} (95 % CI {row['ci_low']:.2f}-{row['ci_high']:.2f})"


def target_rows(summaries: pl.DataFrame, model: str) -> list[dict[str, object]]:
    """Return one row per target: metric, class, target, mean, whether the mean has reached it, and surely.

    ``surely`` means with the whole interval. A target without a score is a row whose mean and verdicts are None.
    """
    known = {(row["class"], row["metric"]): row for row in _of(summaries, model)}
    rows: list[dict[str, object]] = []
    for metric in METRICS.values():
        for tissue, target in metric.targets.items():
            row = known.get((tissue, metric.name))
            has = row is not None and row["mean"] is not None
            worst = None if not has or row is None else row["ci_low" if metric.better == "higher" else "ci_high"]
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


def target_sentence(rows: Sequence[dict[str, object]]) -> str:
    """Say how many targets the means reach, and which they miss, in plain words.

    Examples
    --------
    >>> rows = [{"metric": "dice", "class": "wmh", "target": 0.75, "mean": 0.718, "reached": False, "surely": False},
    ...         {"metric": "dice", "class": "ventricle", "target": 0.87, "mean": 0.9, "reached": True, "surely": True}]
    >>> print(target_sentence(rows))
    It reaches 1 of the 2 targets set beforehand, with the whole interval. \
Missed: WMH Dice 0.718 (target at least 0.75).
    """
    judged = [row for row in rows if row["reached"] is not None]
    met, sure = (sum(bool(row[key]) for row in judged) for key in ("reached", "surely"))
    if not judged:
        return "None of the targets set beforehand can be judged: the scores are missing."
    whole = ("none" if not sure else "all" if sure == met else str(sure)) + " of them with the whole interval"
    whole = f", {whole}" if met > 1 else (f", {'' if sure else 'not '}with the whole interval" if met else "")
    said = f"It reaches {met} of the {len(rows)} targets set beforehand{whole}."
    missed = [target_words(row) for row in judged if not row["reached"]]
    said += f" Missed: {'; '.join(missed)}." if missed else ""
    unknown = len(rows) - len(judged)
    return said + (f" {unknown} cannot be judged: no score." if unknown else "")


def target_words(row: dict[str, object]) -> str:
    """Return one target with what was reached, as in 'WMH Dice 0.72 (target at least 0.75)'."""
    metric = METRICS[str(row["metric"])]
    way = "at least" if metric.better == "higher" else "at most"
    unit = f" {metric.unit}" if metric.unit else ""
    what = metric.label if metric.label[1].isupper() else metric.label[0].lower() + metric.label[1:]
    what = metric.label if metric.name == "dice" else what
    mean, target = format_number(float(row["mean"])), f"{row['target']:g}"  # type: ignore[arg-type]
    return f"{SHORT[str(row['class'])]} {what} {mean}{unit} (target {way} {target}{unit})"


def score_table(summaries: pl.DataFrame, titles: dict[str, str]) -> pl.DataFrame:
    """Return the page's table: one row per tissue and metric, one column per model, cells 'mean (low-high)'.

    Parameters
    ----------
    summaries : from ``summary``
    titles : model_id -> column header, in order
    """
    known = {(row["model_id"], row["class"], row["metric"]): row for row in summaries.iter_rows(named=True)}
    rows = []
    for tissue in TISSUES:
        for metric in METRICS.values():
            cells = {title: _cell(known.get((model, tissue, metric.name))) for model, title in titles.items()}
            if tissue not in metric.tissues or not any(cells.values()):
                continue
            target = metric.targets.get(tissue)
            sign = "≥" if metric.better == "higher" else "≤"
            rows.append(
                {
                    "Tissue": "Ventricles" if tissue == "ventricle" else "WMH",
                    "Score": metric.axis_title,
                    "Target": "" if target is None else f"{sign} {target:g}",
                    **{title: cell or "–" for title, cell in cells.items()},
                }
            )
    return pl.DataFrame(rows)


def _cell(row: dict[str, float] | None) -> str:
    if row is None or row["mean"] is None:
        return ""
    digits = 2 if max(abs(row[key]) for key in ("mean", "ci_low", "ci_high")) < 2 else 1
    mean, low, high = (f"{row[key]:.{digits}f}".replace("-", MINUS) for key in ("mean", "ci_low", "ci_high"))
    missing = f", {row['n_missing']} missing" if row["n_missing"] else ""
    interval = f"({low} to {high}{missing})" if row["ci_low"] < 0 else f"({low}-{high}{missing})"
    return f"{mean} {interval.replace(' ', NO_BREAK)}"


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


def volume_sentence(agreement: dict[str, tuple[BlandAltman, Icc]]) -> str:
    """Say how far volumes are off, in mL.

    Examples
    --------
    >>> rows = pl.DataFrame({"class": ["wmh"] * 3, "manual_ml": [10.0, 20.0, 30.0], "found_ml": [11.0, 22.0, 33.0]})
    >>> print(volume_sentence(volume_agreement(rows)))
    WMH: 2.00 mL too much on average, from +0.04 to +3.96 mL for 95 % of patients; ICC 0.98 (n = 3).
    """
    said = []
    for tissue, (limits, icc) in agreement.items():
        way = "too much" if limits.bias > 0 else "too little"
        low, high = (f"{value:+.2f}".replace("-", MINUS) for value in (limits.limit_low, limits.limit_high))
        name = "WMH" if tissue == "wmh" else "Ventricles"
        said.append(
            f"{name}: {abs(limits.bias):.2f} mL {way} on average, from {low} to {high} mL for 95 % of patients; "
            f"ICC {icc.icc:.2f} (n = {limits.n})."
        )
    return " ".join(said)


def _of(summaries: pl.DataFrame, model: str, metric: str | None = None) -> list[dict[str, float]]:
    wanted = summaries.filter(pl.col("model_id") == model)
    return (wanted.filter(pl.col("metric") == metric) if metric else wanted).to_dicts()
