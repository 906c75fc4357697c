"""The people a normative model is fitted to or asked about, as arrays."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CENTRE_AGE, AGE_UNIT = 35.0, 10.0
HEAD_MM2 = 111_000.0
"""Intracranial area a load is scaled to, the mean of the released controls."""


@dataclass(frozen=True)
class People:
    """Age, sex, head size and one measure of N people.

    Attributes
    ----------
    age : (N,) years
    male : (N,) 1 for men, 0 for women
    head : (N,) intracranial area, mm²; `HEAD_MM2` where the measure does not depend on it
    value : (N,) the measure, in its unit
    """

    age: Floats
    male: Floats
    head: Floats
    value: Floats

    def __len__(self) -> int:
        return len(self.value)

    @property
    def z(self) -> Floats:
        """Decades from age 35."""
        return (self.age - CENTRE_AGE) / AGE_UNIT

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> "People":
        """Return some of the people."""
        return People(self.age[rows], self.male[rows], self.head[rows], self.value[rows])

    def with_value(self, value: Floats) -> "People":
        """Return the same people with other values."""
        return People(self.age, self.male, self.head, value)


def people_of(frame: pl.DataFrame, measure: str) -> People:
    """Return the people of a cohort frame who have an age, a sex and the measure.

    Parameters
    ----------
    frame : cohort frame: sex, age_years, the measure; intracranial_area_mm2 where it exists
    """
    head = pl.col("intracranial_area_mm2") if "intracranial_area_mm2" in frame.columns else pl.lit(HEAD_MM2)
    kept = frame.select("sex", "age_years", head.alias("head"), pl.col(measure).alias("value")).drop_nulls()
    return People(
        kept["age_years"].to_numpy().astype(float),
        (kept["sex"] == "M").to_numpy().astype(float),
        kept["head"].to_numpy().astype(float),
        kept["value"].to_numpy().astype(float),
    )


def one_person(age: float, sex: str, value: float, head: float = HEAD_MM2) -> People:
    """Return one person as arrays of length one.

    Examples
    --------
    >>> one_person(42, "F", 0.36).z.tolist()
    [0.7]
    """
    return People(np.array([float(age)]), np.array([float(sex == "M")]), np.array([head]), np.array([float(value)]))
