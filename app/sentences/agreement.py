"""Which measures of a scan can be believed: each measure from a model's labels against the one from a rater's."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from analysis.statistics.agreement import bland_altman, icc_agreement
from app.sentences.formatting import MINUS, MISSING, format_interval, format_number
from vocabulary.measures import MEASURES, ZONES
from vocabulary.splits import RAW

SHOWN = (
    "ventricle_volume_ml",
    "wmh_volume_ml",
    *(f"{zone}_volume_ml" for zone in ZONES),
    *(f"{zone}_share_pct" for zone in ZONES),
    "lesion_count",
)
"""Areas are these volumes over the slice spacing, which both sides share."""
AGREEMENT_SCHEMA = {
    "measure": pl.String,
    "n": pl.Int64,
    "n_missing": pl.Int64,
    "manual_mean": pl.Float64,
    "bias": pl.Float64,
    "limit_low": pl.Float64,
    "limit_high": pl.Float64,
    "icc": pl.Float64,
    "ci_low": pl.Float64,
    "ci_high": pl.Float64,
}


@dataclass(frozen=True)
class UsualErrors:
    """How far a model's measures are off for 95 % of patients it never saw: limits of agreement, model minus manual.

    Attributes
    ----------
    limits : measure -> (low, high), in its unit
    n : patients
    split : how they were kept from the model, as in the store
    """

    limits: dict[str, tuple[float, float]]
    n: int
    split: str


def usual_errors(measures: pl.DataFrame, model: str) -> UsualErrors | None:
    """Return the usual errors of one model, or None where it was not cross-validated.

    Raw scans are what people measure, so their cross-validation goes before that of prepared ones.

    Parameters
    ----------
    measures : as in ``vocabulary.evaluation_contract.SCHEMAS``
    """
    mine = measures.filter((pl.col("model_id") == model) & pl.col("split").str.starts_with("cv"))
    if mine.is_empty():
        return None
    split = min(mine["split"].unique(), key=lambda name: (not name.endswith(RAW), name))
    rows = mine.filter(pl.col("split") == split)
    names = tuple(name for name in MEASURES if name in set(rows["measure"]))
    found = measure_agreement(rows, names).drop_nulls(["limit_low", "limit_high"])
    limits = {row["measure"]: (row["limit_low"], row["limit_high"]) for row in found.iter_rows(named=True)}
    return UsualErrors(limits, rows["subject_id"].n_unique(), split)


def measure_agreement(rows: pl.DataFrame, measures: Sequence[str] = SHOWN) -> pl.DataFrame:
    """Return one row per measure.

    Parameters
    ----------
    rows : of one model and split; columns subject_id, measure, manual, found
    measures : which, in this order; those without a row are left out

    Returns
    -------
    DataFrame of ``AGREEMENT_SCHEMA``: n patients with both values, their manual mean, bias (model minus manual) and
    limits of agreement in the measure's unit, ICC(2,1) and its 95 % interval, null where there are too few patients.
    """
    answers = []
    for measure in measures:
        mine = rows.filter(pl.col("measure") == measure).sort("subject_id")
        if mine.is_empty():
            continue
        pair = (mine["manual"].to_list(), mine["found"].to_list())
        limits, icc = bland_altman(*pair), icc_agreement(*pair)
        mean = mine.drop_nulls()["manual"].mean()
        answers.append(
            (measure, limits.n, limits.n_missing, mean, limits.bias, limits.limit_low, limits.limit_high,
             icc.icc, icc.ci_low, icc.ci_high)
        )  # fmt: skip
    return pl.DataFrame(answers, schema=AGREEMENT_SCHEMA, orient="row").fill_nan(None)


def agreement_sentence(agreement: pl.DataFrame) -> str:
    """Name the measures that agree best and worst.

    Examples
    --------
    >>> row = dict.fromkeys(AGREEMENT_SCHEMA, 0.0) | {"n": 10, "n_missing": 0}
    >>> both = [{**row, "measure": "wmh_volume_ml", "icc": 0.8, "ci_low": 0.5, "ci_high": 0.95},
    ...         {**row, "measure": "lesion_count", "icc": 0.3, "ci_low": -0.4, "ci_high": 0.7}]
    >>> print(agreement_sentence(pl.DataFrame(both, schema=AGREEMENT_SCHEMA)))
    Nearest to the rater's: WMH volume, ICC 0.80 (95 % CI 0.50 to 0.95, n = 10). Farthest: Lesion count, ICC 0.30 \
(95 % CI −0.40 to 0.70, n = 10).
    """
    known = agreement.drop_nulls("icc").sort("icc", descending=True)
    if known.height < 2:
        return "Too few measures of too few patients to say which agree."
    best, worst = known.row(0, named=True), known.row(-1, named=True)
    return f"Nearest to the rater's: {_said(best)}. Farthest: {_said(worst)}."


def _said(row: dict[str, float]) -> str:
    icc, low, high = (f"{row[name]:.2f}".replace("-", MINUS) for name in ("icc", "ci_low", "ci_high"))
    return f"{MEASURES[str(row['measure'])].label}, ICC {icc} (95 % CI {low} to {high}, n = {row['n']})"


def agreement_table(agreement: pl.DataFrame) -> pl.DataFrame:
    """Return ``measure_agreement``'s answer as text for a table."""
    return pl.DataFrame(
        [
            {
                "Measure": MEASURES[row["measure"]].axis_title,
                "Mean by hand": format_number(row["manual_mean"]),
                "Model − by hand": format_number(row["bias"]),
                "95 % of patients": _range(row, "limit_low", "limit_high"),
                "ICC(2,1)": format_number(row["icc"]),
                "95 % CI": _range(row, "ci_low", "ci_high"),
                "n": f"{row['n']:,}" + (f" ({row['n_missing']} missing)" if row["n_missing"] else ""),
            }
            for row in agreement.iter_rows(named=True)
        ]
    )


def _range(row: dict[str, float | None], low: str, high: str) -> str:
    first, last = row[low], row[high]
    return MISSING if first is None or last is None else format_interval(first, last)


def patients_table(rows: pl.DataFrame) -> pl.DataFrame:
    """Return one row per patient, cells 'manual, found'; same rows as for ``measure_agreement``."""
    wide: dict[str, dict[str, str]] = {}
    for row in rows.sort("subject_id").iter_rows(named=True):
        if row["measure"] in SHOWN:
            cell = f"{format_number(row['manual'])}, {format_number(row['found'])}"
            wide.setdefault(row["subject_id"], {})[row["measure"]] = cell
    return pl.DataFrame(
        [
            {"Patient": who} | {MEASURES[name].axis_title: cells.get(name, MISSING) for name in SHOWN}
            for who, cells in wide.items()
        ]
    )
