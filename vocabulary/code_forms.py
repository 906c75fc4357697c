"""Codes that people write in several ways: P-07, P07, p7 and sub-007 may be one person."""

import re


def same_form(code: str) -> str:
    """Return a code without what people write in several ways: case, punctuation, leading zeros, the prefix sub-.

    Examples
    --------
    >>> same_form("P-07") == same_form("p07") == same_form("sub-P7"), same_form("1.12") == same_form("11.2")
    (True, False)
    """
    plain = re.sub(r"^sub(?=[-_])[-_]", "", code.casefold())
    parts = re.findall(r"[^\W\d_]+|\d+", plain)
    return "|".join(part.lstrip("0") or "0" if part.isdigit() else part for part in parts)


def same_code(one: str, other: str) -> bool:
    """Tell whether two codes differ in nothing but case, punctuation and leading zeros."""
    return same_form(one) == same_form(other)


def file_form(code: str) -> str:
    """Return what a code's file names are told apart by, on a disk that does not know case.

    Examples
    --------
    >>> file_form("1.12") == file_form("11.2")
    True
    """
    return re.sub(r"[^a-z0-9]", "", code.lower())
