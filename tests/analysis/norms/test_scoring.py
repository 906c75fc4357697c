"""Scores of typed values: what is answered, what is refused and why; synthetic people with known truth."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from analysis.norms.coverage import Point, bootstrap_check, draw, simulated_coverage
from analysis.norms.fit_form import fit_form
from analysis.norms.fit_reference import TooFewPeople, fit_reference
from analysis.norms.forms import AGE_BY_SEX, BoxCoxTForm, ZeroAdjustedForm
from analysis.norms.maximum_likelihood import NotFitted, fit, scores, without
from analysis.norms.people import People, one_person
from analysis.norms.reference import Reference
from analysis.norms.reference_files import ReferenceUnreadable, read_reference, shipped_references, to_json
from analysis.norms.score import Score, score
from analysis.norms.values import BadValue, person_values
from vocabulary.measures import PUBLISHED_PROTOCOL

TRUE_SIZE = np.array([-0.88, 0.10, -0.06, -1.0, 0.42, 2.2])
TRUE_LOAD = np.array([2.85, 0.60, -0.01, -1.43, 0.24, -1.03])


@pytest.fixture(scope="module")
def controls() -> Reference:
    return next(r for r in shipped_references() if r.group == "HC")


def crowd(n: int, seed: int = 1) -> People:
    rng = np.random.default_rng(seed)
    age, male = rng.integers(18, 70, n).astype(float), (rng.random(n) < 0.4).astype(float)
    return People(age, male, np.full(n, 111_000.0), np.ones(n))


def cohort(n: int, seed: int = 1) -> pl.DataFrame:
    """Return a made-up cohort of controls drawn from the models above."""
    people, rng = crowd(n, seed), np.random.default_rng(seed + 1)
    load = draw(ZeroAdjustedForm(), TRUE_LOAD, people, rng)
    return pl.DataFrame(
        {
            "group": ["HC"] * n,
            "sex": np.where(people.male == 1, "M", "F"),
            "age_years": people.age,
            "intracranial_area_mm2": rng.normal(111_000, 8_000, n),
            "ventricle_ratio_pct": draw(BoxCoxTForm(), TRUE_SIZE, people, rng),
            "wmh_area_mm2": load,
            "periventricular_area_mm2": load,
            "paraventricular_area_mm2": np.where(load > 60, 2.0, 0.0),
            "juxtacortical_area_mm2": np.zeros(n),
        }
    )


def ask(reference: Reference, age: float, sex: str, protocol: str = PUBLISHED_PROTOCOL, **given: float) -> list[Score]:
    return score(reference, person_values(age, sex, protocol, given, head_typical=reference.head_mm2))


@pytest.mark.parametrize(
    ("age", "sex", "said"),
    [
        (16, "F", "outside the reference, 18 to 74"),
        (80, "M", "outside the reference, 18 to 74"),
        (74.5, "F", "outside the reference"),
        (73, "M", "beyond the oldest control man of the reference, 72"),
    ],
)
def test_ages_without_people_are_refused(controls: Reference, age: float, sex: str, said: str) -> None:
    [found] = ask(controls, age, sex, ventricle_ratio_pct=0.4)
    assert found.centile is None and found.centile_low is None and found.z is None
    assert said in (found.refused or "")
    assert said in found.note


def test_a_woman_beyond_the_oldest_control_woman_is_refused(controls: Reference) -> None:
    younger = replace(controls, ages={"F": tuple(a for a in controls.ages["F"] if a[0] <= 66), "M": controls.ages["M"]})
    [found] = ask(younger, 68, "F", ventricle_ratio_pct=0.4)
    assert "beyond the oldest control woman of the reference, 66" in (found.refused or "")
    assert ask(younger, 68, "M", ventricle_ratio_pct=0.4)[0].centile is not None


def test_another_protocol_is_refused(controls: Reference) -> None:
    [found] = ask(controls, 40, "F", "mscohort-1", ventricle_ratio_pct=2.3)
    assert "different protocols are not compared" in (found.refused or "")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"wmh_area_mm2": 4000.0, "intracranial_area_mm2": 1000.0}, "larger than intracranial_area_mm2"),
        ({"wmh_area_mm2": float("nan")}, "not a number"),
        ({"ventricle_ratio_pct": float("inf")}, "not a number"),
        ({"wmh_area_mm2": -1.0}, "negative"),
        ({"wmh_ratio_pct": 130.0}, "above 100 %"),
        ({"ventricle_ratio_pct": 0.0}, "cannot be ranked"),
        ({"ventricle_area_mm2": 400.0}, "needs intracranial_area_mm2"),
        ({"wmh_area_mm2": 10.0, "periventricular_area_mm2": 30.0}, "zones add up to 30"),
        ({"wmh_area_mm2": 100.0, "wmh_ratio_pct": 0.9, "intracranial_area_mm2": 100_000.0}, "is not wmh_area_mm2"),
        ({"lesion_count": 3.0}, "no norm for 'lesion_count'"),
        ({}, "no value"),
    ],
)
def test_values_that_cannot_be_true_are_refused(given: dict[str, float], said: str) -> None:
    with pytest.raises(BadValue, match=said):
        person_values(40, "F", PUBLISHED_PROTOCOL, given, head_typical=111_000)


@pytest.mark.parametrize(
    ("age", "sex", "protocol"), [(float("nan"), "F", "p"), (40, "X", "p"), (-1, "F", "p"), (40, "F", " ")]
)
def test_people_that_cannot_be_are_refused(age: float, sex: str, protocol: str) -> None:
    with pytest.raises(BadValue):
        person_values(age, sex, protocol, {"wmh_area_mm2": 1.0}, head_typical=111_000)


def test_a_lesion_free_person_has_an_interval_and_no_z(controls: Reference) -> None:
    [found] = ask(controls, 35, "F", wmh_area_mm2=0.0, intracranial_area_mm2=111_000.0)[:1]
    assert found.z is None and found.none_found
    assert found.centile_at_or_below == pytest.approx(19.32, abs=0.1)
    assert found.centile == pytest.approx(9.66, abs=0.1)
    assert (found.centile_low, found.centile_high) == pytest.approx((0.1, 22.5), abs=0.1)


def test_nothing_is_ever_0_or_100(controls: Reference) -> None:
    for load in (0.0, 1.0, 181.0, 5_000.0, 90_000.0):
        [found] = ask(controls, 40, "F", wmh_area_mm2=load)
        assert 0 < found.centile_low <= found.centile <= found.centile_high < 100
    [huge] = ask(controls, 40, "F", wmh_area_mm2=500.0)
    assert "nobody of this sex in the reference has more than 181 mm²" in huge.note


def test_a_ratio_and_its_area_are_ranked_alike(controls: Reference) -> None:
    head = 120_000.0
    by_area, _ = ask(controls, 40, "M", wmh_area_mm2=60.0, intracranial_area_mm2=head)
    by_ratio, _ = ask(controls, 40, "M", wmh_ratio_pct=0.05, intracranial_area_mm2=head)
    assert by_area.centile == pytest.approx(by_ratio.centile)
    ventricle, _ = ask(controls, 40, "M", ventricle_area_mm2=480.0, intracranial_area_mm2=head)
    assert ventricle.centile == pytest.approx(ask(controls, 40, "M", ventricle_ratio_pct=0.4)[0].centile)


def test_values_of_another_pipeline_are_asked_back(controls: Reference) -> None:
    assert "of the protocol tabriz-2026-published?" in ask(controls, 40, "F", ventricle_ratio_pct=2.3)[0].note
    assert "protocol" not in ask(controls, 40, "F", ventricle_ratio_pct=0.4)[0].note


def test_no_point_where_the_interval_is_wider_than_fifty(controls: Reference) -> None:
    model = controls.model("ventricle_ratio_pct")
    vague = replace(model.additive, covariance=tuple(tuple(400 * c for c in row) for row in model.additive.covariance))
    blurred = replace(controls, models=(replace(model, additive=vague), *controls.models[1:]))
    [found] = ask(blurred, 40, "F", ventricle_ratio_pct=0.42)
    assert found.centile is None and found.z is None
    assert found.centile_high - found.centile_low > 50
    assert "wider than 50 points" in found.note


def test_forty_people_carry_no_reference() -> None:
    with pytest.raises(TooFewPeople, match=r"at least 100 controls.*there are 40"):
        fit_reference(cohort(40), name="x", title="", group="HC", fitted_on="", software="", protocol="p")
    women = cohort(400).filter((pl.col("sex") == "F") | (pl.int_range(pl.len()) < 12))
    with pytest.raises(TooFewPeople, match="10 of each sex"):
        fit_reference(women, name="x", title="", group="HC", fitted_on="", software="", protocol="p")


def test_a_reference_of_made_up_people_finds_their_truth_and_survives_its_file(tmp_path) -> None:
    made = fit_reference(
        cohort(700), name="made", title="Made", group="HC", fitted_on="2026-01-01", software="t", protocol="p"
    )
    size, load = made.model("ventricle_ratio_pct").additive, made.model("wmh_area_mm2").additive
    for estimates, truth in ((size, TRUE_SIZE), (load, TRUE_LOAD)):
        errors = (np.array(estimates.parameters) - truth) / np.sqrt(np.diag(estimates.covariance))
        assert np.abs(errors).max() < 3.5
    assert made.rate("juxtacortical_area_mm2").n_any == 0
    path = tmp_path / "made.json"
    path.write_bytes(to_json(made))
    assert read_reference(path) == made


def test_a_file_that_is_no_reference_is_one_line(tmp_path, controls: Reference) -> None:
    path = tmp_path / "bad.json"
    for content in (
        b"",
        b"[]",
        b"\xff\xfe",
        b'{"name": "x"}',
        to_json(controls).replace(b'"log_sigma"', b'"log_zigma"'),
    ):
        path.write_bytes(content)
        with pytest.raises(ReferenceUnreadable, match=r"bad\.json"):
            read_reference(path)
    with pytest.raises(ReferenceUnreadable, match="cannot be read"):
        read_reference(tmp_path / "none.json")


def test_controls_without_a_lesion_free_person_need_no_model_of_none() -> None:
    frame = cohort(300).with_columns(pl.col("wmh_area_mm2") + 300.0, pl.col("periventricular_area_mm2") + 300.0)
    made = fit_reference(frame, name="m", title="", group="HC", fitted_on="", software="", protocol="p")
    assert made.model("wmh_area_mm2").additive.none_terms == ()
    assert ask(made, 40, "F", "p", wmh_area_mm2=320.0)[0].centile is not None


def test_leaving_a_person_out_is_refitting_without_them() -> None:
    people = crowd(400)
    people = people.with_value(draw(BoxCoxTForm(), TRUE_SIZE, people, np.random.default_rng(5)))
    form = BoxCoxTForm()
    everybody = fit_form(form, people)
    slopes = scores(lambda parameters: form.log_likelihood(parameters, people), everybody.parameters)
    for i in (int(np.argmax(people.value)), 7):
        others = people.take(np.arange(400) != i)
        error = np.sqrt(np.diag(everybody.covariance))
        # Within a few hundredths of a standard error, and nearer than keeping the person.
        refit, quick = fit_form(form, others).parameters, without(everybody, slopes[i])
        assert np.abs((refit - quick) / error).max() < 0.12
        assert np.abs((refit - quick) / error).max() < np.abs((refit - everybody.parameters) / error).max()


def test_what_cannot_be_fitted_says_so() -> None:
    with pytest.raises(NotFitted):
        fit(lambda parameters: np.full(10, float(parameters[0])), np.zeros(1))
    with pytest.raises(NotFitted):
        fit(lambda parameters: -((parameters[0] + parameters[1]) ** 2) * np.ones(5), np.zeros(2))


@pytest.mark.parametrize(
    ("form", "truth", "value"), [(BoxCoxTForm(), TRUE_SIZE, 0.62), (ZeroAdjustedForm(), TRUE_LOAD, 30.0)]
)
def test_intervals_hold_the_truth_about_as_often_as_they_say(form, truth, value) -> None:
    # The long version, 300 refits at seven points, is `python -m benchmarks.norms`.
    people = crowd(700 if isinstance(form, BoxCoxTForm) else 250)
    true_fit = replace(
        fit_form(form, people.with_value(draw(form, truth, people, np.random.default_rng(3)))), parameters=truth
    )
    points = [Point(25, "F", value), Point(45, "M", value), Point(60, "F", 1.5 * value)]
    found = simulated_coverage(form, true_fit, people, points, refits=16)
    assert found["n_failed"].max() == 0
    assert 0.85 <= found["covered"].mean() <= 1.0


def test_a_bootstrap_agrees_with_the_intervals_roughly() -> None:
    frame = cohort(250)
    made = fit_reference(frame, name="m", title="", group="HC", fitted_on="", software="", protocol="p")
    rows = bootstrap_check(replace(made, models=made.models[:1]), frame, refits=30)
    assert [row["who"][0] for row in rows] == ["F", "M"]
    for row in rows:
        assert row["n"] + row["n_failed"] == 30
        assert abs(row["bootstrap_low"] - row["low"]) < 8 and abs(row["bootstrap_high"] - row["high"]) < 8


def test_the_age_by_sex_form_names_its_parameters() -> None:
    assert "log_mu.z_male" in BoxCoxTForm(AGE_BY_SEX).names
    assert one_person(45, "M", 1.0).z.tolist() == [1.0]
