"""Means over patients with their interval, and the interval of the next patient."""

import numpy as np
import polars as pl
import pytest

from analysis.model_scores.yardstick import SUMMARY_SCHEMA, next_patient, yardstick_summary


def test_the_next_patient_varies_more_than_the_mean():
    values = list(np.random.default_rng(0).normal(0.7, 0.1, 10))
    low, high = next_patient(values)
    # t(9) = 2.262, R: qt(.975, 9)
    half = 2.262157 * np.std(values, ddof=1) * np.sqrt(1.1)
    assert (low, high) == (pytest.approx(np.mean(values) - half), pytest.approx(np.mean(values) + half))


def test_a_share_stays_within_0_and_1_and_missing_values_are_left_out():
    values = [0.9, 0.99, 1.0, None]
    keys = {"model_id": "m", "rule": "nested", "kind": "raw", "load": "full", "class": "wmh", "metric": "dice"}
    [row] = yardstick_summary(pl.DataFrame([keys | {"value": value} for value in values])).iter_rows(named=True)
    assert list(row) == list(SUMMARY_SCHEMA)
    assert row["n"] == 3
    assert row["mean"] == pytest.approx(np.mean(values[:3]))
    assert row["ci_low"] < row["mean"] < row["ci_high"] <= 1
    assert row["next_low"] < row["ci_low"]
    assert row["next_high"] == 1
