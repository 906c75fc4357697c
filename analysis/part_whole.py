"""Which measures are parts of one another, so that a correlation between them is there by construction."""

from vocabulary.measures import MEASURES, Measure


def part_whole(x: str, y: str) -> str | None:  # noqa: PLR0911  (one line per kind of kinship reads best)
    """Say why two variables are correlated by construction, or None when they are not.

    Parameters
    ----------
    x, y : names of measures; anything else ("age_years", "sex") has no kin

    Returns
    -------
    str or None : a sentence for the reader

    References
    ----------
    Pearson 1897 (spurious correlation of ratios), doi:10.1098/rspl.1896.0076;
    Aitchison 1986, The Statistical Analysis of Compositional Data, doi:10.1007/978-94-009-4109-0.

    Examples
    --------
    >>> part_whole("periventricular_area_mm2", "wmh_ratio_pct")
    'Periventricular WMH area is a part of WMH area.'
    >>> part_whole("age_years", "wmh_area_mm2") is None
    True
    """
    if x not in MEASURES or y not in MEASURES or x == y:
        return None
    first, second = MEASURES[x], MEASURES[y]
    a, b = _quantity(first), _quantity(second)
    if a == b:
        return f"{first.label} and {second.label} measure the same thing."
    if b in _wholes(a):
        return f"{first.label} is a part of {_name(b)}."
    if a in _wholes(b):
        return f"{second.label} is a part of {_name(a)}."
    if first.zone and second.zone:
        return f"{first.label} and {second.label} are parts of one whole: where one grows, the others' shares shrink."
    if first.unit == second.unit == "% of intracranial area":
        return f"{first.label} and {second.label} are divided by the same intracranial area."
    return None


def _quantity(measure: Measure) -> str:
    """What is measured, whatever the unit: an area, a ratio and a volume of WMH are one quantity."""
    return measure.zone or measure.name.split("_")[0]


def _wholes(quantity: str) -> set[str]:
    """Everything a quantity is a part of, its whole's whole included."""
    direct = {_quantity(MEASURES[m.whole]) for m in MEASURES.values() if m.whole and _quantity(m) == quantity}
    return direct.union(*(_wholes(whole) for whole in direct))


def _name(quantity: str) -> str:
    return {"wmh": "WMH area", "intracranial": "intracranial area"}[quantity]
