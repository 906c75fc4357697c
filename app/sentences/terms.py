"""Terms of statistics and of the field that a page explains where they stand, under the pointer or the focus."""

import re
from collections.abc import Iterable
from functools import cache
from html import escape

from app.words.translating import translated

TERMS = {
    "WMH": "White matter hyperintensities: bright spots of the white matter on FLAIR, in MS mostly lesions.",
    "HC": "Healthy controls.",
    "95 % CI": "95 % confidence interval: made in this way, 95 of 100 such intervals hold the true value.",
    "odds ratio": "How many times higher the odds are in one group than in the other; 1 means no difference.",
    "Holm": "Holm's adjustment of p for the number of tests: among all of them, any false alarm has the chance named.",
    "Bonferroni": "p multiplied by the number of tests; stricter than Holm's adjustment.",
    "Benjamini-Hochberg": "Adjustment of p that bounds the share of false alarms among the findings.",
    "Hedges": "Difference of two means in standard deviations, corrected for few people.",
    "rank-biserial": "From -1 to 1: how much more often somebody of one group has the larger value than of the other.",
    "Pillai": "Pillai's trace: one test of several measures together, from 0 (no difference) to their number.",
    "ICC": "Intraclass correlation: how well two measurements of the same people agree; 1 is perfect.",
    "Dice": "Overlap of two outlines: twice what both have, divided by the sum of both; 1 is perfect.",
    "HD95": "The distance, in mm, within which 95 % of one outline lies of the other.",
    "Spearman": "Correlation of ranks: whether the larger of one goes with the larger of the other, in any shape.",
    "Pearson": "Correlation along a straight line, from -1 to 1.",
    "Shapiro-Wilk": "Test of whether values could come from a normal distribution.",
}
PLAIN_ELSEWHERE = {"HC"}
"""Abbreviations that another language spells out, so that there is nothing to explain."""

_SHORT = re.compile(r"(?<![\w-])WMH(?![\w-])(?P<of> (load|ratio|area|volume|count)\b)?")


@cache
def _spelled(code: str) -> dict[str, str]:
    """Return how a language writes each term -> the term in ``TERMS``; what follows in brackets is left out."""
    if code == "en":
        return {term: term for term in TERMS}
    return {translated(term, code).split(" (")[0]: term for term in TERMS if term not in PLAIN_ELSEWHERE}


@cache
def _found(code: str) -> "re.Pattern[str]":
    return re.compile(r"(?<![\w-])(" + "|".join(map(re.escape, _spelled(code))) + r")(?![\w-])")


def explained(sentence: str, code: str = "en") -> str:
    """Return a sentence in a language as HTML, each term once with its explanation.

    Examples
    --------
    >>> explained("2 < 3 (Holm)").startswith('2 &lt; 3 (<span class="term" tabindex="0"')
    True
    """
    met: set[str] = set()

    def mark(found: re.Match[str]) -> str:
        term = found[0]
        if term in met:
            return term
        met.add(term)
        return span(term, code)

    return _found(code).sub(mark, escape(sentence, quote=False))


def spelled_out(sentence: str) -> str:
    """Return an English sentence whose first WMH is written in full, unless something in it is.

    Examples
    --------
    >>> spelled_out("12 times the WMH load; WMH area 30 mm²")
    '12 times the white matter hyperintensity (WMH) load; WMH area 30 mm²'
    >>> spelled_out("0.91 for the ventricles and 0.79 for WMH.")
    '0.91 for the ventricles and 0.79 for white matter hyperintensities (WMH).'
    """
    found = None if "hyperintens" in sentence else _SHORT.search(sentence)
    if found is None:
        return sentence
    words = f"white matter {'hyperintensity' if found['of'] else 'hyperintensities'} (WMH)"
    begins = found.start() == 0 or sentence[: found.start()].endswith(". ")
    return (
        sentence[: found.start()] + (words[0].upper() + words[1:] if begins else words) + sentence[found.start() + 3 :]
    )


def span(term: str, code: str = "en") -> str:
    """Return a term of a language as HTML that tells its explanation under the pointer and with the focus."""
    means = escape(translated(TERMS[_spelled(code)[term]], code))
    said = f'data-means="{means}" aria-label="{term}: {means}"'
    return f'<span class="term" tabindex="0" role="note" {said}>{term}</span>'


def met_in(texts: Iterable[str], code: str = "en") -> list[str]:
    """Return the terms that occur in texts of a language, as it writes them, in the order of the list.

    Examples
    --------
    >>> met_in(["p (Holm, 7)", "95 % CI", "Pearson's"])
    ['95 % CI', 'Holm', 'Pearson']
    """
    found = {term for text in texts for term in _found(code).findall(text)}
    return [term for term in _spelled(code) if term in found]
