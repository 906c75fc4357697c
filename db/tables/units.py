"""Units in the headers of a table, and what a number in them is in the store's own: mm2, mL, percent, years."""

import re
from dataclasses import dataclass

from vocabulary.measures import MEASURES


@dataclass(frozen=True)
class Unit:
    """A unit: ``size`` of the store's unit of that quantity; quantity is area, volume, percent, time or count."""

    quantity: str
    size: float


_AREA, _VOLUME, _PERCENT, _TIME = "an area", "a volume", "a percentage", "a time"
UNITS = {
    "mm2": Unit(_AREA, 1.0),
    "cm2": Unit(_AREA, 100.0),
    "ml": Unit(_VOLUME, 1.0),
    "cm3": Unit(_VOLUME, 1.0),
    "mm3": Unit(_VOLUME, 0.001),
    "ul": Unit(_VOLUME, 0.001),
    "l": Unit(_VOLUME, 1000.0),
    "%": Unit(_PERCENT, 1.0),
    "fraction": Unit(_PERCENT, 100.0),
    "years": Unit(_TIME, 1.0),
    "months": Unit(_TIME, 1 / 12),
    "weeks": Unit(_TIME, 7 / 365.25),
    "days": Unit(_TIME, 1 / 365.25),
}
"""Unit -> its size in mm2, mL, percent or years."""

_SPELLINGS = {
    "mm²": "mm2", "mm^2": "mm2", "sqmm": "mm2", "qmm": "mm2", "cm²": "cm2", "cm^2": "cm2", "sqcm": "cm2", "qcm": "cm2",
    "mm³": "mm3", "mm^3": "mm3", "cumm": "mm3", "cm³": "cm3", "cm^3": "cm3", "cc": "cm3", "ccm": "cm3", "cucm": "cm3",
    "µl": "ul", "μl": "ul", "microl": "ul", "milliliter": "ml", "millilitre": "ml", "liter": "l", "litre": "l",
    "pct": "%", "percent": "%", "prozent": "%", "ratio": "fraction", "proportion": "fraction",
    "y": "years", "yr": "years", "yrs": "years", "year": "years", "mo": "months", "month": "months", "mos": "months",
    "day": "days", "d": "days", "week": "weeks", "wk": "weeks",
}  # fmt: skip
_BRACKETED = re.compile(r"[(\[]\s*(?:in\s+)?([^)\]]+?)\s*[)\]]\s*$")
_TRAILING = re.compile(
    r"[\s_.,-](mm2|mm²|mm\^2|cm2|cm²|cm\^2|mm3|mm³|mm\^3|cm3|cm³|cm\^3|ml|cc|ul|µl|pct|%|years|months)\s*$"
)


def unit_of(text: str) -> str | None:
    """Return a unit in the spelling of ``UNITS``, None for anything else.

    Examples
    --------
    >>> unit_of("cm²"), unit_of("mL"), unit_of("M/F")
    ('cm2', 'ml', None)
    """
    word = re.sub(r"\s+", "", text.casefold())
    word = _SPELLINGS.get(word, word)
    return word if word in UNITS else None


def split_header(header: str) -> tuple[str, str | None]:
    """Split a header into its words and its unit; the words are in lower case, one blank between them.

    Examples
    --------
    >>> split_header("WMH area (cm2)"), split_header("WMH_volume_mm3"), split_header("Age at MRI [years]")
    (('wmh area', 'cm2'), ('wmh volume', 'mm3'), ('age at mri', 'years'))
    >>> split_header("Gender (M/F)")
    ('gender', None)
    """
    name, unit = header.casefold().strip(), None
    for pattern in (_BRACKETED, _TRAILING):
        found = pattern.search(name)
        if found:
            unit = unit_of(found[1])
            if unit is not None or pattern is _BRACKETED:
                name = name[: found.start()]
                break
    return " ".join(re.split(r"[\s_.,-]+", name.strip(" _.,-"))), unit


def own_unit(measure: str) -> str | None:
    """Return the unit in which the store holds a measure or an age; None for what has none."""
    if measure == "age_years":
        return "years"
    kind = MEASURES[measure].unit if measure in MEASURES else ""
    return "%" if kind.startswith("%") else unit_of(kind)


def label(unit: str) -> str:
    """Return a unit as people write it.

    Examples
    --------
    >>> label("mm2"), label("ml")
    ('mm²', 'mL')
    """
    return {"ml": "mL", "l": "L", "ul": "µL"}.get(unit, unit.replace("2", "²").replace("3", "³"))


def factor(unit: str, measure: str) -> float | None:
    """Return what a number in a unit is multiplied by to become the measure's; None if they do not measure the same.

    Examples
    --------
    >>> factor("cm2", "wmh_area_mm2"), factor("mm3", "wmh_volume_ml"), factor("mm3", "wmh_area_mm2")
    (100.0, 0.001, None)
    """
    own = own_unit(measure)
    if own is None or UNITS[own].quantity != UNITS[unit].quantity:
        return None
    return UNITS[unit].size / UNITS[own].size


def quantity(unit: str) -> str:
    """Return what a unit measures, in words: ``an area``, ``a volume``, ``a percentage``, ``a time``."""
    return UNITS[unit].quantity
