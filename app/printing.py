"""Answers on whatever stdout is: a terminal of Windows, a file in ASCII, a full disk, a reader that had enough."""

import codecs
import os
import sys
from collections.abc import Callable

_PLAIN = {
    "−": "-",
    "–": "-",
    "—": "-",
    "×": "x",
    "²": "2",
    "³": "3",
    "±": "+-",
    "≤": "<=",
    "≥": ">=",
    "≈": "~",
    "→": "->",
    "…": "...",
    "°": " degrees",
    "µ": "u",
    "ρ": "rho",
    "χ": "chi",
    "η": "eta",
    "ε": "epsilon",
    "α": "alpha",
    "β": "beta",
    "•": "*",
    "·": "*",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
    "\u00a0": " ",
    "\u202f": " ",
}
"""What stands for a sign that the output's encoding does not have."""


def _in_plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    return "".join(_PLAIN.get(letter, f"\\u{ord(letter):04x}") for letter in letters), error.end


codecs.register_error("mscohort-plain", _in_plain)


def can_say_everything() -> bool:
    """Tell whether stdout takes any sign: whether it is UTF-8 or UTF-16."""
    return (getattr(sys.stdout, "encoding", None) or "").lower().startswith(("utf", "cp65001"))


def plain_where_needed() -> None:
    """From now on, write a minus sign as a hyphen, and so on, to streams whose encoding has no sign for it."""
    for stream in (sys.stdout, sys.stderr):
        change: Callable[..., None] | None = getattr(stream, "reconfigure", None)
        if change is not None and not (stream.encoding or "").lower().startswith("utf"):
            change(errors="mscohort-plain")


def silence_stdout() -> None:
    """Send the rest of stdout nowhere, so that nothing is written to it again on leaving."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # a stream without a descriptor, as in tests
        return
