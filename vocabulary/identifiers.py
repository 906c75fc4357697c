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
