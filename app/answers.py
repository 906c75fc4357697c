"""The sentence that opens Correlations, Lesion zones and Published vs recomputed."""

from typing import Any

import polars as pl

from app.figures.correlation import ALPHA, variable_label
from vocabulary import GROUP_LABELS, GROUPS, ZONES

_GROUP_PHRASES = {"HC": "controls", "MS": "MS"}


def correlation_sentence(cells: pl.DataFrame, differences: pl.DataFrame) -> str:
    """Say which correlation differs most clearly between MS and HC, or that none does.

    Pairs of a part and its whole correlate by construction and are left out. With one group only, its strongest
    correlation is told instead.

    Parameters
    ----------
    cells, differences : answers of ``analysis.correlation``
    """
    told = differences.filter(~pl.col("part_whole")).drop_nulls("p_adjusted")
    if told.is_empty():
        return _strongest(cells)
    family = told["family_size"][0]
    clear = told.filter(pl.col("p_adjusted") < ALPHA)
    if clear.is_empty():
        return (
            f"No correlation differs clearly between MS and controls: none of the {told.height} pairs survives "
            f"Holm's adjustment over {family} tests. {_strongest(cells)}"
        )
    pair = clear.sort(pl.col("z").abs(), descending=True).row(0, named=True)
    found = {
        row["group"]: row
        for row in cells.filter((pl.col("x") == pair["x"]) & (pl.col("y") == pair["y"])).iter_rows(named=True)
    }
    others = f"{clear.height} of {told.height} pairs differ" if clear.height > 1 else f"1 of {told.height} pairs differs"
    return (
        f"{_pair(pair)} go together differently: r = {_r(found['MS'])} in MS, {_r(found['HC'])} in controls. "
        f"{others} clearly (Holm over {family} tests)."
    )


def _strongest(cells: pl.DataFrame) -> str:
    clear = cells.filter(~pl.col("part_whole") & (pl.col("p_adjusted") < ALPHA))
    if clear.is_empty():
        tested = cells["p_value"].count()
        return "No correlation is clear." if tested else "There are too few people to correlate anything."
    row = clear.sort(pl.col("r").abs(), descending=True).row(0, named=True)
    return f"The strongest correlation is in {_GROUP_PHRASES[row['group']]}: {_pair(row)}, r = {_r(row)}."


def _pair(row: dict[str, Any]) -> str:
    first, second = variable_label(row["x"]), variable_label(row["y"])
    return f"{first} and {second if second == 'WMH' else second.lower()}"


def _r(row: dict[str, Any]) -> str:
    interval = "" if row["ci_low"] is None else f"95 % CI {signed(row['ci_low'])} to {signed(row['ci_high'])}, "
    return f"{signed(row['r'])} ({interval}n = {row['n']:,})"


def signed(value: float) -> str:
    """Write a correlation: two decimals, no leading zero, a true minus sign.

    Examples
    --------
    >>> signed(-0.114), signed(1.0)
    ('−.11', '1.00')
    """
    text = f"{abs(value):.2f}"
    return ("−" if value < 0 and float(text) else "") + (text.removeprefix("0"))


def zones_sentence(parts: pl.DataFrame) -> str:
    """Say how the lesion area of a typical person splits between the zones, per group.

    Parameters
    ----------
    parts : answer of ``analysis.composition.composition`` by group
    """
    rows = [_split(parts, group) for group in reversed(GROUPS)]
    told = [row for row in rows if row]
    if not told:
        return "Nobody in this selection has a lesion, so there is no composition."
    free = [_lesion_free(parts, group) for group in reversed(GROUPS)]
    return f"Among people with lesions, the area of a typical person lies {'; '.join(told)}. {_sentence(free)}"


def _split(parts: pl.DataFrame, group: str) -> str:
    centre = dict(parts.filter(pl.col("group") == group).drop_nulls("centre_pct").select("zone", "centre_pct").iter_rows())
    if len(centre) < len(ZONES):
        return ""
    n = parts.filter(pl.col("group") == group)["n"][0]
    shares = ", ".join(f"{centre[zone]:.0f} % {zone}" for zone in ZONES)
    return f"in {_GROUP_PHRASES[group]} (n = {n:,}) {shares}"


def _lesion_free(parts: pl.DataFrame, group: str) -> str:
    row = parts.filter(pl.col("group") == group).row(0, named=True)
    known = row["n"] + row["n_lesion_free"]
    return f"{row['n_lesion_free']:,} of {known:,} {GROUP_LABELS[group].lower()}" if known else ""


def _sentence(free: list[str]) -> str:
    told = " and ".join(text.replace("multiple sclerosis", "patients").replace("healthy controls", "controls") for text in free if text)
    return f"No lesion at all: {told}."


def published_sentence(rows: pl.DataFrame) -> str:
    """Say how many of the published numbers the released table gives.

    Parameters
    ----------
    rows : answer of ``analysis.published.reproduce.reproduce``
    """
    files = rows.filter(pl.col("source").str.starts_with("seed:"))
    others = rows.filter(~pl.col("source").str.starts_with("seed:"))
    exact = (files["verdict"] == "exact").sum()
    failed = (others["verdict"] == "not reproduced").sum()
    n_files = files["source"].n_unique()
    amount = "All" if exact == files.height else f"{exact:,} of"
    return (
        f"{amount} {files.height:,} numbers in the study's {n_files} output files are reproduced exactly; "
        f"{failed:,} of the {others.height:,} in its README, tables and figures are not."
    )
