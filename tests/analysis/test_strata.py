"""Strata against R (tests/reference/strata.R, R 4.2.2), bands, and cells too small to describe."""

import numpy as np
import polars as pl
import pytest

from analysis.age_bands import parse_bands, with_age_band
from analysis.statistics.means import mean_interval
from analysis.statistics.medians import median_interval
from analysis.strata import outside, strata

MEAN_OF_R = (273.83, 196.815167534, 380.98115018)
MEDIAN_OF_R = (83.1926345463, 381.507277612)


def cell(summary: pl.DataFrame, group: str, sex: str, band: str) -> dict:
    return summary.row(
        by_predicate=(pl.col("group") == group) & (pl.col("sex") == sex) & (pl.col("age_band") == band), named=True
    )


@pytest.mark.reference
@pytest.mark.parametrize(
    ("who", "expected"),
    [
        (("HC", "F", "30-39"), (264, 11.6666666667, 16.9722057139, 7, 1.75, 14, 58)),
        (("MS", "M", "40-49"), (29, 407.965517241, 566.94938567, 182, 42, 640, 0)),
        (("MS", "F", "60+"), (4, 777.25, 764.620766568, 809.5, 175.75, 1411, 0)),
    ],
)
def test_strata_are_those_of_r(released_frame: pl.DataFrame, who, expected) -> None:
    row = cell(strata(released_frame, "wmh_area_mm2"), *who)
    found = [row[k] for k in ("n", "mean", "sd", "median", "q1", "q3", "n_zero")]
    assert found == pytest.approx(expected, rel=1e-10)
    assert row["sparse"] == (row["n"] < 5)


@pytest.mark.reference
def test_everybody_is_in_a_stratum_or_counted_outside(released_frame: pl.DataFrame) -> None:
    summary = strata(released_frame, "periventricular_share_pct")
    assert summary.height == 20
    assert summary["n"].sum() + summary["n_missing"].sum() + 9 == 1380
    assert outside(released_frame) == {"age_unknown": 9, "no_band": 0}
    assert outside(released_frame, [(18, 69)]) == {"age_unknown": 9, "no_band": 2}


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        # Hettmansperger and Sheather: R, hs() of strata.R
        (5, (1.0, 16.0)),
        (6, (1.35714285714, 26.2857142857)),
        (13, (6.73852876912, 673.468317553)),
    ],
)
def test_interval_of_a_median_is_that_of_r(n: int, expected: tuple[float, float]) -> None:
    assert median_interval(np.array([2.0**i for i in range(n)])) == pytest.approx(expected, rel=1e-9)


@pytest.mark.reference
def test_interval_of_a_median_load_is_that_of_r(released_frame: pl.DataFrame) -> None:
    row = cell(strata(released_frame, "wmh_area_mm2"), "MS", "M", "40-49")
    assert (row["median_low"], row["median_high"]) == pytest.approx(MEDIAN_OF_R, rel=1e-9)


@pytest.mark.reference
def test_interval_of_a_mean_load_is_that_of_r(released_frame: pl.DataFrame) -> None:
    summary = strata(released_frame, "wmh_area_mm2")
    row = cell(summary, "MS", "F", "30-39")
    assert [row[k] for k in ("mean", "mean_low", "mean_high")] == pytest.approx(MEAN_OF_R, rel=1e-9)
    fewer = cell(summary, "MS", "M", "40-49")
    assert (fewer["n"], fewer["mean_low"], fewer["note"]) == (29, None, "no interval of the mean below 100 people")


def test_intervals_stay_in_bounds_and_few_people_have_none() -> None:
    assert np.isnan(median_interval(np.arange(4.0))).all()
    low, high = mean_interval(np.array([100.0] * 88 + [20.0] * 12), "share")
    assert 80 < low < 90.4 < high < 100
    assert np.isnan(mean_interval(np.array([100.0] * 92 + [20.0] * 8), "share")).all()


def test_small_cells_keep_their_nulls_and_say_why(people) -> None:
    frame = people(
        group=["HC", "HC", "MS"], age=[20.0, 25.0, 35.0], wmh=[1.0, 3.0, 7.0], sex=["F"] * 3
    )  # fmt: skip
    summary = strata(frame, "wmh_area_mm2")
    assert summary["sparse"].all()
    two, one, none = (cell(summary, *who) for who in (("HC", "F", "18-29"), ("MS", "F", "30-39"), ("MS", "M", "18-29")))
    assert (two["n"], two["mean"], two["note"]) == (2, 2, "fewer than 5 people: read as individuals")
    assert (one["median"], one["sd"], one["mean_low"]) == (7, None, None)
    assert one["note"] == "one person: no spread and no interval"
    assert (none["n"], none["mean"], none["zero_rate"], none["note"]) == (0, None, None, "nobody")


@pytest.mark.parametrize("wmh", [[None] * 6, [0.0] * 6])
def test_all_missing_and_all_zero(people, wmh) -> None:
    summary = strata(people(group=["HC"] * 6, wmh=wmh), "wmh_area_mm2")
    row = cell(summary, "HC", "F", "40-49")
    assert (row["n"], row["n_missing"]) == ((0, 6) if wmh[0] is None else (6, 0))
    assert row["zero_rate"] == (None if wmh[0] is None else 1.0)


def test_an_age_with_a_fraction_belongs_to_its_completed_year(people) -> None:
    frame = people(group=["HC"] * 6, age=[17.9, 18.0, 29.9, 30.0, 60.0, None])
    assert with_age_band(frame)["age_band"].to_list() == [None, "18-29", "18-29", "30-39", "60+", None]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("18-39,30-49", "overlap"),
        ("40-30", "is empty"),
        ("60+,70-79", "must be the last"),
        ("young", "'young' is not an age band"),
        ("", "is not an age band"),
    ],
)
def test_bands_that_cannot_be(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_bands(text)


def test_edited_bands_are_used(people) -> None:
    summary = strata(people(group=["HC"] * 3, age=[20.0, 44.0, 45.0]), "ventricle_area_mm2", parse_bands("18-44,45+"))
    assert summary["age_band"].unique(maintain_order=True).to_list() == ["18-44", "45+"]
    assert cell(summary, "HC", "F", "18-44")["n"] == 2
