"""One measure by group, sex and age band, every cell with its n."""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.age_bands import Bands, band_label, with_age_band
from analysis.statistics.means import LEAST_FOR_MEAN, mean_interval
from analysis.statistics.medians import median_interval
from vocabulary.measures import AGE_BANDS, GROUPS, SEXES, Nature, measure

SPARSE_BELOW = 5

SCHEMA = {
    "measure": pl.String,
    "group": pl.String,
    "sex": pl.String,
    "age_band": pl.String,
    "n": pl.Int64,
    "n_missing": pl.Int64,
    "mean": pl.Float64,
    "sd": pl.Float64,
    "median": pl.Float64,
    "q1": pl.Float64,
    "q3": pl.Float64,
    "mean_low": pl.Float64,
    "mean_high": pl.Float64,
    "median_low": pl.Float64,
    "median_high": pl.Float64,
    "n_zero": pl.Int64,
    "zero_rate": pl.Float64,
    "sparse": pl.Boolean,
    "note": pl.String,
}


def strata(frame: pl.DataFrame, name: str, bands: Bands = AGE_BANDS) -> pl.DataFrame:
    """Describe a measure in every stratum of group x sex x age band, the empty ones too.

    Parameters
    ----------
    frame : cohort frame
    name : measure
    bands : inclusive age bands, years; people of unknown age or in no band are in no stratum (``outside`` counts them)

    Returns
    -------
    polars.DataFrame, one row per stratum: measure, group, sex, age_band, n (people with a value), n_missing
    (people without: for a share these include the lesion-free), mean, sd (n - 1), median, q1, q3 (linear
    quantiles), mean_low, mean_high (95 %, see ``analysis.statistics.means``; none below the people it needs),
    median_low, median_high (95 %, order statistics), n_zero, zero_rate (0-1), sparse (n < 5), note. Null where n is
    too small.

    Raises
    ------
    ValueError : unknown measure, or bands that overlap.
    """
    nature = measure(name).nature
    if name not in frame.columns:
        raise ValueError(f"the cohort has no column '{name}'")
    banded = with_age_band(frame.select("group", "sex", "age_years", pl.col(name).cast(pl.Float64)), bands)
    people = banded.drop_nulls("age_band").partition_by("group", "sex", "age_band", as_dict=True)
    rows: list[dict[str, Any]] = []
    for group in GROUPS:
        for sex in SEXES:
            for label in map(band_label, bands):
                cell = people.get((group, sex, label))
                values = cell[name] if cell is not None else pl.Series(name, [], dtype=pl.Float64)
                known = values.drop_nulls().to_numpy()
                head = {"measure": name, "group": group, "sex": sex, "age_band": label}
                counts = {"n_missing": values.null_count()}
                rows.append(head | counts | _describe(known, nature))
    return pl.DataFrame(rows, schema=SCHEMA).with_columns(pl.selectors.float().fill_nan(None))


def outside(frame: pl.DataFrame, bands: Bands = AGE_BANDS) -> dict[str, int]:
    """Count the people no stratum holds: {"age_unknown": n, "no_band": n}."""
    banded = with_age_band(frame.select("age_years"), bands)
    unknown = banded["age_years"].null_count()
    return {"age_unknown": unknown, "no_band": banded["age_band"].null_count() - unknown}


def _describe(values: NDArray[np.float64], nature: Nature) -> dict[str, Any]:
    n = len(values)
    row: dict[str, Any] = {"n": n, "sparse": n < SPARSE_BELOW}
    if not n:
        return row | {"n_zero": 0, "note": "nobody"}
    q1, median, q3 = np.quantile(values, (0.25, 0.5, 0.75))
    zeros = int((values == 0).sum())
    row |= {"mean": values.mean(), "median": median, "n_zero": zeros, "zero_rate": zeros / n}
    if n == 1:
        return row | {"note": "one person: no spread and no interval"}
    mean_low, mean_high = mean_interval(values, nature)
    median_low, median_high = median_interval(values)
    return row | {
        "sd": values.std(ddof=1), "q1": q1, "q3": q3,
        "mean_low": mean_low, "mean_high": mean_high, "median_low": median_low, "median_high": median_high,
        "note": _note(n, nature),
    }  # fmt: skip


def _note(n: int, nature: Nature) -> str | None:
    if n < SPARSE_BELOW:
        return f"fewer than {SPARSE_BELOW} people: read as individuals"
    least = LEAST_FOR_MEAN[nature]
    return f"no interval of the mean below {least} people" if n < least else None
