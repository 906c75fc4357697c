"""Matched controls: each MS patient with the nearest controls of the same sex and age; how alike that makes them."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from vocabulary.measures import SEXES

MATCHED = 2
CALIPER_YEARS = 2.0
SEED = 1
MOST_MATCHED = 5

COVARIATES = {"age_years": "Age (years)", "male": "Men", "intracranial_area_mm2": "Intracranial area (mm²)"}
"""What balance is judged by; the last is not matched for."""

PAIRS = {"patient": pl.Int64, "control": pl.Int64, "distance_years": pl.Float64}
BALANCE = {
    "covariate": pl.String,
    "when": pl.String,
    "n_hc": pl.Int64,
    "n_ms": pl.Int64,
    "mean_hc": pl.Float64,
    "mean_ms": pl.Float64,
    "standardised_difference": pl.Float64,
}


def matched_pairs(
    frame: pl.DataFrame, per_patient: int = MATCHED, caliper: float = CALIPER_YEARS, seed: int = SEED
) -> pl.DataFrame:
    """Pair every MS patient with the nearest controls of the same sex, each control used once.

    Greedy and without replacement: in each round every patient, in a seeded random order, takes the nearest control
    left within the caliper (of two as near the younger); there are as many rounds as controls per patient, so that
    nobody gets a second control before all were asked for a first. The order of the rows does not matter.

    Parameters
    ----------
    frame : cohort frame with subject_id, group, sex and age_years; people of unknown age are in no pair
    per_patient : controls for each patient, >= 1
    caliper : largest difference of age in years, >= 0
    seed : of the order in which patients choose

    Returns
    -------
    polars.DataFrame: patient, control (row numbers of ``frame``), distance_years

    Raises
    ------
    ValueError : fewer than one control per patient, or a negative caliper.

    References
    ----------
    Austin 2014 (greedy caliper matching), doi:10.1002/sim.6004; Stuart 2010, doi:10.1214/09-STS313
    """
    check_matching(per_patient, caliper)
    people = frame.with_row_index("row").drop_nulls(["age_years", "sex"]).sort("subject_id", "row")
    rng = np.random.default_rng(seed)
    found: list[pl.DataFrame] = []
    for sex in SEXES:
        of_sex = people.filter(pl.col("sex") == sex)
        patients, controls = (of_sex.filter(pl.col("group") == group) for group in ("MS", "HC"))
        order = rng.permutation(patients.height)
        if not patients.height or not controls.height:
            continue
        controls = controls.sort("age_years", "subject_id", "row")
        who = patients["row"].to_numpy()[order]
        ages, theirs = (side["age_years"].to_numpy().astype(float) for side in (patients, controls))
        first, second = _greedy(ages[order], theirs, per_patient, caliper)
        taken = controls["row"].to_numpy()[second]
        found.append(
            pl.DataFrame(
                {
                    "patient": who[first],
                    "control": taken,
                    "distance_years": np.abs(ages[order][first] - theirs[second]),
                }
            )
        )
    return pl.concat(found).cast(PAIRS) if found else pl.DataFrame(schema=PAIRS)  # type: ignore[arg-type]


def keep_matched(frame: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the people of a frame who are in a pair, in the order of the frame."""
    rows = np.unique(np.concatenate([pairs["patient"].to_numpy(), pairs["control"].to_numpy()]))
    return frame[rows]


def balance(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Compare how alike the groups are before and after matching.

    Parameters
    ----------
    before, after : cohort frames of both groups

    Returns
    -------
    polars.DataFrame, two rows ("before", "after") per covariate of ``COVARIATES``: covariate, when, n_hc, n_ms (people
    with a value), mean_hc, mean_ms (men: share, 0-1), standardised_difference (MS - HC in standard deviations, those
    before matching on both rows; null where nothing varies). Below 0.1 in size is usually called balanced.

    References
    ----------
    Stuart 2010, section 4.1, doi:10.1214/09-STS313; Austin 2009 (0.1), doi:10.1002/sim.3697
    """
    rows = []
    for name in COVARIATES:
        spread = None
        for when, frame in (("before", before), ("after", after)):
            value = pl.col("sex").eq("M").cast(pl.Float64) if name == "male" else pl.col(name).cast(pl.Float64)
            known = frame.select("group", value.alias("value")).drop_nulls()
            sides = [known.filter(pl.col("group") == group)["value"] for group in ("HC", "MS")]
            if when == "before":
                spread = np.sqrt(sum((side.var() or 0.0) for side in sides) / 2)  # type: ignore[misc]
            means = [side.mean() for side in sides]
            gap = None
            if None not in means and spread:
                gap = (means[1] - means[0]) / spread  # type: ignore[operator]
            rows.append(
                {
                    "covariate": name, "when": when, "n_hc": len(sides[0]), "n_ms": len(sides[1]),
                    "mean_hc": means[0], "mean_ms": means[1], "standardised_difference": gap,
                }
            )  # fmt: skip
    return pl.DataFrame(rows, schema=BALANCE)


def check_matching(per_patient: int, caliper: float) -> None:
    """Refuse what cannot be matched.

    Raises
    ------
    ValueError : the number of controls or the caliper is out of range.
    """
    if not 1 <= per_patient <= MOST_MATCHED:
        raise ValueError(f"{per_patient} controls per patient; expected 1 to {MOST_MATCHED}")
    if not 0 <= caliper <= 50:
        raise ValueError(f"a caliper of {caliper:g} years; expected 0 to 50")


def _greedy(
    patients: NDArray[np.float64], controls: NDArray[np.float64], per_patient: int, caliper: float
) -> tuple[list[int], list[int]]:
    """Pair patients, in their order, with controls sorted by age; indices of both."""
    n = len(controls)
    # The nearest control left at or below, and at or above, a place; n + 1 places so that the ends have a name.
    below, above = list(range(n + 1)), list(range(n + 1))

    def left_of(place: int) -> int:
        return _root(below, place + 1) - 1

    def right_of(place: int) -> int:
        return _root(above, place)

    first, second = [], []
    places = np.searchsorted(controls, patients, "left")
    for _ in range(per_patient):
        for i, age in enumerate(patients):
            low, high = left_of(int(places[i]) - 1), right_of(int(places[i]))
            gap_low = age - controls[low] if low >= 0 else np.inf
            gap_high = controls[high] - age if high < n else np.inf
            chosen, gap = (low, gap_low) if gap_low <= gap_high else (high, gap_high)
            if gap > caliper + 1e-9:
                continue
            first.append(i)
            second.append(chosen)
            below[chosen + 1], above[chosen] = chosen, chosen + 1
    return first, second


def _root(parent: list[int], place: int) -> int:
    while parent[place] != place:
        parent[place] = parent[parent[place]]
        place = parent[place]
    return place
