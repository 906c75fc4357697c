"""MS against HC for one measure: every test in one tidy frame, the headline fixed by the measure's nature."""

from typing import Any

import numpy as np
import polars as pl
import scipy

from analysis.adjusted_effect import LEAST_FOR_SHARE, Adjusted, AdjustedModel, Modifier, adjusted_model
from analysis.statistics.effects import (
    LEAST_FOR_D,
    LEAST_FOR_RANKS,
    FloatArray,
    cohen_d,
    hodges_lehmann,
    rank_biserial,
)
from analysis.statistics.multiplicity import ADJUSTMENTS
from vocabulary.measures import Measure, measure

SCHEMA = {
    "measure": pl.String,
    "name": pl.String,
    "n_hc": pl.Int64,
    "n_ms": pl.Int64,
    "n_missing": pl.Int64,
    "statistic": pl.Float64,
    "df": pl.Float64,
    "p_value": pl.Float64,
    "p_adjusted": pl.Float64,
    "adjustment": pl.String,
    "family_size": pl.Int64,
    "effect": pl.String,
    "effect_size": pl.Float64,
    "ci_low": pl.Float64,
    "ci_high": pl.Float64,
    "headline": pl.Boolean,
    "method": pl.String,
    "adjusted_for": pl.String,
    "age_overlap": pl.Int64,
    "note": pl.String,
}

HEADLINES = {
    "size": "adjusted_log_ratio",
    "load": "adjusted_log_ratio",
    "count": "adjusted_log_ratio",
    "share": "adjusted_difference",
}
"""Which answer leads, by the nature of the measure; no test of normality chooses it."""

INTRACRANIAL = "intracranial_area_mm2"
NO_D_INTERVAL = "no interval of d: the spread it is measured in rests on a long tail"


def compare(
    frame: pl.DataFrame, name: str, adjustment: str = "holm", *, model: AdjustedModel | None = None
) -> pl.DataFrame:
    """Compare MS with HC on one measure.

    Parameters
    ----------
    frame : cohort frame
    name : measure, a key of ``vocabulary.measures.MEASURES``
    adjustment : of the p values, a key of ``analysis.statistics.multiplicity.ADJUSTMENTS``
    model : ``headline_model`` of this frame and measure where somebody has it already, for it takes time to prepare

    Returns
    -------
    polars.DataFrame, one row per test: measure, name, n_hc, n_ms (people the row rests on), n_missing (people of
    the frame it had to leave out), statistic, df, p_value, p_adjusted (over the rows with a p value),
    adjustment, family_size, effect (what effect_size is), effect_size, ci_low, ci_high (95 %), headline, method,
    adjusted_for (null: raw), age_overlap (people whose age lies within the other group's range, the fewer of the two
    groups), note.
    Every direction is MS relative to HC. What cannot be computed is null, and note says why. Rows:

    - ``mann_whitney``: U of MS, rank-biserial correlation;
    - ``welch_t``: t, signed Cohen's d (pooled SD), with an interval for shares only: that of the others, whose tails
      are long, holds too rarely;
    - ``hodges_lehmann``: median difference MS - HC in the measure's unit; its p value is Mann-Whitney's;
    - ``adjusted_log_ratio`` (not for shares): ratio of means at the same age, sex and head size. Loads and
      counts: log-linear model of everybody, zeros included; sizes: linear model of the logarithm;
    - ``any_lesion_odds_ratio`` and ``geometric_mean_ratio`` (loads, counts): the two-part answer, odds of having
      any, and how much among those who have;
    - ``adjusted_difference`` (shares): difference of means in percentage points at the same age and sex;
    - ``varies_with_age``, ``varies_with_sex``: how the adjusted ratio (or difference) changes with ten years of age,
      and from women to men: ratios of ratios (or differences of differences).

    Below ten people in a group nothing adjusted is given, and the note says so.

    Raises
    ------
    ValueError : unknown measure, or one the frame lacks.

    References
    ----------
    Blough, Madden and Hornbrook 1999 (log-link models of skewed loads), doi:10.1016/S0167-6296(98)00032-0.
    MacKinnon and White 1985 (HC3), doi:10.1016/0304-4076(85)90158-7.
    """
    what = measure(name)
    if name not in frame.columns:
        raise ValueError(f"the cohort has no column '{name}'")
    hc, ms = compared_values(frame, name, "HC"), compared_values(frame, name, "MS")
    rows = [_mann_whitney(ms, hc), _welch(ms, hc, what), _hodges_lehmann(ms, hc)]
    counted = {"n_hc": len(hc), "n_ms": len(ms)}
    rows = [counted | row for row in rows]
    model = model or headline_model(frame, name)
    rows.append(_adjusted(model.effect(), what))
    if what.nature in ("load", "count"):
        rows += [_odds_ratio(frame, what), _geometric_mean_ratio(frame, what)]
    rows += [_varies(model.interaction(modifier), what, modifier) for modifier in ("age", "sex")]
    adjusted, family = ADJUSTMENTS[adjustment]([row.get("p_value") for row in rows])
    for row, p in zip(rows, adjusted, strict=True):
        row |= {
            "measure": name,
            "n_missing": frame.height - row["n_hc"] - row["n_ms"],
            "p_adjusted": p,
            "adjustment": adjustment,
            "family_size": family,
            "headline": row["name"] == HEADLINES[what.nature],
        }
    return pl.DataFrame(rows, schema=SCHEMA).with_columns(pl.selectors.float().fill_nan(None))


def headline(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return the headline row of ``compare`` alone, without its p adjusted over tests that were not made.

    Parameters
    ----------
    frame, name : as for ``compare``

    Returns
    -------
    polars.DataFrame, one row in the columns of ``compare``; p_adjusted, adjustment and family_size are null

    Raises
    ------
    ValueError : unknown measure, or one the frame lacks.
    """
    what = measure(name)
    if name not in frame.columns:
        raise ValueError(f"the cohort has no column '{name}'")
    row = _adjusted(headline_model(frame, name).effect(), what)
    row |= {"measure": name, "n_missing": frame.height - row["n_hc"] - row["n_ms"], "headline": True}
    return pl.DataFrame([row], schema=SCHEMA).with_columns(pl.selectors.float().fill_nan(None))


def compared_values(frame: pl.DataFrame, name: str, group: str) -> FloatArray:
    """Return the known values of one group, smallest first."""
    # Sorted once here, which every rank statistic after it would otherwise do again.
    values = frame.select("group", name).filter(pl.col("group") == group)[name]
    return values.drop_nulls().cast(pl.Float64).sort().to_numpy()


def _unusable(ms: FloatArray, hc: FloatArray, least: int) -> str | None:
    """Why two samples cannot be compared, or None."""
    if not len(ms) or not len(hc):
        lacking = [name for name, group in (("the controls", hc), ("the MS patients", ms)) if not len(group)]
        return f"no values among {' and '.join(lacking)}"
    if min(len(ms), len(hc)) < least:
        return f"needs at least {least} people in each group (HC {len(hc)}, MS {len(ms)})"
    if np.ptp(np.concatenate([ms, hc])) == 0:
        return "everybody has the same value"
    return None


def _mann_whitney(ms: FloatArray, hc: FloatArray) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": "mann_whitney",
        "effect": "rank_biserial",
        "method": "Mann-Whitney U of MS, two-sided, tie-corrected; rank-biserial correlation, DeLong interval",
    }
    if reason := _unusable(ms, hc, 1):
        return row | {"note": reason}
    from scipy.stats import mannwhitneyu

    test = mannwhitneyu(ms, hc, alternative="two-sided")
    r, low, high = rank_biserial(ms, hc)
    few = f"no interval: fewer than {LEAST_FOR_RANKS} people in a group, too many alike, or groups that do not overlap"
    note = None if np.isfinite(low) else few
    return row | {
        "statistic": test.statistic, "p_value": test.pvalue,
        "effect_size": r, "ci_low": low, "ci_high": high, "note": note,
    }  # fmt: skip


def _welch(ms: FloatArray, hc: FloatArray, what: Measure) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": "welch_t",
        "effect": "cohen_d",
        "method": "Welch t test; Cohen's d, signed, pooled SD; of shares with an interval for unequal spreads",
    }
    if reason := _unusable(ms, hc, 2):
        return row | {"note": reason}
    error_ms, error_hc = ms.var(ddof=1) / len(ms), hc.var(ddof=1) / len(hc)
    error = error_ms + error_hc
    if not error > 1e-24 * (ms.mean() ** 2 + hc.mean() ** 2):
        return row | {"note": "the values do not vary within the groups"}
    t = (ms.mean() - hc.mean()) / np.sqrt(error)
    df = error**2 / (error_ms**2 / (len(ms) - 1) + error_hc**2 / (len(hc) - 1))
    d, low, high = cohen_d(ms, hc)
    note = None if np.isfinite(low) else f"no interval of d below {LEAST_FOR_D} people in a group"
    if what.nature != "share":
        low, high, note = np.nan, np.nan, NO_D_INTERVAL
    return row | {
        "statistic": t, "df": df, "p_value": 2 * scipy.special.stdtr(df, -abs(t)),
        "effect_size": d, "ci_low": low, "ci_high": high, "note": note,
    }  # fmt: skip


def _hodges_lehmann(ms: FloatArray, hc: FloatArray) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": "hodges_lehmann",
        "effect": "median_difference",
        "method": "Hodges-Lehmann median of all MS - HC differences; interval: the shifts a placement test keeps",
    }
    if reason := _unusable(ms, hc, 1):
        return row | {"note": reason}
    shift, low, high = hodges_lehmann(ms, hc)
    note = None if np.isfinite(low) else "no interval: too few people"
    return row | {"effect_size": shift, "ci_low": low, "ci_high": high, "note": note}


def headline_model(frame: pl.DataFrame, name: str) -> AdjustedModel:
    """Return the model the headline of a measure rests on.

    A size: linear model of the logarithm. A load or count: log-linear model with zeros, of the load per intracranial
    area. A share: linear model among the lesion-positive.

    Raises
    ------
    ValueError : unknown measure.
    """
    what = measure(name)
    if what.nature == "share":
        return adjusted_model(frame, pl.col(name), "gaussian", head_size=False, least=LEAST_FOR_SHARE)
    if what.nature == "size":
        return adjusted_model(frame, _log(what), "gaussian", head_size=_uses_head(what))
    # Per intracranial area everybody weighs the same whatever the size of the head; the remaining
    # dependence on head size is adjusted for, so an area and its ratio give one answer.
    outcome = pl.col(name)
    if what.unit == "mm²":
        outcome = pl.coalesce(outcome / pl.col(INTRACRANIAL), outcome if _no_head(frame) else None)
    return adjusted_model(frame, outcome, "poisson", head_size=_uses_head(what))


MODELS = {
    "size": "Linear model of the logarithm",
    "load": "Log-linear (quasi-Poisson) model with zeros",
    "count": "Log-linear (quasi-Poisson) model with zeros",
    "share": "Linear model among the lesion-positive",
}


def _adjusted(effect: Adjusted, what: Measure) -> dict[str, Any]:
    row = {"method": f"{MODELS[what.nature]}, robust errors; adjusted for {effect.adjusted_for}"}
    if what.nature == "share":
        return row | {"name": "adjusted_difference", "effect": "mean_difference"} | _difference(effect)
    return row | {"name": "adjusted_log_ratio", "effect": "ratio_of_means"} | _ratio(effect)


def _varies(effect: Adjusted, what: Measure, modifier: Modifier) -> dict[str, Any]:
    by = {"age": "per_decade", "sex": "men_to_women"}[modifier]
    along = {"age": "ten years of age", "sex": "sex"}[modifier]
    row = {
        "name": f"varies_with_{modifier}",
        "method": f"{MODELS[what.nature]}, robust errors: interaction of group and {along}",
    }
    if what.nature == "share":
        return row | {"effect": f"difference_of_differences_{by}"} | _difference(effect)
    return row | {"effect": f"ratio_of_ratios_{by}"} | _ratio(effect)


def _odds_ratio(frame: pl.DataFrame, what: Measure) -> dict[str, Any]:
    model = adjusted_model(frame, pl.col(what.name) > 0, "binomial", head_size=_uses_head(what), robust=False)
    return {
        "name": "any_lesion_odds_ratio",
        "effect": "odds_ratio",
        "method": f"Logistic model of having any; adjusted for {model.adjusted_for}",
    } | _ratio(model.effect())


def geometric_model(frame: pl.DataFrame, name: str) -> AdjustedModel:
    """Return the model of how much those carry who have any: a linear one of the positive loads' logarithm."""
    what = measure(name)
    return adjusted_model(frame, _log(what), "gaussian", head_size=_uses_head(what))


def _geometric_mean_ratio(frame: pl.DataFrame, what: Measure) -> dict[str, Any]:
    model = geometric_model(frame, what.name)
    return {
        "name": "geometric_mean_ratio",
        "effect": "ratio_of_geometric_means",
        "method": f"Linear model of the positive loads' logarithm, robust errors; adjusted for {model.adjusted_for}",
    } | _ratio(model.effect())


def _difference(effect: Adjusted) -> dict[str, Any]:
    row = _who(effect)
    if effect.coefficient is None:
        return row
    c = effect.coefficient
    return row | {
        "statistic": c.statistic, "df": c.df, "p_value": c.p_value,
        "effect_size": c.estimate, "ci_low": c.low, "ci_high": c.high,
    }  # fmt: skip


def _ratio(effect: Adjusted) -> dict[str, Any]:
    row = _who(effect)
    if effect.coefficient is None:
        return row
    c = effect.coefficient
    with np.errstate(over="ignore"):
        size, low, high = np.exp([c.estimate, c.low, c.high])
    return row | {
        "statistic": c.statistic, "df": c.df if np.isfinite(c.df) else None, "p_value": c.p_value,
        "effect_size": size, "ci_low": low, "ci_high": high if np.isfinite(high) else None,
    }  # fmt: skip


def _who(effect: Adjusted) -> dict[str, Any]:
    return {
        "n_hc": effect.n_hc, "n_ms": effect.n_ms, "adjusted_for": effect.adjusted_for,
        "age_overlap": effect.age_overlap, "note": effect.note,
    }  # fmt: skip


def _log(what: Measure) -> pl.Expr:
    return pl.when(pl.col(what.name) > 0).then(pl.col(what.name)).log()


def _uses_head(what: Measure) -> bool:
    return what.name != INTRACRANIAL


def _no_head(frame: pl.DataFrame) -> bool:
    return frame[INTRACRANIAL].null_count() == frame.height
