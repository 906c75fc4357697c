"""The rows of the figure of zones: strata with their names and how many of each have no lesion, and whom it draws."""

import polars as pl

from analysis.age_bands import in_a_band, with_age_band
from analysis.overview import wilson
from app.figures.marks import Sample, sampled_among
from vocabulary.measures import GROUPS, SEX_LABELS, ZONES

MAX_POINTS = 1500
"""Of more people with lesions, of a group in the triangle, a sample is drawn (seeded) and the figure says of how many:
every person is a point in each zone, and then one in the triangle."""
HAS_SPLIT = pl.all_horizontal(
    pl.col("wmh_area_mm2") > 0, *(pl.col(f"{zone}_share_pct").is_not_null() for zone in ZONES)
)
"""Whose lesions have a split: those who have any, where it is known of every zone."""


def with_rows(parts: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
    """Name each stratum (``row``), drop empty ones, and add the rate of lesion-free people with its interval (%).

    Parameters
    ----------
    parts : answer of ``analysis.composition.composition``
    by : its strata
    """
    known = parts.filter(pl.col("n") + pl.col("n_lesion_free") > 0)
    free, n = (known[name].to_list() for name in ("n_lesion_free", "n"))
    limits = [wilson(none, some + none) for none, some in zip(free, n, strict=True)]
    return known.with_columns(
        _row(by),
        free_rate=100 * pl.col("n_lesion_free") / (pl.col("n") + pl.col("n_lesion_free")),
        free_low=100 * pl.Series([low for low, _ in limits], dtype=pl.Float64),
        free_high=100 * pl.Series([high for _, high in limits], dtype=pl.Float64),
    )


def people_in_rows(people: pl.DataFrame, by: tuple[str, ...]) -> Sample:
    """Return the people with lesions to draw, with their ``row``; where age makes the rows only those in a band.

    Parameters
    ----------
    people : cohort frame
    by : strata that make the rows
    """
    in_a_row = [in_a_band() if column == "age_band" else pl.col(column).is_not_null() for column in by]
    drawn, of = sampled_among(people, pl.all_horizontal(HAS_SPLIT, *in_a_row), MAX_POINTS)
    banded = with_age_band(drawn) if "age_band" in by else drawn
    return Sample(banded.with_columns(_row(by)), of)


def people_by_group(people: pl.DataFrame) -> dict[str, Sample]:
    """Return the people with lesions to draw of each group that has any."""
    samples = {group: sampled_among(people, HAS_SPLIT & (pl.col("group") == group), MAX_POINTS) for group in GROUPS}
    return {group: sample for group, sample in samples.items() if sample.of}


def _row(by: tuple[str, ...]) -> pl.Expr:
    words = [
        pl.col("sex").replace_strict({k: v.lower() for k, v in SEX_LABELS.items()}) if c == "sex" else pl.col(c)
        for c in by
    ]
    return pl.concat_str(words, separator=" ").alias("row")
