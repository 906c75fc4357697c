"""Mark people whose values stand far out; nobody is removed unless the reader asks for it."""

import polars as pl

from analysis.published import study_rules

RULES = {
    "keep": "nobody is left out",
    "far": "people further than 3 interquartile ranges outside the quartiles of log ventricle ratio or log WMH ratio "
    "(lesion-positive only), within group and sex, are left out",
    "study": "people the published study removed are left out (3 of 12 variables flagged within group and age bin)",
}
FAR_IQRS = 3.0
FAR_MEASURES = ("ventricle_ratio_pct", "wmh_ratio_pct")


def flag(frame: pl.DataFrame, rule: str = "keep") -> pl.Series:
    """Mark the rows a rule calls outliers.

    Parameters
    ----------
    frame : cohort frame, the whole dataset: the rules compare a person with everyone of the stratum
    rule : "keep" marks nobody; "far" marks values more than 3 interquartile ranges outside the quartiles
        of the logarithm, within group x sex, of the ventricle ratio and of the positive WMH ratio;
        "study" is the published rule, kept for recomputing the study (it removes nearly every control
        with a deep lesion)

    Returns
    -------
    polars.Series of bool, one per row; a missing value never makes an outlier

    Raises
    ------
    ValueError : unknown rule.

    References
    ----------
    Tukey 1977, Exploratory Data Analysis ("far out" values), ISBN 978-0-201-07616-5.
    """
    if rule not in RULES:
        raise ValueError(f"unknown outlier rule '{rule}'; expected one of: {', '.join(RULES)}")
    if rule == "keep" or frame.is_empty():
        return pl.Series("outlier", [False] * frame.height, dtype=pl.Boolean)
    if rule == "study":
        marked = study_rules.outliers(study_rules.sample(frame, study_rules.EVERYBODY))
        return pl.Series("outlier", marked, dtype=pl.Boolean)
    return frame.select(
        pl.any_horizontal(_far_out(name) for name in FAR_MEASURES).fill_null(False).alias("outlier")
    ).to_series()


def _far_out(measure: str) -> pl.Expr:
    log = pl.when(pl.col(measure) > 0).then(pl.col(measure)).log()
    q1 = log.quantile(0.25, "linear").over("group", "sex")
    q3 = log.quantile(0.75, "linear").over("group", "sex")
    fence = FAR_IQRS * (q3 - q1)
    return ((log < q1 - fence) | (log > q3 + fence)).fill_null(False)
