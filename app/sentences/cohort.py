"""The sentences that open Overview, Correlations, Lesion zones and Published vs recomputed."""

from typing import Any

import numpy as np
import polars as pl

from analysis.composition import FEW
from analysis.filters import lesion_measure
from app.sentences.comparison import PEOPLE, matrix_sentence, variable_phrase
from app.sentences.formatting import format_percent, format_r
from app.sentences.labels import adjustment_name
from vocabulary.measures import GROUPS

CLEAR_BELOW = 0.05


def people_sentence(frame: pl.DataFrame) -> str:
    """Say who is in the cohort: groups, women's share, ages, what is missing, who has no lesion."""
    n = frame.height
    if n == 1:
        person = frame.row(0, named=True)
        age = "of unknown age" if person["age_years"] is None else f"aged {person['age_years']:g} years"
        return f"One person is shown: {person['group']}, {'a woman' if person['sex'] == 'F' else 'a man'}, {age}."
    members = {g: int((frame["group"] == g).sum()) for g in GROUPS}
    words = {"HC": "healthy controls (HC)", "MS": "people with multiple sclerosis (MS)"}
    who = " and ".join(f"{c:,} {words[g]}" for g, c in members.items() if c)
    women = 100 * int((frame["sex"] == "F").sum()) / n
    ages = frame["age_years"].drop_nulls()
    unknown = n - ages.len()
    by = lesion_measure(frame)
    lesions = frame[by].drop_nulls() if by else pl.Series([], dtype=pl.Float64)
    without = lesions.filter(lesions == 0).len()
    lacking = [f"{unknown:,} of unknown age"] if unknown and ages.len() else []
    if without:
        lacking.append(f"{without:,} ({format_percent(100 * without / n)}) without any lesion")
    told = f" Among them are {' and '.join(lacking)}." if lacking else ""
    if lesions.len() and not without:
        told += " Everybody measured has a lesion."
    return f"{n:,} people: {who}; {women:.0f} % women{_aged(ages)}.{told}"


def _aged(ages: pl.Series) -> str:
    if not ages.len():
        return ", ages unknown"
    youngest, middle, oldest = np.quantile(ages.to_numpy(), (0, 0.5, 1))
    if youngest == oldest:
        return f", all aged {youngest:g} years"
    return f", aged {youngest:g} to {oldest:g} years (median {middle:g})"


def difference_sentence(cells: pl.DataFrame, differences: pl.DataFrame) -> str:
    """Say which correlation differs most clearly between MS and HC, or that none survives adjustment.

    Pairs that correlate by construction are left out. With one group only, the correlations themselves are told.

    Parameters
    ----------
    cells, differences : answers of ``analysis.correlation``
    """
    free = differences.filter(~pl.col("part_whole")).drop_nulls("p_adjusted")
    if free.is_empty():
        return matrix_sentence(cells)
    family, adjusted = free["family_size"][0], adjustment_name(free.row(0, named=True))
    clear = free.filter(pl.col("p_adjusted") < CLEAR_BELOW).sort(pl.col("z").abs(), descending=True)
    if clear.is_empty():
        return (
            f"No correlation differs clearly between MS and controls: of {free.height} pairs none survives "
            f"{adjusted}'s adjustment (family of {family} tests)."
        )
    top = clear.row(0, named=True)
    pair = (pl.col("x") == top["x"]) & (pl.col("y") == top["y"])
    rows = {row["group"]: row for row in cells.filter(pair).iter_rows(named=True)}
    said = " and ".join(f"{_r(rows[group])} in {PEOPLE[group]}" for group in reversed(GROUPS))
    return (
        f"The clearest difference between MS and controls is in {variable_phrase(top['x'])} with "
        f"{variable_phrase(top['y'])}: {said}. {clear.height} of {free.height} pairs differ clearly ({adjusted}, "
        f"family of {family} tests)."
    )


def _r(row: dict[str, Any]) -> str:
    return f"r {format_r(row['r'])} (95 % CI {format_r(row['ci_low'])} to {format_r(row['ci_high'])}, n = {row['n']:,})"


def zones_sentence(parts: pl.DataFrame, of: str = "area") -> str:
    """Say how a typical person's lesion area is split between the zones, per group.

    A group most of whose people lack some zone has no typical split: how many have each zone is told instead.

    Parameters
    ----------
    parts : answer of ``analysis.composition.composition`` by group
    of : "area", or "volume" where the split is that of volumes
    """
    said = [_split(parts.filter(pl.col("group") == group), PEOPLE[group]) for group in reversed(GROUPS)]
    said = [words for words in said if words]
    if not said:
        return "Nobody in this selection has a lesion, so there is nothing to split between the zones."
    return f"{'By volume, among' if of == 'volume' else 'Among'} people with lesions, {'; '.join(said)}."


def _split(rows: pl.DataFrame, people: str) -> str:
    if rows.is_empty() or not rows["n"][0]:
        return ""
    few = ", too few for an interval" if rows["ci_low"].null_count() else (", few" if rows["n"][0] < FEW else "")
    n, zones = f"n = {rows['n'][0]:,}", list(rows.iter_rows(named=True))
    if rows["centre_pct"].null_count():
        present = [f"{_most(1 - row['zero_rate'])} {row['zone']}" for row in zones]
        return f"of {people} ({n}), {', '.join(present[:-1])} and {present[-1]} lesions"
    shares = [f"{format_percent(row['centre_pct'])} {row['zone']}{_interval(row)}" for row in zones]
    return f"a typical split in {people} ({n}{few}) is {', '.join(shares)}"


def _most(rate: float) -> str:
    """A rate in per cent; one that would round to everybody says that it is not."""
    return "over 99 % have" if 0.99 < rate < 1 else f"{format_percent(100 * rate)} have"


def _interval(row: dict[str, Any]) -> str:
    return "" if row["ci_low"] is None else f" (95 % CI {row['ci_low']:.0f}-{row['ci_high']:.0f})"


def published_sentence(rows: pl.DataFrame) -> str:
    """Say how many of the published numbers the released table gives.

    Parameters
    ----------
    rows : answer of ``analysis.published.reproduce.reproduce``
    """
    is_file = pl.col("source").str.starts_with("seed:")
    files, others = rows.filter(is_file), rows.filter(~is_file)
    exact = (files["verdict"] == "exact").sum()
    failed = (others["verdict"] == "not reproduced").sum()
    return (
        f"{exact:,} of {files.height:,} numbers in the study's {files['source'].n_unique()} output files are "
        f"reproduced exactly; {failed:,} of {others.height:,} in its README, tables and figures are not."
    )
