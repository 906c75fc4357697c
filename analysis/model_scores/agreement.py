"""Agreement of measures: each measure of a scan from a model's labels against the one from a rater's."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from analysis.statistics.agreement import bland_altman, icc_agreement
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
    ratios : amount -> (low, high) of model divided by manual, from limits of agreement of the logarithms; only where
        every patient has both above zero
    """

    limits: dict[str, tuple[float, float]]
    n: int
    split: str
    ratios: dict[str, tuple[float, float]] = field(default_factory=dict)

    def likely(self, measure: str, value: float) -> tuple[float, float] | None:
        """Return between which values the truth lies for 95 % of patients in whom the model finds ``value``.

        The error of an amount grows with it, so that its limits are proportional; the others are a sum. Nothing lies
        below zero, no percentage above a hundred. None where the measure was not tested.

        Examples
        --------
        >>> found = UsualErrors({"wmh_volume_ml": (-9.0, 9.0)}, 9, "cv5-raw", {"wmh_volume_ml": (0.5, 1.25)})
        >>> found.likely("wmh_volume_ml", 10.0), found.likely("wmh_volume_ml", 0.0)
        ((8.0, 20.0), (0.0, 9.0))
        """
        if measure in self.ratios and value > 0:
            low, high = self.ratios[measure]
            return value / high, value / low
        if measure not in self.limits:
            return None
        low, high = self.limits[measure]
        most = 100.0 if measure.endswith("_share_pct") else math.inf
        return max(value - high, 0.0), min(max(value - low, 0.0), most)


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
    ratios = {name: ends for name in limits if MEASURES[name].nature != "share" and (ends := _ratios(rows, name))}
    return UsualErrors(limits, rows["subject_id"].n_unique(), split, ratios)


def _ratios(rows: pl.DataFrame, measure: str) -> tuple[float, float] | None:
    pairs = rows.filter(pl.col("measure") == measure).drop_nulls(["manual", "found"]).sort("subject_id")
    if not ((pairs["manual"] > 0) & (pairs["found"] > 0)).all():
        return None
    limits = bland_altman(pairs["manual"].log().to_list(), pairs["found"].log().to_list())
    if limits.limit_low is None or not math.isfinite(limits.limit_low):
        return None
    return math.exp(limits.limit_low), math.exp(limits.limit_high)


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
