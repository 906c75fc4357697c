"""Whether intervals hold what they promise: refits of simulated cohorts, and a bootstrap of the real one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.norms.centile import rank
from analysis.norms.fit_form import fit_form
from analysis.norms.forms import Form, ZeroAdjustedForm
from analysis.norms.maximum_likelihood import Fit, NotFitted
from analysis.norms.people import People, one_person, people_of
from analysis.norms.reference import Model, Reference

Floats = NDArray[np.float64]

BOOTSTRAP = 200
SEED = 20261126


@dataclass(frozen=True)
class Point:
    """A person of an age and sex whose value lies at a known rank."""

    age: float
    sex: str
    value: float


def simulated_coverage(
    form: Form, truth: Fit, people: People, points: Sequence[Point], *, refits: int, seed: int = SEED
) -> pl.DataFrame:
    """Draw cohorts from a fitted model, refit each, and count how often the interval holds the true rank.

    Parameters
    ----------
    people : the cohort whose ages, sexes and head sizes are kept
    points : where to look

    Returns
    -------
    polars.DataFrame, one row per point: age, sex, value, rank (true), n (refits), n_failed, covered (share), and
    median width in points
    """
    rng = np.random.default_rng(seed)
    true = [rank(form, truth, _at(point)) for point in points]
    held = np.zeros(len(points), dtype=int)
    widths: list[list[float]] = [[] for _ in points]
    failed = 0
    for _ in range(refits):
        drawn = people.with_value(draw(form, truth.parameters, people, rng))
        try:
            again = fit_form(form, drawn, start=truth.parameters)
        except NotFitted:
            failed += 1
            continue
        for i, point in enumerate(points):
            low, high = rank(form, again, _at(point)).interval
            held[i] += low <= true[i].middle <= high
            widths[i].append(100 * (high - low))
    done = refits - failed
    return pl.DataFrame(
        [
            {
                "age": point.age,
                "sex": point.sex,
                "value": point.value,
                "rank": 100 * true[i].middle,
                "n": done,
                "n_failed": failed,
                "covered": held[i] / done if done else None,
                "median_width": float(np.median(widths[i])) if widths[i] else None,
            }
            for i, point in enumerate(points)
        ]
    )


def draw(form: Form, parameters: Floats, people: People, rng: np.random.Generator) -> Floats:
    """Draw a value for each person; areas in whole mm²."""
    uniform = rng.random(len(people))
    values = form.quantile(parameters, people, uniform)
    if isinstance(form, ZeroAdjustedForm):
        return np.where(values > 0, np.maximum(np.round(values), 1.0), 0.0)
    return values


def bootstrap_check(reference: Reference, frame: pl.DataFrame, *, refits: int = BOOTSTRAP) -> list[dict[str, Any]]:
    """Compare delta-method intervals with percentile bootstraps of people, at the middle of the cohort's ages.

    Returns
    -------
    one dict per model and sex: measure, who, low, high, bootstrap_low, bootstrap_high (points), n, n_failed
    """
    rows: list[dict[str, Any]] = []
    for model in reference.models:
        people = people_of(frame.filter(pl.col("group") == reference.group), model.measure)
        rows += _bootstrapped(model, people, refits)
    return rows


def _bootstrapped(model: Model, people: People, refits: int) -> list[dict[str, Any]]:
    form, fitted = model.form(model.additive), model.additive.fit
    asked = []
    for male, sex in ((0.0, "F"), (1.0, "M")):
        members = people.take(people.male == male)
        asked.append(Point(float(np.median(members.age)), sex, float(np.quantile(members.value, 0.9))))
    rng = np.random.default_rng(SEED)
    found: list[list[float]] = [[] for _ in asked]
    failed = 0
    for _ in range(refits):
        try:
            again = fit_form(form, people.take(rng.integers(0, len(people), len(people))), start=fitted.parameters)
        except NotFitted:
            failed += 1
            continue
        for i, point in enumerate(asked):
            found[i].append(100 * rank(form, again, _at(point)).middle)
    rows = []
    for i, point in enumerate(asked):
        low, high = rank(form, fitted, _at(point)).interval
        ends = np.percentile(found[i], [2.5, 97.5]) if found[i] else (np.nan, np.nan)
        rows.append(
            {
                "measure": model.measure,
                "who": f"{point.sex} {point.age:g} years, {point.value:.4g}",
                "low": 100 * low,
                "high": 100 * high,
                "bootstrap_low": float(ends[0]),
                "bootstrap_high": float(ends[1]),
                "n": refits - failed,
                "n_failed": failed,
            }
        )
    return rows


def _at(point: Point) -> People:
    return one_person(point.age, point.sex, point.value)
