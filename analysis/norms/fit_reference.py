"""Fit a reference to a cohort: one model per measure, rates for loads that most people lack, refusals."""

from collections.abc import Iterable

import numpy as np
import polars as pl

from analysis.norms.fit_form import fit_form
from analysis.norms.forms import ADDITIVE, AGE_BY_SEX, BoxCoxTForm, Form, NormalForm, ZeroAdjustedForm
from analysis.norms.maximum_likelihood import NotFitted
from analysis.norms.people import HEAD_MM2, People, people_of
from analysis.norms.reference import AnyRate, Estimates, Family, Model, Reference, estimates_of
from analysis.norms.validation import Diagnostics, diagnose
from vocabulary.measures import SEX_LABELS, SEXES

MEASURES = (
    "ventricle_ratio_pct",
    "wmh_area_mm2",
    "periventricular_area_mm2",
    "paraventricular_area_mm2",
    "juxtacortical_area_mm2",
    "intracranial_area_mm2",
)
"""Measures a reference is fitted for; areas are scored at the person's own head size."""

LOADS = MEASURES[1:5]

LEAST_PEOPLE, LEAST_PER_SEX = 100, 10
"""Fewer controls carry no norm (brainchart asks for as many per protocol and sex)."""

RARE_LOAD = 0.2
"""Where fewer than this share of people have any, the load has a rate and no centile."""
FEW_WITHOUT = 10


class TooFewPeople(ValueError):
    """The cohort is too small, or too one-sided, to carry a norm."""


def fit_reference(
    frame: pl.DataFrame,
    *,
    name: str,
    title: str,
    group: str,
    fitted_on: str,
    software: str,
    protocol: str,
    dataset: str = "",
    content_sha256: str = "",
    synthetic: bool = False,
    citation: str = "",
    licence: str = "",
) -> Reference:
    """Fit a reference to the people of one group.

    Parameters
    ----------
    frame : cohort frame, one row per person; people without age or sex carry nothing and are left out
    group : 'HC' for a norm, 'MS' to place a patient among patients
    fitted_on : date as YYYY-MM-DD

    Raises
    ------
    TooFewPeople : fewer than 100 people, or fewer than 10 of a sex
    NotFitted : a model has no maximum for these people
    """
    people = frame.filter(pl.col("group") == group).drop_nulls(["sex", "age_years"])
    check_enough(people, group)
    models: list[Model] = []
    rates: list[AnyRate] = []
    diagnostics: list[Diagnostics] = []
    for measure in MEASURES:
        members = people_of(people, measure) if measure in people.columns else None
        if members is None or len(members) < LEAST_PEOPLE:
            continue
        if measure in LOADS and (members.value >= 0.5).mean() < RARE_LOAD:
            rates.append(any_rate(members, measure))
            continue
        model, found = _model(members, measure, "gamma" if group == "HC" else "weibull")
        models.append(model)
        diagnostics += [found] if found else []
    return Reference(
        name=name,
        title=title,
        group="HC" if group == "HC" else "MS",
        protocol=protocol,
        fitted_on=fitted_on,
        software=software,
        dataset=dataset,
        content_sha256=content_sha256,
        synthetic=synthetic,
        ages={sex: _ages(people.filter(pl.col("sex") == sex)) for sex in SEXES},
        models=tuple(models),
        rates=tuple(rates),
        largest={m: _largest(people, m) for m in MEASURES if m in people.columns},
        specificity=_specificity(people),
        diagnostics=tuple(diagnostics),
        head_mm2=float(np.floor(_mean_head(people) / 1000) * 1000),
        citation=citation,
        licence=licence,
    )


def _model(people: People, measure: str, positive: str) -> tuple[Model, Diagnostics | None]:
    """Return the model of a measure and how good it is; without the latter where a tenth less people carry no fit."""
    if measure in LOADS:
        model = _load(people, measure, positive)
        return model, _diagnosed(people, model)
    if measure == "intracranial_area_mm2":
        model = Model(measure, "normal", len(people), _estimates(NormalForm(), people))
        return model, _diagnosed(people, model)
    seen = people.take(people.value > 0)
    for heavy_tails in (True, False):
        # With few people, or light tails, the degrees of freedom of the t run away: then it is a normal.
        try:
            model = _size(seen, measure, heavy_tails=heavy_tails)
        except NotFitted:
            if not heavy_tails:
                raise
            continue
        found = _diagnosed(seen, model)
        if found is not None or not heavy_tails:
            return model, found
    raise NotFitted(f"{measure} has no model for these people")


def _diagnosed(people: People, model: Model) -> Diagnostics | None:
    try:
        return diagnose(model.measure, model.form(model.additive), model.additive.fit, people)
    except NotFitted:
        return None


def check_enough(people: pl.DataFrame, group: str) -> None:
    """Refuse a cohort that is too small for a norm.

    Raises
    ------
    TooFewPeople : fewer than 100 people of known age and sex, or fewer than 10 of one sex
    """
    counts = {sex: people.filter(pl.col("sex") == sex).height for sex in SEXES}
    who = {"HC": "controls", "MS": "patients"}[group]
    if people.height < LEAST_PEOPLE or min(counts.values()) < LEAST_PER_SEX:
        found = ", ".join(f"{n} {SEX_LABELS[sex].lower()}" for sex, n in counts.items())
        raise TooFewPeople(
            f"a reference needs at least {LEAST_PEOPLE} {who} of known age and sex, {LEAST_PER_SEX} of each sex; "
            f"there are {people.height} ({found})"
        )


def any_rate(people: People, measure: str) -> AnyRate:
    """Count who has any of a load, and who has how much."""
    some = people.value[people.value >= 0.5]
    areas = sorted(set(some.tolist()))
    return AnyRate(measure, len(people), len(some), tuple((area, int((some >= area).sum())) for area in areas))


def _size(people: People, measure: str, *, heavy_tails: bool) -> Model:
    additive = _estimates(BoxCoxTForm(heavy_tails=heavy_tails), people)
    wide = _first_that_fits([BoxCoxTForm(AGE_BY_SEX, heavy_tails=heavy_tails)], people)
    return Model(measure, "box_cox_t" if heavy_tails else "box_cox_normal", len(people), additive, wide)


def _load(people: People, measure: str, positive: str) -> Model:
    without = int((people.value < 0.5).sum())
    none: tuple[str, ...] = ADDITIVE if positive == "gamma" else ("intercept", "z")
    if without < FEW_WITHOUT:
        none = ("intercept",) if without else ()
    wide_none = AGE_BY_SEX if len(none) > 1 else none
    if positive == "gamma":
        form = ZeroAdjustedForm("gamma", ("intercept", "male"), none)
        wide = [ZeroAdjustedForm("gamma", AGE_BY_SEX, w) for w in (wide_none, none)]
    else:
        form = ZeroAdjustedForm("weibull", ADDITIVE, none)
        wide = [ZeroAdjustedForm("weibull", AGE_BY_SEX, w) for w in (wide_none, none)]
    family: Family = "zero_adjusted_gamma" if positive == "gamma" else "zero_adjusted_weibull"
    return Model(measure, family, len(people), _estimates(form, people), _first_that_fits(wide, people))


def _estimates(form: Form, people: People) -> Estimates:
    return estimates_of(form, fit_form(form, people))


def _first_that_fits(forms: Iterable[Form], people: People) -> Estimates | None:
    for form in forms:
        try:
            return _estimates(form, people)
        except NotFitted:
            continue
    return None


def _ages(people: pl.DataFrame) -> tuple[tuple[float, int], ...]:
    counts = people.group_by(pl.col("age_years").round(1)).len().sort("age_years")
    return tuple((float(age), int(n)) for age, n in counts.rows())


def _largest(people: pl.DataFrame, measure: str) -> dict[str, float]:
    tops = people.drop_nulls(measure).group_by("sex").agg(pl.col(measure).max()).sort("sex")
    return {sex: float(top) for sex, top in tops.rows()}


def _mean_head(people: pl.DataFrame) -> float:
    heads = people["intracranial_area_mm2"].drop_nulls() if "intracranial_area_mm2" in people.columns else None
    return HEAD_MM2 if heads is None or heads.is_empty() else float(heads.to_numpy().mean())


def _specificity(people: pl.DataFrame) -> dict[str, float]:
    if "wmh_area_mm2" not in people.columns or people["wmh_area_mm2"].drop_nulls().is_empty():
        return {}
    found = people["wmh_area_mm2"].drop_nulls().to_numpy()
    return {"wmh_area_median_mm2": float(np.median(found)), "wmh_area_p95_mm2": float(np.percentile(found, 95))}
