"""Who is in the cohort; Wilson intervals against R's prop.test (tests/reference/strata.R, R 4.2.2)."""

import polars as pl
import pytest
import scipy

from analysis.age_bands import band_label
from analysis.filters import Filter
from analysis.overview import Z_975, five_year_bands, inclusion, missing, pyramid, wilson, zero_rates


@pytest.mark.reference
def test_lesion_free_rates_are_those_of_r(released_frame: pl.DataFrame) -> None:
    rates = zero_rates(released_frame, ["wmh_area_mm2"])
    assert rates["n_zero"].to_list() == [159, 18]
    assert rates.select("ci_low", "ci_high").row(0) == pytest.approx((0.137785690046, 0.183143860672), rel=1e-10)
    assert rates.select("ci_low", "ci_high").row(1) == pytest.approx((0.0300901665847, 0.073436773945), rel=1e-10)


@pytest.mark.reference
def test_released_table_is_described(released_frame: pl.DataFrame) -> None:
    flow = inclusion(released_frame, Filter(lesion_positive=True))
    assert flow.rows() == [
        ("everyone in the dataset", 1380, 999, 381, 0),
        ("with lesions", 1203, 840, 363, 177),
    ]
    assert pyramid(released_frame)["n"].sum() == 1371
    unknown = missing(released_frame)
    ages = unknown.filter(pl.col("column") == "age_years")
    assert ages["n_missing"].to_list() == [8, 1]
    shares = unknown.filter(pl.col("column") == "juxtacortical_share_pct")
    assert shares.select("n_missing", "n_undefined").rows() == [(0, 159), (0, 18)]


def test_the_quantile_is_that_of_scipy() -> None:
    assert scipy.special.ndtri(0.975) == Z_975


def test_wilson_at_the_ends() -> None:
    assert wilson(0, 0) == (None, None)
    assert wilson(0, 5)[0] == 0
    assert wilson(5, 5)[1] == 1


def test_pyramid_bands_cover_every_known_age(people) -> None:
    frame = people(group=["HC"] * 4, age=[18.0, 34.9, 72.0, None])
    bands = five_year_bands(frame)
    assert (band_label(bands[0]), band_label(bands[-1])) == ("15-19", "70-74")
    counted = pyramid(frame, bands)
    assert counted["n"].sum() == 3
    assert counted.filter(pl.col("n") > 0)["age_band"].to_list() == ["15-19", "30-34", "70-74"]


def test_rates_by_sex_keep_empty_cells(people) -> None:
    rates = zero_rates(people(group=["HC"] * 2, wmh=[0.0, None]), ["wmh_area_mm2"], by=("group", "sex"))
    assert rates.select("group", "sex", "n", "n_missing", "n_zero", "rate").rows() == [
        ("HC", "F", 1, 1, 1, 1.0),
        ("HC", "M", 0, 0, 0, None),
        ("MS", "F", 0, 0, 0, None),
        ("MS", "M", 0, 0, 0, None),
    ]


def test_nobody_is_described_without_numbers(people) -> None:
    frame = people()
    assert inclusion(frame, Filter())["n"].to_list() == [0]
    assert pyramid(frame)["n"].sum() == 0
    assert zero_rates(frame)["rate"].null_count() == 8
    assert missing(frame)["missing_rate"].null_count() == missing(frame).height > 0
