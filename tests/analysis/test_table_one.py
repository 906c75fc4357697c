"""Table 1: numbers worked out by hand, and what is left out or missing."""

import polars as pl
import pytest

from analysis.table_one import MOST_WORDS, table_one


def picked(table: pl.DataFrame, variable: str, group: str, summary: str, level: str | None = None) -> dict[str, object]:
    same_level = pl.col("level").is_null() if level is None else pl.col("level") == level
    found = table.filter(
        (pl.col("variable") == variable) & (pl.col("group") == group) & (pl.col("summary") == summary) & same_level
    )
    return found.row(0, named=True)


def test_numbers_shares_and_standardised_differences(people) -> None:
    frame = people(
        group=["HC", "HC", "HC", "HC", "MS", "MS", "MS", "MS"],
        sex=["F", "F", "M", "M", "F", "F", "F", "M"],
        age=[20.0, 30.0, 40.0, None, 30.0, 40.0, 50.0, 60.0],
        wmh=[0.0, 0.0, 0.0, 10.0, 10.0, 20.0, 0.0, 30.0],
    )
    table = table_one(frame)
    age = picked(table, "age_years", "HC", "mean_sd")
    assert (age["n"], age["n_missing"], age["centre"], age["low"]) == (3, 1, 30.0, 10.0)
    # Means 30 and 45, variances 100 and 166.67: 15 / sqrt(133.33).
    assert age["standardised_difference"] == pytest.approx(1.299038)
    women = picked(table, "sex", "MS", "number_share", "Women")
    assert (women["centre"], women["low"]) == (3.0, 75.0)
    # Shares .5 and .75: .25 / sqrt((.25 + .1875) / 2).
    assert women["standardised_difference"] == pytest.approx(0.534522)
    some = picked(table, "wmh_area_mm2", "all", "number_share", "any")
    assert (some["centre"], some["n"], some["low"]) == (4.0, 8, 50.0)
    middle = picked(table, "wmh_area_mm2", "MS", "median_quartiles")
    assert (middle["low"], middle["centre"], middle["high"]) == (7.5, 15.0, 22.5)


def test_one_group_alone_has_no_difference_and_an_unmeasured_measure_no_row(people) -> None:
    table = table_one(people(group=["HC", "HC"], sex=["F", "F"], age=[20.0, 30.0], wmh=[1.0, 2.0]))
    assert table["standardised_difference"].null_count() == table.height
    assert "wmh_volume_ml" not in table["variable"].to_list()
    assert picked(table, "age_years", "MS", "mean_sd")["centre"] is None


def test_words_beyond_the_most_frequent_share_a_row_and_nobody_is_lost(people) -> None:
    n = MOST_WORDS + 4
    frame = people(group=["HC", "MS"] * n, sex=["F", "M"] * n, age=[30.0] * (2 * n), wmh=[1.0] * (2 * n))
    frame = frame.with_columns(site=pl.Series([f"site {i // 2}" for i in range(2 * n)]))
    rows = table_one(frame, ["site"]).filter((pl.col("variable") == "site") & (pl.col("group") == "all"))
    assert rows["level"].to_list()[-1] == "other (4)"
    assert rows["centre"].sum() == 2 * n
