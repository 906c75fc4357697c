"""Centile curves over age with their intervals, and the chance of having no lesion at all."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import polars as pl
import scipy
from numpy.typing import NDArray

from analysis.norms.centile import Z_95
from analysis.norms.forms import Form, ZeroAdjustedForm
from analysis.norms.maximum_likelihood import Fit, gradient
from analysis.norms.people import People
from analysis.norms.reference import Estimates, Model, Reference
from analysis.norms.score import FEW_NEAR
from analysis.norms.validation import CENTILES

Floats = NDArray[np.float64]
Band = tuple[Floats, Floats, Floats]

NO_AREA = 0.5
"""Below half a mm² an area would have been counted as none."""


def centile_curves(
    reference: Reference, measure: str, sex: str, centiles: Sequence[float] = CENTILES, ages: Floats | None = None
) -> pl.DataFrame:
    """Return the value at each centile and age, with a pointwise 95 % interval.

    Parameters
    ----------
    measure : one with a model in the reference
    ages : years; by default every year from the youngest to the oldest of that sex, never beyond

    Returns
    -------
    polars.DataFrame: age, centile, value, low, high (the measure's unit, at the reference's typical head size; 0 where
    more than that many have none), widened (the interval also holds that of the age x sex model)

    Raises
    ------
    ValueError : the reference has no model of this measure
    """
    model = _model(reference, measure)
    years = _ages(reference, sex) if ages is None else ages
    people = _people(reference, sex, years)
    thin = np.array([reference.n_near_age(age, sex) < FEW_NEAR for age in years])
    frames = []
    for centile in centiles:
        value, low, high = _hulled(model, thin, partial(_quantile, people=people, p=centile / 100))
        frames.append(
            pl.DataFrame(
                {
                    "age": years,
                    "centile": np.full(len(years), float(centile)),
                    "value": value,
                    "low": low,
                    "high": high,
                    "widened": thin & (model.age_by_sex is not None),
                }
            )
        )
    return pl.concat(frames)


def none_curve(reference: Reference, measure: str, sex: str, ages: Floats | None = None) -> pl.DataFrame:
    """Return the proportion without any lesion at each age, with its 95 % interval.

    Returns
    -------
    polars.DataFrame: age, none, low, high (proportions), widened; empty for a model without a part for it
    """
    model = _model(reference, measure)
    form = model.form(model.additive)
    schema = {"age": pl.Float64, "none": pl.Float64, "low": pl.Float64, "high": pl.Float64, "widened": pl.Boolean}
    if not isinstance(form, ZeroAdjustedForm) or not form.none_terms:
        return pl.DataFrame(schema=schema)
    years = _ages(reference, sex) if ages is None else ages
    people = _people(reference, sex, years)
    thin = np.array([reference.n_near_age(age, sex) < FEW_NEAR for age in years])
    none, low, high = _hulled(model, thin, partial(_none, people=people))
    wide = thin & (model.age_by_sex is not None)
    return pl.DataFrame({"age": years, "none": none, "low": low, "high": high, "widened": wide}, schema=schema)


def _hulled(model: Model, thin: NDArray[np.bool_], banded: Callable[[Form, Fit], Band]) -> Band:
    """Return estimate and interval of the additive model, the interval widened where people are few."""

    def of(estimates: Estimates) -> Band:
        return banded(model.form(estimates), estimates.fit)

    value, low, high = of(model.additive)
    if model.age_by_sex is not None and thin.any():
        _, wide_low, wide_high = of(model.age_by_sex)
        low = np.where(thin, np.minimum(low, wide_low), low)
        high = np.where(thin, np.maximum(high, wide_high), high)
    return value, low, high


def _quantile(form: Form, fit: Fit, people: People, p: float) -> Band:
    value = form.quantile(fit.parameters, people, p)
    if isinstance(form, ZeroAdjustedForm):
        return _area(form, fit, people, p, value)

    def logs(parameters: Floats) -> Floats:
        return np.log(form.quantile(parameters, people, p))

    error = _error(logs, fit)
    return value, value * np.exp(-Z_95 * error), value * np.exp(Z_95 * error)


def _area(form: ZeroAdjustedForm, fit: Fit, people: People, p: float, value: Floats) -> Band:
    """Return the areas whose ranks are the ends of the interval of the rank of ``value``.

    Near the areas that nobody has a centile may be no area at all, and the logarithm of an area has no slope; its
    rank has one.
    """
    at = people.with_value(np.maximum(value, NO_AREA))

    def logits(parameters: Floats) -> Floats:
        above = np.clip(form.above(parameters, at), 1e-12, 1 - 1e-12)
        rank: Floats = scipy.special.logit(1 - above)
        return rank

    error = _error(logits, fit)
    low, high = (scipy.special.expit(scipy.special.logit(p) + sign * Z_95 * error) for sign in (-1, 1))
    return value, form.quantile(fit.parameters, people, low), form.quantile(fit.parameters, people, high)


def _none(form: Form, fit: Fit, people: People) -> Band:
    def logits(parameters: Floats) -> Floats:
        share = form.none(parameters, people) if isinstance(form, ZeroAdjustedForm) else np.zeros(len(people))
        none: Floats = scipy.special.logit(share)
        return none

    centre, error = logits(fit.parameters), _error(logits, fit)
    return (
        scipy.special.expit(centre),
        scipy.special.expit(centre - Z_95 * error),
        scipy.special.expit(centre + Z_95 * error),
    )


def _error(function: Callable[[Floats], Floats], fit: Fit) -> Floats:
    slopes = gradient(function, fit.parameters)
    error: Floats = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", slopes, fit.covariance, slopes), 0.0))
    return error


def _model(reference: Reference, measure: str) -> Model:
    model = reference.model(measure)
    if model is None:
        raise ValueError(f"the reference {reference.name} has no centiles of {measure}")
    return model


def _ages(reference: Reference, sex: str) -> Floats:
    youngest, oldest = reference.age_range(sex)
    return np.arange(np.ceil(youngest), np.floor(oldest) + 1)


def _people(reference: Reference, sex: str, ages: Floats) -> People:
    n = len(ages)
    return People(ages.astype(float), np.full(n, float(sex == "M")), np.full(n, reference.head_mm2), np.ones(n))
