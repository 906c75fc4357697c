"""Whether the numbers of a column can be those of human heads, and what is the likely cause where they cannot.

The limits are wide: they tell a wrong unit or a wrong decimal mark, not a sick person from a healthy one.
"""

import polars as pl

from vocabulary.measures import MEASURES

TYPICAL: dict[str, tuple[float, float]] = {
    "age_years": (0.0, 120),
    "intracranial_area_mm2": (3_000, 5_000_000),
    "ventricle_area_mm2": (5, 1_000_000),
    "ventricle_volume_ml": (0.5, 400),
    "wmh_volume_ml": (0.0, 400),
    "periventricular_volume_ml": (0.0, 400),
    "paraventricular_volume_ml": (0.0, 400),
    "juxtacortical_volume_ml": (0.0, 400),
    "ventricle_ratio_pct": (0.02, 30),
    "lesion_count": (0, 3_000),
}
"""Measure -> where most people of any group lie, by one slice in the smallest protocols, by all in the largest.

A judgement, and wide. Intracranial area: one slice of an adult has some 13,000 to 19,000 mm2. Ventricle volume: most
adults have 5 to 60 mL. Lesion volume: rarely beyond 100 mL.
"""

POSSIBLE: dict[str, tuple[float, float]] = {
    "intracranial_area_mm2": (1_000, 10_000_000),
    **{name: (0, 2_000) for name in MEASURES if name.endswith("_volume_ml")},
    "lesion_count": (0, 100_000),
}
"""Measure -> limits of one person; beyond them the row is refused."""

_FRACTIONS = tuple(name for name in MEASURES if name.endswith("_share_pct"))
_FEW = 5


def typical(measure: str, values: pl.Series) -> bool:
    """Say whether at least half of a column can be people's; zeros and empty cells are not looked at."""
    given = values.filter(values > 0)
    return measure not in TYPICAL or _outside(measure, given).len() * 2 <= given.len()


def _outside(measure: str, given: pl.Series) -> pl.Series:
    low, high = TYPICAL[measure]
    return given.filter(~given.is_between(low, high))


def cause(measure: str, values: pl.Series) -> str | None:
    """Say why a column cannot be what it is called, with the likely cause and the way out; None where it can.

    Parameters
    ----------
    values : numbers of one column in the measure's unit

    Examples
    --------
    >>> cause("intracranial_area_mm2", pl.Series([1160.0, 1212.0]))
    '2 of 2 numbers are not from 3,000 to 5,000,000 mm², such as 1,160; is it in cm²? (--unit COLUMN=cm2)'
    >>> cause("intracranial_area_mm2", pl.Series([116000.0])) is None
    True
    """
    if measure in _FRACTIONS:
        return _fractions(values)
    if typical(measure, values):
        return None
    low, high = TYPICAL[measure]
    given = values.filter(values > 0)
    outside = _outside(measure, given)
    middle = float(outside.median())  # type: ignore[arg-type]
    unit = "years" if measure == "age_years" else MEASURES[measure].unit.split(" ")[0]
    said = f"{outside.len():,} of {given.len():,} numbers are not from {_short(low)} to {_short(high)} {unit}".rstrip()
    return f"{said}, such as {_short(float(outside[0]))}{_hint(measure, middle, low, high)}"


def _hint(measure: str, middle: float, low: float, high: float) -> str:
    guesses = {
        "mm2": [("cm²", "cm2", 100.0)],
        "ml": [("mm³", "mm3", 0.001), ("litres", "l", 1000.0)],
        "years": [("months", "months", 1 / 12), ("days", "days", 1 / 365.25)],
        "pct": [("fractions of 1", "fraction", 100.0)],
    }
    for name, unit, size in guesses.get(measure.rsplit("_", 1)[-1], []):
        if low <= middle * size <= high:
            return f"; is it in {name}? (--unit COLUMN={unit})"
    if middle < low <= middle * 1000 <= high:
        return "; is the point a thousands mark? (--decimal comma)"
    return "; is it the right column?"


def _fractions(values: pl.Series) -> str | None:
    given = values.drop_nulls()
    largest = given.max()
    between = given.filter((given > 0) & (given < 1)).len()
    if given.len() >= _FEW and largest is not None and float(largest) <= 1 and between:  # type: ignore[arg-type]
        return "no share exceeds 1 %; are these fractions of 1? (--unit COLUMN=fraction)"
    return None


def _short(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"
