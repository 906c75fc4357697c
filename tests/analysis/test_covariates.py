"""Further columns in the adjusted model: what they explain goes, what they do not stays, who lacks them is counted."""

import numpy as np
import polars as pl
import pytest

from analysis.adjusted_effect import adjusted_model
from analysis.comparison import compare
from analysis.covariates import with_covariates

RNG = np.random.default_rng(20261126)
N = 400


def people() -> pl.DataFrame:
    """Ventricles 20 % larger on scanner B and the same in both groups; most patients were scanned on B."""
    group = np.where(np.arange(N) % 2 == 0, "MS", "HC")
    scanner = np.where(RNG.random(N) < np.where(group == "MS", 0.85, 0.15), "B", "A")
    area = 500 * np.where(scanner == "B", 1.2, 1.0) * np.exp(RNG.normal(0, 0.05, N))
    return pl.DataFrame(
        {
            "subject_id": [f"P{i}" for i in range(N)],
            "group": group,
            "sex": np.where(RNG.random(N) < 0.5, "F", "M"),
            "age_years": RNG.uniform(20, 60, N),
            "intracranial_area_mm2": RNG.normal(116000, 5000, N),
            "ventricle_area_mm2": area,
            "scanner": scanner,
            "dose": RNG.uniform(0, 10, N),
        }
    )


def headline(frame: pl.DataFrame) -> dict[str, object]:
    return compare(frame, "ventricle_area_mm2").row(by_predicate=pl.col("headline"), named=True)


def test_what_a_covariate_explains_is_no_longer_an_effect_of_ms() -> None:
    frame = people()
    raw, adjusted = headline(frame), headline(with_covariates(frame, ["scanner"]))
    assert raw["effect_size"] > 1.1  # type: ignore[operator]
    assert adjusted["effect_size"] == pytest.approx(1.0, abs=0.02)
    assert adjusted["ci_low"] < 1 < adjusted["ci_high"]  # type: ignore[operator]
    assert adjusted["adjusted_for"] == "age, sex, head size and scanner"


def test_the_fit_is_that_of_least_squares() -> None:
    frame = people()
    found = headline(with_covariates(frame, ["scanner", "dose"]))
    log_area = pl.col("ventricle_area_mm2").log()
    model = adjusted_model(with_covariates(frame, ["scanner", "dose"]), log_area, "gaussian", head_size=True)
    design = np.column_stack([model.base, model.used["ms"].to_numpy()])
    by_hand, *_ = np.linalg.lstsq(design, model.used["outcome"].to_numpy(), rcond=None)
    assert found["effect_size"] == pytest.approx(np.exp(by_hand[-1]), rel=1e-9)
    assert design.shape[1] == 1 + 4 + 2 + 2 + 1, "constant, age, sex and head, scanner and dose, group"


def test_people_without_a_value_are_left_out_and_counted() -> None:
    frame = people().with_columns(pl.when(pl.col("dose") > 1).then("dose"))
    found = headline(with_covariates(frame, ["dose"]))
    assert found["n_missing"] == frame["dose"].null_count() > 0


def test_a_column_only_patients_have_leaves_nothing_to_compare() -> None:
    frame = people().with_columns(pl.when(pl.col("group") == "MS").then("dose").alias("edss"))
    found = headline(with_covariates(frame, ["edss"]))
    assert found["effect_size"] is None
    assert "0 HC" in str(found["note"])


def test_a_constant_changes_nothing_and_an_unknown_column_is_refused() -> None:
    frame = people().with_columns(site=pl.lit("X"))
    assert headline(with_covariates(frame, ["site"])) == headline(frame)
    with pytest.raises(ValueError, match="no column 'stage'"):
        with_covariates(frame, ["stage"])
    with pytest.raises(ValueError, match="in every adjusted model already"):
        with_covariates(frame, ["age_years"])
