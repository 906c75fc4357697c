"""Centiles in words: where one value lies among people of the same age and sex, and how sure that is."""

from collections.abc import Sequence

from analysis.norms.score import VERY_FEW_NEAR, Score
from app.sentences.formatting import format_number
from vocabulary.measures import MEASURES

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


def format_range(low: float | None, high: float | None) -> str:
    """Return an interval of a centile.

    Examples
    --------
    >>> format_range(26.6, 33.0), format_range(99.2, 99.9)
    ('27-33', '99.2 to > 99.9')
    """
    texts = format_centile(low), format_centile(high)
    return " to ".join(texts) if any(text[0] in "<>" for text in texts) else "-".join(texts)


def score_sentence(score: Score) -> str:
    """Say in one sentence where a value lies, or why nothing can be said.

    Examples
    --------
    >>> asked = dict(measure="ventricle_ratio_pct", value=0.36, unit="%", group="HC", reference="r", protocol="p")
    >>> found = dict(age=42, sex="F", centile=29.7, centile_low=26.6, centile_high=33.0, n_near_age=194)
    >>> score_sentence(Score(**asked, **found))
    'Ventricle ratio 0.360 %: larger than in 30 of 100 control women of 42 years (95 % interval 27-33).'
    """
    what = _what(score)
    if score.refused:
        return f"{what}: no centile. {score.refused[0].upper()}{score.refused[1:]}."
    lead = ""
    if score.n_near_age < VERY_FEW_NEAR:
        members = MEMBERS[score.group, score.sex] if score.n_near_age != 1 else MEMBER[score.group, score.sex]
        lead = f"Only {score.n_near_age} {members} within 5 years of {score.age:g}, so take this with care. "
    return lead + (_rate(score, what) if score.any_pct is not None else _rank(score, what))


def opening_sentence(scores: Sequence[Score]) -> str:
    """Return the sentence a page opens with: the first value that has an answer, else why none has."""
    answered = [score for score in scores if not score.refused]
    return score_sentence(answered[0] if answered else scores[0]) if scores else "There is no value to place."


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
    more = "more than in" if score.centile_at_or_below is not None else "larger than in"
    interval = format_range(score.centile_low, score.centile_high)
    if score.none_found:
        share = format_centile(score.centile_at_or_below)
        limits = format_range(score.at_or_below_low, score.at_or_below_high)
        return f"{what}: like {share} of 100 {_who(score)} (95 % interval {limits})."
    if score.centile is None:
        between = interval.replace("-", " and ")
        return f"{what}: {more} between {between} of 100 {_who(score)}; too uncertain for a centile."
    if score.centile_low is not None and score.centile_low >= ONE_SIDED_ABOVE:
        text = f"{more} at least {format_centile(score.centile_low)} of 100 {_who(score)}".replace("least > ", "least ")
    elif score.centile_high is not None and score.centile_high <= ONE_SIDED_BELOW:
        text = f"{more} at most {format_centile(score.centile_high)} of 100 {_who(score)}".replace("most < ", "most ")
    else:
        text = f"{more} {format_centile(score.centile)} of 100 {_who(score)} (95 % interval {interval})"
    beyond = score.most_of_sex is not None and score.value > score.most_of_sex and score.measure.endswith("_area_mm2")
    if beyond and score.most_of_sex is not None:
        text += f"; no {MEMBER[score.group, score.sex]} of the reference has more than {score.most_of_sex:,.0f} mm²"
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
