"""Lesions by anatomical region: who has any, how much, MS against HC, and left against right."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import polars as pl

from analysis.adjusted_effect import Adjusted, adjusted_model
from analysis.overview import wilson
from analysis.statistics.means import mean_interval
from analysis.statistics.medians import median_interval
from analysis.statistics.multiplicity import benjamini_hochberg

REGION = ("region_number", "region", "side")

TEST_SCHEMA = pl.Schema(
    {
        "region_number": pl.Int32,
        "region": pl.String,
        "side": pl.String,
        "name": pl.String,
        "n_hc": pl.Int64,
        "n_ms": pl.Int64,
        "effect": pl.String,
        "effect_size": pl.Float64,
        "ci_low": pl.Float64,
        "ci_high": pl.Float64,
        "p_value": pl.Float64,
        "p_adjusted": pl.Float64,
        "adjustment": pl.String,
        "family_size": pl.Int64,
        "adjusted_for": pl.String,
        "note": pl.String,
    }
)
ASYMMETRY_SCHEMA = pl.Schema(
    {
        "group": pl.String,
        "region": pl.String,
        "n": pl.Int64,
        "n_more_left": pl.Int64,
        "n_more_right": pl.Int64,
        "median_index": pl.Float64,
        "ci_low": pl.Float64,
        "ci_high": pl.Float64,
        "p_value": pl.Float64,
        "p_adjusted": pl.Float64,
        "adjustment": pl.String,
        "family_size": pl.Int64,
    }
)
ALL_REGIONS = "all regions"


def people_by_region(people: pl.DataFrame, loads: pl.DataFrame) -> pl.DataFrame:
    """Return one row per person and region that their scan shows.

    Parameters
    ----------
    people : rows of the cohort frame, one per person
    loads : from ``db.snapshot.Snapshot.region_loads``

    Returns
    -------
    ``people`` with region_number, region, side, region_volume_ml (white matter) and load_ml, by region; a person
    whose scan does not show a region is not in its rows
    """
    shown = loads.filter(pl.col("region_volume_ml") > 0).select(
        "scan_id", "protocol_id", *REGION, "region_volume_ml", load_ml="volume_ml"
    )
    return people.join(shown, on=["scan_id", "protocol_id"], how="inner").sort("region_number", "subject_id")


def by_lobe(by_region: pl.DataFrame) -> pl.DataFrame:
    """Add up the shells of each lobe: one row per person, lobe and side.

    Parameters
    ----------
    by_region : from ``people_by_region``; the lobe stands before the comma of a region's name

    Returns
    -------
    As ``by_region``, with the lobe as region and the lowest number of its regions
    """
    who = [name for name in by_region.columns if name not in ("region_number", "region", "region_volume_ml", "load_ml")]
    return (
        by_region.with_columns(pl.col("region").str.split(", ").list.first())
        .group_by([*who, "region"], maintain_order=True)
        .agg(pl.col("region_number").min(), pl.col("region_volume_ml", "load_ml").sum())
        .select(by_region.columns)
        .sort("region_number", "subject_id")
    )


def summary(by_region: pl.DataFrame) -> pl.DataFrame:
    """Describe each region within each group.

    Parameters
    ----------
    by_region : from ``people_by_region``

    Returns
    -------
    One row per region and group: n (people whose scan shows it), n_with (any lesion there), rate with Wilson's interval
    (0 to 1), mean_ml with its interval (null below a hundred people, where it does not hold), and fraction_pct, the
    mean share of the region that is lesion
    """
    rows = []
    for (number, region, side, group), part in by_region.group_by([*REGION, "group"], maintain_order=True):
        load = part["load_ml"].to_numpy()
        n_with = int((load > 0).sum())
        low, high = wilson(n_with, len(load))
        mean_low, mean_high = mean_interval(load, "load")
        fraction = float(np.mean(100 * load / part["region_volume_ml"].to_numpy()))
        rows.append((number, region, side, group, len(load), n_with, n_with / len(load), low, high, float(load.mean()),
                     _finite(mean_low), _finite(mean_high), fraction))  # fmt: skip
    numbers = ("rate", "rate_low", "rate_high", "mean_ml", "mean_low", "mean_high", "fraction_pct")
    schema = {"region_number": pl.Int32, "region": pl.String, "side": pl.String, "group": pl.String}
    schema |= {"n": pl.Int64, "n_with": pl.Int64} | dict.fromkeys(numbers, pl.Float64)
    return pl.DataFrame(rows, schema=schema, orient="row")


def region_tests(by_region: pl.DataFrame) -> pl.DataFrame:
    """Compare MS with HC in each region in two parts: having any lesion there, and how much those carry who do.

    Any lesion: logistic model, odds ratio. How much: linear model of the logarithm of the positive loads, ratio of
    geometric means. Both at the same age, sex and head size, as the answers on groups are. Each part is a family of its
    own: Benjamini and Hochberg over the regions in which it could be estimated.

    Parameters
    ----------
    by_region : from ``people_by_region``

    Returns
    -------
    Frame of ``TEST_SCHEMA``: two rows per region, ``any_lesion`` and ``load_of_those_with``, by region; a note where
    nothing could be estimated
    """
    rows: list[dict[str, Any]] = []
    for (number, region, side), part in by_region.group_by(REGION, maintain_order=True):
        where = {"region_number": number, "region": region, "side": side}
        load = pl.col("load_ml")
        binary = adjusted_model(part, load > 0, "binomial", head_size=True, robust=False)
        amount = adjusted_model(part, pl.when(load > 0).then(load).log(), "gaussian", head_size=True)
        rows.append(where | {"name": "any_lesion", "effect": "odds_ratio"} | _ratio(binary.effect()))
        rows.append(
            where | {"name": "load_of_those_with", "effect": "ratio_of_geometric_means"} | _ratio(amount.effect())
        )
    tests = pl.DataFrame(rows, schema=TEST_SCHEMA)
    return _in_families(tests, "name")


def asymmetry(by_region: pl.DataFrame) -> pl.DataFrame:
    """Compare left with right within people, region by region and over all.

    The index of a person is (left - right) / (left + right), from -1 (all right) to 1 (all left), of those with any
    lesion in the two. Its median has an interval between order statistics; the test is the sign test: of people whose
    sides differ, do more carry more on the left than on the right. Benjamini and Hochberg over the regions of a group.

    Parameters
    ----------
    by_region : from ``people_by_region``

    Returns
    -------
    Frame of ``ASYMMETRY_SCHEMA``: one row per group and region that has two sides, ``ALL_REGIONS`` first
    """
    from scipy.stats import binomtest

    who = ["group", "subject_id", "scan_id"]
    sides = by_region.filter(pl.col("side").is_in(["left", "right"]))
    known = (
        sides.pivot("side", index=[*who, "region"], values="load_ml")
        .with_columns(pl.lit(None, pl.Float64).alias(c) for c in ("left", "right") if c not in sides["side"].to_list())
        .drop_nulls(["left", "right"])
    )
    whole = known.group_by(who, maintain_order=True).agg(pl.col("left", "right").sum(), region=pl.lit(ALL_REGIONS))
    columns = [*who, "region", "left", "right"]
    rows = []
    for (group, region), part in pl.concat([whole.select(columns), known.select(columns)]).group_by(
        ["group", "region"], maintain_order=True
    ):
        left, right = (part[side].to_numpy() for side in ("left", "right"))
        any_lesion = left + right > 0
        index = (left - right)[any_lesion] / (left + right)[any_lesion]
        low, high = median_interval(index)
        more, less = int((index > 0).sum()), int((index < 0).sum())
        p = float(binomtest(more, more + less).pvalue) if more + less else None
        rows.append(
            {
                "group": group, "region": region, "n": len(index), "n_more_left": more, "n_more_right": less,
                "median_index": float(np.median(index)) if len(index) else None,
                "ci_low": _finite(low), "ci_high": _finite(high), "p_value": p,
            }
        )  # fmt: skip
    return _in_families(pl.DataFrame(rows, schema=ASYMMETRY_SCHEMA), "group")


def _in_families(tests: pl.DataFrame, family: str) -> pl.DataFrame:
    """Adjust p values within each family."""
    if tests.is_empty():
        return tests
    parts = []
    for part in tests.partition_by(family, maintain_order=True):
        adjusted, size = benjamini_hochberg(cast("Sequence[float | None]", part["p_value"].to_list()))
        parts.append(
            part.with_columns(
                pl.Series("p_adjusted", adjusted, pl.Float64).fill_nan(None),
                adjustment=pl.lit("bh"),
                family_size=pl.lit(size, pl.Int64),
            )
        )
    order = tests.with_row_index("place").select("place", *_keys(tests))
    return pl.concat(parts).join(order, on=_keys(tests), nulls_equal=True).sort("place").select(tests.columns)


def _keys(tests: pl.DataFrame) -> list[str]:
    return ["region_number", "name"] if "name" in tests.columns else ["group", "region"]


def _ratio(found: Adjusted) -> dict[str, Any]:
    row = {"n_hc": found.n_hc, "n_ms": found.n_ms, "adjusted_for": found.adjusted_for, "note": found.note}
    if found.coefficient is None:
        return row
    c = found.coefficient
    with np.errstate(over="ignore"):
        size, low, high = np.exp([c.estimate, c.low, c.high])
    return row | {"effect_size": size, "ci_low": low, "ci_high": _finite(high), "p_value": c.p_value}


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
