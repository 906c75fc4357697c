"""Score a person's values against a reference: centile, interval, how many people carry it, and what is refused."""

from dataclasses import dataclass, replace

import numpy as np
import scipy

from analysis.norms.centile import Rank, hull, rank
from analysis.norms.forms import Form, ZeroAdjustedForm
from analysis.norms.maximum_likelihood import Fit, scores, without
from analysis.norms.people import People, one_person
from analysis.norms.reference import Estimates, Model, Reference, largest_of
from analysis.norms.values import PersonValues, Value
from analysis.overview import wilson

FEW_NEAR = 20
"""Fewer reference people of the same sex within five years: the interval also holds the age x sex model's."""
VERY_FEW_NEAR = 10
WIDENED = "the interval also holds that of a model in which women and men age differently"
WIDEST = 50.0
"""Points; a wider interval says too little for a point to be shown."""
LOWEST, HIGHEST = 0.1, 99.9
"""Centiles beyond these are given as these: 0 and 100 would say that nobody can lie further out."""
IMPLAUSIBLE_RANK = 3e-5
"""Below it, 4 SD, a size is asked back; above, beyond everybody in the reference."""


@dataclass(frozen=True)
class Score:
    """One value among the people of a reference.

    Attributes
    ----------
    centile, centile_low, centile_high : points, 0.1 to 99.9; None where refused, the centile also where the interval
        is wider than 50 points. Of an area it is half-way between the people with less and those with at most as much
    centile_below, centile_at_or_below : points; those two of an area
    at_or_below_low, at_or_below_high : points; 95 % interval of ``centile_at_or_below``
    z : normal score of the centile, within -3.09 to 3.09; None for a person without lesions
    n_reference, n_near_age : people of the reference; of the same sex within five years
    n_as_much : people who have as much or more, where the measure has a rate and no centile
    any_pct, any_low, any_high : percent of the reference with any, and Wilson's interval, for such a measure
    most_of_sex : largest value in the reference among people of the same sex, in the measure's unit
    widened : the interval also holds the age x sex model's
    bridge : name of the bridge that carried the value from another protocol; empty for one of the same
    refused : why there is no answer, or None
    """

    measure: str
    value: float
    unit: str
    group: str
    reference: str
    protocol: str
    age: float
    sex: str
    centile: float | None = None
    centile_low: float | None = None
    centile_high: float | None = None
    z: float | None = None
    n_reference: int = 0
    n_near_age: int = 0
    centile_below: float | None = None
    centile_at_or_below: float | None = None
    at_or_below_low: float | None = None
    at_or_below_high: float | None = None
    n_as_much: int | None = None
    any_pct: float | None = None
    any_low: float | None = None
    any_high: float | None = None
    most_of_sex: float | None = None
    none_found: bool = False
    widened: bool = False
    left_out: bool = False
    bridge: str = ""
    refused: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def note(self) -> str:
        """All that must be said beside the number."""
        return "; ".join(self.notes if self.refused is None else (self.refused, *self.notes))


def score(reference: Reference, person: PersonValues, *, in_reference: bool = False) -> list[Score]:
    """Score every value of a person against one reference; a refusal is a row with its reason.

    Parameters
    ----------
    person : checked values, see `analysis.norms.values.person_values`
    in_reference : the person is one of those the reference was fitted to; the estimates are then those without them

    Notes
    -----
    A value of another protocol, an age outside the reference's for that sex, and a measure without a model are
    refused. With fewer than 20 people of the same sex within five years the interval is the hull of the additive and
    the age x sex model's. The estimand is the rank among people measured in the same way: the reference's spread
    already holds the error of measurement, so none is added.
    """
    return [_score(reference, person, value, in_reference) for value in person.values]


def _score(reference: Reference, person: PersonValues, value: Value, in_reference: bool) -> Score:
    near = reference.n_near_age(person.age, person.sex)
    blank = Score(
        measure=value.asked,
        value=value.given,
        unit=value.unit,
        group=reference.group,
        reference=reference.name,
        protocol=reference.protocol,
        age=person.age,
        sex=person.sex,
        n_reference=reference.n - in_reference,
        n_near_age=near - in_reference,
        left_out=in_reference,
    )
    refusal = _refusal(reference, person, value)
    if refusal:
        return replace(blank, refused=refusal)
    rate = reference.rate(value.measure)
    if rate is not None:
        n, n_any = rate.n - in_reference, rate.n_any - (in_reference and value.value >= 0.5)
        low, high = wilson(n_any, n)
        return replace(
            blank,
            n_reference=n,
            n_as_much=rate.n_with(value.value) - in_reference,
            any_pct=100 * n_any / n,
            any_low=None if low is None else 100 * low,
            any_high=None if high is None else 100 * high,
            most_of_sex=largest_of(reference.largest, value.measure, person.sex),
            none_found=value.value < 0.5,
            notes=few_near(blank.n_near_age, person.sex),
        )
    model = reference.model(value.measure)
    if model is None:
        return replace(blank, refused=f"the reference {reference.name} has no norm for {value.asked}")
    who = one_person(person.age, person.sex, value.value, person.head or reference.head_mm2)
    return _ranked(blank, reference, model, who, in_reference, head_known=person.head is not None)


def _ranked(
    blank: Score, reference: Reference, model: Model, who: People, in_reference: bool, *, head_known: bool
) -> Score:
    found = _rank(model, model.additive, who, in_reference)
    interval = found.interval
    upto = found.interval_at_or_below
    widened = blank.n_near_age < FEW_NEAR and model.age_by_sex is not None
    if widened and model.age_by_sex is not None:
        wide = _rank(model, model.age_by_sex, who, in_reference)
        interval, upto = hull(interval, wide.interval), hull(upto, wide.interval_at_or_below)
    area = isinstance(model.form(model.additive), ZeroAdjustedForm)
    none_found = area and bool(who.value[0] < 0.5)
    low, high = (_points(limit) for limit in interval)
    notes = list(few_near(blank.n_near_age, blank.sex))
    if widened:
        notes.append(WIDENED)
    if in_reference:
        notes.append("this person is in the reference and was left out of it")
    z = float(scipy.special.ndtri(np.clip(found.middle, LOWEST / 100, HIGHEST / 100)))
    top = max(reference.largest.get(model.measure, {}).values(), default=None)
    if not area and (found.middle < IMPLAUSIBLE_RANK or (top is not None and who.value[0] > top)):
        notes.append(f"outside everybody in the reference: is it {blank.unit}, and of the protocol {blank.protocol}?")
    if area and not head_known:
        notes.append(f"intracranial area not given: {reference.head_mm2:,.0f} mm² assumed")
    most = largest_of(reference.largest, model.measure, blank.sex)
    if area and most is not None and who.value[0] > most:
        notes.append(f"nobody of this sex in the reference has more than {most:,.0f} mm²")
    too_wide = high - low > WIDEST and not none_found
    if too_wide:
        notes.append(f"the interval is wider than {WIDEST:.0f} points, so no centile is given")
    return replace(
        blank,
        centile=None if too_wide else _points(found.middle),
        centile_low=low,
        centile_high=high,
        z=None if none_found or too_wide else z,
        n_reference=model.n - in_reference,
        centile_below=100 * found.below if area else None,
        centile_at_or_below=100 * found.at_or_below if area else None,
        at_or_below_low=100 * upto[0] if area else None,
        at_or_below_high=100 * upto[1] if area else None,
        most_of_sex=most,
        none_found=none_found,
        widened=widened,
        notes=tuple(notes),
    )


def _rank(model: Model, estimates: Estimates, who: People, in_reference: bool) -> Rank:
    form, fitted = model.form(estimates), estimates.fit
    if in_reference:
        fitted = _without(form, fitted, who)
    return rank(form, fitted, who)


def _without(form: Form, fitted: Fit, who: People) -> Fit:
    score_of = scores(lambda parameters: form.log_likelihood(parameters, who), fitted.parameters)[0]
    return Fit(without(fitted, score_of), fitted.covariance, fitted.log_likelihood)


def _refusal(reference: Reference, person: PersonValues, value: Value) -> str | None:
    if person.protocol != reference.protocol:
        return (
            f"measured under {person.protocol}, the reference under {reference.protocol}: "
            "numbers of different protocols are not compared"
        )
    youngest, oldest = reference.age_range(person.sex)
    everybody = [reference.age_range(sex) for sex in reference.ages]
    first, last = min(low for low, _ in everybody), max(high for _, high in everybody)
    who = {"F": "woman", "M": "man"}[person.sex]
    member = "control" if reference.group == "HC" else "patient"
    if not first <= person.age <= last:
        return f"age {person.age:g} is outside the reference, {first:g} to {last:g} years"
    if person.age < youngest:
        return f"age {person.age:g} is below the youngest {member} {who} of the reference, {youngest:g} years"
    if person.age > oldest:
        return f"age {person.age:g} is beyond the oldest {member} {who} of the reference, {oldest:g} years"
    return None


def few_near(near: int, sex: str) -> tuple[str, ...]:
    """Return the note that few of a reference are near a person's age, or no note.

    Parameters
    ----------
    near : people of this sex within five years
    """
    who = {"F": "women", "M": "men"}[sex]
    if near < VERY_FEW_NEAR:
        return (f"only {near} {who} of the reference within 5 years of this age",)
    return (f"few {who} of the reference within 5 years of this age: {near}",) if near < FEW_NEAR else ()


def _points(share: float) -> float:
    return min(max(100 * share, LOWEST), HIGHEST)
