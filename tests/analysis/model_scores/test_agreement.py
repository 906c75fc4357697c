"""Agreement of measures: computed by hand on few patients, and honest where there are too few."""

import math
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
    assert usual_errors(pl.concat(splits), "m") == UsualErrors({"wmh_area_mm2": ANY}, 3, "cv5", ANY)
    assert usual_errors(pl.concat([*splits, raw]), "m") == UsualErrors({"wmh_area_mm2": ANY}, 2, "cv5-raw", ANY)
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


def test_errors_of_amounts_are_proportional_where_everybody_has_some() -> None:
    # The logarithms of found / manual are ln 2, 0 and -ln 2: mean 0, SD ln 2, so limits of 2 to the power of +-1.96.
    rows = _rows("wmh_volume_ml", [1, 2, 4], [2, 2, 2]).with_columns(model_id=pl.lit("m"), split=pl.lit("cv5"))
    errors = usual_errors(rows, "m")
    assert errors is not None
    assert errors.likely("wmh_volume_ml", 10.0) == pytest.approx((10 / 2**1.959964, 10 * 2**1.959964))
    # 0, 0 and -2 away: mean -2 / 3, SD sqrt(4 / 3); a model that finds nothing may have missed this much.
    low = -2 / 3 - 1.959964 * math.sqrt(4 / 3)
    none = _rows("wmh_volume_ml", [0, 2, 4], [0, 2, 2]).with_columns(model_id=pl.lit("m"), split=pl.lit("cv5"))
    errors = usual_errors(none, "m")
    assert errors is not None
    assert errors.ratios == {}
    assert errors.likely("wmh_volume_ml", 0.0) == pytest.approx((0.0, -low))


def test_no_share_is_likely_beyond_a_hundred_percent() -> None:
    errors = UsualErrors({"periventricular_share_pct": (-30.0, 20.0)}, 9, "cv5-raw")
    assert errors.likely("periventricular_share_pct", 90.0) == (70.0, 100.0)
    assert errors.likely("periventricular_share_pct", 10.0) == (0.0, 40.0)
    assert errors.likely("wmh_volume_ml", 10.0) is None
