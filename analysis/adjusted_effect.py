"""The adjusted comparison: group effect at the same age, sex and head size, and whether it varies with age or sex."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from analysis.covariates import design_columns, marked
from analysis.statistics.frequency_weights import alike
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

AGE_DF = 4
PEOPLE_PER_DF = 10
"""The age curve gets one degree of freedom per ten people, at most four."""

MANY_PEOPLE = 50_000
"""Above this log head size is rounded to a tenth of its SD, so that people alike can be gathered: no effect moves by
a hundredth of its interval."""

HEAD_SIZE = "intracranial_area_mm2"


LEAST_PEOPLE = 10
"""Below so many people in a group no adjusted effect is given: its interval would not hold."""

LEAST_FOR_SHARE = 50
"""Below so many people with lesions in a group no adjusted difference of shares is given."""

LEAST_WITH_LESION = 3
"""A ratio of loads needs so many people with a lesion in each group."""

LEAST_FOR_ODDS, LEAST_OF_EACH_KIND = 60, 2
"""An odds ratio needs so many people in each group, and so many with and without a lesion."""

LEAST_OF_A_SEX = 20
"""An effect is compared between the sexes when each group has so many of each."""

LEAST_FOR_PLACES = 100
"""An effect is told at an age, or in a sex, when each group has so many people."""

LEAST_OVERLAP = 10
"""With fewer people of common age, "at the same age" is an extrapolation."""

LEAST_AGES = 10.0
"""Years of age that both groups must span for an effect to be said to vary with age."""

Modifier = Literal["age", "sex"]


@dataclass(frozen=True)
class Adjusted:
    """A group coefficient, how many people it rests on, and what it is adjusted for.

    Attributes
    ----------
    age_overlap : people whose age lies within the range of the other group's, the fewer of the two groups
    """

    coefficient: Coefficient | None
    n_hc: int
    n_ms: int
    adjusted_for: str
    note: str | None
    age_overlap: int | None = None


@dataclass(frozen=True)
class AdjustedModel:
    """A model of a measure with group, age, sex and head size, ready to be fitted with or without an interaction.

    Attributes
    ----------
    used : one row per person, or per set of people alike: outcome, ms, male, age_years, people, spread
    base : (N, P) float array, the constant and the covariates
    n_hc, n_ms, age_overlap, adjusted_for : as in ``Adjusted``
    refused : why nothing can be estimated, or None
    """

    used: pl.DataFrame
    base: FloatArray
    family: Family
    robust: bool
    n_hc: int
    n_ms: int
    age_overlap: int
    adjusted_for: str
    refused: str | None

    def effect(self) -> Adjusted:
        """Coefficient of MS against HC: at the same age, sex and head size."""
        return self._last(None)

    def interaction(self, modifier: Modifier) -> Adjusted:
        """How much the coefficient of MS changes with ten years of age, or from women to men."""
        return self._last(modifier)

    def design(self) -> tuple[list[list[float]] | None, list[float]]:
        """Return the columns of the model, the constant left out and the group last, and the outcome, person by person.

        None in place of the columns where people were gathered, so that a row is not a person, or nothing was fitted.
        """
        if self.refused or not (self.used["people"] == 1).all():
            return None, []
        columns = [*self.base[:, 1:].T.tolist(), self.used["ms"].to_list()]
        return columns, self.used["outcome"].to_list()

    def effect_at(self, modifier: Modifier, values: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Coefficient of MS at given ages (years) or sexes (0 women, 1 men), with its 95 % interval.

        Raises
        ------
        NotEstimable : the model cannot be fitted, or its interaction is not determined.
        """
        reason = self.refused or self._unvaried(modifier)
        if reason is None and min(self.n_hc, self.n_ms) < LEAST_FOR_PLACES:
            reason = f"fewer than {LEAST_FOR_PLACES} people in a group"
        if reason:
            raise NotEstimable(reason)
        fitted, columns = self._fit(modifier)
        last_coefficient(fitted, columns)
        rows = np.zeros((len(values), columns))
        rows[:, -2] = 1.0
        rows[:, -1] = (values - self._centre(modifier)) / _STEP[modifier]
        return fitted.interval(rows)

    def ages(self, places: Sequence[float]) -> FloatArray:
        """Return quantiles of the ages of MS patients within the ages that controls have, in whole years.

        Raises
        ------
        NotEstimable : the model cannot be fitted, or nobody is of an age that both groups have.
        """
        patients = self.used.filter((pl.col("ms") == 1) & pl.col("age_years").is_between(*self.common_ages()))
        if patients.is_empty():
            raise NotEstimable("nobody with MS is of an age that controls have")
        ages, people = patients["age_years"].to_numpy().astype(float), patients["people"].to_numpy().astype(int)
        return np.unique(np.round(np.quantile(np.repeat(ages, people), places)))

    def common_ages(self) -> tuple[float, float]:
        """Youngest and oldest age (years) that both groups have.

        Raises
        ------
        NotEstimable : the model cannot be fitted.
        """
        if self.refused:
            raise NotEstimable(self.refused)
        ends = [self.used.filter(pl.col("ms") == ms)["age_years"] for ms in (0, 1)]
        return max(float(e.min()) for e in ends), min(float(e.max()) for e in ends)  # type: ignore[arg-type]

    def _last(self, modifier: Modifier | None) -> Adjusted:
        reason = self.refused or (self._unvaried(modifier) if modifier else None)
        found = None
        if reason is None:
            try:
                found = last_coefficient(*self._fit(modifier), normal=not self.robust)
            except NotEstimable as why:
                reason = str(why)
        return Adjusted(found, self.n_hc, self.n_ms, self.adjusted_for, reason, self.age_overlap)

    def _fit(self, modifier: Modifier | None) -> tuple[Fit, int]:
        ms = self.used["ms"].to_numpy()
        columns = [self.base, ms]
        if modifier:
            column = "age_years" if modifier == "age" else "male"
            along = self.used[column].to_numpy().astype(float)
            columns.append(ms * (along - self._centre(modifier)) / _STEP[modifier])
        design = np.column_stack(columns)
        values, people, spread = (self.used[name].to_numpy() for name in ("outcome", "people", "spread"))
        return fit(design, values, self.family, self.robust, people, spread), design.shape[1]

    def _centre(self, modifier: Modifier) -> float:
        return 40.0 if modifier == "age" else 0.0

    def _unvaried(self, modifier: Modifier) -> str | None:
        """Why an effect cannot be said to vary with age or sex, or None."""
        if modifier == "age":
            low, high = self.common_ages()
            if high - low < LEAST_AGES:
                return f"the groups have less than {LEAST_AGES:.0f} years of age in common"
            return None
        of_sex = self.used.group_by("ms", "male").agg(pl.col("people").sum())
        counts = {(ms, male): int(people) for ms, male, people in of_sex.iter_rows()}
        few = [
            f"{counts.get((ms, male), 0)} {sex} {group}"
            for ms, group in ((1.0, "with MS"), (0.0, "without"))
            for male, sex in ((0.0, "women"), (1.0, "men"))
            if counts.get((ms, male), 0) < LEAST_OF_A_SEX
        ]
        return f"fewer than {LEAST_OF_A_SEX} people of a sex in a group: {', '.join(few)}" if few else None


_STEP = {"age": 10.0, "sex": 1.0}


def adjusted_model(
    frame: pl.DataFrame,
    outcome: pl.Expr,
    family: Family,
    *,
    head_size: bool,
    robust: bool = True,
    least: int = LEAST_PEOPLE,
) -> AdjustedModel:
    """Prepare the model of a measure with group, age, sex and head size.

    Age enters as a natural cubic spline with 4 degrees of freedom (fewer in small samples), head size as
    the logarithm of the intracranial area (above 50,000 people rounded to a tenth of its SD). People
    with any of these missing are left out and the numbers returned say so. Covariates that do not vary
    are left out of the model. Columns marked by ``analysis.covariates.with_covariates`` enter, too.

    Parameters
    ----------
    frame : cohort frame, both groups
    outcome : expression over the frame; null leaves the person out
    family : of ``analysis.statistics.regression.fit``
    head_size : adjust for log intracranial area, where the table has one
    robust : sandwich errors (HC3), tested with Student's t; False: the model's own errors, normal test
    least : people each group must have
    """
    knows_head = head_size and frame[HEAD_SIZE].null_count() < frame.height
    used = frame.select(
        outcome.cast(pl.Float64).alias("outcome"),
        pl.col("group").eq("MS").cast(pl.Float64).alias("ms"),
        pl.col("sex").eq("M").cast(pl.Float64).alias("male"),
        "age_years",
        *([pl.col(HEAD_SIZE).log().alias("head")] if knows_head else []),
        *marked(frame),
    ).drop_nulls()
    n_ms = int(used["ms"].sum())
    n_hc = used.height - n_ms
    overlap = _overlap(used)
    refused = _too_few(used, n_hc, n_ms, family, least)
    knots = _age_knots(used)
    if used.height > MANY_PEOPLE:
        used = alike(used.with_columns(head=_rounded(used["head"])) if knows_head else used, "outcome")
    else:
        used = used.with_columns(people=1.0, spread=0.0)
    without_head = " (not head size: the table has no intracranial area)" if head_size and not knows_head else ""
    columns, words = _covariates(used, knots)
    adjusted_for = " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words) + without_head
    base = np.column_stack([np.ones(used.height), *columns])
    return AdjustedModel(used, base, family, robust, n_hc, n_ms, overlap, adjusted_for, refused)


def _overlap(used: pl.DataFrame) -> int:
    """How many people of either group have an age within the other group's range: the smaller number."""
    ages = [used.filter(pl.col("ms") == ms)["age_years"] for ms in (0, 1)]
    if not all(len(a) for a in ages):
        return 0
    return min(int(ours.is_between(theirs.min(), theirs.max()).sum()) for ours, theirs in (ages, ages[::-1]))


def _age_knots(used: pl.DataFrame) -> FloatArray:
    if used.is_empty():
        return np.empty(0)
    return spline_knots(used["age_years"].to_numpy().astype(float), max(1, min(AGE_DF, used.height // PEOPLE_PER_DF)))


def _rounded(head: pl.Series) -> pl.Series:
    """Log head size to steps of a tenth of its SD, so that many people share a value."""
    step = 0.1 * float(head.std() or 1.0)  # type: ignore[arg-type]
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
    further, named = design_columns(used)
    return columns + further, words + named or ["nothing"]


def _standard(values: FloatArray) -> FloatArray:
    standard: FloatArray = (values - values.mean()) / values.std()
    return standard


def _too_few(used: pl.DataFrame, n_hc: int, n_ms: int, family: Family, least: int) -> str | None:
    """Why nothing is estimated, or None: too few people, or too few with or without a lesion, to hold an interval."""
    if min(n_hc, n_ms) < least:
        few = {LEAST_PEOPLE: "ten"}.get(least, str(least))
        return f"fewer than {few} people of known age in a group ({n_hc} HC, {n_ms} MS)"
    if used["outcome"].min() == used["outcome"].max():
        same = f"{'everybody' if used['outcome'][0] else 'nobody'} has a lesion"
        return same if family == "binomial" else "everybody has the same value"
    return None if family == "gaussian" else _too_few_lesions(used, n_hc, n_ms, family)


def _too_few_lesions(used: pl.DataFrame, n_hc: int, n_ms: int, family: Family) -> str | None:
    positive = used.filter(pl.col("outcome") > 0)["ms"]
    with_ms = int(positive.sum())
    with_hc = len(positive) - with_ms
    without_hc, without_ms = n_hc - with_hc, n_ms - with_ms
    if not with_hc or not with_ms:
        return f"no lesion among the {'MS patients' if with_hc else 'controls'}: a ratio is undefined"
    least = LEAST_WITH_LESION if family == "poisson" else LEAST_OF_EACH_KIND
    if min(with_hc, with_ms) < least:
        return f"too few with a lesion: {with_hc} HC and {with_ms} MS"
    if family == "binomial" and min(n_hc, n_ms) < LEAST_FOR_ODDS:
        return f"fewer than {LEAST_FOR_ODDS} people in a group ({n_hc} HC, {n_ms} MS)"
    if family == "binomial" and min(without_hc, without_ms) < least:
        return f"too few without a lesion: {without_hc} HC and {without_ms} MS"
    return None
