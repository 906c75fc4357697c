"""How a measure goes with age: a smooth curve per group with its interval, only where there are people."""

from typing import Any

import numpy as np
import polars as pl
import scipy

from analysis.statistics.frequency_weights import alike
from analysis.statistics.means import few_differ
from analysis.statistics.regression import (
    Coefficient,
    Family,
    Fit,
    FloatArray,
    NotEstimable,
    fit,
    last_coefficient,
    natural_spline,
    spline_knots,
)
from vocabulary.measures import GROUPS, SEXES, measure

TREND_DF = 3
LEAST_PEOPLE = 10
LEAST_AGES = 10.0
"""Years of age people must span for a difference per ten years to be given."""
AGES_DRAWN = 60
# Beyond this logarithm a limit is as good as infinite.
LARGEST_LOG = 100.0

SCHEMA = {
    "measure": pl.String,
    "group": pl.String,
    "sex": pl.String,
    "age": pl.Float64,
    "estimate": pl.Float64,
    "ci_low": pl.Float64,
    "ci_high": pl.Float64,
    "n": pl.Int64,
    "n_missing": pl.Int64,
    "note": pl.String,
}
SLOPE_SCHEMA = {
    "measure": pl.String,
    "group": pl.String,
    "n": pl.Int64,
    "n_missing": pl.Int64,
    "effect": pl.String,
    "effect_size": pl.Float64,
    "ci_low": pl.Float64,
    "ci_high": pl.Float64,
    "p_value": pl.Float64,
    "note": pl.String,
}
MODELS: dict[str, Family] = {"size": "gaussian", "load": "poisson", "count": "poisson", "share": "binomial"}


def age_trend(frame: pl.DataFrame, name: str, by_sex: bool = False) -> pl.DataFrame:
    """Return the curve of a measure over age in each group.

    A natural cubic spline of age with 3 degrees of freedom (fewer with few distinct ages) and a pointwise robust
    95 % interval. What is estimated depends on the nature of the measure: a size, its geometric mean (linear
    model of the logarithm); a load or count, its mean with zeros included (log link); a share, its mean among the
    lesion-positive (fractional logit, so the curve stays within 0-100).

    Parameters
    ----------
    frame : cohort frame
    name : measure
    by_sex : one curve per group and sex, rather than per group

    Returns
    -------
    polars.DataFrame, up to 60 rows per curve from the youngest to the oldest person with a value: measure, group,
    sex (null unless by_sex), age, estimate, ci_low, ci_high, n, n_missing (age or value), note. A curve that
    cannot be drawn is one row with null age and a note.

    Raises
    ------
    ValueError : unknown measure.

    References
    ----------
    Harrell 2015, Regression Modeling Strategies, section 2.4, doi:10.1007/978-3-319-19425-7
    """
    what = measure(name)
    if name not in frame.columns:
        raise ValueError(f"the cohort has no column '{name}'")
    people = frame.select("group", "sex", "age_years", name)
    rows: list[dict[str, Any]] = []
    for group in GROUPS:
        for sex in SEXES if by_sex else (None,):
            members = people.filter((pl.col("group") == group) & (True if sex is None else pl.col("sex") == sex))
            known = members.select("age_years", pl.col(name).cast(pl.Float64)).drop_nulls()
            head = {
                "measure": name, "group": group, "sex": sex,
                "n": known.height, "n_missing": members.height - known.height,
            }  # fmt: skip
            try:
                curve = _curve(known.rename({name: "value"}), MODELS[what.nature])
            except NotEstimable as reason:
                rows.append(head | {"note": str(reason)})
                continue
            rows += [head | dict(zip(("age", "estimate", "ci_low", "ci_high"), point, strict=True)) for point in curve]
    return pl.DataFrame(rows, schema=SCHEMA)


def age_slope(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return how much a measure differs between people ten years of age apart in each group, sexes held fixed.

    The models are those of ``age_trend`` with age as a straight line, except that a share's difference is in percentage
    points (linear model). Robust errors (HC3). None where people span less than ten years of age.

    Returns
    -------
    polars.DataFrame, one row per group: measure, group, n, n_missing, effect ("ratio_per_decade", or
    "points_per_decade" for a share), effect_size, ci_low, ci_high (95 %), p_value, note
    """
    what = measure(name)
    people = frame.select("group", "sex", "age_years", name)
    rows: list[dict[str, Any]] = []
    for group in GROUPS:
        members = people.filter(pl.col("group") == group)
        value = pl.col(name).cast(pl.Float64)
        if what.nature == "size":
            value = pl.when(value > 0).then(value).log()
        known = members.select("age_years", pl.col("sex").eq("M").cast(pl.Float64), value.alias("value")).drop_nulls()
        share = what.nature == "share"
        row = {
            "measure": name, "group": group, "n": known.height, "n_missing": members.height - known.height,
            "effect": "points_per_decade" if share else "ratio_per_decade",
        }  # fmt: skip
        try:
            slope = _slope(known, "gaussian" if share else MODELS[what.nature], share)
        except NotEstimable as reason:
            rows.append(row | {"note": str(reason)})
            continue
        size, low, high = (v if share else np.exp(v) for v in (slope.estimate, slope.low, slope.high))
        rows.append(row | {"effect_size": size, "ci_low": low, "ci_high": high, "p_value": slope.p_value})
    return pl.DataFrame(rows, schema=SLOPE_SCHEMA)


def _slope(known: pl.DataFrame, family: Family, share: bool) -> Coefficient:
    _check_varies(known, share)
    ages = known["age_years"].to_numpy().astype(float)
    youngest, oldest = ages.min(), ages.max()
    if oldest - youngest < LEAST_AGES:
        raise NotEstimable(f"their ages, {youngest:g} to {oldest:g}, span less than {LEAST_AGES:.0f} years")
    rows = alike(known, "value")
    age = rows["age_years"].to_numpy().astype(float)
    design = np.column_stack([np.ones(len(age)), rows["sex"].to_numpy(), (age - age.mean()) / 10])
    return last_coefficient(_fit(design, rows, family), design.shape[1])


def _check_varies(known: pl.DataFrame, share: bool) -> None:
    if known.height < LEAST_PEOPLE:
        raise NotEstimable(f"fewer than {LEAST_PEOPLE} people have an age and a value: {known.height}")
    for column, word in (("age_years", "age"), ("value", "value")):
        if known[column].n_unique() == 1:
            raise NotEstimable(f"everybody has the same {word}")
    if share and few_differ(known["value"].to_numpy()):
        raise NotEstimable("nearly everybody has the same value")


def _fit(design: FloatArray, rows: pl.DataFrame, family: Family) -> Fit:
    people, spread = rows["people"].to_numpy(), rows["spread"].to_numpy()
    return fit(design, rows["value"].to_numpy(), family, people=people, spread=spread)


def _curve(known: pl.DataFrame, family: Family) -> list[tuple[float, ...]]:
    value = pl.col("value")
    if family == "gaussian":
        known = known.filter(value > 0).with_columns(value.log())
    if family == "binomial":
        known = known.with_columns(value / 100)
    _check_varies(known, family == "binomial")
    knots = spline_knots(known["age_years"].to_numpy().astype(float), TREND_DF)
    rows = alike(known, "value")
    age = rows["age_years"].to_numpy().astype(float)
    fitted = _fit(_design(age, knots), rows, family)
    drawn = np.linspace(age.min(), age.max(), min(AGES_DRAWN, int(np.ptp(age)) + 2))
    curve = fitted.interval(_design(drawn, knots))
    if family != "binomial" and not max(np.abs(part).max() for part in curve) <= LARGEST_LOG:
        raise NotEstimable("so few people of these ages do not determine a curve")
    scaled = (100 * scipy.special.expit(part) if family == "binomial" else np.exp(part) for part in curve)
    return list(zip(drawn.tolist(), *(part.tolist() for part in scaled), strict=True))


def _design(age: FloatArray, knots: FloatArray) -> FloatArray:
    return np.column_stack([np.ones(len(age)), natural_spline(age, knots)])
