"""Scores of models over patients; expected numbers by hand."""

import polars as pl
import pytest

from analysis.model_scores.summary import paired, summary, target_rows, volumes


def _scores(values: dict[str, list[float | None]], tissue: str = "wmh", metric: str = "dice") -> pl.DataFrame:
    rows = [
        (model, f"p{number:02}", tissue, metric, value)
        for model, column in values.items()
        for number, value in enumerate(column)
    ]
    return pl.DataFrame(rows, schema=["model_id", "subject_id", "class", "metric", "value"], orient="row")


def test_missing_scores_are_left_out_and_counted() -> None:
    [row] = summary(_scores({"m": [0.5, None, 0.7, float("nan")]})).to_dicts()
    assert (row["n"], row["n_missing"], row["mean"]) == (2, 2, pytest.approx(0.6))
    assert 0.5 <= row["ci_low"] <= row["ci_high"] <= 0.7
    [empty] = summary(_scores({"m": [None]})).to_dicts()
    assert (empty["n"], empty["mean"], empty["ci_low"]) == (0, None, None)


def test_paired_p_is_exact() -> None:
    first, second = [0.10, 0.25, 0.30, 0.45, 0.50, 0.55], [0.05, 0.10, 0.31, 0.15, 0.10, 0.02]
    tests = paired(_scores({"a": first, "b": second}), ["a", "b"], [("dice", "wmh")])
    [row] = tests.to_dicts()
    # Of the differences .05 .15 -.01 .30 .40 .53 the negative one has rank 1: 2 of 2^6 sign patterns on either side.
    assert row["p_value"] == pytest.approx(4 / 64)
    assert row["difference"] == pytest.approx(sum(first) / 6 - sum(second) / 6)
    assert (row["n"], row["family_size"], row["p_adjusted"]) == (6, 1, pytest.approx(4 / 64))


def test_paired_uses_only_patients_that_both_have_and_adjusts_by_holm() -> None:
    scores = _scores({"a": [0.9, 0.8, 0.7, None], "b": [0.8, 0.6, 0.4, 0.1], "c": [0.9, 0.8, 0.7, 0.6]})
    tests = paired(scores, ["a", "b", "c"], [("dice", "wmh")])
    rows = {(row["model"], row["other"]): row for row in tests.to_dicts()}
    assert rows["a", "b"]["n"] == 3
    assert rows["a", "b"]["p_value"] == pytest.approx(0.25)
    assert rows["a", "c"]["p_value"] is None  # all equal: there is nothing to test
    assert rows["a", "b"]["family_size"] == 2
    assert rows["a", "b"]["p_adjusted"] == pytest.approx(0.25)


def test_targets_are_judged_by_mean_and_by_interval() -> None:
    row = {"model_id": "m", "n": 10, "n_missing": 0}
    summaries = pl.DataFrame(
        [
            {**row, "class": "ventricle", "metric": "dice", "mean": 0.92, "ci_low": 0.89, "ci_high": 0.93},
            {**row, "class": "wmh", "metric": "hd95_3d_mm", "mean": 10.0, "ci_low": 7.0, "ci_high": 11.5},
            {**row, "class": "wmh", "metric": "dice", "mean": 0.7, "ci_low": 0.6, "ci_high": 0.8},
            {**row, "class": "wmh", "metric": "volume_error_pct", "mean": 2.0, "ci_low": -12.0, "ci_high": 9.0},
        ]
    )
    rows = {(r["metric"], r["class"]): (r["reached"], r["surely"]) for r in target_rows(summaries, "m")}
    assert rows["dice", "ventricle"] == (True, False)
    assert rows["hd95_3d_mm", "wmh"] == (True, True)
    assert rows["dice", "wmh"] == (False, False)
    assert rows["volume_error_pct", "wmh"] == (True, False)  # near zero by its mean, further below it at one end


def test_a_volume_that_is_too_small_misses_as_one_that_is_too_large_does() -> None:
    row = {"model_id": "m", "n": 10, "n_missing": 0, "class": "wmh", "metric": "volume_error_pct"}
    for mean in (-10.7, 10.7):
        summaries = pl.DataFrame([{**row, "mean": mean, "ci_low": mean - 1, "ci_high": mean + 1}])
        [found] = [r for r in target_rows(summaries, "m") if r["metric"] == "volume_error_pct"]
        assert (found["reached"], found["surely"]) == (False, False)


def test_a_target_without_a_score_is_not_judged() -> None:
    nothing = summary(_scores({"another": [0.5, 0.6]}))
    assert {(r["reached"], r["surely"]) for r in target_rows(nothing, "m")} == {(None, None)}


def test_volumes_need_both_sides() -> None:
    scores = pl.concat(
        [
            _scores({"m": [1.0, 2.0]}, metric="volume_manual_ml"),
            _scores({"m": [1.5, None]}, metric="volume_found_ml"),
        ]
    )
    assert volumes(scores).to_dicts() == [{"subject_id": "p00", "class": "wmh", "manual_ml": 1.0, "found_ml": 1.5}]
