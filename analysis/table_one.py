"""Table 1: who is in the cohort, group by group, and how far apart the groups are."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import polars as pl

from vocabulary.extra_columns import extra_named
from vocabulary.measures import GROUPS, MEASURES, SEX_LABELS, SEXES

SIDES = ("all", *GROUPS)
MOST_WORDS = 8
"""A further column of words gets a row for each of its most frequent words; the rest share one."""

OTHER = "other"

DESCRIBED = (
    "intracranial_area_mm2",
    "ventricle_ratio_pct",
    "wmh_ratio_pct",
    "wmh_area_mm2",
    "periventricular_area_mm2",
    "paraventricular_area_mm2",
    "juxtacortical_area_mm2",
    "intracranial_volume_ml",
    "ventricle_volume_ml",
    "wmh_volume_ml",
    "lesion_count",
)

SCHEMA = {
    "variable": pl.String,
    "label": pl.String,
    "level": pl.String,
    "summary": pl.String,
    "group": pl.String,
    "n": pl.Int64,
    "n_missing": pl.Int64,
    "centre": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "standardised_difference": pl.Float64,
}


def table_one(frame: pl.DataFrame, extras: Sequence[str] = ()) -> pl.DataFrame:
    """Describe people, measures and further columns in everybody and in each group.

    Parameters
    ----------
    frame : cohort frame
    extras : further columns of the frame, numbers or words

    Returns
    -------
    polars.DataFrame, one row per line of the table and side ("all", "HC", "MS"): variable, label, level (a sex, a
    word or "any"; else null), summary, group, n (people with a value), n_missing, centre, low, high,
    standardised_difference (MS - HC in standard deviations, the same on the three rows; null where one group has no
    value or nothing varies). By summary:

    - ``count``: centre is the number of people;
    - ``mean_sd``: mean and standard deviation (in ``low``);
    - ``median_quartiles``: median and quartiles (linear interpolation);
    - ``number_share``: number of people of that level, and percent of those with a value (in ``low``).

    A measure or column nobody has a value of is left out.

    References
    ----------
    Austin 2009 (standardised differences, also of proportions), doi:10.1002/sim.3697; Yang and Dalton 2012.
    """
    rows: list[dict[str, Any]] = [
        _row("people", "People", None, "count", side, n=people.height, n_missing=0, centre=float(people.height))
        for side, people in _sides(frame.select("group"))
    ]
    rows += _number_rows(frame, "age_years", "Age (years)", "mean_sd")
    rows += _number_rows(frame, "age_years", "Age (years)", "median_quartiles")
    for sex in SEXES:
        rows += _level_rows(frame, pl.col("sex") == sex, "sex", "Sex", SEX_LABELS[sex])
    for name in DESCRIBED:
        if not _known(frame, name):
            continue
        what = MEASURES[name]
        if what.nature in ("load", "count"):
            rows += _level_rows(frame, pl.col(name) > 0, name, what.axis_title, "any")
        rows += _number_rows(frame, name, what.axis_title, "median_quartiles")
    for name in extras:
        if _known(frame, name):
            rows += _extra_rows(frame, name)
    return pl.DataFrame(rows, schema=SCHEMA)


def _extra_rows(frame: pl.DataFrame, name: str) -> Iterator[dict[str, Any]]:
    label = extra_named(name).axis_title
    if frame[name].dtype.is_numeric():
        yield from _number_rows(frame, name, label, "median_quartiles")
        return
    counts = frame[name].drop_nulls().value_counts().sort(["count", name], descending=[True, False])
    words = counts[name].cast(pl.String).to_list()
    word = pl.col(name).cast(pl.String)
    for level in words[:MOST_WORDS]:
        yield from _level_rows(frame, word == level, name, label, level)
    if rest := words[MOST_WORDS:]:
        yield from _level_rows(frame, word.is_in(rest), name, label, f"{OTHER} ({len(rest)})")


def _number_rows(frame: pl.DataFrame, name: str, label: str, summary: str) -> Iterator[dict[str, Any]]:
    # Only the columns asked for: of a million people the others take longer to copy than this one to describe.
    frame = frame.select("group", name)
    values = {side: people[name].drop_nulls().cast(pl.Float64).to_numpy() for side, people in _sides(frame)}
    gap = _gap([(float(v.mean()), float(v.var(ddof=1))) if len(v) > 1 else None for v in (values["HC"], values["MS"])])
    for side, people in _sides(frame):
        known = values[side]
        centre = low = high = None
        if len(known):
            low, centre, high = (float(q) for q in np.quantile(known, (0.25, 0.5, 0.75)))
            if summary == "mean_sd":
                centre, high = float(known.mean()), None
                low = float(known.std(ddof=1)) if len(known) > 1 else None
        yield _row(name, label, None, summary, side, len(known), people.height - len(known), centre, low, high, gap)


def _level_rows(frame: pl.DataFrame, holds: pl.Expr, name: str, label: str, level: str) -> Iterator[dict[str, Any]]:
    frame = frame.select("group", holds.alias("holds"))
    answers = {side: people["holds"].drop_nulls() for side, people in _sides(frame)}
    shares = [float(a.mean()) if len(a) else None for a in (answers["HC"], answers["MS"])]  # type: ignore[arg-type]
    gap = _gap([None if share is None else (share, share * (1 - share)) for share in shares])
    for side, people in _sides(frame):
        known = answers[side]
        count = int(known.sum())
        share = 100 * count / len(known) if len(known) else None
        missing = people.height - len(known)
        yield _row(name, label, level, "number_share", side, len(known), missing, float(count), share, None, gap)


def _gap(sides: Sequence[tuple[float, float] | None]) -> float | None:
    """Standardised difference of two (mean, variance)."""
    hc, ms = sides
    if hc is None or ms is None:
        return None
    spread = np.sqrt((hc[1] + ms[1]) / 2)
    return float((ms[0] - hc[0]) / spread) if spread > 0 else None


def _sides(frame: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    for side in SIDES:
        yield side, frame if side == "all" else frame.filter(pl.col("group") == side)


def _known(frame: pl.DataFrame, name: str) -> bool:
    return name in frame.columns and frame[name].null_count() < frame.height


def _row(
    variable: str,
    label: str,
    level: str | None,
    summary: str,
    group: str,
    n: int,
    n_missing: int,
    centre: float | None,
    low: float | None = None,
    high: float | None = None,
    gap: float | None = None,
) -> dict[str, Any]:
    return {
        "variable": variable, "label": label, "level": level, "summary": summary, "group": group, "n": n,
        "n_missing": n_missing, "centre": centre, "low": low, "high": high, "standardised_difference": gap,
    }  # fmt: skip
