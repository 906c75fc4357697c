"""The answer in one sentence: plain words, the interval, the number of people, and what is not known."""

from typing import Any

import polars as pl

from analysis.adjusted_effect import LEAST_OVERLAP
from analysis.correlation import NO_PEARSON_START
from app.sentences.formatting import (
    format_interval,
    format_number,
    format_percent,
    format_r,
    format_ratio_interval,
    p_equals,
)
from app.sentences.labels import adjustment_name
from vocabulary.extra_columns import extra_named
from vocabulary.measures import GROUPS, MEASURES, SEX_LABELS, Measure, measure

Row = dict[str, Any]

ESTIMATE = ("effect_size", "ci_low", "ci_high")
PEOPLE = {"HC": "controls", "MS": "MS patients"}


def comparison_sentence(tests: pl.DataFrame, name: str) -> str:
    """Say how MS differs from HC on a measure, from the headline row of ``analysis.comparison.compare``."""
    what = measure(name)
    row = tests.row(by_predicate=pl.col("headline"), named=True)
    if what.nature == "share" and row["ci_low"] is None:
        raw = next((r for r in tests.iter_rows(named=True) if r["name"] == "hodges_lehmann"), row)
        if raw["ci_low"] is not None:
            return _share_sentence(raw | {"note": row["note"]}, what, adjusted=False)
    if row["effect_size"] is None or row["ci_low"] is None:
        reason = row["note"] or "there are too few people for an interval"
        at_the_same = _same(row).removeprefix(" of") if min(row["n_hc"], row["n_ms"]) else ""
        told = f" at{at_the_same}" if at_the_same and "by extrapolation" not in at_the_same else ""
        return f"MS and HC cannot be compared on {_phrase(what)}{told}: {reason}."
    if what.nature == "share":
        return _share_sentence(row, what)
    if what.nature == "size":
        return _size_sentence(row, what)
    return _load_sentence(row, what)


def two_part_sentence(tests: pl.DataFrame, name: str) -> str:
    """Say how the odds of having any lesion and the load of those who have one differ; empty for sizes and shares."""
    what = measure(name)
    rows = {row["name"]: row for row in tests.iter_rows(named=True)}
    if "any_lesion_odds_ratio" not in rows:
        return ""
    odds, amount = rows["any_lesion_odds_ratio"], rows["geometric_mean_ratio"]
    if odds["effect_size"] is None and amount["effect_size"] is None:
        return ""
    lesion = f"any {what.zone} lesion" if what.zone else "any lesion"
    parts = []
    if odds["effect_size"] is None:
        parts.append(f"The odds of {lesion} cannot be compared: {odds['note']}")
    else:
        more = _direction(odds, 1, f"MS patients more often have {lesion}", f"MS patients less often have {lesion}")
        size, interval = format_ratio_interval(*(odds[k] for k in ESTIMATE)).rstrip(")").split(" (", 1)
        parts.append(f"{more or f'Having {lesion} does not differ clearly'} (odds ratio {size}, {interval})")
    if amount["effect_size"] is None:
        parts.append(f"among those who have one the load cannot be compared: {amount['note']}")
    else:
        clear = "" if _direction(amount, 1, "more", "less") else ", no clear difference"
        parts.append(
            f"among those who have one the typical load is {_times(amount)} that of controls{clear} "
            f"({amount['n_ms']:,} MS, {amount['n_hc']:,} HC)"
        )
    return "; ".join(parts) + "."


def slope_sentence(slopes: pl.DataFrame, name: str) -> str:
    """Say how a measure differs between people ten years of age apart, from ``analysis.trend.age_slope``."""
    what = measure(name)
    said = []
    for row in slopes.sort("group", descending=True).iter_rows(named=True):
        people = PEOPLE[row["group"]]
        if row["effect_size"] is None:
            said.append(f"among {people} it cannot be told, for {row['note']}")
            continue
        share = row["effect"] == "points_per_decade"
        zero = 0 if share else 1
        clear = _direction(row, zero, "higher", "lower")
        change, interval = _points(row) if share else _percents(row, ("higher", "lower"))
        said.append(
            f"among {people} {change} {clear} ({interval}; n = {row['n']:,})"
            if clear
            else f"among {people} no clear difference ({interval}; n = {row['n']:,})"
        )
    return f"{_phrase(what, start=True)} in people ten years older: {'; '.join(said)}."


def strata_sentence(summary: pl.DataFrame, name: str) -> str:
    """Say where the medians of ``analysis.strata.strata`` are lowest and highest, and how many strata are thin."""
    what = measure(name)
    dense = summary.filter(~pl.col("sparse"))
    thin = summary.filter(pl.col("sparse")).height
    lacking = f"{thin} of {summary.height} strata hold fewer than 5 people and are left out" if thin else ""
    if dense.is_empty():
        return f"No stratum holds 5 people or more, so {_phrase(what)} cannot be described by age and sex."
    lowest, highest = (dense.filter(pl.col("median") == end) for end in (dense["median"].min(), dense["median"].max()))
    if dense.height == 1:
        sentence = f"The median of {_phrase(what)} can be told in one stratum only, {_stratum(lowest, what)}"
    elif lowest.height == dense.height:
        value = _value(float(dense["median"][0]), what)
        sentence = f"The median of {_phrase(what)} is the same in all {dense.height} strata, {value}"
    else:
        sentence = f"The median of {_phrase(what)} is lowest in {_stratum(lowest, what)}"
        sentence += f" and highest in {_stratum(highest, what)}"
    return f"{sentence}{'; ' + lacking if lacking else ''}."


def correlation_sentence(cells: pl.DataFrame, differences: pl.DataFrame, x: str, y: str) -> str:
    """Say how two variables go together in each group and whether the groups differ."""
    pair = (pl.col("x").is_in([x, y])) & (pl.col("y").is_in([x, y]))
    rows = {row["group"]: row for row in cells.filter(pair).iter_rows(named=True)}
    if not rows:
        return f"{variable_phrase(x, start=True)} and {variable_phrase(y)} were not correlated."
    method = next(iter(rows.values()))["method"].capitalize()
    said = [f"{_strength(rows[g])} in {PEOPLE[g]}" for g in reversed(GROUPS) if g in rows]
    held = ", age and sex held fixed" if any(row["partial"] for row in rows.values()) else ""
    sentence = f"{variable_phrase(x, start=True)} and {variable_phrase(y)} ({method}{held}): {'; '.join(said)}"
    reason = next(iter(rows.values()))["reason"]
    if reason:
        return f"{sentence}. This correlation is there by construction: {reason}"
    if method == "Pearson":
        without = next((row["note"] for row in rows.values() if str(row["note"]).startswith(NO_PEARSON_START)), None)
        why = f" There is {without.split(';')[0]}." if without else ""
        return f"{sentence}.{why} Whether the groups differ is told by Spearman's correlation only."
    gap = next(iter(differences.filter(pair).iter_rows(named=True)), None)
    if gap is not None and gap["p_value"] is not None:
        verdict = "the groups differ" if gap["ci_low"] > 0 or gap["ci_high"] < 0 else "the groups do not differ clearly"
        sentence += (
            f"; {verdict} (difference {format_r(gap['difference'])}, "
            f"95 % CI {format_interval(gap['ci_low'], gap['ci_high'], format_r)}, {p_equals(gap['p_value'])})"
        )
    return f"{sentence}."


def matrix_sentence(cells: pl.DataFrame) -> str:
    """Say how many correlations of ``analysis.correlation.correlate`` survive adjustment, and the strongest of them."""
    free = cells.filter(~pl.col("part_whole") & pl.col("p_value").is_not_null())
    if free.is_empty():
        return "No pair of these variables can be tested: they are parts of one another, or too few people are left."
    family = cells["family_size"][0]
    said = []
    for group in reversed(GROUPS):
        of_group = free.filter(pl.col("group") == group)
        if of_group.is_empty():
            continue
        kept = int((of_group["p_adjusted"] < 0.05).sum())
        said.append(f"{kept} of {of_group.height} in {PEOPLE[group]}")
    top = free.sort(pl.col("r").abs(), descending=True).row(0, named=True)
    left_out = (cells["part_whole"]).sum()
    sentence = (
        f"Correlations that remain after {adjustment_name(top)}'s adjustment (family of {family} tests): "
        f"{', '.join(said)}. "
        f"The strongest is {variable_phrase(top['x'])} with {variable_phrase(top['y'])} in {PEOPLE[top['group']]} "
        f"({_strength(top)})."
    )
    return f"{sentence} {left_out} cells are marked because one is a part of the other." if left_out else sentence


def variable_phrase(name: str, start: bool = False) -> str:
    """Name a measure, age or sex within a sentence, or at its start."""
    if name in ("age_years", "sex"):
        word = {"age_years": "age", "sex": "male sex"}[name]
        return word.capitalize() if start else word
    label = MEASURES[name].label if name in MEASURES else extra_named(name).label
    return label if start else _lower(label)


def _load_sentence(row: Row, what: Measure) -> str:
    word = "number of lesions" if what.nature == "count" else f"{what.zone + ' ' if what.zone else ''}WMH load"
    people = f"controls{_same(row)} ({_n(row)})"
    if _direction(row, 1, "more", "less"):
        return f"MS patients carry {_times(row)} the {word} of {people}."
    ratio = format_ratio_interval(*(row[k] for k in ESTIMATE))
    return f"The {word} of MS patients does not differ clearly from that of {people}: ratio {ratio}."


def _size_sentence(row: Row, what: Measure) -> str:
    change, interval = _percents(row)
    people = f"controls{_same(row)} ({_n(row)})"
    clear = _direction(row, 1, "larger", "smaller")
    if clear:
        return f"{_phrase(what, start=True)} of MS patients is {change} {clear} ({interval}) than that of {people}."
    return f"{_phrase(what, start=True)} of MS patients does not differ clearly from that of {people}: {interval}."


def _share_sentence(row: Row, what: Measure, adjusted: bool = True) -> str:
    change, interval = _points(row)
    clear = _direction(row, 0, "higher", "lower")
    start = f"Among people with lesions, {_phrase(what)}"
    controls = f"controls{_same(row)}"
    told = f"({interval}; {_n(row)})."
    if not adjusted:
        why = str(row["note"]).split(" (")[0]
        told = f"({interval}; {_n(row)}; median difference, not adjusted for age and sex: {why})."
    if clear:
        return f"{start} is {change} {clear} in MS patients than in {controls} {told}"
    return f"{start} does not differ clearly between MS patients and {controls} {told}"


def _direction(row: Row, none: float, up: str, down: str) -> str:
    """Which way the whole interval points; empty when it includes no difference."""
    return up if row["ci_low"] > none else (down if row["ci_high"] < none else "")


def _times(row: Row) -> str:
    return format_ratio_interval(*(row[k] for k in ESTIMATE)).replace(" (", " times (", 1)


def _percents(row: Row, words: tuple[str, str] = ("larger", "smaller")) -> tuple[str, str]:
    """A ratio as a difference in per cent, and its interval in the same words."""
    change, low, high = (100 * (row[k] - 1) for k in ESTIMATE)
    return _change_words(change, low, high, lambda value: format_percent(abs(value)), words)


def _points(row: Row) -> tuple[str, str]:
    """A difference of shares, and its interval, in percentage points."""

    def points(value: float) -> str:
        return f"{format_number(abs(value), 2)} percentage points"

    return _change_words(row["effect_size"], row["ci_low"], row["ci_high"], points, ("higher", "lower"))


def _change_words(change: float, low: float, high: float, how: Any, words: tuple[str, str]) -> tuple[str, str]:
    up, down = words
    near, far = sorted((abs(low), abs(high)))
    if low > 0 or high < 0:
        return how(change), f"95 % CI {how(near).split(' ')[0]}-{how(far)}"
    return how(change), f"95 % CI {how(low)} {down} to {how(high)} {up}"


def _same(row: Row) -> str:
    """What controls have in common with the patients; where few are of an age that both have, that they were moved."""
    if row["adjusted_for"] in (None, "nothing"):
        return ""
    overlap = row.get("age_overlap")
    if overlap is None or overlap >= LEAST_OVERLAP or "age" not in row["adjusted_for"]:
        return f" of the same {row['adjusted_for']}"
    who = "nobody is" if not overlap else f"only {overlap} {'is' if overlap == 1 else 'are'}"
    return (
        f" brought to the same {row['adjusted_for']} by extrapolation, for in one group {who} of an age the other has"
    )


def _n(row: Row) -> str:
    return f"{row['n_ms']:,} MS, {row['n_hc']:,} HC"


def _strength(row: Row) -> str:
    if row["r"] is None:
        return f"not known ({row['note'] or 'too few people'})"
    if row["ci_low"] is None:
        told = row["reason"] or str(row["note"]).startswith(NO_PEARSON_START)
        note = "" if told else f", {row['note'] or 'too few people for an interval'}"
        return f"r {format_r(row['r'])}{note}, n = {row['n']:,}"
    word = "r" if row["ci_low"] > 0 or row["ci_high"] < 0 else "no clear correlation, r"
    interval = format_interval(row["ci_low"], row["ci_high"], format_r)
    return f"{word} {format_r(row['r'])}, 95 % CI {interval}, n = {row['n']:,}"


def _stratum(rows: pl.DataFrame, what: Measure) -> str:
    """The stratum of one median, or how many share it."""
    row = rows.row(0, named=True)
    value = _value(row["median"], what)
    if rows.height > 1:
        return f"{rows.height} strata alike ({value})"
    who = f"{SEX_LABELS[row['sex']].lower()} aged {row['age_band']}"
    group = "with MS" if row["group"] == "MS" else "without MS"
    return f"{who} {group} ({value}, n = {row['n']:,})"


def _value(median: float, what: Measure) -> str:
    unit = " %" if what.unit.startswith("%") else (f" {what.unit}" if what.unit else "")
    return f"{format_number(median)}{unit}"


def _phrase(what: Measure, start: bool = False) -> str:
    return f"{'The' if start else 'the'} {_lower(what.label)}"


def _lower(label: str) -> str:
    return label if label[:2].isupper() else label[0].lower() + label[1:]
