"""What codes may look like: of people and visits, datasets and protocols, models. Plain, short, safe in a path."""

import re

LONGEST = 64
IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""A pseudonymous code of a person or visit, and the name of a dataset or protocol."""
BIDS_VALUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,63}")
"""An identifier without the underscore, which parts the entities of a BIDS name."""
MODEL_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
"""A model's name; ``+`` joins the members of an ensemble."""
ALLOWED = "letters (A-Z), digits and . _ -"
"""An identifier's characters, in words."""


def is_identifier(text: str) -> bool:
    """Tell whether a text can be an identifier; two dots in a row, as in a path to elsewhere, cannot be in one.

    Examples
    --------
    >>> [is_identifier(text) for text in ("sub-01", "P_7.b", "", "Anna B", ".hidden", "a..b", "x" * 65)]
    [True, True, False, False, False, False, False]
    """
    return IDENTIFIER.fullmatch(text) is not None and ".." not in text


def is_bids_value(text: str) -> bool:
    """Tell whether an identifier can stand in a BIDS file name as it is.

    Examples
    --------
    >>> is_bids_value("P-7"), is_bids_value("P_7"), is_bids_value("a..b")
    (True, False, False)
    """
    return BIDS_VALUE.fullmatch(text) is not None and ".." not in text


_NUMBER = re.compile(r"\d{9,}")
_DATE = re.compile(r"(13|14|19|20)\d\d[.-]?(0[1-9]|1[0-2])[.-]?(0[1-9]|[12]\d|3[01])")
_NAMES = re.compile(r"[A-Za-z]{3,}([_.-]+[A-Za-z]{2,})+")


def code_doubt(code: str) -> str:
    """Say why a code may not be pseudonymous, or return an empty text.

    Examples
    --------
    >>> code_doubt("0012345678"), code_doubt("19810423"), code_doubt("101228")
    ('looks like a national or hospital number', 'looks like a date of birth', '')
    >>> code_doubt("Smith_John"), code_doubt("MS-P-07")
    ('looks like a name', '')
    """
    if _NUMBER.search(code):
        return "looks like a national or hospital number"
    if _DATE.search(code):
        return "looks like a date of birth"
    return "looks like a name" if _NAMES.fullmatch(code) else ""
