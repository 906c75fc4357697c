"""What a sound analysis says in the place of each claim of the README, the tables and figure 8."""

import math
from typing import Any

import numpy as np
import polars as pl
import scipy

from analysis.comparison import compare
from analysis.published.claims import (
    CORRELATED,
    FIGURE_8,
    README,
    TABLE_1,
    TABLE_5,
    figure_8_columns,
    pearson,
    spearman,
)
from analysis.published.recompute import Key, describe
from analysis.published.study_rules import LESION_TYPES, Floats, Sample
from analysis.statistics.effects import rank_biserial
from analysis.statistics.means import mean_interval
from analysis.statistics.multiplicity import holm
from analysis.statistics.regression import Coefficient, NotEstimable, fit, last_coefficient
from vocabulary.measures import Nature

NO_ANSWER = "cannot be computed from this table"
Z_95 = float(scipy.stats.norm.ppf(0.975))
SHARES = ("Peri", "Para", "Juxta")


def sound_claims(frame: pl.DataFrame, people: Sample) -> dict[Key, str]:
    """State, for each claim where the study's analysis does not hold, what the data say.

    Parameters
    ----------
    frame : polars.DataFrame
        cohort frame, all rows.
    people : Sample
        the same people under ``rules.SOUND``.

    Returns
    -------
    dict of Key to str : one sentence with its interval and n; claims that need none are absent.

    References
    ----------
    Bonett and Wright (2000), doi:10.1007/BF02294183, for Spearman's interval; Papke and Wooldridge (1996),
    doi:10.1002/(SICI)1099-1255(199611)11:6<619::AID-JAE418>3.0.CO;2-1, for the model of a share.
    """
    return _burden(frame, people) | _ventricle(frame, people) | _zones(people) | _ages(people) | _figure_8(people)


def p_text(p: float | None) -> str:
    """Write a p value with the digits that matter.

    Examples
    --------
    >>> p_text(0.0219), p_text(4.9e-79), p_text(None)
    ('p = .022', 'p = 4.9e-79', 'p not available')
    """
    if p is None or math.isnan(p):
        return "p not available"
    return f"p = {p:.1e}" if p < 0.001 else f"p = {p:.3f}".replace("0.", ".", 1)


def with_interval(estimate: float, low: float, high: float, digits: int = 2, unit: str = "") -> str:
    """Write an estimate with its 95 % interval.

    Examples
    --------
    >>> with_interval(15.05, 12.55, 18.05, 1, "x")
    '15.1x (95 % CI 12.6 to 18.1)'
    """
    if math.isnan(low):
        return f"{estimate:.{digits}f}{unit} (no interval)"
    return f"{estimate:.{digits}f}{unit} (95 % CI {low:.{digits}f} to {high:.{digits}f})"


def mean_with_interval(values: Floats, nature: Nature) -> str:
    """Write a mean with its 95 % interval where it has one (``analysis.statistics.means``)."""
    return with_interval(describe(values).mean, *mean_interval(values, nature))


def _tests(frame: pl.DataFrame, measure: str) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in compare(frame, measure).iter_rows(named=True)}


def _estimate(row: dict[str, Any], digits: int = 1, unit: str = "") -> str:
    if row["effect_size"] is None:
        return NO_ANSWER
    low, high = (math.nan if row[name] is None else row[name] for name in ("ci_low", "ci_high"))
    return with_interval(row["effect_size"], low, high, digits, unit)


def _burden(frame: pl.DataFrame, people: Sample) -> dict[Key, str]:
    tests = _tests(frame, "wmh_ratio_pct")
    ranks, adjusted = tests["mann_whitney"], tests["adjusted_log_ratio"]
    fold = (
        f"at the same age, sex and head size the mean load of MS is {_estimate(adjusted)} times that of controls; "
        f"odds of any lesion {_estimate(tests['any_lesion_odds_ratio'])}; among people with lesions the geometric "
        f"mean is {_estimate(tests['geometric_mean_ratio'])} times that of controls "
        f"({adjusted['n_ms']} MS, {adjusted['n_hc']} HC)"
    )
    size = f"rank-biserial {_estimate(ranks, 3)} ({ranks['n_ms']} MS, {ranks['n_hc']} HC)"
    statements = {
        (README, "WMH burden MS / HC (fold)", "HC-MS", "All", "all"): fold,
        (README, "MWU effect size r (WMH ratio)", "HC-MS", "All", "all"): size,
        (README, "MWU p (WMH ratio)", "HC-MS", "All", "all"): f"{p_text(ranks['p_value'])}; {size}",
    }
    decade = _per_decade(people, "wmh_ratio", "poisson")
    trend = f"MS per ten years of age at the same sex: {decade}" if decade else f"trend with age {NO_ANSWER}"
    for age in ("18-29", "60+"):
        values = people.values("wmh_ratio", "MS", age_group=age)
        mean = mean_with_interval(values, "load")
        statements[README, "mean WMH ratio %", "MS", "All", age] = f"{mean}, n = {len(values)}; {trend}"
    return statements


def _per_decade(people: Sample, measure: str, family: str) -> str | None:
    who = people.who("MS") & ~np.isnan(people.age) & ~np.isnan(people.measures[measure])
    outcome = people.measures[measure][who] / (100 if family == "binomial" else 1)
    found = _coefficient([people.male[who].astype(float), people.age[who] / 10], outcome, family)
    if found is None:
        return None
    ratio = with_interval(math.exp(found.estimate), math.exp(found.low), math.exp(found.high))
    name = "odds ratio" if family == "binomial" else "ratio of means"
    return f"{name} {ratio}, {p_text(found.p_value)}, n = {len(outcome)}"


def _coefficient(columns: list[Floats], outcome: Floats, family: str) -> Coefficient | None:
    design = np.column_stack([np.ones(len(outcome)), *columns])
    if len(outcome) <= design.shape[1] or not np.ptp(outcome) > 0:
        return None
    try:
        return last_coefficient(fit(design, outcome, family), design.shape[1])  # type: ignore[arg-type]
    except NotEstimable:
        return None


def _ventricle(frame: pl.DataFrame, people: Sample) -> dict[Key, str]:
    tests = _tests(frame, "ventricle_ratio_pct")
    adjusted, ranks = tests["adjusted_log_ratio"], tests["mann_whitney"]
    ratio = (
        f"at the same age, sex and head size the ventricle ratio of MS is {_estimate(adjusted, 3)} times that of "
        f"controls, {p_text(adjusted['p_value'])}; Mann-Whitney {p_text(ranks['p_value'])} "
        f"({adjusted['n_ms']} MS, {adjusted['n_hc']} HC)"
    )
    statements = {(README, f"ventricle {name}", "HC-MS", "All", "all"): ratio for name in ("t", "p")}
    statements["sib table1_baseline_characteristics.xlsx (outlier)", "p ventricular ratio", "HC-MS", "All", "all"] = (
        ratio
    )
    statements[
        "sib table1_baseline_characteristics.xlsx (no_outlier)", "p ventricular ratio", "HC-MS", "All", "all"
    ] = ratio
    pairs = {}
    for group in ("HC", "MS"):
        who = people.who(group) & ~np.isnan(people.age) & ~np.isnan(people.measures["vent_ratio"])
        pairs[group] = np.column_stack([people.age[who], people.measures["vent_ratio"][who]])
    sizes = (len(pairs["HC"]), len(pairs["MS"]))
    r = {
        "Pearson": tuple(pearson(pairs[group]) for group in ("HC", "MS")),
        "Spearman": tuple(float(spearman(pairs[group])[0, 1]) for group in ("HC", "MS")),
    }
    same = "; ".join(
        f"{name} {hc:.3f} in HC and {ms:.3f} in MS, difference {p_text(_difference_p(name, (hc, ms), sizes))}"
        for name, (hc, ms) in r.items()
    )
    for group in ("HC", "MS"):
        statements[README, "r(age, ventricle)", group, "All", "all"] = f"{same} (n = {sizes[0]} and {sizes[1]})"
    return statements


def _variance(r: float, n: int, method: str) -> float:
    return (1 + r * r / 2 if method == "Spearman" else 1.0) / (n - 3) if n > 3 else math.nan


def _difference_p(method: str, r: tuple[float, float], n: tuple[int, int]) -> float:
    if any(math.isnan(x) or abs(x) >= 1 for x in r):
        return math.nan
    error = math.sqrt(sum(_variance(x, size, method) for x, size in zip(r, n, strict=True)))
    return float(2 * scipy.stats.norm.sf(abs(math.atanh(r[1]) - math.atanh(r[0])) / error))


def _zones(people: Sample) -> dict[Key, str]:
    statements: dict[Key, str] = {}
    adjusted = {zone: _sex_difference(people, zone) for zone in LESION_TYPES}
    p_adjusted, family = holm([None if found is None else found.p_value for found in adjusted.values()])
    for zone, p in zip(LESION_TYPES, p_adjusted, strict=True):
        for sex in ("All", "Female", "Male"):
            shares = people.values(f"{zone}_share", "MS", sex)
            one = describe(shares)
            area, whole = (people.values(name, "MS", sex).sum() for name in (f"{zone}_area", "wmh_area"))
            mean = mean_with_interval(shares, "share")
            average = (
                f"mean {mean}, SD {one.sd:.2f} of the {one.n} people with lesions; "
                f"share of all lesion area taken together {100 * area / whole if whole else math.nan:.1f} %"
            )
            middle = (
                f"median {one.median:.2f}, quartiles {one.q1:.2f} and {one.q3:.2f} of the {one.n} people with lesions"
            )
            texts = dict.fromkeys(('"mean"', "SD", "range lo", "range hi"), average)
            texts |= dict.fromkeys(('"median"', "Q1", "Q3"), middle)
            statements |= {(TABLE_5, f"{zone} {name}", "MS", sex, "all"): text for name, text in texts.items()}
        sexes = _sex_statement(people, zone, adjusted[zone], float(p), family)
        for name in ("sex MWU U", "sex MWU p", "sex effect r"):
            statements[TABLE_5, f"{zone} {name}", "MS", "M-F", "all"] = sexes
    decade = _per_decade(people, "PEWMH_share", "binomial") or NO_ANSWER
    for age in ("18-29", "60+"):
        shares = people.values("PEWMH_share", "MS", age_group=age)
        mean = mean_with_interval(shares, "share")
        text = f"{mean} among the {len(shares)} people with lesions; per ten years at the same sex: {decade}"
        statements[README, "PEWMH mean share", "MS", "All", age] = text
    return statements


def _sex_difference(people: Sample, zone: str) -> Coefficient | None:
    shares = people.measures[f"{zone}_share"]
    who = people.who("MS") & ~np.isnan(people.age) & ~np.isnan(shares)
    return _coefficient([people.age[who], people.male[who].astype(float)], shares[who], "gaussian")


def _sex_statement(people: Sample, zone: str, adjusted: Coefficient | None, p_adjusted: float, family: int) -> str:
    men, women = (people.values(f"{zone}_share", "MS", sex) for sex in ("Male", "Female"))
    if adjusted is None or not len(men) or not len(women):
        return NO_ANSWER
    ranks = with_interval(*rank_biserial(men, women), 3)
    p = float(scipy.stats.mannwhitneyu(men, women).pvalue)
    points = with_interval(adjusted.estimate, adjusted.low, adjusted.high, 1, " points")
    return (
        f"among people with lesions ({len(men)} men, {len(women)} women), men against women: rank-biserial {ranks}, "
        f"{p_text(p)}; at the same age {points}, {p_text(adjusted.p_value)}, "
        f"Holm over {family} zones {p_text(p_adjusted)}"
    )


def _ages(people: Sample) -> dict[Key, str]:
    statements: dict[Key, str] = {}
    for sex in ("All", "Male", "Female"):
        ages = [people.age[people.who(group, sex) & ~np.isnan(people.age)] for group in ("MS", "HC")]
        if min(len(age) for age in ages) < 2:
            continue
        test = scipy.stats.ttest_ind(*ages, equal_var=False)
        low, high = test.confidence_interval()
        years = with_interval(float(ages[0].mean() - ages[1].mean()), float(low), float(high), 1, " years")
        text = f"MS minus HC {years}, Welch {p_text(float(test.pvalue))}"
        statements[TABLE_1, "p age HC vs MS", "HC-MS", sex, "all"] = text
    return statements


def _figure_8(people: Sample) -> dict[Key, str]:
    statements: dict[Key, str] = {}
    for group in ("HC", "MS"):
        columns = figure_8_columns(people, group)
        known = ~np.isnan(columns[:, :2]).any(axis=1)
        lesions = ~np.isnan(columns).any(axis=1)
        everybody, with_lesions = columns[known], columns[lesions]
        matrices = (spearman(np.delete(everybody, (2, 3, 4), axis=1)), spearman(with_lesions))
        without = [name for name in CORRELATED if name not in SHARES]
        for i, row in enumerate(CORRELATED):
            for j, column in enumerate(CORRELATED[:i]):
                key = (FIGURE_8, f"Spearman({row},{column})", group, "All", "all")
                if row in SHARES or column in SHARES:
                    text = _spearman_text(float(matrices[1][i, j]), len(with_lesions))
                    statements[key] = f"people with lesions, ties kept as ties: {text}{_closure(row, column)}"
                else:
                    r = float(matrices[0][without.index(row), without.index(column)])
                    statements[key] = _spearman_text(r, len(everybody))
    return statements


def _spearman_text(r: float, n: int) -> str:
    if math.isnan(r):
        return NO_ANSWER
    half = Z_95 * math.sqrt(_variance(r, n, "Spearman")) if abs(r) < 1 else math.nan
    z = math.atanh(r) if abs(r) < 1 else math.inf
    return f"{with_interval(r, math.tanh(z - half), math.tanh(z + half), 3)}, n = {n}"


def _closure(row: str, column: str) -> str:
    both = row in SHARES and column in SHARES
    return "; shares add up to 100 %, so some must correlate negatively whatever the disease does" if both else ""
