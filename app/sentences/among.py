"""A sentence that says of whom it speaks: 'Among women aged 30–45, MS patients carry ...'."""

from analysis.filters import Filter, where_in_words
from vocabulary.measures import GROUPS, SEX_LABELS, SEXES

OUTLIERS_HIDDEN = {"far": "far outliers hidden", "study": "outliers hidden by the study's rule"}


def ages_in_words(low: float | None, high: float | None) -> str:
    """Return limits of age as people write them.

    Examples
    --------
    >>> ages_in_words(30, 45), ages_in_words(30, None), ages_in_words(None, 45), ages_in_words(40, 40)
    ('30–45', '30 or older', 'up to 45', '40')
    """
    if low is not None and high is not None:
        return f"{low:g}" if low == high else f"{low:g}–{high:g}"
    if low is not None:
        return f"{low:g} or older"
    return "" if high is None else f"up to {high:g}"


def parts(chosen: Filter) -> dict[str, str]:
    """Return every restriction of a filter in a few words, by what it restricts; empty for everybody.

    Examples
    --------
    >>> parts(Filter(sexes=("F",), age_min=30, age_max=45))
    {'sex': 'Women', 'age': 'Aged 30–45'}
    """
    found = {}
    if set(chosen.groups) != set(GROUPS):
        found["group"] = f"Only {' and '.join(chosen.groups)}" if chosen.groups else "No group"
    if set(chosen.sexes) != set(SEXES):
        found["sex"] = " and ".join(SEX_LABELS[s] for s in chosen.sexes) or "Neither sex"
    if age := ages_in_words(chosen.age_min, chosen.age_max):
        found["age"] = f"Aged {age}"
    if chosen.lesion_positive:
        found["lesions"] = "With lesions"
    for column, value in chosen.where:
        words = where_in_words(column, value)
        found[f"where-{column}"] = words[:1].upper() + words[1:]
    if chosen.outliers != "keep":
        words = OUTLIERS_HIDDEN[chosen.outliers]
        found["outliers"] = words[:1].upper() + words[1:]
    if chosen.cohort is not None:
        found["cohort"] = f"Cohort {chosen.cohort[0]}"
    if chosen.matches:
        found["matched"] = f"{chosen.matched} matched control{'s' if chosen.matched > 1 else ''} each"
    return found


def among(chosen: Filter) -> str:
    """Say who is looked at beside the groups, which the sentence itself names; empty for everybody.

    Examples
    --------
    >>> among(Filter(sexes=("F",), age_min=30, age_max=45, where=(("scanner", "A"),)))
    'Among women aged 30–45 (scanner A)'
    """
    found = parts(chosen)
    found.pop("group", None)
    if not found:
        return ""
    who = "Among " + (found.pop("sex").lower() if chosen.sexes and "sex" in found else "people")
    for key in ("age", "lesions"):
        if key in found:
            who += f" {found.pop(key).lower()}"
    rest = [words if words[:2].isupper() else words[:1].lower() + words[1:] for words in found.values()]
    return who + (f" ({'; '.join(rest)})" if rest else "")


def stated(chosen: Filter, sentence: str) -> str:
    """Return a sentence that begins with whom it speaks of.

    Examples
    --------
    >>> stated(Filter(sexes=("F",)), "People with MS carry more."), stated(Filter(age_max=40), "MS is more.")
    ('Among women, people with MS carry more.', 'Among people aged up to 40, MS is more.')
    """
    who = among(chosen)
    if not who or not sentence:
        return sentence
    return f"{who}, {sentence if sentence[1:2].isupper() else sentence[:1].lower() + sentence[1:]}"
