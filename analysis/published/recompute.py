"""Every number of the study's 21 output files, computed from the people its rules keep."""

import math
from dataclasses import dataclass

import numpy as np

from analysis.published.study_rules import AGE_BINS, LESION_TYPES, Floats, Sample

Key = tuple[str, str, str, str, str]
"""Source, quantity, group, sex, age group: what identifies a published number."""

GROUPS = ("HC", "MS")
SEXES = ("Male", "Female")
SUBGROUPS = ("All", "Female", "Male")
FILE_MEASURES = {
    "ventricular_area": "vent_area",
    "ventricular_ratio": "vent_ratio",
    "lesion_area": "wmh_area",
    "lesion_ratio": "wmh_ratio",
}
"""File name stem -> the variable it describes, for the files about both groups."""

PANELS = {
    "A": ("vent", "All"),
    "B": ("wmh", "All"),
    "C": ("vent", "Female"),
    "D": ("wmh", "Female"),
    "E": ("vent", "Male"),
    "F": ("wmh", "Male"),
}
"""Panel of the burden figure -> measure and sex."""

QUADRATIC_TERMS = 3


@dataclass(frozen=True)
class Number:
    """One number: its value, unrounded (None where undefined), and its text as the study prints it."""

    value: float | None
    text: str


def number(value: float, digits: int = 2, unit: str = "", undefined: str = "nan") -> Number:
    """Format a number the study's way; an undefined one keeps the study's word for it.

    Examples
    --------
    >>> number(52.952, 1, "%")
    Number(value=52.952, text='53.0%')
    >>> number(float("nan"), undefined="N/A")
    Number(value=None, text='N/A')
    """
    if math.isnan(value):
        return Number(None, undefined)
    return Number(float(value), f"{value:.{digits}f}{unit}")


def output_numbers(people: Sample) -> dict[Key, Number]:
    """Compute all numbers of the study's output files.

    Parameters
    ----------
    people : Sample
        those the rules keep.

    Returns
    -------
    dict of Key to Number : 2,128 entries for any sample; a number of an empty stratum is undefined.
    """
    numbers: dict[Key, Number] = {}
    for stem, measure in FILE_MEASURES.items():
        numbers |= _two_group_files(people, stem, measure)
    for kind in ("area", "ratio"):
        numbers |= _zone_files(people, kind)
    return numbers | _burden_file(people)


@dataclass(frozen=True)
class Description:
    """A stratum's values summarised; NaN where undefined, quartiles by linear interpolation, SD with n - 1."""

    n: int
    total: float
    mean: float
    sd: float
    minimum: float
    q1: float
    median: float
    q3: float
    maximum: float


def describe(values: Floats) -> Description:
    """Summarise the values of some people; nobody gives NaN, one person an undefined SD."""
    n = len(values)
    if n == 0:
        return Description(0, 0.0, *[math.nan] * 7)
    total = float(values.sum())
    sd = float(values.std(ddof=1)) if n > 1 else math.nan
    return Description(n, total, total / n, sd, *_quartiles(np.sort(values)))


def _quartiles(ordered: Floats) -> list[float]:
    """Return smallest, Q1, median, Q3, largest; as ``numpy.quantile`` interpolates, without its cost per call."""
    found = []
    for quarter in range(5):
        below, part = divmod((len(ordered) - 1) * quarter, 4)
        low = float(ordered[below])
        step = float(ordered[min(below + 1, len(ordered) - 1)]) - low
        found.append(low + step * (part / 4))
    return found


def ratio(part: float, whole: float) -> float:
    """Return part / whole, NaN of a zero whole."""
    return part / whole if whole else math.nan


def _two_group_files(people: Sample, stem: str, measure: str) -> dict[Key, Number]:
    numbers: dict[Key, Number] = {}
    for group in GROUPS:
        for age in AGE_BINS:
            by_sex = {sex: describe(people.values(measure, group, sex, age)) for sex in SEXES}
            for sex, stratum in by_sex.items():
                texts = _description(stratum)
                texts["IQR_25"] = number(stratum.median - stratum.sd / 2)
                texts["IQR_75"] = number(stratum.median + stratum.sd / 2)
                numbers |= {(f"seed:{stem}_detailed_stats.csv", name, group, sex, age): texts[name] for name in texts}
                if stem != "lesion_ratio":
                    numbers |= {
                        (f"seed:{stem}_plot_data.csv", name, group, sex, age): texts[name] for name in ("Mean", "N")
                    }
            shared = _contributions(by_sex)
            numbers |= {
                (f"seed:{stem}_contributions.csv", name, group, "Male+Female", age): value
                for name, value in shared.items()
            }
            if stem == "lesion_area":
                height = number(by_sex["Male"].mean + by_sex["Female"].mean)
                numbers["seed:lesion_area_stacked_data.csv", "Total Height", group, "Male+Female", age] = height
    return numbers


def _description(stratum: Description) -> dict[str, Number]:
    return {
        "N": number(stratum.n, 0),
        "Mean": number(stratum.mean),
        "SD": number(stratum.sd, undefined="N/A"),
        "Min": number(stratum.minimum),
        "Max": number(stratum.maximum),
        "Median": number(stratum.median),
    }


def _contributions(by_sex: dict[str, Description]) -> dict[str, Number]:
    n = sum(stratum.n for stratum in by_sex.values())
    total = sum(stratum.total for stratum in by_sex.values())
    numbers = {"Combined_Mean": number(ratio(total, n)), "Total_N": number(n, 0)}
    for sex, stratum in by_sex.items():
        numbers[f"{sex}_Contribution"] = number(ratio(stratum.total, n))
        numbers[f"{sex}_Prop_of_Mean"] = number(100 * ratio(stratum.total, total), 1, "%")
        numbers[f"{sex}_Sample_Prop"] = number(100 * ratio(stratum.n, n), 1, "%")
    return numbers


def _zone_files(people: Sample, kind: str) -> dict[Key, Number]:
    numbers: dict[Key, Number] = {}
    stem = f"seed:ms_subgroup_{kind}"
    suffix = "area" if kind == "area" else "share"
    for sex in SUBGROUPS:
        strata = {
            zone: [describe(people.values(f"{zone}_{suffix}", "MS", sex, age)) for age in AGE_BINS]
            for zone in LESION_TYPES
        }
        for i, age in enumerate(AGE_BINS):
            height = sum(strata[zone][i].mean for zone in LESION_TYPES)
            numbers[f"{stem}_plot_data.csv", "Total Mean", "MS", sex, age] = number(height)
            for zone in LESION_TYPES:
                stratum = strata[zone][i]
                texts = _description(stratum) | {"Q25": number(stratum.q1), "Q75": number(stratum.q3)}
                numbers |= {
                    (f"{stem}_detailed_stats.csv", f"{zone} {name}", "MS", sex, age): texts[name] for name in texts
                }
                part = number(100 * ratio(stratum.mean, height), 1, "%")
                numbers[f"{stem}_stacked_data.csv", f"{zone} %", "MS", sex, age] = part
        for zone in LESION_TYPES:
            texts = _summary(strata[zone])
            numbers |= {
                (f"{stem}_summary_stats.csv", f"{zone} {name}", "MS", sex, "all"): texts[name] for name in texts
            }
    return numbers


def _summary(strata: list[Description]) -> dict[str, Number]:
    means, medians = ([getattr(stratum, name) for stratum in strata] for name in ("mean", "median"))
    return {
        "Total N": number(sum(stratum.n for stratum in strata), 0),
        "Mean of Means": number(float(np.mean(means))),
        "Median of Medians": number(float(np.median(medians))),
        "Range of Means lo": number(min(means)),
        "Range of Means hi": number(max(means)),
        "Range of Medians lo": number(min(medians)),
        "Range of Medians hi": number(max(medians)),
    }


def _burden_file(people: Sample) -> dict[Key, Number]:
    numbers: dict[Key, Number] = {}
    for panel, (name, sex) in PANELS.items():
        for group in GROUPS:
            who = people.who(group, sex) & ~np.isnan(people.age)
            age, values = people.age[who], people.measures[f"{name}_ratio"][who]
            ages = describe(age)
            coefficients, linear_r2 = quadratic(age, values)
            texts = {f"{name} Coefficient_{i}": number(value, 6) for i, value in enumerate(coefficients)}
            texts[f"{name} R_Squared"] = number(linear_r2, 3)
            texts |= {"age mean": number(ages.mean, 1), "age SD": number(ages.sd, 1)}
            source = "seed:burden_analysis_regression_results.csv"
            numbers |= {(source, f"Panel {panel} {key}", group, sex, "all"): texts[key] for key in texts}
    return numbers


def quadratic(age: Floats, values: Floats) -> tuple[Floats, float]:
    """Fit a quadratic in standardised age; return its coefficients and the r squared of a straight line.

    Least squares in (age - mean) / SD, constant term first. The second number is what the study prints as the fit's
    R squared; it is Pearson's r squared, of a line and not of the quadratic. NaN where fewer than three ages differ.
    """
    known = ~np.isnan(values)
    age, values = age[known], values[known]
    if len(np.unique(age)) < QUADRATIC_TERMS:
        return np.full(QUADRATIC_TERMS, np.nan), math.nan
    z = (age - age.mean()) / age.std(ddof=1)
    design = np.vander(z, QUADRATIC_TERMS, increasing=True)
    coefficients = np.asarray(np.linalg.lstsq(design, values, rcond=None)[0], dtype=np.float64)
    r = float(np.corrcoef(age, values)[0, 1]) if values.std() > 0 else math.nan
    return coefficients, r**2
