"""The data that show three flaws of the published analysis: whom it removed, ties it broke, bins it averaged."""

import polars as pl

from analysis.published.study_rules import AGE_BINS, EVERYBODY, outliers, sample


def removed_people(frame: pl.DataFrame) -> pl.DataFrame:
    """Say of everybody whether the study's outlier rule removes them, beside their lesions away from the ventricles.

    Parameters
    ----------
    frame : polars.DataFrame
        cohort frame, all rows.

    Returns
    -------
    polars.DataFrame, one row per person: subject_id, group, outside_area_mm2 (paraventricular + juxtacortical WMH
        area; null where unknown), removed.
    """
    return frame.select(
        "subject_id",
        "group",
        (pl.col("paraventricular_area_mm2") + pl.col("juxtacortical_area_mm2")).alias("outside_area_mm2"),
        pl.Series("removed", outliers(sample(frame, EVERYBODY)), dtype=pl.Boolean),
    )


def tied_ranks(frame: pl.DataFrame) -> pl.DataFrame:
    """Rank controls by WMH ratio and by periventricular share, with and without the study's tiny constant.

    Parameters
    ----------
    frame : polars.DataFrame
        cohort frame, all rows.

    Returns
    -------
    polars.DataFrame, one row per control of known age and load: subject_id, load_rank, published_rank (share of
        lesion area + 1e-10 mm2), exact_rank (share of lesion area, 0 without a lesion as in the study). Ties get
        their mean rank, so Pearson's r of two columns is Spearman's.
    """
    part, whole = pl.col("periventricular_area_mm2"), pl.col("wmh_area_mm2")
    controls = frame.filter(pl.col("group") == "HC").drop_nulls(["age_years", "wmh_ratio_pct", part.meta.output_name()])
    return controls.select(
        "subject_id",
        pl.col("wmh_ratio_pct").rank().alias("load_rank"),
        (part / (whole + EVERYBODY.epsilon)).rank().alias("published_rank"),
        pl.when(whole > 0).then(part / whole).otherwise(0.0).rank().alias("exact_rank"),
    )


def bin_means(frame: pl.DataFrame) -> pl.DataFrame:
    """Average the periventricular share of MS patients within the study's age bins, lesion-free people as 0.

    Parameters
    ----------
    frame : polars.DataFrame
        cohort frame, all rows.

    Returns
    -------
    polars.DataFrame, one row per bin that has people, youngest first, then "all": age_group, n, mean (%).
    """
    everybody = sample(frame, EVERYBODY)
    values = {age: everybody.values("PEWMH_share", "MS", age_group=age) for age in (*AGE_BINS, "all")}
    return pl.DataFrame(
        [
            {"age_group": age, "n": len(found), "mean": float(found.mean())}
            for age, found in values.items()
            if len(found)
        ],
        schema={"age_group": pl.String, "n": pl.Int64, "mean": pl.Float64},
    )
