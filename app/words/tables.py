"""The tables of a language: English sentences and their translations, with named places for what changes in them.

A line of a table is ``"{n} people: {who}" = "{n} نفر: {who}"``. The English side stands in the code, too, where it is
put together; what stands in a place is translated in its turn, unless its name is one of ``NAMES``.
"""

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
LANGUAGES = {"en": "English", "fa": "فارسی"}
RIGHT_TO_LEFT = ("fa",)
NAMES = frozenset({"code", "name", "file", "dataset", "model", "person", "command", "versions", "hash", "cause"})
"""Places whose content is a name: it is written as it is, whatever it looks like."""
CAUSE = "cause"
"""The place of what another program says of a fault, which may be several sentences."""

_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Sentence:
    """One line of a table: what it matches, its places as short or as long as can be, and what it becomes."""

    patterns: tuple["re.Pattern[str]", ...]
    translation: str
    letters: int


@dataclass(frozen=True)
class Table:
    """All lines of a language.

    Attributes
    ----------
    fixed : casefolded English -> translation, of lines without places
    open : casefolded first letters -> lines with places, those with most fixed letters first; under "" are those that
        begin with a place
    """

    fixed: dict[str, str] = field(default_factory=dict)
    open: dict[str, list[Sentence]] = field(default_factory=dict)


_START = 3


def lines(code: str) -> dict[str, str]:
    """Return the English texts of a language's tables with their translations.

    Raises
    ------
    ValueError : two tables translate a text differently, or a translation lacks a place.
    """
    found: dict[str, str] = {}
    folded: dict[str, str] = {}
    for path in sorted((FOLDER / code).glob("*.toml")):
        for english, translation in tomllib.loads(path.read_text(encoding="utf-8")).items():
            if folded.setdefault(english.casefold(), translation) != translation:
                raise ValueError(f"{path.name}: '{english}' is translated in two ways")
            if set(_PLACE.findall(english)) != set(_PLACE.findall(translation)):
                raise ValueError(f"{path.name}: '{english}' and its translation have different places")
            found[english] = translation
    return found


@cache
def phrases(code: str) -> dict[str, str]:
    """Return what the tables say of texts with markup within, such as "<b>MS</b> multiple sclerosis"."""
    return {english: made for english, made in lines(code).items() if "</" in english or "<br>" in english}


@cache
def table(code: str) -> Table:
    """Return a language's table; English has none."""
    made = Table()
    for english, translation in lines(code).items():
        if not _PLACE.search(english):
            made.fixed[english.casefold()] = translation
            continue
        parts = _PLACE.split(english)
        fixed = sum(len(part) for part in parts[::2])
        line = Sentence((_pattern(parts, ".+?"), _pattern(parts, ".+")), translation, fixed)
        start = parts[0].casefold()[:_START]
        made.open.setdefault(start if len(start) == _START else "", []).append(line)
    for held in made.open.values():
        held.sort(key=lambda line: -line.letters)
    return made


def _pattern(parts: list[str], anything: str) -> "re.Pattern[str]":
    """Return a pattern of fixed parts (even places) and names (odd places) of what lies between them."""
    pattern, seen = "", set()
    for place, part in enumerate(parts):
        if place % 2 == 0:
            pattern += re.escape(part)
        else:
            pattern += f"(?P={part})" if part in seen else f"(?P<{part}>{anything})"
            seen.add(part)
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


def candidates(code: str, text: str) -> list[Sentence]:
    """Return the lines with places that a text could match, the most particular first."""
    made = table(code)
    found = [*made.open.get(text.casefold()[:_START], ()), *made.open.get("", ())]
    return sorted(found, key=lambda line: -line.letters)
