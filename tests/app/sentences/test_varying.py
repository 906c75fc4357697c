"""Effects that vary: told at three ages and per sex where that is clear, and only there."""

import polars as pl
import pytest

from analysis.comparison import compare
from analysis.correlation import correlate, difference_of
from analysis.filters import Filter
from analysis.strata import strata
from analysis.trend import age_slope
from analysis.varying_effect import effect_at, effect_curve
from app.figures.cohort.varying_effect import varying_effect_figure
from app.sentences.comparison import comparison_sentence, correlation_sentence, slope_sentence, strata_sentence
from app.sentences.varying import varying_sentence


def said(frame: pl.DataFrame, name: str) -> str:
    return varying_sentence(compare(frame, name), effect_at(frame, name), name)


@pytest.mark.reference
def test_the_ratio_of_loads_at_three_ages_and_in_each_sex(released_frame: pl.DataFrame) -> None:
    assert said(released_frame, "wmh_ratio_pct") == (
        "The ratio varies with age: 6.9 times at 21 years (95 % CI 5.0-9.7), 15.5 times at 37 years (95 % CI 12.9-18.8)"
        " and 40.6 times at 56 years (95 % CI 26.9-61.2) (Holm over 7 tests, p < .001). The ratio varies between women "
        "and men: 19.1 times in women (95 % CI 15.2-23.9) and 10.8 times in men (95 % CI 8.0-14.6) (Holm over 7 tests, "
        "p = .003)."
    )
    assert said(released_frame, "ventricle_ratio_pct").startswith(
        "The ratio varies between women and men: 0.90 times in"
    )
    assert said(released_frame, "ventricle_ratio_pct").endswith("does not vary clearly with age (Holm over 5 tests).")
    assert "−50 points at 21 years" in said(released_frame, "periventricular_share_pct")


@pytest.mark.reference
def test_the_curve_holds_the_told_ratios_and_stays_between_common_ages(released_frame: pl.DataFrame) -> None:
    curve = effect_curve(released_frame, "wmh_ratio_pct")
    assert (curve["at"].min(), curve["at"].max()) == (18, 68)
    assert (curve["ci_low"] < curve["effect_size"]).all()
    assert (curve["effect_size"] < curve["ci_high"]).all()
    assert (curve["n_ms"][0], curve["n_hc"][0]) == (380, 991)
    figure = varying_effect_figure(curve)
    assert figure.layout.yaxis.type == "log"
    assert "380 MS, 991 HC" in [note.text for note in figure.layout.annotations]
    points = varying_effect_figure(effect_curve(released_frame, "periventricular_share_pct"))
    assert "percentage points" in points.layout.yaxis.title.text


def test_nothing_is_said_or_drawn_of_few_people(people) -> None:
    few = people(
        group=["HC", "MS"] * 8, age=[20.0 + i for i in range(16)], ventricle=[300.0 + 9 * i for i in range(16)]
    )
    assert said(few, "ventricle_area_mm2") == ""
    assert effect_curve(few, "ventricle_area_mm2").is_empty()
    assert effect_at(few, "ventricle_area_mm2")["note"].null_count() == 0


@pytest.mark.reference
@pytest.mark.parametrize(
    ("chosen", "name", "told"),
    [
        (
            Filter(age_min=40, age_max=40),
            "wmh_ratio_pct",
            "fewer than ten people of known age in a group (41 HC, 9 MS).",
        ),
        (Filter(groups=("MS",)), "wmh_ratio_pct", "cannot be compared on the WMH ratio: fewer than ten people"),
        (Filter(sexes=("M",), age_max=24), "periventricular_share_pct", "not adjusted for age and sex: fewer than 50"),
    ],
)
def test_what_small_selections_say(released_frame: pl.DataFrame, chosen: Filter, name: str, told: str) -> None:
    assert told in comparison_sentence(compare(chosen.apply(released_frame), name), name)


@pytest.mark.reference
def test_ties_have_no_lowest_and_highest_and_few_years_no_slope(released_frame: pl.DataFrame) -> None:
    controls = Filter(groups=("HC",)).apply(released_frame)
    same = strata_sentence(strata(controls, "juxtacortical_area_mm2"), "juxtacortical_area_mm2")
    assert same.startswith("The median of the juxtacortical WMH area is the same in all 10 strata, 0 mm²")
    few = Filter(age_min=40, age_max=44).apply(released_frame)
    assert "their ages, 40 to 44, span less than 10 years" in slope_sentence(
        age_slope(few, "wmh_ratio_pct"), "wmh_ratio_pct"
    )


@pytest.mark.reference
def test_pearson_says_why_it_has_no_interval_once(released_frame: pl.DataFrame) -> None:
    cells = correlate(released_frame, ["age_years", "wmh_ratio_pct"], "pearson")
    assert correlation_sentence(cells, difference_of(cells), "age_years", "wmh_ratio_pct") == (
        "Age and WMH ratio (Pearson): r 0.19, n = 380 in MS patients; r −0.07, n = 991 in controls. There is no "
        "interval by Pearson: WMH ratio is not known to be normally distributed. Whether the groups differ is told by "
        "Spearman's correlation only."
    )


def test_people_of_no_common_age_are_brought_there_by_extrapolation(people) -> None:
    cohort = people(
        group=["HC"] * 30 + ["MS"] * 30,
        age=[20.0 + i % 20 for i in range(30)] + [38.0 + i % 20 for i in range(30)],
        ventricle=[300.0 + 7 * (i % 11) for i in range(60)],
    )
    told = comparison_sentence(compare(cohort, "ventricle_area_mm2"), "ventricle_area_mm2")
    assert (
        "controls brought to the same age by extrapolation, for in one group only 2 are of an age the other has" in told
    )
