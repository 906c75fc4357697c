"""Who is in the cohort: inclusion, ages and sexes, what is missing, who has no lesion."""

from collections.abc import Iterable
from itertools import product

import numpy as np
import polars as pl

from analysis.age_bands import Bands, band_label, with_age_band
from analysis.filters import Filter
from vocabulary.measures import AGE_BANDS, GROUPS, MEASURES, SEXES

Z_975 = 1.959963984540054
"""The 0.975 quantile of the normal distribution, as ``scipy.special.ndtri`` gives it."""
LOADS = ("wmh_area_mm2", "periventricular_area_mm2", "paraventricular_area_mm2", "juxtacortical_area_mm2")


def inclusion(frame: pl.DataFrame, chosen: Filter) -> pl.DataFrame:
    """Follow people through a filter, step by step.

    Returns
    -------
    polars.DataFrame, one row per step: step, n, n_hc, n_ms (people left), n_removed (by this step)
    """
    rows = []
    before = None
    for step, left in chosen.steps(frame):
        counts = {f"n_{g.lower()}": int((left["group"] == g).sum()) for g in GROUPS}
        removed = 0 if before is None else before - left.height
        rows.append({"step": step, "n": left.height, **counts, "n_removed": removed})
        before = left.height
    return pl.DataFrame(rows)


def pyramid(frame: pl.DataFrame, bands: Bands = AGE_BANDS) -> pl.DataFrame:
    """Count people by group, sex and age band, empty strata included.

    Returns
    -------
    polars.DataFrame: group, sex, age_band (text, youngest first), n. People of unknown age or in no band are not in
    it: ``analysis.strata.outside`` counts them.
    """
    banded = with_age_band(frame.select("group", "sex", "age_years"), bands)
    counts = banded.group_by("group", "sex", "age_band").len("n")
    grid = pl.DataFrame(
        [{"group": g, "sex": s, "age_band": band_label(b)} for g in GROUPS for s in SEXES for b in bands]
    )
    joined = grid.join(counts, on=["group", "sex", "age_band"], how="left", maintain_order="left")
    return joined.with_columns(pl.col("n").fill_null(0).cast(pl.Int64))


def five_year_bands(frame: pl.DataFrame, width: int = 5) -> Bands:
    """Bands of equal width that cover every known age, for a pyramid; the default bands when no age is known."""
    ages = frame["age_years"].drop_nulls().to_numpy()
    if not len(ages):
        return AGE_BANDS
    first, last = int(ages.min() // width * width), int(ages.max() // width * width)
    return [(low, low + width - 1) for low in range(first, last + 1, width)]


def missing(frame: pl.DataFrame) -> pl.DataFrame:
    """Count what is not known, column by column and group by group.

    Returns
    -------
    polars.DataFrame: column, label, group, n (people), n_missing, n_undefined (shares of people without lesions,
    not counted as missing), missing_rate (0-1, null when there is nobody). Measures nobody has are left out.
    """
    rows = []
    present = [m for m in MEASURES if m in frame.columns and frame[m].null_count() < frame.height]
    beside = ["wmh_area_mm2"] if "wmh_area_mm2" in frame.columns else []
    needed = list(dict.fromkeys(["group", "age_years", *present, *beside]))
    for group in GROUPS:
        members = frame.select(needed).filter(pl.col("group") == group)
        for column in ["age_years", *present]:
            nulls = members[column].is_null()
            undefined = 0
            if column in MEASURES and MEASURES[column].nature == "share":
                undefined = int((nulls & (members["wmh_area_mm2"] == 0)).sum())
            lacking = int(nulls.sum()) - undefined
            rows.append(
                {
                    "column": column,
                    "label": MEASURES[column].label if column in MEASURES else "Age",
                    "group": group,
                    "n": members.height,
                    "n_missing": lacking,
                    "n_undefined": undefined,
                    "missing_rate": lacking / members.height if members.height else None,
                }
            )
    return pl.DataFrame(rows, schema_overrides={"missing_rate": pl.Float64})


def zero_rates(frame: pl.DataFrame, measures: Iterable[str] = LOADS, by: tuple[str, ...] = ("group",)) -> pl.DataFrame:
    """Share of people in whom a load is exactly zero, with Wilson's 95 % interval.

    Parameters
    ----------
    frame : cohort frame
    measures : loads
    by : "group", "sex" or both

    Returns
    -------
    polars.DataFrame: measure, the columns of ``by``, n (people with a value), n_missing, n_zero, rate, ci_low, ci_high
    (0-1; null when nobody has a value)

    References
    ----------
    Wilson 1927, J Am Stat Assoc 22:209-212, doi:10.1080/01621459.1927.10502953
    """
    rows = []
    levels = {"group": GROUPS, "sex": SEXES}
    for name in measures:
        for keys in product(*(levels[column] for column in by)):
            members = frame.select(*dict.fromkeys((*by, name)))
            for column, value in zip(by, keys, strict=True):
                members = members.filter(pl.col(column) == value)
            values = members[name].drop_nulls()
            zeros = int((values == 0).sum())
            low, high = wilson(zeros, len(values))
            rows.append(
                {
                    "measure": name,
                    **dict(zip(by, keys, strict=True)),
                    "n": len(values),
                    "n_missing": members.height - len(values),
                    "n_zero": zeros,
                    "rate": zeros / len(values) if len(values) else None,
                    "ci_low": low,
                    "ci_high": high,
                }
            )
    floats = dict.fromkeys(("rate", "ci_low", "ci_high"), pl.Float64)
    return pl.DataFrame(rows, schema_overrides=floats)


def wilson(successes: int, n: int) -> tuple[float | None, float | None]:
    """Wilson's 95 % interval of a proportion; (None, None) when n is 0.

    Examples
    --------
    >>> [round(limit, 4) for limit in wilson(0, 10)]
    [0.0, 0.2775]
    """
    if n == 0:
        return None, None
    z = Z_975
    centre = (successes + z * z / 2) / (n + z * z)
    half = z * np.sqrt(successes * (n - successes) / n + z * z / 4) / (n + z * z)
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))
