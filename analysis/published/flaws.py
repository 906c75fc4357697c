"""What is wrong with the published analysis, what each flaw changes in the numbers, and what is done here instead."""

from collections.abc import Callable

import numpy as np
import polars as pl
import scipy

from analysis.published.claims import exact_shares, figure_8_columns, mann_whitney, spearman, student_t
from analysis.published.corrected_cells import quadratic_r2
from analysis.published.corrected_claims import p_text
from analysis.published.recompute import FILE_MEASURES, GROUPS, SEXES, describe
from analysis.published.study_rules import AGE_BINS, EVERYBODY, LESION_TYPES, SOUND, STUDY, Sample, sample

Samples = tuple[Sample, Sample, Sample]
"""The people the study kept, everybody by its other rules, everybody by ours."""

LARGEST_SHAPIRO_SAMPLE = 5000


def flaws(frame: pl.DataFrame) -> pl.DataFrame:
    """List the flaws of the published analysis with what each changes, computed from the table.

    Parameters
    ----------
    frame : polars.DataFrame
        cohort frame, all rows.

    Returns
    -------
    polars.DataFrame, one row per flaw: number, title, what_the_study_did, what_it_changes, what_we_do. A figure that
    the table is too small for reads ``nan``.
    """
    samples = (sample(frame, STUDY), sample(frame, EVERYBODY), sample(frame, SOUND))
    rows = [
        (number, title, did, changes(samples), instead)
        for number, (title, did, changes, instead) in enumerate(FLAWS, start=1)
    ]
    columns = ("number", "title", "what_the_study_did", "what_it_changes", "what_we_do")
    return pl.DataFrame(rows, schema=columns, orient="row")


def _outliers(samples: Samples) -> str:
    kept, everybody, _ = samples
    n = {group: (int(everybody.who(group).sum()), int(kept.who(group).sum())) for group in GROUPS}
    deep, deep_left = (_controls_with_deep_lesions(people) for people in (everybody, kept))
    p, p_left = (
        student_t(people.values("vent_ratio", "HC"), people.values("vent_ratio", "MS"))[1]
        for people in (everybody, kept)
    )
    return (
        f"{n['HC'][0] - n['HC'][1]} controls and {n['MS'][0] - n['MS'][1]} patients are removed, among them "
        f"{deep - deep_left} of the {deep} controls with a paraventricular or juxtacortical lesion; Student's "
        f"t-test of the ventricle ratio moves from {p_text(p)} to {p_text(p_left)}"
    )


def _controls_with_deep_lesions(people: Sample) -> int:
    deep = np.nan_to_num(people.measures["PAWMH_area"]) + np.nan_to_num(people.measures["JCWMH_area"]) > 0
    return int((deep & people.who("HC")).sum())


def _test_choice(samples: Samples) -> str:
    _, everybody, _ = samples
    values = {group: everybody.values("vent_ratio", group) for group in GROUPS}
    normal = [
        float(scipy.stats.shapiro(x[:LARGEST_SHAPIRO_SAMPLE]).pvalue) if len(x) > 2 and np.ptp(x) > 0 else float("nan")
        for x in values.values()
    ]
    t, ranks = student_t(values["HC"], values["MS"])[1], mann_whitney(values["MS"], values["HC"])[1]
    return (
        f"ventricle ratio: Shapiro gives {p_text(normal[0])} in HC and {p_text(normal[1])} in MS, so ranks are chosen; "
        f"the README prints a t-test all the same. Student {p_text(t)}, Mann-Whitney {p_text(ranks)}"
    )


def _zero_shares(samples: Samples) -> str:
    _, everybody, people = samples
    free = [int((everybody.values("wmh_area", group) == 0).sum()) for group in GROUPS]
    zeros = mann_whitney(*(exact_shares(everybody, "PEWMH", sex) for sex in ("Female", "Male")))[1]
    lesions = mann_whitney(*(people.values("PEWMH_share", "MS", sex) for sex in ("Female", "Male")))[1]
    return (
        f"{free[0]} controls and {free[1]} patients without lesions count as 0 % in every zone; the sex difference of "
        f"the periventricular share in MS is {p_text(zeros)} with them and {p_text(lesions)} without"
    )


def _epsilon(samples: Samples) -> str:
    _, everybody, _ = samples
    perturbed = figure_8_columns(everybody, "HC")
    who = everybody.who("HC") & ~np.isnan(everybody.age)
    exact = perturbed.copy()
    whole = everybody.measures["wmh_area"][who]
    for column, zone in enumerate(LESION_TYPES, start=2):
        area = everybody.measures[f"{zone}_area"][who]
        exact[:, column] = np.divide(area, whole, out=np.zeros_like(area), where=whole > 0)
    broken, tied = (spearman(columns[~np.isnan(columns).any(axis=1)]) for columns in (perturbed, exact))
    return (
        f"in controls the correlation of periventricular share and WMH ratio is {broken[2, 1]:.3f} as published and "
        f"{tied[2, 1]:.3f} with the ties left alone; with sex {broken[6, 2]:.3f} becomes {tied[6, 2]:.3f}"
    )


def _closure(samples: Samples) -> str:
    columns = figure_8_columns(samples[2], "MS")
    matrix = spearman(columns[~np.isnan(columns).any(axis=1)])
    return (
        f"the shares of the people with lesions add up to 100 %, so at least one pair must be negative: in MS "
        f"{matrix[3, 2]:.3f} (peri, para), {matrix[4, 2]:.3f} (peri, juxta), {matrix[4, 3]:.3f} (para, juxta)"
    )


def _sum_of_means(samples: Samples) -> str:
    kept = samples[0]
    means = [describe(kept.values("wmh_area", "MS", sex, "60+")).mean for sex in SEXES]
    both = describe(kept.values("wmh_area", "MS", "All", "60+")).mean
    return f"for MS aged 60+ the files give {sum(means):.2f} mm² where the mean is {both:.2f} mm²"


def _tiny_strata(samples: Samples) -> str:
    everybody = samples[1]
    bins = [describe(everybody.values("PEWMH_share", "MS", age_group=age)) for age in AGE_BINS]
    men = int(everybody.who("MS", "Male", "60+").sum())
    people = describe(everybody.values("PEWMH_share", "MS"))
    mean_of_means = float(np.mean([stratum.mean for stratum in bins]))
    return (
        f"MS aged 60+ are {bins[-1].n} people, {men} of them male, with a fifth of the weight of each headline mean: "
        f"the periventricular share is {mean_of_means:.2f} % as a mean of bin means, {people.mean:.2f} % of people"
    )


def _unadjusted(samples: Samples) -> str:
    everybody = samples[1]
    ages = [everybody.age[everybody.who(group) & ~np.isnan(everybody.age)] for group in GROUPS]
    years = describe(ages[1]).mean - describe(ages[0]).mean
    p = student_t(*ages)[1]
    return f"mean age differs by {years:.1f} years between MS and HC ({p_text(p)}), and no test allows for it"


def _effects(samples: Samples) -> str:
    ms, hc = (samples[1].values("wmh_ratio", group) for group in ("MS", "HC"))
    u, _, r = mann_whitney(ms, hc)
    pairs = len(ms) * len(hc)
    rank = 2 * u / pairs - 1 if pairs else float("nan")
    return (
        f"for the WMH ratio |z| / sqrt(N) is {r:.3f}; the rank-biserial correlation, which has a meaning, is {rank:.3f}"
    )


def _mixtures(samples: Samples) -> str:
    kept, everybody, _ = samples
    unknown = int(np.isnan(everybody.age).sum())
    old = int((everybody.age >= STUDY.last_edge).sum())
    return (
        f"the output files describe {len(kept.ms)} people, the README, Table 5 and Figure 8 {len(everybody.ms)}; "
        f"{unknown} people without an age and {old} aged {STUDY.last_edge:.0f} or more are in no stratum, unmentioned"
    )


def _quartiles(samples: Samples) -> str:
    kept = samples[0]
    areas = [measure for stem, measure in FILE_MEASURES.items() if stem.endswith("_area")]
    strata = [
        describe(kept.values(measure, group, sex, age))
        for measure in areas
        for group in GROUPS
        for sex in SEXES
        for age in AGE_BINS
    ]
    below = sum(stratum.median - stratum.sd / 2 < 0 for stratum in strata)
    return f"{below} of the {len(strata)} lower quartiles of an area are negative"


def _fit(samples: Samples) -> str:
    kept = samples[0]
    who = kept.who("MS", "Male") & ~np.isnan(kept.age) & ~np.isnan(kept.measures["vent_ratio"])
    age, values = kept.age[who], kept.measures["vent_ratio"][who]
    line = (
        float(np.corrcoef(age, values)[0, 1]) ** 2
        if len(age) > 2 and np.ptp(age) * np.ptp(values) > 0
        else float("nan")
    )
    curve = quadratic_r2(age, values)
    return f"ventricle ratio of men with MS: {line:.3f} is printed for a curve whose own R squared is {curve:.3f}"


def _plausibility(samples: Samples) -> str:
    everybody = samples[1]
    area, ratio = (describe(everybody.values(name, "HC")).mean for name in ("vent_area", "vent_ratio"))
    who = everybody.who("HC", "Male") & ~np.isnan(everybody.age) & ~np.isnan(everybody.measures["wmh_ratio"])
    r = spearman(np.column_stack([everybody.age[who], everybody.measures["wmh_ratio"][who]]))[0, 1]
    return (
        f"the controls' ventricles cover {area:.0f} mm² or {ratio:.2f} % of the intracranial area, where several times "
        f"more is expected; WMH ratio and age of control men correlate by {r:.2f} (Spearman), where an increase is "
        "expected. A judgement, not a proof"
    )


FLAWS: tuple[tuple[str, str, Callable[[Samples], str], str], ...] = (
    (
        "The outlier rule deletes the phenomenon",
        "removes people flagged on three of twelve variables; of a lesion type that most lack, any is flagged",
        _outliers,
        "keep everybody; an outlier rule is the reader's choice, off by default and shown when on",
    ),
    (
        "A test of normality chooses the test",
        "runs Shapiro's test and then a t-test or a Mann-Whitney test",
        _test_choice,
        "fix the headline answer by the nature of the measure; Shapiro's test is shown, not obeyed",
    ),
    (
        "No lesion counted as a share of zero",
        "gives people without lesions 0 % in all three zones",
        _zero_shares,
        "leave the share undefined without a lesion, and report the rate of lesion-free people beside it",
    ),
    (
        "A tiny constant breaks ties",
        "adds 1e-10 to the lesion area before dividing, so that equal shares differ in the tenth decimal",
        _epsilon,
        "divide by the lesion area itself; equal values stay tied",
    ),
    (
        "Parts of a whole are correlated",
        "correlates the three shares with each other",
        _closure,
        "analyse log-ratios of the zones, and mark every pair of a part and its whole",
    ),
    (
        "Two means added up",
        "prints the mean of men plus the mean of women as a total height",
        _sum_of_means,
        "show men and women side by side, and the mean of all people where one number is wanted",
    ),
    (
        "Headlines from one to five people",
        "averages bin means and takes medians of bin medians with equal weights",
        _tiny_strata,
        "average people; strata under five people are shown as such and carry no trend",
    ),
    (
        "No adjustment for age and sex",
        "compares the groups as they are",
        _unadjusted,
        "headline the difference at the same age, sex and head size",
    ),
    (
        "No intervals, effect sizes read back from p",
        "prints p values and unsigned effects, and corrects for multiple tests in some places only",
        _effects,
        "signed effects with 95 % intervals, Holm or BH adjustment with the family size stated",
    ),
    (
        "Mixed rows and coefficients, numbers perhaps typed by hand",
        "mixes outlier-removed rows with all rows, and Pearson for one group with Spearman for the other",
        _mixtures,
        "one filter for everything on a page; missing values counted; every number computed",
    ),
    (
        "Quartiles that are none",
        "prints median - SD / 2 and median + SD / 2 as quartiles",
        _quartiles,
        "linear-interpolated quartiles",
    ),
    (
        "The fit of a line printed for a curve",
        "draws a quadratic and prints the r squared of a straight line",
        _fit,
        "a curve with its 95 % band, never drawn beyond the data",
    ),
    (
        "Measures that look too small",
        "reports areas in 1 mm pixels over eight slices as if they were anatomy",
        _plausibility,
        "treat these values as norms of this protocol only, never pooled or compared with another one",
    ),
)
"""Title, what the study did, what it changes (computed), what is done here."""
