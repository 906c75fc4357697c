"""Shapiro-Wilk against R (tests/reference/comparison.R, R 4.2.2), and groups it cannot judge."""

import polars as pl
import pytest

from analysis.normality import normality


@pytest.mark.reference
def test_shapiro_is_that_of_r(released_frame: pl.DataFrame) -> None:
    raw = normality(released_frame, "ventricle_ratio_pct").filter(pl.col("scale") == "raw")
    assert raw["statistic"].to_list() == pytest.approx([0.915823340607, 0.671921399437], rel=1e-6)
    assert raw["p_value"].to_list() == pytest.approx([4.03345450339e-23, 1.69481752846e-26], rel=1e-3)


def test_zeros_leave_the_log_scale_and_are_counted(people) -> None:
    rows = normality(people(group=["MS"] * 6, wmh=[0.0, 0.0, 1.0, 4.0, 9.0, None]), "wmh_area_mm2")
    log = rows.row(by_predicate=(pl.col("group") == "MS") & (pl.col("scale") == "log"), named=True)
    assert (log["n"], log["n_missing"]) == (3, 3)


@pytest.mark.parametrize("wmh", [[], [1.0, 2.0], [4.0] * 8, [None] * 8, [float(i) for i in range(5_001)]])
def test_what_cannot_be_judged_says_why(people, wmh) -> None:
    rows = normality(people(group=["HC"] * len(wmh), wmh=wmh), "wmh_area_mm2").filter(pl.col("scale") == "raw")
    assert rows["p_value"].null_count() == 2
    assert rows["note"].null_count() == 0
