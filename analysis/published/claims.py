"""The numbers of the README, Tables 1 and 5, Figures 2 and 8 and two sibling files, by the rule that gives them."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import scipy

from analysis.published.recompute import Description, Key, describe, ratio
from analysis.published.study_rules import AGE_BINS, LESION_TYPES, Floats, Sample

README = "README"
TABLE_1 = "Article Table_1.docx"
README_AND_TABLE_1 = "README+Article Table_1.docx"
TABLE_5 = "Article Table_5.docx"
FIGURE_2 = "Article Figure_2"
FIGURE_8 = "Article Figure_8"

CORRELATED = ("Vent", "WMH", "Peri", "Para", "Juxta", "Age", "Sex")
"""The variables of Figure 8, in its order."""


@dataclass(frozen=True)
class Claim:
    """A number outside the output files: recomputed value, the rule that gives it, and a remark where one is due."""

    value: float
    rule: str
    why: str | None = None


def claims(everybody: Sample, kept: Sample, printed: Mapping[Key, str]) -> dict[Key, Claim]:
    """Recompute the numbers of the article's text, tables and figures.

    Parameters
    ----------
    everybody : Sample
        all rows, under ``rules.EVERYBODY``: the README, the tables and the figures use these.
    kept : Sample
        the rows left by the outlier rule, under ``rules.STUDY``.
    printed : mapping of Key to str
        the published numbers. Table 5 prints some quartiles of all people and some medians of the bins' quartiles:
        the second rule is used where it alone gives the printed number.

    Returns
    -------
    dict of Key to Claim : the value is NaN where too few people leave it undefined.
    """
    found = (_people(everybody), _table_1(everybody), _burden(everybody), _ventricle(everybody))
    more = (_table_5(everybody, printed), _mean_shares(everybody), _figure_8(everybody), _sibling(everybody, kept))
    return {key: claim for part in (*found, *more) for key, claim in part}


Claims = Iterator[tuple[Key, Claim]]


def mann_whitney(x: Floats, y: Floats) -> tuple[float, float, float]:
    """Return U of x, its two-sided p and |z| / sqrt(N), z read back from p as the study did; NaN of an empty side."""
    if not len(x) or not len(y):
        return math.nan, math.nan, math.nan
    u, p = scipy.stats.mannwhitneyu(x, y, method="asymptotic")
    return float(u), float(p), float(scipy.stats.norm.isf(p / 2)) / math.sqrt(len(x) + len(y))


def student_t(x: Floats, y: Floats) -> tuple[float, float]:
    """Return Student's t of x against y and its p; NaN with fewer than two people on a side."""
    if min(len(x), len(y)) < 2 or not np.ptp(np.concatenate((x, y))):
        return math.nan, math.nan
    t, p = scipy.stats.ttest_ind(x, y)
    return float(t), float(p)


def spearman(columns: Floats) -> Floats:
    """Return the Spearman matrix of the columns (people x variables); a constant column correlates with nothing."""
    if len(columns) < 3:
        return np.full((columns.shape[1],) * 2, np.nan)
    ranks = scipy.stats.rankdata(columns, axis=0)
    centred = ranks - ranks.mean(axis=0)
    norms = np.sqrt((centred**2).sum(axis=0))
    norms[norms == 0] = np.nan
    matrix: Floats = (centred / norms).T @ (centred / norms)
    return matrix


def _people(everybody: Sample) -> Claims:
    missing = "the released table has one control fewer than the study reports"
    n = {group: int(everybody.who(group).sum()) for group in ("all", "HC", "MS")}
    for group, name in (("all", "total N"), ("HC", "HC N"), ("MS", "MS N")):
        why = None if group == "MS" else missing
        yield (README, name, group, "All", "all"), Claim(n[group], "rows of the table", why)
    for group in ("MS", "HC"):
        for sex in ("Female", "Male"):
            share = 100 * ratio(int(everybody.who(group, sex).sum()), n[group])
            yield (
                (README, f"% {sex.lower()}", group, "All", "all"),
                Claim(share, "people of the sex / people of the group"),
            )
    for sex in ("Male", "Female"):
        share = 100 * ratio(int(everybody.who("all", sex).sum()), n["all"])
        yield (FIGURE_2, f"% {sex.lower()} all", "all", "All", "all"), Claim(share, "people of the sex / all rows")


def _ages(people: Sample, group: str, sex: str = "All") -> Floats:
    age = people.age[people.who(group, sex)]
    return age[~np.isnan(age)]


def _table_1(everybody: Sample) -> Claims:
    rule = "all rows with an age; SD with n - 1"
    for group in ("HC", "MS"):
        ages = describe(_ages(everybody, group))
        values = {"age mean": ages.mean, "age SD": ages.sd, "age min": ages.minimum, "age max": ages.maximum}
        for name, value in values.items():
            yield (README_AND_TABLE_1, name, group, "All", "all"), Claim(value, rule)
        for sex in ("Male", "Female"):
            ages = describe(_ages(everybody, group, sex))
            yield (TABLE_1, "age mean", group, sex, "all"), Claim(ages.mean, rule)
            yield (TABLE_1, "age SD", group, sex, "all"), Claim(ages.sd, rule)
        women, men = (int(everybody.who(group, sex).sum()) for sex in ("Female", "Male"))
        yield (TABLE_1, "n female", group, "Female", "all"), Claim(women, "rows of women")
        yield (TABLE_1, "M:F ratio (1:x)", group, "All", "all"), Claim(ratio(women, men), "women / men")
    for sex in ("All", "Male", "Female"):
        p = student_t(_ages(everybody, "HC", sex), _ages(everybody, "MS", sex))[1]
        why = "the study's script prints no number here, for missing ages were not dropped: perhaps it was typed in"
        yield (TABLE_1, "p age HC vs MS", "HC-MS", sex, "all"), Claim(p, "Student's t-test", why)
    counts = np.array([[everybody.who(group, sex).sum() for sex in ("Female", "Male")] for group in ("HC", "MS")])
    defined = counts.sum(axis=0).all() and counts.sum(axis=1).all()
    p = float(scipy.stats.chi2_contingency(counts)[1]) if defined else math.nan
    yield (TABLE_1, "p sex HC vs MS", "HC-MS", "All", "all"), Claim(p, "chi-squared test with Yates's correction")


def _burden(everybody: Sample) -> Claims:
    ms, hc = (everybody.values("wmh_ratio", group) for group in ("MS", "HC"))
    fold = ratio(describe(ms).mean, describe(hc).mean)
    ends = [describe(everybody.values("wmh_ratio", "MS", age_group=age)).mean for age in ("60+", "18-29")]
    why = f"MS aged 60+ over MS aged 18-29 is {ratio(*ends):.2f}: perhaps that ratio between ages was printed"
    yield (README, "WMH burden MS / HC (fold)", "HC-MS", "All", "all"), Claim(fold, "ratio of the mean WMH ratios", why)
    u, p, r = mann_whitney(ms, hc)
    pairs = len(ms) * len(hc)
    why = f"the share of pairs in which the patient has more is {ratio(u, pairs):.3f}; perhaps that is what was printed"
    key = (README, "MWU effect size r (WMH ratio)", "HC-MS", "All", "all")
    yield key, Claim(r, "|z| / sqrt(N), z read back from p", why)
    yield (README, "MWU p (WMH ratio)", "HC-MS", "All", "all"), Claim(p, "Mann-Whitney test")
    for group, ages in (("MS", ("18-29", "60+")), ("HC", AGE_BINS)):
        for age in ages:
            mean = describe(everybody.values("wmh_ratio", group, age_group=age)).mean
            key = (README, "mean WMH ratio %", group, "All", age)
            yield key, Claim(mean, "mean of all rows of the bin; 60+ ends below 69")


def _ventricle(everybody: Sample) -> Claims:
    hc, ms = (everybody.values("vent_ratio", group) for group in ("HC", "MS"))
    t, p = student_t(hc, ms)
    why = "matches neither all rows nor the outlier-removed ones; the script itself reports a Mann-Whitney test here"
    yield (README, "ventricle t", "HC-MS", "All", "all"), Claim(t, "Student's t-test on the ratio, all rows", why)
    yield (README, "ventricle p", "HC-MS", "All", "all"), Claim(p, "Student's t-test on the ratio, all rows", why)
    why = "two different coefficients are compared: Pearson in controls, Spearman in MS"
    for group, name in (("HC", "Pearson"), ("MS", "Spearman")):
        who = everybody.who(group) & ~np.isnan(everybody.age) & ~np.isnan(everybody.measures["vent_ratio"])
        columns = np.column_stack([everybody.age[who], everybody.measures["vent_ratio"][who]])
        r = pearson(columns) if name == "Pearson" else float(spearman(columns)[0, 1])
        yield (README, "r(age, ventricle)", group, "All", "all"), Claim(r, f"{name}'s r, all rows with an age", why)


def pearson(columns: Floats) -> float:
    """Return Pearson's r of two columns; NaN with fewer than three people or a constant column."""
    if len(columns) < 3 or not np.ptp(columns, axis=0).all():
        return math.nan
    return float(np.corrcoef(columns[:, 0], columns[:, 1])[0, 1])


def _table_5(everybody: Sample, printed: Mapping[Key, str]) -> Claims:
    for zone in LESION_TYPES:
        measure = f"{zone}_share"
        for sex in ("All", "Female", "Male"):
            people = describe(everybody.values(measure, "MS", sex))
            bins = [describe(everybody.values(measure, "MS", sex, age)) for age in AGE_BINS]
            for name, claim in _shares(people, bins).items():
                key = (TABLE_5, f"{zone} {name}", "MS", sex, "all")
                yield key, _of_bins(name, bins, printed.get(key, "")) or claim
        yield from _sex_test(everybody, zone, printed)


def _of_bins(name: str, bins: list[Description], printed: str) -> Claim | None:
    """Return the median of the bins' quartiles where that gives the printed quartile."""
    if name not in ("Q1", "Q3"):
        return None
    value = float(np.median([stratum.q1 if name == "Q1" else stratum.q3 for stratum in bins]))
    rule = "median of the five bins' quartiles, lesion-free people as 0"
    return Claim(value, rule, "a quartile of bins, not of people") if f"{value:.2f}" == printed else None


def _sex_test(everybody: Sample, zone: str, printed: Mapping[Key, str]) -> Claims:
    u, p, r = mann_whitney(exact_shares(everybody, zone, "Female"), exact_shares(everybody, zone, "Male"))
    rule = "Mann-Whitney test of women against men, U of women, lesion-free people as 0, ties kept as ties"
    why = _disagreement(
        everybody, *(printed.get((TABLE_5, f"{zone} sex MWU {name}", "MS", "M-F", "all")) for name in "Up")
    )
    for name, value in (("U", u), ("p", p)):
        yield (TABLE_5, f"{zone} sex MWU {name}", "MS", "M-F", "all"), Claim(value, rule, why)
    rule = "|z| / sqrt(N), z read back from p, lesion-free people as 0"
    yield (TABLE_5, f"{zone} sex effect r", "MS", "M-F", "all"), Claim(r, rule)


def _disagreement(everybody: Sample, printed_u: str | None, printed_p: str | None) -> str | None:
    women, men = (int(everybody.who("MS", sex).sum()) for sex in ("Female", "Male"))
    if printed_u is None or not women * men:
        return None
    z = (float(printed_u) - women * men / 2) / math.sqrt(women * men * (women + men + 1) / 12)
    implied = 2 * float(scipy.stats.norm.sf(abs(z)))
    return (
        f"the printed U alone would give p = {implied:.3f} for {women} women and {men} men; p = {printed_p} is printed"
    )


def exact_shares(people: Sample, zone: str, sex: str) -> Floats:
    """Return the zone's share of the lesion area in MS (%), 0 without a lesion, with nothing in the denominator.

    The study's 1e-10 turns equal shares into unequal ones and so breaks ties in every rank test.
    """
    who = people.who("MS", sex)
    area, whole = people.measures[f"{zone}_area"][who], people.measures["wmh_area"][who]
    shares: Floats = np.divide(area, whole, out=np.zeros_like(area), where=whole > 0) * 100
    return shares[~np.isnan(area) & ~np.isnan(whole)]


def _mean_shares(everybody: Sample) -> Claims:
    for age in ("18-29", "60+"):
        share = describe(everybody.values("PEWMH_share", "MS", age_group=age))
        rule = f"mean of all {share.n} rows of the bin, lesion-free people as 0"
        yield (README, "PEWMH mean share", "MS", "All", age), Claim(share.mean, rule)


def _shares(people: Description, bins: list[Description]) -> dict[str, Claim]:
    means = [stratum.mean for stratum in bins]
    sizes = ", ".join(str(stratum.n) for stratum in bins)
    zeros = "lesion-free people as 0"
    weights = f"every bin weighs a fifth, whatever its size ({sizes})"
    not_range = "a range of bin means, not of people"
    return {
        '"mean"': Claim(float(np.mean(means)), f"unweighted mean of the five bin means, {zeros}", weights),
        "SD": Claim(people.sd, f"SD of all people, {zeros}", "no rule tried gives the printed SDs"),
        '"median"': Claim(
            float(np.median([s.median for s in bins])), f"median of the five bin medians, {zeros}", weights
        ),
        "Q1": Claim(people.q1, f"quartile of all people, {zeros}"),
        "Q3": Claim(people.q3, f"quartile of all people, {zeros}"),
        "range lo": Claim(min(means), f"smallest of the five bin means, {zeros}", not_range),
        "range hi": Claim(max(means), f"largest of the five bin means, {zeros}", not_range),
    }


def figure_8_columns(people: Sample, group: str) -> Floats:
    """Return the variables of Figure 8 as columns, for the people of a group whose age is known."""
    who = people.who(group) & ~np.isnan(people.age)
    names = ("vent_ratio", "wmh_ratio", *(f"{zone}_share" for zone in LESION_TYPES))
    columns = [people.measures[name][who] for name in names]
    matrix: Floats = np.column_stack([*columns, people.age[who], people.male[who].astype(float)])
    return matrix


def _figure_8(everybody: Sample) -> Claims:
    rule = "Spearman's r of all rows with an age; shares with the 1e-10 in their denominator"
    for group in ("HC", "MS"):
        columns = figure_8_columns(everybody, group)
        matrix = spearman(columns[~np.isnan(columns).any(axis=1)])
        for i, row in enumerate(CORRELATED):
            for j, column in enumerate(CORRELATED[:i]):
                key = (FIGURE_8, f"Spearman({_pair(row, column)})", group, "All", "all")
                yield key, Claim(float(matrix[i, j]), rule)
        why = "the figure prints everybody; people without an age cannot be in its matrix"
        yield (FIGURE_8, f"n {group}", group, "All", "all"), Claim(len(columns), "rows with an age", why)


def _pair(row: str, column: str) -> str:
    return f"{row},{column}"


def _sibling(everybody: Sample, kept: Sample) -> Claims:
    for people, run in ((everybody, "no_outlier"), (kept, "outlier")):
        source = f"sib table1_baseline_characteristics.xlsx ({run})"
        for measure, name in (("vent_ratio", "p ventricular ratio"), ("ica", "p intracranial area")):
            p = student_t(people.values(measure, "HC"), people.values(measure, "MS"))[1]
            rows = "all rows" if run == "no_outlier" else "outlier-removed rows"
            yield (source, name, "HC-MS", "All", "all"), Claim(p, f"Student's t-test, {rows}")
    removed = len(everybody.ms) - len(kept.ms)
    key = ("sib outlier_report.csv", "patients removed", "all", "All", "all")
    yield key, Claim(removed, "people the outlier rule removes")
    for group, name in (("all", "N after removal"), ("HC", "N HC"), ("MS", "N MS")):
        key = ("sib analysis_summary.txt", name, group, "All", "all")
        yield key, Claim(int(kept.who(group).sum()), "people the outlier rule keeps")
