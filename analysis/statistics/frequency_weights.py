"""People who share every covariate, gathered into one row without losing what a fit needs."""

import polars as pl


def alike(used: pl.DataFrame, outcome: str) -> pl.DataFrame:
    """Gather rows that are equal in every column but the outcome.

    Parameters
    ----------
    used : frame without missing values
    outcome : name of the column to gather

    Returns
    -------
    polars.DataFrame : one row per set of equal rows, in order of first appearance, the outcome being their mean, with
        people (how many) and spread (sum of squares about the mean)
    """
    covariates = [name for name in used.columns if name != outcome]
    value = pl.col(outcome)
    return used.group_by(covariates, maintain_order=True).agg(
        value.mean(),
        pl.len().cast(pl.Float64).alias("people"),
        (value - value.mean()).pow(2).sum().alias("spread"),
    )
