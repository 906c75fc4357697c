"""Age curves and slopes against R (tests/reference/comparison.R, R 4.2.2), and groups without a trend."""

import polars as pl
import pytest

from analysis.trend import age_slope, age_trend
from vocabulary.measures import MEASURES


@pytest.mark.reference
@pytest.mark.parametrize(
    ("name", "youngest", "oldest"),
    [
        (
            "ventricle_ratio_pct",
            (18, 0.286781810159, 0.251826808976, 0.3265887654),
            (68, 0.565866679488, 0.406370059614, 0.787964298497),
        ),
        (
            "wmh_ratio_pct",
            (18, 0.051089351601, 0.0237609239735, 0.109849341293),
            (68, 0.720507052674, 0.269274551816, 1.92788516201),
        ),
    ],
)
def test_curve_is_that_of_r_and_ends_with_the_people(released_frame: pl.DataFrame, name, youngest, oldest) -> None:
    curve = age_trend(released_frame, name).filter(pl.col("group") == "MS")
    points = curve.select("age", "estimate", "ci_low", "ci_high")
    assert points.row(0) == pytest.approx(youngest, rel=1e-7)
    assert points.row(-1) == pytest.approx(oldest, rel=1e-7)
    assert curve["n"].unique().to_list() == [380]
    assert curve["n_missing"].unique().to_list() == [1]


@pytest.mark.reference
def test_slope_per_decade_is_that_of_r(released_frame: pl.DataFrame) -> None:
    row = age_slope(released_frame, "wmh_ratio_pct").row(by_predicate=pl.col("group") == "MS", named=True)
    found = [row[k] for k in ("effect_size", "ci_low", "ci_high", "p_value")]
    assert found == pytest.approx([1.3493042389, 1.1760775762, 1.54804578028, 2.30130794554e-05], rel=1e-6)


@pytest.mark.reference
def test_share_stays_within_its_bounds_and_sexes_have_their_own_curves(released_frame: pl.DataFrame) -> None:
    curves = age_trend(released_frame, "periventricular_share_pct", by_sex=True)
    assert sorted(curves.select("group", "sex").unique().iter_rows()) == [(g, s) for g in ("HC", "MS") for s in "FM"]
    drawn = curves.drop_nulls("age")
    assert drawn["ci_low"].min() >= 0
    assert drawn["ci_high"].max() <= 100
    assert (drawn["ci_low"] <= drawn["estimate"]).all()
    assert (drawn["estimate"] <= drawn["ci_high"]).all()


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize(
    "case",
    [
        {"group": []},
        {"group": ["MS"] * 9, "age": [20.0 + i for i in range(9)], "wmh": [1.0 + i for i in range(9)]},
        {"group": ["MS"] * 20},
        {"group": ["MS"] * 20, "age": [None] * 20},
        {"group": ["MS"] * 20, "age": [20.0 + i for i in range(20)], "wmh": [None] * 20, "ventricle": [None] * 20},
        {"group": ["MS"] * 20, "age": [20.0] * 19 + [50.0], "wmh": [3.0] * 19 + [9.0]},
    ],
)
def test_no_trend_is_one_row_with_a_reason(people, name: str, case) -> None:
    frame = people(**case)
    for answer in (age_trend(frame, name), age_slope(frame, name)):
        assert set(answer["group"]) == {"HC", "MS"}
        estimate = "estimate" if "estimate" in answer.columns else "effect_size"
        silent = answer.filter(pl.col(estimate).is_null())
        assert silent["note"].null_count() == 0
        assert answer.filter(pl.col("group") == "HC").height == 1


def test_no_difference_per_ten_years_from_less_than_ten_years(people) -> None:
    frame = people(group=["MS"] * 40, age=[40.0 + 9 * i / 39 for i in range(40)], wmh=[1.0 + i % 7 for i in range(40)])
    row = age_slope(frame, "wmh_area_mm2").row(by_predicate=pl.col("group") == "MS", named=True)
    assert (row["effect_size"], row["note"]) == (None, "their ages, 40 to 49, span less than 10 years")
