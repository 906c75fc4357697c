"""Any number of a person against their regional loads, region by region."""

from collections.abc import Sequence
from typing import cast

import polars as pl

from analysis.correlation import correlate
from analysis.regions import REGION
from analysis.statistics.multiplicity import benjamini_hochberg

LOAD = "region_load_ml"
SCHEMA = pl.Schema(
    {
        "group": pl.String,
        "region_number": pl.Int32,
        "region": pl.String,
        "side": pl.String,
        "column": pl.String,
        "partial": pl.String,
        "n": pl.Int64,
        "r": pl.Float64,
        "ci_low": pl.Float64,
        "ci_high": pl.Float64,
        "p_value": pl.Float64,
        "p_adjusted": pl.Float64,
        "family_size": pl.Int64,
        "note": pl.String,
    }
)


def region_correlations(by_region: pl.DataFrame, column: str) -> pl.DataFrame:
    """Correlate a column with the load of every region, within each group, age and sex held fixed (Spearman).

    Parameters
    ----------
    by_region : from ``analysis.regions.people_by_region``
    column : a measure, age_years, or a further column of numbers such as EDSS

    Returns
    -------
    Frame of ``SCHEMA``: one row per region and group that has people, by group and region. p by Benjamini and Hochberg
    over the regions of a group that could be estimated; a note where one could not

    Raises
    ------
    ValueError : no such column of numbers.
    """
    parts = []
    for (number, region, side), part in by_region.group_by(REGION, maintain_order=True):
        frame = part.rename({"load_ml": LOAD})
        found = correlate(frame, [column, LOAD], "spearman", partial=True)
        parts.append(
            found.filter(pl.col("group").is_in(part["group"].unique().to_list())).select(
                "group",
                pl.lit(number, pl.Int32).alias("region_number"),
                pl.lit(region).alias("region"),
                pl.lit(side).alias("side"),
                pl.lit(column).alias("column"),
                "partial", "n", "r", "ci_low", "ci_high", "p_value",
                pl.coalesce("reason", "note").alias("note"),
            )
        )  # fmt: skip
    if not parts:
        return pl.DataFrame(schema=SCHEMA)
    adjusted = []
    for rows in pl.concat(parts).partition_by("group", maintain_order=True):
        values, size = benjamini_hochberg(cast("Sequence[float | None]", rows["p_value"].to_list()))
        adjusted.append(
            rows.with_columns(
                p_adjusted=pl.Series(values, dtype=pl.Float64).fill_nan(None), family_size=pl.lit(size, pl.Int64)
            )
        )
    return pl.concat(adjusted).select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())
