"""One table of strings per language; a further language is one more file in ``texts``."""

import re
import string
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from app.sentences.formatting import format_number

_LEFT_TO_RIGHT = re.compile(r"[A-Za-z]|\w-\w")
TEXTS = Path(__file__).parent / "texts"


class LanguageError(ValueError):
    """There is no such language, or its table lacks a text."""


@dataclass(frozen=True)
class Language:
    """A language's texts and how it writes numbers.

    Attributes
    ----------
    code : such as 'fa'
    direction : 'ltr' or 'rtl'
    digits, decimal, thousands : as numbers are written
    texts : the table; nested by section
    """

    code: str
    direction: str
    digits: str
    decimal: str
    thousands: str
    texts: dict[str, Any]

    def text(self, key: str, **values: object) -> str:
        """Return the text 'section.name' with its values put in.

        Raises
        ------
        LanguageError : the table has no such text, or a value it asks for is not given
        """
        found: Any = self.texts
        for part in key.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        if not isinstance(found, str):
            raise LanguageError(f"the texts of '{self.code}' lack '{key}'")
        try:
            return found.format(**{name: self._apart(value) for name, value in values.items()})
        except (KeyError, IndexError) as error:
            raise LanguageError(f"'{key}' of '{self.code}' asks for {error}") from None

    def _apart(self, value: object) -> object:
        """Keep a Latin name or a date from being mixed with right-to-left text around it (Unicode isolates)."""
        if self.direction == "ltr" or not isinstance(value, str) or not _LEFT_TO_RIGHT.search(value):
            return value
        return f"\u2066{value}\u2069"

    def has(self, key: str) -> bool:
        """Tell whether the table has a text."""
        section, _, name = key.partition(".")
        return isinstance(self.texts.get(section), dict) and name in self.texts[section]

    def number(self, value: float | None, digits: int = 3) -> str:
        """Return a number as this language writes it."""
        return self.localised(format_number(value, digits))

    def localised(self, text: str) -> str:
        """Return a number written in English in this language's digits and separators.

        Examples
        --------
        >>> language("fa").localised("1,234.5")
        '۱٬۲۳۴٫۵'
        """
        table = dict(zip("0123456789", self.digits, strict=True)) | {".": self.decimal, ",": self.thousands}
        return "".join(table.get(letter, letter) for letter in text)


@cache
def language(code: str) -> Language:
    """Return a language by its code.

    Raises
    ------
    LanguageError : there is no table of this code; the message lists those there are
    """
    if code not in languages():
        raise LanguageError(f"there is no language '{code}'; there are: {', '.join(languages())}")
    table = tomllib.loads((TEXTS / f"{code}.toml").read_text(encoding="utf-8"))
    how = table["numbers"]
    return Language(code, table["direction"], how["digits"], how["decimal"], how["thousands"], table)


def languages() -> list[str]:
    """Return the codes of the languages there are."""
    return sorted(path.stem for path in TEXTS.glob("*.toml"))


def asked_values(text: str) -> set[str]:
    """Return the names of the values a text asks for.

    Examples
    --------
    >>> sorted(asked_values("{n} of {all}"))
    ['all', 'n']
    """
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
