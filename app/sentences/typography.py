"""How a sentence is set on a page: en dashes in ranges, and what an interval is said once."""

import re

_RANGE = re.compile(r"(?<=\d)-(?=\d)")
_DECIMALS = re.compile(r"(?<![\w.-])(\d[\d,]*\.\d+)-(?=\d[\d,]*\.\d+(?![\w-]|\.\d))")
_OF_AN_INTERVAL = re.compile(r"((?:interval|CI) \d[\d.,]*)-(?=\d)")
_INTERVAL = "95 % CI "
_P_VALUE = re.compile(r"\bp ([=<>]) (?=[.\d])")


def unbroken(text: str) -> str:
    """Return a text whose p values stay on one line.

    Examples
    --------
    >>> unbroken("3.4 times (p < .001)").replace("\u00a0", "_")
    '3.4 times (p_<_.001)'
    """
    return _P_VALUE.sub("p\u00a0\\1\u00a0", text)


def with_dashes(text: str) -> str:
    """Return a text with en dashes in intervals and where both ends have decimals; other ranges may be codes or dates.

    Examples
    --------
    >>> with_dashes("01-02: centile 93 (95 % interval 91-95; 90.5-95.5 with ...), slice 3-4")
    '01-02: centile 93 (95 % interval 91–95; 90.5–95.5 with ...), slice 3-4'
    """
    return unbroken(_OF_AN_INTERVAL.sub(r"\1–", _DECIMALS.sub(r"\1–", text)))


def ranges(text: str) -> str:
    """Return a text of which every hyphen between two digits is a range, such as a band of ages, with en dashes.

    Examples
    --------
    >>> ranges("HC women 18-29"), ranges("60+")
    ('HC women 18–29', '60+')
    """
    return _RANGE.sub("–", text)


def typeset(sentence: str) -> str:
    """Return a sentence as a page shows it.

    Ranges of numbers get an en dash, and "95 % CI" stands at the first interval only: the others are of the same kind.

    Examples
    --------
    >>> typeset("MS carry 12.9 times (95 % CI 11.0-15.1), women 18 (95 % CI 15.0-21.5)")
    'MS carry 12.9 times (95 % CI 11.0–15.1), women 18 (15.0–21.5)'
    """
    first, said, rest = sentence.partition(_INTERVAL)
    return unbroken(_RANGE.sub("–", first + said + rest.replace(_INTERVAL, "")))
