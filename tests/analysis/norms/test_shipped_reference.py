"""The shipped references: every number the norms must show, and that they are what the released table gives."""

import time

import numpy as np
import polars as pl
import pytest

from analysis.norms.centile import hull, rank
from analysis.norms.fit_reference import fit_reference
from analysis.norms.people import one_person, people_of
from analysis.norms.reference import Reference
from analysis.norms.reference_files import shipped_references
from analysis.norms.score import score
from analysis.norms.values import person_values
from vocabulary.measures import PUBLISHED_PROTOCOL

VENTRICLE = (-0.8788, 0.0993, -0.0583, -1.0020, 0.4233, 2.2274)
VENTRICLE_SE = (0.0157, 0.0122, 0.0267, 0.0381, 0.0748, 0.2778)
LOAD = (2.8478, 0.6017, -0.0114, -1.4295, 0.2355, -1.0296)
LOAD_SE = (0.0429, 0.0715, 0.0279, 0.0986, 0.0860, 0.2275)


@pytest.fixture(scope="module")
def controls() -> Reference:
    return next(r for r in shipped_references() if r.group == "HC")


@pytest.fixture(scope="module")
def patients() -> Reference:
    return next(r for r in shipped_references() if r.group == "MS")


def ranks(reference: Reference, measure: str, age: float, sex: str, value: float):
    """Return the rank under the additive and the age x sex model, head size 111,000 mm²."""
    model = reference.model(measure)
    who = one_person(age, sex, value, 111_000.0)
    return [rank(model.form(e), e.fit, who) for e in (model.additive, model.age_by_sex)]


def test_parameters_are_the_published_ones(controls: Reference) -> None:
    ventricle, load = controls.model("ventricle_ratio_pct"), controls.model("wmh_area_mm2")
    assert ventricle.additive.parameters == pytest.approx(VENTRICLE, abs=6e-5)
    assert load.additive.parameters == pytest.approx(LOAD, abs=6e-5)
    assert ventricle.additive.log_likelihood == pytest.approx(391.932, abs=5e-4)
    assert load.additive.log_likelihood == pytest.approx(-3807.94, abs=5e-3)
    assert np.sqrt(np.diag(ventricle.additive.covariance)) == pytest.approx(VENTRICLE_SE, abs=2e-4)
    assert np.sqrt(np.diag(load.additive.covariance)) == pytest.approx(LOAD_SE, abs=2e-4)


@pytest.mark.parametrize(
    ("age", "sex", "value", "centile", "low", "high"),
    [
        (18, "F", 0.6, 93.29, 91.06, 95.07),
        (35, "F", 0.7, 92.75, 91.15, 94.12),
        (45, "M", 0.8, 95.64, 93.95, 96.93),
        (65, "F", 0.9, 90.79, 86.42, 94.03),
        (72, "M", 0.9, 90.27, 84.43, 94.31),
        (42, "F", 0.36, 30.0, 27.0, 33.0),
    ],
)
def test_ventricle_centiles_with_their_intervals(controls, age, sex, value, centile, low, high) -> None:
    found, _ = ranks(controls, "ventricle_ratio_pct", age, sex, value)
    tolerance = 0.5 if (age, value) == (42, 0.36) else 0.1  # printed as whole points
    assert 100 * found.middle == pytest.approx(centile, abs=tolerance)
    assert [100 * end for end in found.interval] == pytest.approx([low, high], abs=tolerance)


@pytest.mark.parametrize(
    ("area", "below", "at_most", "low", "high"),
    [
        (0, 0.0, 0.1932, 0.165, 0.225),
        (10, 0.5188, 0.5460, 0.515, 0.577),
        (35, 0.8888, 0.8951, 0.875, 0.913),
        (60, 0.9745, 0.9760, 0.967, 0.983),
    ],
)
def test_load_ranks_with_their_intervals(controls, area, below, at_most, low, high) -> None:
    found, _ = ranks(controls, "wmh_area_mm2", 35, "F", area)
    assert found.below == pytest.approx(below, abs=1e-3)
    assert found.at_or_below == pytest.approx(at_most, abs=1e-3)
    assert found.middle == pytest.approx((below + at_most) / 2, abs=1e-3)
    assert found.interval_at_or_below == pytest.approx((low, high), abs=1e-3)


def test_where_few_people_are_the_interval_holds_the_other_model_too(controls: Reference) -> None:
    additive, wide = ranks(controls, "ventricle_ratio_pct", 72, "M", 0.9)
    low, high = hull(additive.interval, wide.interval)
    assert 100 * (additive.interval[1] - additive.interval[0]) == pytest.approx(9.9, abs=0.1)
    assert 100 * (high - low) == pytest.approx(23.0, abs=0.5)


def test_how_many_people_are_near(controls: Reference) -> None:
    assert controls.n == 991
    assert controls.n_by_sex == {"F": 668, "M": 323}
    near = {(37, "F"): 288, (42, "F"): 194, (65, "F"): 6, (72, "M"): 2}
    assert {who: controls.n_near_age(*who) for who in near} == near
    thin = {
        sex: [next(age for age in range(30, 75) if controls.n_near_age(age, sex) < limit) for limit in (20, 10)]
        for sex in ("F", "M")
    }
    assert {sex: first for sex, (first, _) in thin.items()} == {"F": 61, "M": 57}
    assert (controls.age_range("F"), controls.age_range("M")) == ((18, 74), (18, 72))


def test_loads_most_controls_lack_have_a_rate(controls: Reference) -> None:
    para, juxta = controls.rate("paraventricular_area_mm2"), controls.rate("juxtacortical_area_mm2")
    assert (para.n, para.n_any, juxta.n_any) == (991, 31, 21)
    assert [para.n_with(area) for area in (0, 1, 2, 3, 8, 9)] == [991, 31, 31, 9, 1, 0]
    values = person_values(35, "F", PUBLISHED_PROTOCOL, {"paraventricular_area_mm2": 3.0}, head_typical=111_000)
    [found] = score(controls, values)
    assert (found.centile, found.z, found.n_as_much, found.n_reference) == (None, None, 9, 991)
    assert (found.any_pct, found.any_low, found.any_high) == pytest.approx((3.1, 2.2, 4.4), abs=0.06)


def test_patients_have_centiles_for_every_load(patients: Reference) -> None:
    assert patients.n == 380
    assert {m.family for m in patients.models} == {"box_cox_t", "zero_adjusted_weibull", "normal"}
    assert patients.rates == ()
    asked = {"wmh_area_mm2": 200.0, "paraventricular_area_mm2": 2.0}
    values = person_values(42, "F", PUBLISHED_PROTOCOL, asked, head_typical=111_000)
    assert all(0 < s.centile_low < s.centile < s.centile_high < 100 for s in score(patients, values))


def test_people_not_seen_are_predicted_as_well_as_the_targets_ask(controls: Reference) -> None:
    ventricle, load = (controls.diagnostics_of(m) for m in ("ventricle_ratio_pct", "wmh_area_mm2"))
    assert ventricle.log_score >= 0.389 and ventricle.miscalibration <= 0.44
    assert load.log_score >= -3.850 and load.miscalibration <= 0.42
    for found in (ventricle, load):
        assert (found.n, found.folds) == (991, 10)
        assert found.beyond_5 == pytest.approx(5, abs=1.5) and found.beyond_95 == pytest.approx(5, abs=1.5)
        assert sum(found.deciles) == pytest.approx(100)


def test_a_value_is_answered_in_fifty_milliseconds(controls: Reference) -> None:
    values = person_values(
        42, "F", PUBLISHED_PROTOCOL, {"ventricle_ratio_pct": 0.36, "wmh_area_mm2": 40.0}, head_typical=111_000
    )
    score(controls, values)
    took = []
    for _ in range(5):
        before = time.process_time()
        score(controls, values)
        took.append(time.process_time() - before)
    assert min(took) / 2 < 0.05


@pytest.mark.reference
@pytest.mark.slow
@pytest.mark.parametrize("group", ["HC", "MS"])
def test_shipped_references_are_those_of_the_released_table(released_frame: pl.DataFrame, group: str) -> None:
    shipped = next(r for r in shipped_references() if r.group == group)
    again = fit_reference(
        released_frame, name="again", title="", group=group, fitted_on="2026-11-26", software="", protocol="p"
    )
    assert again.ages == shipped.ages
    assert again.rates == shipped.rates
    assert again.largest == shipped.largest
    for one, other in zip(again.diagnostics, shipped.diagnostics, strict=True):
        assert one.log_score == pytest.approx(other.log_score, abs=1e-6)
        assert one.deciles == pytest.approx(other.deciles, abs=1e-4)
    for one, other in zip(again.models, shipped.models, strict=True):
        assert (one.measure, one.family, one.n) == (other.measure, other.family, other.n)
        for fitted, kept in ((one.additive, other.additive), (one.age_by_sex, other.age_by_sex)):
            if kept is not None:
                assert fitted.parameters == pytest.approx(kept.parameters, abs=1e-5)
                assert np.array(fitted.covariance) == pytest.approx(np.array(kept.covariance), rel=1e-3, abs=1e-7)


@pytest.mark.reference
def test_the_shipped_weibull_fits_patients_and_a_gamma_does_less(released_frame: pl.DataFrame) -> None:
    from analysis.norms.fit_form import fit_form
    from analysis.norms.forms import ADDITIVE, ZeroAdjustedForm

    people = people_of(released_frame.filter(pl.col("group") == "MS"), "wmh_area_mm2")
    weibull, gamma = (fit_form(ZeroAdjustedForm(f, ADDITIVE, ("intercept", "z")), people) for f in ("weibull", "gamma"))
    assert weibull.log_likelihood == pytest.approx(-2435.57, abs=0.01)
    assert gamma.log_likelihood == pytest.approx(-2439.77, abs=0.01)
