"""What the Models page says: how good a model is, which targets it meets and misses, how far volumes are off."""

from collections.abc import Sequence

import polars as pl

from analysis.model_scores.summary import rows_of_model
from analysis.model_scores.targets import METRICS, TISSUES, split_in_sentence
from analysis.statistics.agreement import BlandAltman, Icc
from app.sentences.formatting import MINUS, format_number

NO_BREAK = "\N{NO-BREAK SPACE}"
SHORT = {"ventricle": "ventricle", "wmh": "WMH"}


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
    found = {row["class"]: row for row in rows_of_model(summaries, model, "dice")}
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
    unit = f" {metric.unit}" if metric.unit else ""
    what = metric.label if metric.label[1].isupper() else metric.label[0].lower() + metric.label[1:]
    what = metric.label if metric.name == "dice" else what
    mean, target = format_number(float(row["mean"])), f"{row['target']:g}"  # type: ignore[arg-type]
    return f"{SHORT[str(row['class'])]} {what} {mean}{unit} (target {metric.way} {target}{unit})"


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
            rows.append(
                {
                    "Tissue": "Ventricles" if tissue == "ventricle" else "WMH",
                    "Score": metric.axis_title,
                    "Target": "" if target is None else f"{metric.sign} {target:g}",
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


def volume_sentence(agreement: dict[str, tuple[BlandAltman, Icc]]) -> str:
    """Say how far volumes are off, in mL.

    Examples
    --------
    >>> rows = pl.DataFrame({"class": ["wmh"] * 3, "manual_ml": [10.0, 20.0, 30.0], "found_ml": [11.0, 22.0, 33.0]})
    >>> from analysis.model_scores.summary import volume_agreement
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
