"""What is known of one person, checked: age, sex, protocol and values that can be true."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from vocabulary.measures import MEASURES, SEXES

HEAD = "intracranial_area_mm2"
ZONES = ("periventricular_area_mm2", "paraventricular_area_mm2", "juxtacortical_area_mm2")
SCORED = ("ventricle_ratio_pct", "ventricle_area_mm2", "wmh_area_mm2", "wmh_ratio_pct", *ZONES, HEAD)
"""Measures that can be given; ratios and areas of the same thing are scored alike."""
ROUNDING = 1.0
"""Zone areas may exceed their total by this much, mm²: each was rounded."""


class BadValue(ValueError):
    """A value cannot be true, or cannot be scored; the message says which and what is expected."""


@dataclass(frozen=True)
class Value:
    """One given value, as asked and as the model takes it."""

    asked: str
    given: float
    unit: str
    measure: str
    value: float


@dataclass(frozen=True)
class PersonValues:
    """One person: completed years, sex, protocol, head size if known, values to score."""

    age: float
    sex: str
    protocol: str
    head: float | None
    values: tuple[Value, ...]


def person_values(
    age: float, sex: str, protocol: str, given: Mapping[str, float], *, head_typical: float
) -> PersonValues:
    """Check what is known of a person and bring it to the measures of the models.

    Parameters
    ----------
    given : values by measure, in the units of the vocabulary; areas in mm², ratios in percent
    head_typical : mm²; a load given as a ratio without the person's intracranial area is taken at this head size

    Raises
    ------
    BadValue : an unknown sex or measure, a number that is missing, not finite or negative, an area larger than the
        intracranial area, zones larger than their total, a ratio above 100 or at odds with the areas
    """
    if sex not in SEXES:
        raise BadValue(f"sex '{sex}' is not one of {', '.join(SEXES)}")
    if not math.isfinite(age) or not 0 <= age <= 120:
        raise BadValue(f"age {age:g} is not between 0 and 120 years")
    if not protocol.strip():
        raise BadValue("the protocol is needed: a value is compared only with people measured in the same way")
    if not given:
        raise BadValue("there is no value to score")
    for name, value in given.items():
        _check_number(name, value)
    head = given.get(HEAD)
    if head is not None and head <= 0:
        raise BadValue(f"{HEAD} must be above 0")
    _check_parts(given, head)
    values = tuple(_value(name, number, head, head_typical) for name, number in given.items())
    return PersonValues(float(age), sex, protocol.strip(), head, values)


def _check_number(name: str, value: float) -> None:
    if name not in SCORED:
        raise BadValue(f"there is no norm for '{name}'; measures with one: {', '.join(SCORED)}")
    if not math.isfinite(value):
        raise BadValue(f"{name} is not a number")
    if value < 0:
        raise BadValue(f"{name} is negative: {value:g}")
    if name.endswith("_pct") and value > 100:
        raise BadValue(f"{name} is above 100 %: {value:g}")
    if name == "ventricle_ratio_pct" and value == 0:
        raise BadValue("ventricle_ratio_pct is 0: ventricles that were not found cannot be ranked")
    if name == "ventricle_area_mm2" and value == 0:
        raise BadValue("ventricle_area_mm2 is 0: ventricles that were not found cannot be ranked")


def _check_parts(given: Mapping[str, float], head: float | None) -> None:
    for name in ("ventricle_area_mm2", "wmh_area_mm2", *ZONES):
        if head is not None and name in given and given[name] > head:
            raise BadValue(f"{name} ({given[name]:g}) is larger than {HEAD} ({head:g})")
    if "ventricle_area_mm2" in given and head is None:
        raise BadValue(f"ventricle_area_mm2 needs {HEAD} beside it: ventricles are ranked relative to head size")
    total = given.get("wmh_area_mm2")
    zones = sum(given.get(name, 0.0) for name in ZONES)
    if total is not None and zones > total + ROUNDING:
        raise BadValue(f"the zones add up to {zones:g} mm², more than wmh_area_mm2 ({total:g})")
    for ratio, area in (("ventricle_ratio_pct", "ventricle_area_mm2"), ("wmh_ratio_pct", "wmh_area_mm2")):
        if ratio in given and area in given and head is not None:
            expected = 100 * given[area] / head
            if abs(given[ratio] - expected) > max(0.02 * expected, 0.005):
                raise BadValue(f"{ratio} ({given[ratio]:g}) is not {area} / {HEAD} x 100 ({expected:.4g})")


def _value(name: str, number: float, head: float | None, head_typical: float) -> Value:
    unit = MEASURES[name].unit
    if name == "ventricle_area_mm2":
        return Value(name, number, unit, "ventricle_ratio_pct", 100 * number / (head or head_typical))
    if name == "wmh_ratio_pct":
        return Value(name, number, unit, "wmh_area_mm2", number * (head or head_typical) / 100)
    return Value(name, number, unit, name, number)
