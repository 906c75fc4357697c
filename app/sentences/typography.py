"""How a sentence is set on a page: en dashes in ranges, and what an interval is said once."""

import re

_RANGE = re.compile(r"(?<=\d)-(?=\d)")
_INTERVAL = "95 % CI "


def typeset(sentence: str) -> str:
    """Return a sentence as a page shows it.

    Ranges of numbers get an en dash, and "95 % CI" stands at the first interval only: the others are of the same kind.

    Examples
    --------
    >>> typeset("MS carry 12.9 times (95 % CI 11.0-15.1), women 18 (95 % CI 15.0-21.5)")
    'MS carry 12.9 times (95 % CI 11.0–15.1), women 18 (15.0–21.5)'
    """
    first, said, rest = sentence.partition(_INTERVAL)
    return _RANGE.sub("–", first + said + rest.replace(_INTERVAL, ""))
