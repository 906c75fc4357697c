"""The one-sentence answers: right on the released table, plain when nothing can be said."""

import polars as pl
import pytest

from analysis.comparison import compare
from analysis.correlation import correlate, difference_of
from analysis.strata import strata
from analysis.trend import age_slope
from app.sentences import comparison
from vocabulary.measures import MEASURES


def compared(frame: pl.DataFrame, name: str) -> str:
    return comparison.comparison_sentence(compare(frame, name), name)


@pytest.mark.reference
@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "wmh_area_mm2",
            "MS patients carry 15.1 times (95 % CI 12.5-18.1) the WMH load of controls of the same age, sex and head "
            "size (380 MS, 991 HC).",
        ),
        (
            "ventricle_ratio_pct",
            "The ventricle ratio of MS patients is 6 % smaller (95 % CI 1-11 %) than that of controls of the same "
            "age, sex and head size (380 MS, 991 HC).",
        ),
        (
            "intracranial_area_mm2",
            "The intracranial area of MS patients does not differ clearly from that of controls of the same age and "
            "sex (380 MS, 991 HC): 95 % CI 1 % smaller to 0.5 % larger.",
        ),
        (
            "periventricular_share_pct",
            "Among people with lesions, the periventricular share of WMH is 43 percentage points lower in MS patients "
            "than in controls of the same age and sex (95 % CI 41-46 percentage points; 362 MS, 835 HC).",
        ),
    ],
)
def test_headline_of_the_released_table(released_frame: pl.DataFrame, name: str, said: str) -> None:
    assert compared(released_frame, name) == said


@pytest.mark.reference
def test_two_part_answer(released_frame: pl.DataFrame) -> None:
    tests = compare(released_frame, "wmh_area_mm2")
    assert comparison.two_part_sentence(tests, "wmh_area_mm2") == (
        "MS patients more often have any lesion (odds ratio 4.0, 95 % CI 2.4-6.7); among those who have one the "
        "typical load is 7.7 times (95 % CI 6.3-9.3) that of controls (362 MS, 835 HC)."
    )
    assert comparison.two_part_sentence(compare(released_frame, "ventricle_ratio_pct"), "ventricle_ratio_pct") == ""


@pytest.mark.reference
def test_other_answers_of_the_released_table(released_frame: pl.DataFrame) -> None:
    cells = correlate(released_frame, ["age_years", "ventricle_ratio_pct", "wmh_area_mm2", "wmh_ratio_pct"])
    gaps = difference_of(cells)
    assert comparison.correlation_sentence(cells, gaps, "ventricle_ratio_pct", "age_years") == (
        "Ventricle ratio and age (Spearman): r 0.32, 95 % CI 0.22-0.41, n = 380 in MS patients; r 0.25, 95 % CI "
        "0.19-0.31, n = 991 in controls; the groups do not differ clearly (difference 0.07, 95 % CI −0.04 to 0.18, "
        "p = .23)."
    )
    assert "there by construction" in comparison.correlation_sentence(cells, gaps, "wmh_ratio_pct", "wmh_area_mm2")
    assert "family of 12 tests" in comparison.matrix_sentence(cells)
    slope = comparison.slope_sentence(age_slope(released_frame, "wmh_ratio_pct"), "wmh_ratio_pct")
    assert slope.startswith("The WMH ratio in people ten years older: among MS patients 35 % higher (95 % CI 18-55 %;")
    summary = comparison.strata_sentence(strata(released_frame, "wmh_area_mm2"), "wmh_area_mm2")
    assert "highest in women aged 50-59 with MS (215 mm², n = 33)" in summary
    assert "2 of 20 strata hold fewer than 5 people" in summary


@pytest.mark.reference
@pytest.mark.parametrize("group", ["MS", "HC"])
@pytest.mark.parametrize("name", MEASURES)
def test_what_cannot_be_compared_is_said_plainly(released_frame: pl.DataFrame, group: str, name: str) -> None:
    one = released_frame.filter(pl.col("group") == group)
    said = compared(one, name)
    assert "cannot be compared" in said
    assert "None" not in said
    assert "nan" not in said
    everything = (
        comparison.two_part_sentence(compare(one, name), name)
        + comparison.slope_sentence(age_slope(one, name), name)
        + comparison.strata_sentence(strata(one, name), name)
    )
    assert "None" not in everything


@pytest.mark.reference
def test_nobody_at_all(released_frame: pl.DataFrame) -> None:
    nobody = released_frame.head(0)
    cells = correlate(nobody, ["age_years", "wmh_area_mm2"])
    assert "No pair" in comparison.matrix_sentence(cells)
    assert "not known" in comparison.correlation_sentence(cells, difference_of(cells), "age_years", "wmh_area_mm2")


def test_no_clear_difference_of_loads_names_its_interval() -> None:
    row = {
        "name": "adjusted_log_ratio", "n_hc": 50, "n_ms": 40, "effect_size": 1.1, "ci_low": 0.8, "ci_high": 1.5,
        "headline": True, "adjusted_for": "age and sex", "note": None,
    }  # fmt: skip
    assert comparison.comparison_sentence(pl.DataFrame([row]), "wmh_volume_ml") == (
        "The WMH load of MS patients does not differ clearly from that of controls of the same age and sex "
        "(40 MS, 50 HC): ratio 1.10 (95 % CI 0.80-1.50)."
    )
    assert comparison.comparison_sentence(pl.DataFrame([row | {"ci_low": 1.05}]), "lesion_count") == (
        "MS patients carry 1.10 times (95 % CI 1.05-1.50) the number of lesions of controls of the same age and sex "
        "(40 MS, 50 HC)."
    )
