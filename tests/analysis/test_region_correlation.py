"""A column against regional loads: the same number as the page Correlations gives, and one family per group."""

import numpy as np
import polars as pl
import pytest

from analysis.correlation import correlate
from analysis.region_correlation import region_correlations


def people(n: int = 80) -> pl.DataFrame:
    rng = np.random.default_rng(3)
    edss = rng.integers(0, 13, n) / 2
    rows = []
    for region, slope in ((1, 0.6), (2, 0.0), (3, 0.0)):
        load = np.exp(slope * edss + rng.standard_normal(n))
        rows.append(
            pl.DataFrame(
                {
                    "subject_id": [f"{i}" for i in range(n)], "group": ["MS"] * n, "sex": ["F", "M"] * (n // 2),
                    "age_years": 20.0 + np.arange(n) % 40, "edss": edss, "region_number": [region] * n,
                    "region": [f"r{region}"] * n, "side": ["left"] * n, "load_ml": load,
                }
            )
        )  # fmt: skip
    return pl.concat(rows).with_columns(pl.col("region_number").cast(pl.Int32))


def test_a_planted_correlation_is_found_in_its_region_alone() -> None:
    found = region_correlations(people(), "edss")
    assert found.filter(pl.col("p_adjusted") < 0.05)["region_number"].to_list() == [1]
    assert found["family_size"].to_list() == [3, 3, 3]
    assert found["n"].to_list() == [80, 80, 80]


def test_it_is_the_number_of_the_page_correlations() -> None:
    frame = people().filter(pl.col("region_number") == 2)
    rows = correlate(frame.rename({"load_ml": "x"}), ["edss", "x"], "spearman", partial=True)
    expected = rows.row(by_predicate=pl.col("group") == "MS", named=True)
    found = region_correlations(people(), "edss").row(1, named=True)
    assert (found["r"], found["ci_low"], found["p_value"]) == pytest.approx(
        (expected["r"], expected["ci_low"], expected["p_value"])
    )


def test_benjamini_and_hochberg_by_hand() -> None:
    found = region_correlations(people(), "edss")
    p = sorted(found["p_value"].to_list())
    expected = min(p[0] * 3, p[1] * 3 / 2, p[2])
    assert min(found["p_adjusted"].to_list()) == pytest.approx(expected)


def test_nobody_and_no_such_column() -> None:
    assert region_correlations(people().clear(), "edss").is_empty()
    with pytest.raises(ValueError, match="nonsense"):
        region_correlations(people(), "nonsense")
