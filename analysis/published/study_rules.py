"""The published study's own rules: its age bins, its outlier rule, its shares. Kept apart from ours, not improved."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

AGE_BINS = ("18-29", "30-39", "40-49", "50-59", "60+")
"""The study's five strata, as its files print them."""

LESION_TYPES = ("PEWMH", "PAWMH", "JCWMH")
"""The study's names of the periventricular, paraventricular and juxtacortical zones."""

AREAS = (
    "intracranial_area_mm2",
    "ventricle_area_mm2",
    "wmh_area_mm2",
    "periventricular_area_mm2",
    "paraventricular_area_mm2",
    "juxtacortical_area_mm2",
)

MIN_STRATUM = 5
FENCE_IQRS = 2.0
MODIFIED_Z_LIMIT = 3.5
MODIFIED_Z_SCALE = 0.6745
ZERO_MAD = 1e-10
FLAGS_TO_REMOVE = 3


@dataclass(frozen=True)
class Rules:
    """What the study did, switch by switch; the defaults are those of its published output files.

    Parameters
    ----------
    remove_outliers : apply the per-stratum outlier rule before anything else.
    last_edge : upper end of the 60+ bin in years, exclusive; infinity includes everybody.
    epsilon : mm2 added to the lesion area in a share's denominator, so that no lesion gives 0/0/0;
        None leaves the share of a person without lesions undefined.
    """

    remove_outliers: bool = True
    last_edge: float = 69.0
    epsilon: float | None = 1e-10


STUDY = Rules()
EVERYBODY = Rules(remove_outliers=False)
"""The rows behind the README, Table 5 and Figures 5 and 8: nobody removed."""
SOUND = Rules(remove_outliers=False, last_edge=np.inf, epsilon=None)
"""Nobody removed, nobody aged 69 or more dropped, no share without a lesion."""


@dataclass(frozen=True)
class Sample:
    """The study's variables of the people its rules keep; arrays of one length, missing values NaN.

    ``age_bin`` is 0-4, or -1 for a person in no bin (age missing, or outside 18 to the last edge). ``measures``
    holds the study's variables: areas in mm2, ratios and shares in per cent.
    """

    ms: Mask
    male: Mask
    age: Floats
    age_bin: npt.NDArray[np.int64]
    measures: dict[str, Floats]

    def take(self, keep: Mask) -> "Sample":
        """Return the people marked True."""
        measures = {name: values[keep] for name, values in self.measures.items()}
        return Sample(self.ms[keep], self.male[keep], self.age[keep], self.age_bin[keep], measures)

    def who(self, group: str = "all", sex: str = "All", age_group: str = "all") -> Mask:
        """Mark the people of a group (HC, MS, all), a sex (Male, Female, All) and an age bin (or all)."""
        mask = np.ones(len(self.ms), dtype=bool)
        if group != "all":
            mask &= self.ms == (group == "MS")
        if sex != "All":
            mask &= self.male == (sex == "Male")
        if age_group != "all":
            mask &= self.age_bin == AGE_BINS.index(age_group)
        return mask

    def values(self, measure: str, group: str = "all", sex: str = "All", age_group: str = "all") -> Floats:
        """Return the known values of a measure for some of the people."""
        values = self.measures[measure][self.who(group, sex, age_group)]
        return values[~np.isnan(values)]


def sample(frame: pl.DataFrame, rules: Rules = STUDY) -> Sample:
    """Return the people and variables the study analysed under the given rules.

    Parameters
    ----------
    frame : polars.DataFrame
        cohort frame, all rows of the dataset.
    rules : Rules
        which of the study's rules to apply.

    Returns
    -------
    Sample : measures ``vent_area``, ``wmh_area``, ``ica`` and ``<zone>_area`` (mm2), ``vent_ratio``, ``wmh_ratio``
        and ``<zone>_share`` (%), zones named PEWMH, PAWMH, JCWMH.

    Raises
    ------
    ValueError : the frame lacks a column the study used.
    """
    everybody = _variables(frame, rules)
    return everybody.take(~outliers(everybody)) if rules.remove_outliers else everybody


def outliers(people: Sample) -> Mask:
    """Mark the people the study removed.

    Within group x age bin (at least 5 people, sexes together) a value is flagged when it lies outside
    Q1 - 2 IQR to Q3 + 2 IQR and its modified z-score, 0.6745 (x - median) / MAD, exceeds 3.5 in size; a MAD of
    zero is replaced by 1e-10. Three flags among twelve variables (age, intracranial, ventricle, WMH and zone
    areas, both ratios, the three shares) remove the person; people in no bin are kept. A variable with a missing
    value in the stratum is not judged there.

    References
    ----------
    Iglewicz and Hoaglin (1993), How to Detect and Handle Outliers, ASQC, for the modified z-score. The MAD floor is
    the study's own and flags any non-zero value of a variable that is zero for most: see ``flaws``.
    """
    variables = np.column_stack([people.age, *people.measures.values()])
    flags = np.zeros(len(people.ms), dtype=np.int64)
    for group in ("HC", "MS"):
        for age_group in AGE_BINS:
            stratum = people.who(group, age_group=age_group)
            if stratum.sum() >= MIN_STRATUM:
                flags[stratum] = _flagged(variables[stratum]).sum(axis=1)
    return flags >= FLAGS_TO_REMOVE


def _flagged(values: Floats) -> Mask:
    known = values[:, ~np.isnan(values).any(axis=0)]
    q1, median, q3 = np.quantile(known, (0.25, 0.5, 0.75), axis=0)
    deviation = known - median
    mad = np.median(np.abs(deviation), axis=0)
    mad[mad == 0] = ZERO_MAD
    fence = FENCE_IQRS * (q3 - q1)
    outside: Mask = (known < q1 - fence) | (known > q3 + fence)
    far: Mask = np.abs(MODIFIED_Z_SCALE * deviation / mad) > MODIFIED_Z_LIMIT
    flagged: Mask = outside & far
    return flagged


def _variables(frame: pl.DataFrame, rules: Rules) -> Sample:
    needed = ("group", "sex", "age_years", *AREAS)
    if missing := [name for name in needed if name not in frame.columns]:
        raise ValueError(f"the cohort frame lacks {', '.join(missing)}; the study cannot be recomputed without them")
    ica, vent, wmh, *zones = (_floats(frame, name) for name in AREAS)
    age = _floats(frame, "age_years")
    whole = np.where(wmh > 0, wmh, np.nan) if rules.epsilon is None else wmh + rules.epsilon
    measures = {"ica": ica, "vent_area": vent, "wmh_area": wmh}
    measures |= {"vent_ratio": vent / ica * 100, "wmh_ratio": wmh / ica * 100}
    for name, area in zip(LESION_TYPES, zones, strict=True):
        measures |= {f"{name}_area": area, f"{name}_share": area / whole * 100}
    edges = (18.0, 30.0, 40.0, 50.0, 60.0, rules.last_edge)
    inside = (age >= edges[0]) & (age < edges[-1])
    age_bin = np.where(inside, np.searchsorted(edges[1:-1], np.where(inside, age, 0.0), side="right"), -1)
    ms = frame.get_column("group").eq("MS").to_numpy()
    male = frame.get_column("sex").eq("M").to_numpy()
    return Sample(ms, male, age, age_bin, measures)


def _floats(frame: pl.DataFrame, name: str) -> Floats:
    return frame.get_column(name).cast(pl.Float64).fill_null(np.nan).to_numpy()
