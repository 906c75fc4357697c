"""The adjusted comparison: group effect at the same age, sex and head size."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from analysis.statistics.frequency_weights import alike
from analysis.statistics.regression import (
    Coefficient,
    Family,
    FloatArray,
    NotEstimable,
    fit,
    last_coefficient,
    natural_spline,
    spline_knots,
)

AGE_DF = 4
PEOPLE_PER_DF = 10
"""The age curve gets one degree of freedom per ten people, at most four."""

MANY_PEOPLE = 50_000
"""Above this log head size is rounded to a hundredth of its SD, so that people alike can be gathered."""

HEAD_SIZE = "intracranial_area_mm2"


@dataclass(frozen=True)
class Adjusted:
    """A group coefficient, how many people it rests on, and what it is adjusted for."""

    coefficient: Coefficient | None
    n_hc: int
    n_ms: int
    adjusted_for: str
    note: str | None


def adjusted_group_effect(
    frame: pl.DataFrame, outcome: pl.Expr, family: Family, *, head_size: bool, robust: bool = True
) -> Adjusted:
    """Coefficient of MS against HC in a model with age, sex and head size.

    Age enters as a natural cubic spline with 4 degrees of freedom (fewer in small samples), head size as
    the logarithm of the intracranial area (above 50,000 people rounded to a hundredth of its SD). People
    with any of these missing are left out and the numbers returned say so. Covariates that do not vary
    are left out of the model.

    Parameters
    ----------
    frame : cohort frame, both groups
    outcome : expression over the frame; null leaves the person out
    family : of ``analysis.statistics.regression.fit``
    head_size : adjust for log intracranial area, where the table has one
    robust : sandwich errors, tested with Student's t; False: the model's own errors, normal test
    """
    knows_head = head_size and frame[HEAD_SIZE].null_count() < frame.height
    used = frame.select(
        outcome.cast(pl.Float64).alias("outcome"),
        pl.col("group").eq("MS").cast(pl.Float64).alias("ms"),
        pl.col("sex").eq("M").cast(pl.Float64).alias("male"),
        "age_years",
        *([pl.col(HEAD_SIZE).log().alias("head")] if knows_head else []),
    ).drop_nulls()
    n_ms = int(used["ms"].sum())
    n_hc = used.height - n_ms
    knots = _age_knots(used)
    if used.height > MANY_PEOPLE:
        used = alike(used.with_columns(head=_rounded(used["head"])) if knows_head else used, "outcome")
    else:
        used = used.with_columns(people=1.0, spread=0.0)
    without_head = " (not head size: the table has no intracranial area)" if head_size and not knows_head else ""
    columns, words = _covariates(used, knots)
    adjusted_for = " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words) + without_head
    try:
        if min(n_hc, n_ms) < 2:
            raise NotEstimable(f"needs at least two people of each group with known age (HC {n_hc}, MS {n_ms})")
        _check_varies(used, family)
        values = used["outcome"].to_numpy()
        design = np.column_stack([np.ones(used.height), *columns, used["ms"].to_numpy()])
        fitted = fit(design, values, family, robust, used["people"].to_numpy(), used["spread"].to_numpy())
        coefficient = last_coefficient(fitted, design.shape[1], normal=not robust)
    except NotEstimable as reason:
        return Adjusted(None, n_hc, n_ms, adjusted_for, str(reason))
    return Adjusted(coefficient, n_hc, n_ms, adjusted_for, None)


def _age_knots(used: pl.DataFrame) -> FloatArray:
    if used.is_empty():
        return np.empty(0)
    return spline_knots(used["age_years"].to_numpy().astype(float), max(1, min(AGE_DF, used.height // PEOPLE_PER_DF)))


def _rounded(head: pl.Series) -> pl.Series:
    """Log head size to steps of a hundredth of its SD, so that many people share a value."""
    step = 0.01 * float(head.std() or 1.0)  # type: ignore[arg-type]
    return (head / step).round() * step


def _covariates(used: pl.DataFrame, knots: FloatArray) -> tuple[list[FloatArray], list[str]]:
    columns, words = [], []
    if used["male"].n_unique() > 1:
        columns.append(used["male"].to_numpy())
        words.append("sex")
    if "head" in used.columns and used["head"].n_unique() > 1:
        columns.append(_standard(used["head"].to_numpy()))
        words.append("head size")
    if len(knots):
        columns.append(natural_spline(used["age_years"].to_numpy().astype(float), knots))
        words.insert(0, "age")
    return columns, words or ["nothing"]


def _standard(values: FloatArray) -> FloatArray:
    standard: FloatArray = (values - values.mean()) / values.std()
    return standard


def _check_varies(used: pl.DataFrame, family: Family) -> None:
    if used["outcome"].n_unique() == 1 and used["spread"].sum() == 0:
        raise NotEstimable("everybody has the same value")
    for name, is_ms in (("controls", 0), ("MS patients", 1)):
        values = used.filter(pl.col("ms") == is_ms)["outcome"]
        if family != "gaussian" and (values == 0).all():
            raise NotEstimable(f"no lesion among the {name}: a ratio is undefined")
        if family == "binomial" and (values == 1).all():
            raise NotEstimable(f"every one of the {name} has a lesion: an odds ratio is undefined")
