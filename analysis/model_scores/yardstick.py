"""The yardstick in numbers: the mean over patients with its interval, and the interval of the next patient."""

import math
from collections.abc import Sequence

import numpy as np
import polars as pl
import scipy

from analysis.statistics.bootstrap import bootstrap_mean

SUMMARY_SCHEMA = pl.Schema(
    {
        "model_id": pl.String,
        "rule": pl.String,
        "kind": pl.String,
        "load": pl.String,
        "class": pl.String,
        "metric": pl.String,
        "n": pl.Int64,
        "mean": pl.Float64,
        "ci_low": pl.Float64,
        "ci_high": pl.Float64,
        "next_low": pl.Float64,
        "next_high": pl.Float64,
    }
)
_KEYS = ["model_id", "rule", "kind", "load", "class", "metric"]
_LIMITS = {"dice": (0.0, 1.0), "lesion_f1": (0.0, 1.0), "precision": (0.0, 1.0), "recall": (0.0, 1.0)}


def yardstick_summary(patients: pl.DataFrame) -> pl.DataFrame:
    """Summarise scores of patients nobody had seen.

    Parameters
    ----------
    patients : model_id, rule, kind (prepared or raw), load, class, metric and value, one row per patient; null values
        are left out and show in ``n``

    Returns
    -------
    Frame of ``SUMMARY_SCHEMA``: per rule, kind of image, load, class and metric; null where nobody has a value
    """
    rows = []
    for key, group in patients.group_by(_KEYS, maintain_order=True):
        values = group["value"].drop_nulls().to_list()
        low, high = next_patient(values)
        floor, ceiling = _LIMITS.get(str(key[-1]), (-math.inf, math.inf))
        interval = (max(low, floor), min(high, ceiling)) if math.isfinite(low) else (None, None)
        mean = bootstrap_mean(values)
        rows.append((*key, len(values), *(None if math.isnan(x) else x for x in mean), *interval))
    return pl.DataFrame(rows, SUMMARY_SCHEMA, orient="row")


def next_patient(values: Sequence[float], level: float = 0.95) -> tuple[float, float]:
    """Return the interval in which one further value of the same population lies, by Student's t; NaN below two.

    Examples
    --------
    >>> [round(float(end), 2) for end in next_patient([0.7, 0.8, 0.75, 0.65])]
    [0.5, 0.95]
    """
    known = np.asarray(values, float)
    n = known.size
    if n < 2:
        return float("nan"), float("nan")
    half = float(scipy.stats.t.ppf(0.5 + level / 2, n - 1)) * float(known.std(ddof=1)) * math.sqrt(1 + 1 / n)
    return float(known.mean()) - half, float(known.mean()) + half
