"""Centiles in words: where one value lies among people of the same age and sex, and how sure that is."""

from collections.abc import Sequence

import numpy as np

from analysis.norms.curves import centile_curves, none_curve
from analysis.norms.reference import Reference
from analysis.norms.score import VERY_FEW_NEAR, Score
from analysis.overview import wilson
from app.patient import Impossible
from app.sentences.formatting import format_interval, format_number
from vocabulary.measures import MEASURES, PUBLISHED_PROTOCOL, SEXES

MEMBERS = {
    ("HC", "F"): "control women",
    ("HC", "M"): "control men",
    ("MS", "F"): "women with MS",
    ("MS", "M"): "men with MS",
}
MEMBER = {
    ("HC", "F"): "control woman",
    ("HC", "M"): "control man",
    ("MS", "F"): "woman with MS",
    ("MS", "M"): "man with MS",
}
PEOPLE = {"HC": "controls", "MS": "people with MS"}
ONE_SIDED_ABOVE, ONE_SIDED_BELOW = 90.0, 10.0
SAME_WAY = "Centile: rank among people measured in the same way; how well the scan was measured is not added to it."


def format_centile(points: float | None) -> str:
    """Return a centile or a limit of its interval; never 0 and never 100.

    Examples
    --------
    >>> [format_centile(p) for p in (29.7, 0.62, 99.42, 99.9, 0.1, None)]
    ['30', '0.6', '99.4', '> 99.9', '< 0.1', '–']
    """
    if points is None:
        return "–"
    if points >= 99.9:
        return "> 99.9"
    if points <= 0.1:
        return "< 0.1"
    return f"{points:.1f}" if points < 1 or points > 99 else f"{points:.0f}"


def ordinal(centile: float) -> str:
    """Return the name of a centile.

    Examples
    --------
    >>> [ordinal(c) for c in (3.0, 50.0, 97.0)]
    ['3rd', '50th', '97th']
    """
    return f"{centile:g}rd" if centile == 3 else f"{centile:g}th"


def format_range(low: float | None, high: float | None) -> str:
    """Return an interval of a centile.

    Examples
    --------
    >>> format_range(26.6, 33.0), format_range(99.2, 99.9)
    ('27-33', '99.2 to > 99.9')
    """
    texts = format_centile(low), format_centile(high)
    if texts[0] == texts[1] and texts[0][0] in "<>":
        return texts[0]
    return " to ".join(texts) if any(text[0] in "<>" for text in texts) else "-".join(texts)


def format_z(z: float | None) -> str:
    """Return a z score with two decimals; beyond those of the outermost centiles as a limit.

    Examples
    --------
    >>> format_z(-0.0175), format_z(1.5), format_z(3.0902), format_z(None)
    ('−0.02', '1.50', '> 3.09', '–')
    """
    if z is None:
        return "–"
    if abs(z) > 3.09:
        return "> 3.09" if z > 0 else "< −3.09"
    return f"{'−' if round(z, 2) < 0 else ''}{abs(z):.2f}"


def caution(scores: Sequence[Score]) -> str:
    """Say that hardly anybody of the reference is of this sex and near this age; "" where enough are.

    Parameters
    ----------
    scores : of one person among one group
    """
    few = [score for score in scores if not score.refused and score.n_near_age < VERY_FEW_NEAR]
    if not few:
        return ""
    score = few[0]
    members = MEMBERS[score.group, score.sex] if score.n_near_age != 1 else MEMBER[score.group, score.sex]
    return f"Only {score.n_near_age} {members} within 5 years of {score.age:g}, so take this with care."


def score_sentence(score: Score) -> str:
    """Say in one sentence where a value lies, or why nothing can be said; what to be careful of comes before.

    Examples
    --------
    >>> asked = dict(measure="ventricle_ratio_pct", value=0.36, unit="%", group="HC", reference="r", protocol="p")
    >>> found = dict(age=42, sex="F", centile=29.7, centile_low=26.6, centile_high=33.0, n_near_age=194)
    >>> score_sentence(Score(**asked, **found))
    'Ventricle ratio 0.360 %: larger than in 30 of 100 control women of 42 years (95 % interval 27-33).'
    """
    return f"{caution([score])} {place_sentence(score)}".strip()


def place_sentence(score: Score) -> str:
    """Say where a value lies, as ``score_sentence`` does, without what to be careful of."""
    what = _what(score)
    if score.refused:
        return f"{what}: no centile. {score.refused[0].upper()}{score.refused[1:]}."
    return _rate(score, what) if score.any_pct is not None else _rank(score, what)


def opening_sentence(scores: Sequence[Score]) -> str:
    """Return what a page opens with: the first two values that have an answer, else why none has."""
    answered = [score for score in scores if not score.refused][:2]
    if not answered:
        return score_sentence(scores[0]) if scores else "There is no value to place."
    return f"{caution(answered)} {' '.join(place_sentence(score) for score in answered)}".strip()


def _what(score: Score) -> str:
    measure = MEASURES[score.measure]
    unit = {"% of intracranial area": "%"}.get(measure.unit, measure.unit)
    if score.none_found and not score.refused:
        load = measure.label.removesuffix(" area").removesuffix(" ratio")
        return f"No {load if load.isupper() else load[0].lower() + load[1:]}"
    return f"{measure.label} {format_number(score.value)} {unit}"


def _who(score: Score) -> str:
    return f"{MEMBERS[score.group, score.sex]} of {score.age:g} years"


def _rank(score: Score, what: str) -> str:
    more = "more than in" if MEASURES[score.measure].nature == "load" else "larger than in"
    interval = format_range(score.centile_low, score.centile_high)
    if score.none_found:
        share = format_centile(score.centile_at_or_below)
        limits = format_range(score.at_or_below_low, score.at_or_below_high)
        return f"{what}: like {share} of 100 {_who(score)} (95 % interval {limits})."
    if score.centile_low is not None and score.centile_low >= ONE_SIDED_ABOVE:
        text = f"{more} at least {format_centile(score.centile_low)} of 100 {_who(score)}".replace("least > ", "least ")
    elif score.centile_high is not None and score.centile_high <= ONE_SIDED_BELOW:
        text = f"{more} at most {format_centile(score.centile_high)} of 100 {_who(score)}".replace("most < ", "most ")
    elif score.centile is None:
        between = interval.replace("-", " and ")
        return f"{what}: {more} between {between} of 100 {_who(score)}; too uncertain for a centile."
    else:
        text = f"{more} {format_centile(score.centile)} of 100 {_who(score)} (95 % interval {interval})"
    beyond = score.most_of_sex is not None and score.value > score.most_of_sex and score.measure.endswith("_area_mm2")
    if beyond and score.most_of_sex is not None:
        text += f"; no {MEMBER[score.group, score.sex]} of the reference has more than {score.most_of_sex:,.0f} mm²"
    if score.bridge:
        text += ", carried over from another protocol by a bridge"
    return f"{what}: {text}."


def _rate(score: Score, what: str) -> str:
    people = PEOPLE[score.group]
    limits = f"95 % interval {_percent(score.any_low)}-{_percent(score.any_high)} %"
    any_pct = score.any_pct or 0.0
    if score.none_found:
        return f"{what}: like {100 - any_pct:.1f} % of {people} ({_percent(any_pct)} % have any, {limits})."
    as_much = f"{score.n_as_much:,}" if score.n_as_much else "none"
    return (
        f"{what}: {as_much} of {score.n_reference:,} {people} of the reference have as much "
        f"({_percent(any_pct)} % have any, {limits})."
    )


def _percent(points: float | None) -> str:
    return "–" if points is None else f"{points:.1f}"


TABRIZ = (
    "These norms are one centre in Tabriz and one study pipeline, which finds a tenth of the ventricle area and a "
    "fifth of the WMH area that a person draws, and in which the WMH of control men falls with age. They are norms of "
    "that measurement, not of anatomy."
)


def reference_notice(reference: Reference) -> str:
    """Return what must stand beside a reference's chart, in the size of its numbers."""
    if reference.protocol == PUBLISHED_PROTOCOL:
        return TABRIZ
    who = PEOPLE[reference.group]
    return f"{reference.n:,} {who}, measured under {reference.protocol}: for values measured in the same way only."


def impossible_sentence(found: Impossible) -> str:
    """Say what could not be said of a patient, and why.

    Examples
    --------
    >>> impossible_sentence(Impossible("age_outside", group="HC", detail="18-72"))
    'Among controls: no centile at this age; the reference holds 18-72 years in this sex.'
    """
    label = MEASURES[found.measure].label if found.measure else ""
    among = {"HC": "Among controls", "MS": "Among people with MS", "": ""}[found.group]
    texts = {
        "unknown_age": "The age of this person is not known, so nobody is known to be of the same age.",
        "unknown_sex": "The sex of this person is not known, so nobody is known to be of the same sex.",
        "unknown_age_and_sex": "The age and sex of this person are not known, so there is nobody to compare with.",
        "no_reference": no_reference(found.detail),
        "no_reference_of_group": f"{among}: there is no reference measured under {found.detail}.",
        "ventricles_not_found": f"{label}: the ventricles were not found, so they cannot be placed.",
        "not_measured": f"{label}: not measured.",
        "contradiction": f"The values contradict each other: {found.detail}.",
        "age_outside": f"{among}: no centile at this age; the reference holds {found.detail} years in this sex.",
        "other_model": f"The scan was segmented by another model than the bridge was fitted with: {found.detail}. "
        "Only head size is carried over; measure the scan again with the present model.",
        "geometry": "The scan's slices are unlike those of the patients measured in both ways, so it stays here.",
        "not_carried": f"{label}: {found.detail}.",
        "refused": f"{label}, {among[:1].lower()}{among[1:]}: {found.detail}.",
    }
    return texts[found.code]


def no_reference(protocol: str) -> str:
    """Say why values of a protocol cannot be placed, and what to do."""
    text = (
        f"No controls measured under {protocol} are known, and numbers of different protocols are not compared. "
        "Fit a reference from your own controls, at least 100, with `mscohort norms fit`."
    )
    if protocol.startswith("mscohort-") and protocol != "mscohort-demo-1":
        text += (
            f" The released norms are of {PUBLISHED_PROTOCOL}, which finds far less ventricle and lesion in the same "
            "scan: read off them, this scan would look abnormal for that reason alone."
        )
    return text


def norm_sentence(reference: Reference, measure_name: str, age: float = 35.0) -> str:
    """Say in one sentence what is usual at an age, women and men.

    Parameters
    ----------
    age : years, moved to the nearest age that both sexes of the reference have
    """
    ranges = [reference.age_range(sex) for sex in SEXES]
    age = min(max(age, *(low for low, _ in ranges)), *(high for _, high in ranges))
    label = MEASURES[measure_name].label
    rate = reference.rate(measure_name)
    if rate is not None:
        low, high = wilson(rate.n_any, rate.n)
        return (
            f"{rate.n_any:,} of {rate.n:,} {PEOPLE[reference.group]} have any {_lower(label)}: "
            f"{100 * rate.n_any / rate.n:.1f} % (95 % interval {100 * (low or 0):.1f}-{100 * (high or 0):.1f} %), "
            "so there is no centile."
        )
    parts = [_usual(reference, measure_name, sex, age) for sex in SEXES]
    return f"{label} at {age:g} years: {'; '.join(parts)}."


def compared_sentence(reference: Reference, other: Reference, measure_name: str, age: float = 35.0) -> str:
    """Say how the medians of two references of one protocol compare at an age, women and men.

    Parameters
    ----------
    age : years, moved to the nearest age that both sexes of both references have
    """
    ranges = [one.age_range(sex) for one in (reference, other) for sex in SEXES]
    age = min(max(age, *(low for low, _ in ranges)), *(high for _, high in ranges))
    unit = MEASURES[measure_name].unit.removesuffix(" of intracranial area")
    parts = []
    for sex in SEXES:
        one, two = (centile_curves(r, measure_name, sex, (50.0,), np.array([age])).row(0, named=True)
                    for r in (reference, other))  # fmt: skip
        who = {"F": "women", "M": "men"}[sex]
        parts.append(
            f"{who} {format_number(one['value'])} ({_values(one)}) against {format_number(two['value'])} "
            f"({_values(two)}) {unit}"
        )
    return f"Dotted: {other.title}, n = {other.n:,}. Medians at {age:g} years: {'; '.join(parts)} (95 % intervals)."


def _usual(reference: Reference, measure_name: str, sex: str, age: float) -> str:
    unit = MEASURES[measure_name].unit.removesuffix(" of intracranial area")
    rows = centile_curves(reference, measure_name, sex, (50.0, 97.0), np.array([age]))
    middle, high = rows.iter_rows(named=True)
    who = MEMBERS[reference.group, sex]
    text = f"half of the {who} have at most {format_number(middle['value'])} {unit} (95 % interval {_values(middle)})"
    text += f" and 3 in 100 more than {format_number(high['value'])} {unit} ({_values(high)})"
    none = none_curve(reference, measure_name, sex, np.array([age]))
    if none.height:
        text += f", {100 * none['none'][0]:.0f} in 100 have none"
    return text


def _values(row: dict[str, float]) -> str:
    return format_interval(row["low"], row["high"])


def _lower(label: str) -> str:
    return label if label.startswith("WMH") else label[0].lower() + label[1:]
