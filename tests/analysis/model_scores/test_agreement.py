"""Agreement of measures: computed by hand on few patients, and honest where there are too few."""

from unittest.mock import ANY

import polars as pl
import pytest

from analysis.model_scores.agreement import SHOWN, UsualErrors, measure_agreement, usual_errors
from vocabulary.measures import MEASURES


def _rows(measure: str, manual: list[float | None], found: list[float | None]) -> pl.DataFrame:
    people = [f"p{number}" for number in range(len(manual))]
    return pl.DataFrame(
        {"subject_id": people, "measure": [measure] * len(people), "manual": manual, "found": found},
        schema_overrides={"manual": pl.Float64, "found": pl.Float64},
    )


def test_shown_measures_exist() -> None:
    assert set(SHOWN) <= set(MEASURES)


def test_bias_limits_and_missing() -> None:
    [row] = measure_agreement(_rows("wmh_volume_ml", [10, 20, 30, None], [11, 22, 33, 4])).to_dicts()
    assert (row["n"], row["n_missing"], row["manual_mean"], row["bias"]) == (3, 1, 20, 2)
    assert row["limit_high"] == pytest.approx(2 + 1.959964)
    assert 0.9 < row["icc"] < 1


def test_usual_errors_prefer_raw_scans_and_know_only_cross_validated_models() -> None:
    rows = _rows("wmh_area_mm2", [10, 20, 30], [11, 22, 33])
    splits = [rows.with_columns(model_id=pl.lit("m"), split=pl.lit(split)) for split in ("cv5", "study")]
    raw = rows.head(2).with_columns(model_id=pl.lit("m"), split=pl.lit("cv5-raw"))
    assert usual_errors(pl.concat(splits), "m") == UsualErrors({"wmh_area_mm2": ANY}, 3, "cv5")
    assert usual_errors(pl.concat([*splits, raw]), "m") == UsualErrors({"wmh_area_mm2": ANY}, 2, "cv5-raw")
    assert usual_errors(splits[1], "m") is None
    assert usual_errors(pl.concat(splits), "another") is None


def test_one_patient_gives_no_agreement() -> None:
    [row] = measure_agreement(_rows("lesion_count", [10], [11])).to_dicts()
    assert (row["n"], row["bias"], row["icc"], row["limit_low"]) == (1, 1, None, None)


def test_measures_come_in_one_order_whatever_the_order_of_rows() -> None:
    rows = pl.concat([_rows(name, [1.0, 2.0, 4.0], [1.5, 2.0, 3.0]) for name in reversed(SHOWN)])
    assert measure_agreement(rows)["measure"].to_list() == list(SHOWN)


def test_no_rows_give_an_empty_answer() -> None:
    assert measure_agreement(_rows("wmh_volume_ml", [], [])).is_empty()
