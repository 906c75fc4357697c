"""The data behind three pictures of what went wrong, against STUDY numbers of the released table."""

import polars as pl
import pytest

from analysis.published.flaw_illustrations import bin_means, removed_people, tied_ranks


def test_rule_removes_nearly_every_control_with_lesions_away_from_the_ventricles(released_frame: pl.DataFrame) -> None:
    people = removed_people(released_frame)
    assert people["removed"].sum() == 109
    deep = people.filter((pl.col("group") == "HC") & (pl.col("outside_area_mm2") > 0))
    assert (deep["removed"].sum(), deep.height) == (50, 51)


def test_tiny_constant_makes_a_correlation(released_frame: pl.DataFrame) -> None:
    ranks = tied_ranks(released_frame)
    assert ranks.height == 991
    published, exact = (ranks.select(pl.corr("load_rank", n)).item() for n in ("published_rank", "exact_rank"))
    assert (published, exact) == (pytest.approx(0.909, abs=5e-4), pytest.approx(0.534, abs=5e-4))


def test_mean_of_means_is_not_the_mean(released_frame: pl.DataFrame) -> None:
    means = bin_means(released_frame)
    bins = means.filter(pl.col("age_group") != "all")
    assert bins["n"].to_list() == [90, 137, 103, 45, 5]
    assert bins["mean"].mean() == pytest.approx(58.02, abs=5e-3)
    assert means["mean"][-1] == pytest.approx(52.98, abs=5e-3)


def test_bins_without_people_are_left_out(released_frame: pl.DataFrame) -> None:
    young = released_frame.filter(pl.col("age_years") < 40)
    assert bin_means(young)["age_group"].to_list() == ["18-29", "30-39", "all"]
