"""Sentences about MS and HC said of any two groups that took their places."""

import re

_PLACES = re.compile(
    r"people with multiple sclerosis|multiple sclerosis|healthy controls|MS patients|MS and controls|controls|patients"
    r"|\bMS\b|\bHC\b"
)


def said_of(sentence: str, names: tuple[str, str] | None) -> str:
    """Return a sentence about MS and HC with the names of the two groups compared in their place.

    Parameters
    ----------
    names : of the group in the place of MS and of that in the place of HC; None where they are MS and HC

    Examples
    --------
    >>> said_of("MS patients carry 1.2 times the load of controls (20 MS, 31 HC).", ("SPMS", "RRMS"))
    'SPMS carry 1.2 times the load of RRMS (20 SPMS, 31 RRMS).'
    """
    if names is None:
        return sentence
    first, second = names
    words = {"healthy controls": second, "controls": second, "HC": second, "MS and controls": f"{first} and {second}"}
    return _PLACES.sub(lambda found: words.get(found[0], first), sentence)
