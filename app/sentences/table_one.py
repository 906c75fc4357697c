"""Table 1 in the cells a paper prints."""

import polars as pl

from analysis.table_one import OTHER, SIDES
from app.sentences.formatting import MISSING, format_number, format_r

HEADERS = ("", "Everybody", "HC", "MS", "Standardised difference")
NOTES = (
    "Mean (SD), median (quartiles) or number (%) of those with a value; n where somebody has none. "
    "Standardised difference: MS minus HC in standard deviations; below 0.1 in size is usually called balanced."
)
_SUMMARIES = {"mean_sd": "mean (SD)", "median_quartiles": "median (quartiles)"}


def cells(table: pl.DataFrame) -> list[tuple[str, ...]]:
    """Return the rows under ``HEADERS``, as text.

    Parameters
    ----------
    table : of ``analysis.table_one.table_one``
    """
    lines: dict[tuple[str, str | None, str], dict[str, str]] = {}
    for row in table.iter_rows(named=True):
        key = row["variable"], row["level"], row["summary"]
        line = lines.setdefault(key, {"": _label(row), "gap": _gap(row["standardised_difference"])})
        line[row["group"]] = _cell(row)
    return [(line[""], *(line[side] for side in SIDES), line["gap"]) for line in lines.values()]


def _label(row: dict[str, object]) -> str:
    level, label = row["level"], str(row["label"])
    if row["variable"] == "sex":
        return f"{level}, n (%)"
    if level == "any":
        return f"{label.partition(' (')[0]} above zero, n (%)"
    if level is not None:
        return f"{label}: {str(level).replace(OTHER, 'other words') if str(level).startswith(OTHER) else level}, n (%)"
    summary = _SUMMARIES.get(str(row["summary"]), "n")
    return f"{label}, {summary}"


def _cell(row: dict[str, object]) -> str:
    n, missing, centre = int(str(row["n"])), int(str(row["n_missing"])), row["centre"]
    if row["summary"] == "count":
        return f"{n:,}"
    if centre is None or not n:
        return MISSING
    low, high = row["low"], row["high"]
    if row["summary"] == "number_share":
        said = f"{_number(centre)} ({_percent(low)})"
    elif row["summary"] == "mean_sd":
        said = _number(centre) if low is None else f"{_number(centre)} ({_number(low)})"
    else:
        said = f"{_number(centre)} ({_number(low)} to {_number(high)})"
    return f"{said}, n {n:,}" if missing else said


def _number(value: object) -> str:
    return format_number(None if value is None else float(str(value)))


def _percent(value: object) -> str:
    return f"{float(str(value)):.1f} %"


def _gap(value: float | None) -> str:
    return MISSING if value is None else format_r(value)
