"""Shapiro-Wilk and shape of each group: shown beside the answers, never used to choose between them."""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from vocabulary.measures import GROUPS, measure

MOST_PEOPLE = 5000

SCHEMA = {
    "measure": pl.String,
    "group": pl.String,
    "scale": pl.String,
    "n": pl.Int64,
    "n_missing": pl.Int64,
    "statistic": pl.Float64,
    "p_value": pl.Float64,
    "skewness": pl.Float64,
    "excess_kurtosis": pl.Float64,
    "note": pl.String,
}


def normality(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Describe how far a measure is from a normal distribution in each group.

    With hundreds of people the test rejects almost anything, with five almost nothing: that is why it
    chooses no test here.

    Parameters
    ----------
    frame : cohort frame
    name : measure

    Returns
    -------
    polars.DataFrame, one row per group and scale ("raw"; "log", values above zero only): measure, group, scale, n,
    n_missing (on the log scale zeros too), statistic (Shapiro-Wilk W), p_value, skewness, excess_kurtosis (both
    biased moments), note.

    References
    ----------
    Royston 1995, Algorithm AS R94, doi:10.2307/2986146 (valid for 3 to 5,000 values)
    """
    measure(name)
    rows = []
    for group in GROUPS:
        column = frame.select("group", name).filter(pl.col("group") == group)[name].cast(pl.Float64)
        values = column.drop_nulls().to_numpy()
        for scale, used in (("raw", values), ("log", np.log(values[values > 0]))):
            counts = {"n": len(used), "n_missing": len(column) - len(used)}
            rows.append({"measure": name, "group": group, "scale": scale} | counts | _shape(used))
    return pl.DataFrame(rows, schema=SCHEMA)


def _shape(values: NDArray[np.float64]) -> dict[str, Any]:
    if len(values) < 3:
        return {"note": f"needs at least 3 people ({len(values)})"}
    if np.ptp(values) <= 1e-12 * np.abs(values).max():
        return {"note": "everybody has the same value"}
    from scipy.stats import kurtosis, shapiro, skew

    shape = {"skewness": float(skew(values)), "excess_kurtosis": float(kurtosis(values))}
    if len(values) > MOST_PEOPLE:
        return shape | {"note": f"the test is not valid above {MOST_PEOPLE:,} people"}
    test = shapiro(values)
    return shape | {"statistic": float(test.statistic), "p_value": float(test.pvalue)}
