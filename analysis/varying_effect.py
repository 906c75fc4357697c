"""How the adjusted effect of MS differs between ages and between women and men."""

from typing import Any

import numpy as np
import polars as pl

from analysis.adjusted_effect import AdjustedModel, Modifier
from analysis.comparison import headline_model
from analysis.statistics.regression import FloatArray, NotEstimable
from vocabulary.measures import measure

PLACES = (0.05, 0.5, 0.95)
"""The three ages an effect is told at: quantiles of the ages of MS patients within those that controls have, too."""

POINTS_DRAWN = 40

SCHEMA = {
    "measure": pl.String,
    "modifier": pl.String,
    "at": pl.Float64,
    "effect": pl.String,
    "effect_size": pl.Float64,
    "ci_low": pl.Float64,
    "ci_high": pl.Float64,
    "n_hc": pl.Int64,
    "n_ms": pl.Int64,
    "note": pl.String,
}


def effect_at(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return the adjusted ratio (shares: difference) of MS to HC at three ages and in each sex.

    The models are those of ``analysis.comparison.compare`` with the interaction its rows ``varies_with_age`` and
    ``varies_with_sex`` test; along age the logarithm of the ratio is a straight line.

    Parameters
    ----------
    frame : cohort frame
    name : measure

    Returns
    -------
    polars.DataFrame, one row per age and sex: measure, modifier ("age" or "sex"), at (years; 0 women, 1 men), effect
    ("ratio_of_means" or "mean_difference"), effect_size, ci_low, ci_high (95 %), n_hc, n_ms, note. What cannot be told
    is one row with a null size and the reason.

    Raises
    ------
    ValueError : unknown measure.
    """
    return _effect_at(headline_model(frame, name), name)


def effect_curve(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return ``effect_at`` along age: between the youngest and oldest age both groups have; empty where it has none."""
    return _effect_curve(headline_model(frame, name), name)


def effects(model: AdjustedModel, name: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return ``effect_at`` and ``effect_curve`` of a measure's ``headline_model``."""
    return _effect_at(model, name), _effect_curve(model, name)


def _effect_at(model: AdjustedModel, name: str) -> pl.DataFrame:
    return _table(model, _rows(model, name, "age", None) + _rows(model, name, "sex", np.array([0.0, 1.0])))


def _effect_curve(model: AdjustedModel, name: str) -> pl.DataFrame:
    try:
        ages = np.linspace(*model.common_ages(), POINTS_DRAWN)
    except NotEstimable:
        return pl.DataFrame(schema=SCHEMA)
    return _table(model, [row for row in _rows(model, name, "age", ages) if "effect_size" in row])


def _table(model: AdjustedModel, rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA).with_columns(n_hc=pl.lit(model.n_hc), n_ms=pl.lit(model.n_ms))


def _rows(model: AdjustedModel, name: str, modifier: Modifier, places: FloatArray | None) -> list[dict[str, Any]]:
    share = measure(name).nature == "share"
    row = {"measure": name, "modifier": modifier, "effect": "mean_difference" if share else "ratio_of_means"}
    try:
        at = model.ages(PLACES) if places is None else places
        found = model.effect_at(modifier, at)
    except NotEstimable as reason:
        return [row | {"note": str(reason)}]
    with np.errstate(over="ignore"):
        size, low, high = found if share else (np.exp(part) for part in found)
    return [
        row | {"at": float(at[i]), "effect_size": size[i], "ci_low": low[i], "ci_high": high[i]} for i in range(len(at))
    ]
