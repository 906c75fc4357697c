"""The rows of the figure of zones: strata with their names and how many of each have no lesion."""

import polars as pl

from analysis.age_bands import with_age_band
from analysis.overview import wilson
from vocabulary.measures import SEX_LABELS


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


def people_in_rows(people: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
    """Add ``row`` to people; those of unknown age are left out where age makes the rows."""
    banded = with_age_band(people) if "age_band" in by else people
    return banded.with_columns(_row(by)).drop_nulls("row")


def _row(by: tuple[str, ...]) -> pl.Expr:
    words = [
        pl.col("sex").replace_strict({k: v.lower() for k, v in SEX_LABELS.items()}) if c == "sex" else pl.col(c)
        for c in by
    ]
    return pl.concat_str(words, separator=" ").alias("row")
