"""A normative reference: fitted models with their covariance, and what must be known of the people behind them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analysis.norms.forms import BoxCoxTForm, Form, NormalForm, ZeroAdjustedForm
from analysis.norms.maximum_likelihood import Fit
from analysis.norms.people import HEAD_MM2
from analysis.norms.validation import Diagnostics

Floats = NDArray[np.float64]
Family = Literal["box_cox_t", "box_cox_normal", "zero_adjusted_gamma", "zero_adjusted_weibull", "normal"]

YEARS_NEAR = 5.0
"""A reference person is near in age within this many years."""


@dataclass(frozen=True)
class Estimates:
    """Fitted parameters of one form: what the JSON file of a reference keeps.

    ``terms`` are the covariates of the size or of the amount, ``none_terms`` those of the probability of none.
    """

    terms: tuple[str, ...]
    names: tuple[str, ...]
    parameters: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    log_likelihood: float
    none_terms: tuple[str, ...] = ()

    @property
    def fit(self) -> Fit:
        """Return the estimates as arrays."""
        return Fit(np.array(self.parameters), np.array(self.covariance), self.log_likelihood)


@dataclass(frozen=True)
class Model:
    """The norm of one measure, and the same with an age x sex term, for ages at which few people carry it."""

    measure: str
    family: Family
    n: int
    additive: Estimates
    age_by_sex: Estimates | None = None

    def form(self, estimates: Estimates) -> Form:
        """Return the form that estimates of this model belong to."""
        if self.family == "normal":
            return NormalForm(estimates.terms)
        if self.family in ("box_cox_t", "box_cox_normal"):
            return BoxCoxTForm(estimates.terms, heavy_tails=self.family == "box_cox_t")
        positive: Literal["gamma", "weibull"] = "gamma" if self.family == "zero_adjusted_gamma" else "weibull"
        return ZeroAdjustedForm(positive, estimates.terms, estimates.none_terms)


@dataclass(frozen=True)
class AnyRate:
    """A load most people of the reference lack: how many have any, and how many at least so much.

    ``at_least`` holds (area in mm², people with that much or more), rising areas.
    """

    measure: str
    n: int
    n_any: int
    at_least: tuple[tuple[float, int], ...]

    def n_with(self, value: float) -> int:
        """Return how many people have as much as ``value`` or more; everybody has 0 or more."""
        if value < 0.5:
            return self.n
        return next((n for area, n in self.at_least if area >= value), 0)


@dataclass(frozen=True)
class Reference:
    """Everything needed to score one person; it holds no individual record.

    Attributes
    ----------
    ages : per sex, (age in years, number of people), rising ages
    largest : per measure and sex, the largest value in the reference
    specificity : for controls, the median and 95th centile of the WMH area found in them, mm²
    diagnostics : how good each model is on people it did not see
    head_mm2 : mean intracranial area in whole 1,000 mm², assumed where a load is given as a ratio only
    """

    name: str
    title: str
    group: Literal["HC", "MS"]
    protocol: str
    fitted_on: str
    software: str
    dataset: str
    content_sha256: str
    synthetic: bool
    ages: dict[str, tuple[tuple[float, int], ...]]
    models: tuple[Model, ...]
    rates: tuple[AnyRate, ...]
    largest: dict[str, dict[str, float]]
    specificity: dict[str, float] = field(default_factory=dict)
    diagnostics: tuple[Diagnostics, ...] = ()
    head_mm2: float = HEAD_MM2
    citation: str = ""
    licence: str = ""

    @property
    def n(self) -> int:
        """People with a known age and sex."""
        return sum(self.n_by_sex.values())

    @property
    def n_by_sex(self) -> dict[str, int]:
        """People per sex."""
        return {sex: sum(n for _, n in ages) for sex, ages in self.ages.items()}

    def age_range(self, sex: str) -> tuple[float, float]:
        """Return the youngest and the oldest age of a sex; NaN when there is nobody."""
        ages = [age for age, _ in self.ages.get(sex, ())]
        return (min(ages), max(ages)) if ages else (math.nan, math.nan)

    def n_near_age(self, age: float, sex: str) -> int:
        """Count the people of the same sex within five years."""
        return sum(n for a, n in self.ages.get(sex, ()) if abs(a - age) <= YEARS_NEAR)

    def model(self, measure: str) -> Model | None:
        """Return the model of a measure."""
        return next((model for model in self.models if model.measure == measure), None)

    def rate(self, measure: str) -> AnyRate | None:
        """Return the rate of a measure that most people lack."""
        return next((rate for rate in self.rates if rate.measure == measure), None)

    def diagnostics_of(self, measure: str) -> Diagnostics | None:
        """Return how good the model of a measure is on people it did not see."""
        return next((found for found in self.diagnostics if found.measure == measure), None)

    @property
    def measures(self) -> tuple[str, ...]:
        """Measures this reference answers for."""
        return (*(model.measure for model in self.models), *(rate.measure for rate in self.rates))


def estimates_of(form: Form, fitted: Fit) -> Estimates:
    """Return fitted parameters as a file keeps them."""
    terms = form.amount_terms if isinstance(form, ZeroAdjustedForm) else form.terms
    return Estimates(
        terms=terms,
        names=form.names,
        parameters=tuple(float(p) for p in fitted.parameters),
        covariance=tuple(tuple(float(c) for c in row) for row in fitted.covariance),
        log_likelihood=fitted.log_likelihood,
        none_terms=form.none_terms if isinstance(form, ZeroAdjustedForm) else (),
    )


def largest_of(values: Mapping[str, Mapping[str, float]], measure: str, sex: str) -> float | None:
    """Return the largest value of a measure in one sex, or None where it was not kept."""
    return values.get(measure, {}).get(sex)
