"""What a sound analysis puts in the place of each number of the output files: nobody removed, nobody dropped."""

from functools import partial

import numpy as np

from analysis.published.recompute import (
    FILE_MEASURES,
    GROUPS,
    PANELS,
    QUADRATIC_TERMS,
    SUBGROUPS,
    Key,
    describe,
    number,
    output_numbers,
)
from analysis.published.rule_texts import split
from analysis.published.study_rules import LESION_TYPES, Floats, Sample

TOO_FEW = 5
COUNTS = ("N", "Total_N", "Total N")


def sound_cells(people: Sample) -> dict[Key, str]:
    """Say, for each number of the output files, what it becomes without the study's flaws.

    Parameters
    ----------
    people : Sample
        everybody, under ``rules.SOUND``: no removal, 60+ without upper end, no share without a lesion.

    Returns
    -------
    dict of Key to str : the same keys as ``recompute.output_numbers``. A mislabelled quantity is replaced by what its
        label says: true quartiles, the quadratic's own R squared, statistics of people instead of bins.
    """
    numbers = output_numbers(people)
    own = _fit_quality(people) | _people_not_bins(people)
    sizes: dict[tuple[str, str, str, str], int] = {}
    statements: dict[Key, str] = {}
    for key, item in numbers.items():
        source, _, group, sex, age = key
        name = split(key)[1]
        measure = measure_of(key)
        who = (measure, group, "All" if sex == "Male+Female" else sex, age)
        if who not in sizes:
            sizes[who] = _size(people, who, known_age=source.startswith("seed:burden"))
        text = own.get(key, item.text)
        what = ""
        if name in ("IQR_25", "IQR_75"):
            q1_or_q3 = "q1" if name == "IQR_25" else "q3"
            text = number(getattr(describe(people.values(*who)), q1_or_q3)).text
            what = "true quartile, "
        elif name == "Total Height":
            text = number(describe(people.values(*who)).mean).text
            what = "mean of men and women together, "
        elif key in own:
            what = "of the quadratic itself, " if name == "R_Squared" else "of people, not of bins, "
        lesions = ", people with lesions only" if source.startswith("seed:ms_subgroup_ratio") else ""
        ages = ", everybody from 60 on" if age == "60+" else ""
        few = "; too few people to describe" if sizes[who] < TOO_FEW else ""
        n = "" if name in COUNTS else f" (n = {sizes[who]})"
        statements[key] = f"{what}nobody removed{ages}{lesions}: {text}{n}{few}"
    return statements


def _size(people: Sample, who: tuple[str, str, str, str], *, known_age: bool) -> int:
    measure, *whom = who
    known = people.who(*whom) & ~np.isnan(people.measures[measure])
    return int((known & ~np.isnan(people.age)).sum() if known_age else known.sum())


def measure_of(key: Key) -> str:
    """Return the name of the variable a number of an output file describes.

    Examples
    --------
    >>> measure_of(("seed:ms_subgroup_ratio_detailed_stats.csv", "PEWMH Mean", "MS", "All", "18-29"))
    'PEWMH_share'
    >>> measure_of(("seed:burden_analysis_regression_results.csv", "Panel B age mean", "MS", "All", "all"))
    'wmh_ratio'
    """
    source = key[0].removeprefix("seed:")
    about = split(key)[0]
    if source.startswith("burden"):
        return f"{PANELS[about.split(' ')[1]][0]}_ratio"
    if source.startswith("ms_subgroup"):
        kind = "area" if source.startswith("ms_subgroup_area") else "share"
        return f"{about or LESION_TYPES[0]}_{kind}"
    return next(measure for stem, measure in FILE_MEASURES.items() if source.startswith(stem))


def _fit_quality(people: Sample) -> dict[Key, str]:
    found: dict[Key, str] = {}
    for panel, (name, sex) in PANELS.items():
        for group in GROUPS:
            who = people.who(group, sex) & ~np.isnan(people.age) & ~np.isnan(people.measures[f"{name}_ratio"])
            r2 = quadratic_r2(people.age[who], people.measures[f"{name}_ratio"][who])
            source = "seed:burden_analysis_regression_results.csv"
            found[source, f"Panel {panel} {name} R_Squared", group, sex, "all"] = number(r2, 3).text
    return found


def quadratic_r2(age: Floats, values: Floats) -> float:
    """Return the R squared of a least-squares quadratic in age; NaN where it cannot be fitted or nothing varies."""
    if len(np.unique(age)) < QUADRATIC_TERMS or not np.ptp(values) > 0:
        return float("nan")
    design = np.vander((age - age.mean()) / age.std(), QUADRATIC_TERMS)
    residual = values - design @ np.linalg.lstsq(design, values, rcond=None)[0]
    return 1 - float(residual @ residual) / float(((values - values.mean()) ** 2).sum())


def _people_not_bins(people: Sample) -> dict[Key, str]:
    found: dict[Key, str] = {}
    for kind, suffix in (("area", "area"), ("ratio", "share")):
        for sex in SUBGROUPS:
            for zone in LESION_TYPES:
                all_ages = describe(people.values(f"{zone}_{suffix}", "MS", sex))
                texts = {
                    "Mean of Means": all_ages.mean,
                    "Median of Medians": all_ages.median,
                    "Range of Means lo": all_ages.minimum,
                    "Range of Means hi": all_ages.maximum,
                    "Range of Medians lo": all_ages.minimum,
                    "Range of Medians hi": all_ages.maximum,
                }
                cell = partial(_summary_key, kind, zone, sex)
                found |= {cell(name): number(value).text for name, value in texts.items()}
    return found


def _summary_key(kind: str, zone: str, sex: str, name: str) -> Key:
    return (f"seed:ms_subgroup_{kind}_summary_stats.csv", f"{zone} {name}", "MS", sex, "all")
