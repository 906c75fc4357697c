"""Gathering people of one design into one row changes no fit."""

import numpy as np
import polars as pl
import pytest

from analysis.adjusted_effect import MANY_PEOPLE, adjusted_model
from analysis.statistics.frequency_weights import alike
from analysis.statistics.regression import fit


def test_rows_are_gathered_with_their_spread() -> None:
    frame = pl.DataFrame({"age": [30, 40, 30, 30], "y": [1.0, 5.0, 2.0, 6.0]})
    assert alike(frame, "y").rows() == [(30, 3.0, 3.0, 14.0), (40, 5.0, 1.0, 0.0)]


@pytest.mark.parametrize(
    ("family", "robust"), [("gaussian", True), ("gaussian", False), ("poisson", True), ("binomial", True)]
)
def test_gathered_rows_give_the_fit_of_all_people(family, robust: bool) -> None:
    generator = np.random.default_rng(9)
    age, sex = generator.integers(0, 6, 300).astype(float), generator.integers(0, 2, 300).astype(float)
    outcome = generator.poisson(np.exp(0.2 * age - 0.3 * sex)).astype(float)
    if family == "binomial":
        outcome = (outcome > 1).astype(float)
    everybody = fit(np.column_stack([np.ones(300), age, sex]), outcome, family, robust)
    rows = alike(pl.DataFrame({"age": age, "sex": sex, "y": outcome}), "y")
    assert rows.height == 12
    design = np.column_stack([np.ones(12), rows["age"], rows["sex"]])
    gathered = fit(design, rows["y"].to_numpy(), family, robust, rows["people"].to_numpy(), rows["spread"].to_numpy())
    assert gathered.coefficients == pytest.approx(everybody.coefficients, rel=1e-8)
    assert gathered.covariance == pytest.approx(everybody.covariance, rel=1e-7)
    assert gathered.df == everybody.df == 297


@pytest.mark.slow
def test_rounding_head_size_for_many_people_hardly_moves_the_answer(people, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(4)
    n = MANY_PEOPLE + 2_000
    ms = generator.random(n) < 0.3
    head = generator.normal(110_000, 9_000, n)
    frame = people(
        group=np.where(ms, "MS", "HC").tolist(),
        age=generator.integers(18, 75, n).astype(float).tolist(),
        ica=head.tolist(),
        wmh=(generator.gamma(0.8, 30, n) * np.where(ms, 5, 1) * head / 110_000).round().tolist(),
    )
    rounded = adjusted_model(frame, pl.col("wmh_area_mm2"), "poisson", head_size=True).effect().coefficient
    monkeypatch.setattr("analysis.adjusted_effect.MANY_PEOPLE", n)
    exact = adjusted_model(frame, pl.col("wmh_area_mm2"), "poisson", head_size=True).effect().coefficient
    unseen = 0.01 * (exact.high - exact.low)
    assert rounded.estimate == pytest.approx(exact.estimate, abs=unseen)
    assert rounded.high == pytest.approx(exact.high, abs=unseen)
    assert rounded.estimate != exact.estimate
