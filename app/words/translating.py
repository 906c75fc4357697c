"""A text in another language: looked up whole, then by sentences, then by parts; what no table has is noted."""

import re
from collections import Counter
from functools import lru_cache

from app.words.numbers import APART, SCIENTIFIC, TOGETHER, persian_numbers
from app.words.tables import CAUSE, NAMES, Sentence, candidates, table

MISSING: Counter[tuple[str, str]] = Counter()
"""Language and text of what no table had; a test reads it."""

_AS_TYPED = str.maketrans({"\u00a0": " ", "\u2011": "-", "\u202f": " "})
"""Blanks and hyphens that do not break, as they are typed in a table."""
ENDS = {".": ".", ":": ":", "!": "!", "✕": "✕", "†": "†", "·": "·", ",": "،", ";": "؛"}
"""Signs a text may end with that is in a table without them."""
LEAST_LETTERS = 14
"""A line with fewer fixed letters, such as "{a} and {b}", is taken only where all its places are translated."""

COUNTS = frozenset("nmk")
"""Places of numbers, which no list goes on in: of "n = 8 · everyone" a line "n = {n}" is the first part alone."""

_GOES_ON = re.compile(r" · |, \D|\. ")

_SENTENCES = re.compile(r"(?<=[.!?])\s+(?=[\"“(]?[A-Z0-9])")
_PARTS = (" · ", "; ", ": ", ", ", " | ", " (")
_JOINED = {"; ": "؛ ", ", ": "، "}
_PERSIAN = re.compile(r"[\u0600-\u06FF]")
_LATIN = re.compile(r"[A-Za-z]{2,}")
_A_NAME = re.compile(r"\S*[\d_/@]\S*|[\w.-]+[_-][\w.-]+|\w+(\.\w+)+")
"""A single word with a digit or a sign within is a name, such as P001 or mscohort-2."""
_ALONE = re.compile(r"[^A-Za-z]*|[A-Za-z]\W*|(?!r = )[przF]\W[^A-Za-z]*")
"""Texts without words: numbers, signs, a single letter of statistics."""
_MARKED = re.compile(r"(\*\*[^*]+\*\*|`[^`]+`)")
_CODE = re.compile(r"`[^`]+`")


def translated(text: str, code: str) -> str:
    """Return a text in a language, what is in no table in English; that is noted in ``MISSING``.

    Parameters
    ----------
    text : without markup of lines; ``**bold**`` and `code` may stand in it
    code : of the language; "en" gives the text back

    Examples
    --------
    >>> translated("Women", "en")
    'Women'
    """
    if code == "en" or not text.strip() or (text[0] == APART and text[-1] == TOGETHER) or _PERSIAN.search(text):
        return text
    made, missing = _translated(text, code)
    MISSING.update((code, words) for words in missing)
    return made


def as_name(text: str, code: str) -> str:
    """Return a name, such as one of a column of somebody's file, as it stands among the words of a language."""
    return text if code == "en" else _apart(text)


def words_or_name(text: str, code: str) -> str:
    """Return a text in a language where the tables have all of it, else as a name that stands as it is."""
    if code == "en":
        return text
    made, missing = _translated(text, code)
    return _apart(text) if missing else made


def noted(text: str, code: str) -> None:
    """Note a text that should be in a language by now and is in English."""
    if _LATIN.search(text) and text[:1] != APART and not _PERSIAN.search(text) and _plain(text, code) != text:
        MISSING[code, text] += 1


@lru_cache(maxsize=16384)
def _translated(text: str, code: str) -> tuple[str, tuple[str, ...]]:
    missing: list[str] = []
    before, core, after = _stripped(text.translate(_AS_TYPED))
    return before + _text(core, code, missing) + after, tuple(missing)


@lru_cache(maxsize=65536)
def _of_a_place(text: str, code: str) -> tuple[str, tuple[str, ...]]:
    """Return what stands in a place of a line, with what of it no table has; no further than by parts."""
    before, core, after = _stripped(text)
    if not core:
        return text, ()
    missing: list[str] = []
    found = _known(core, code, missing)
    if found is None:
        found = _by_parts(core, code)
    return (before + _foreign(core) + after, (core,)) if found is None else (before + found + after, tuple(missing))


def _stripped(text: str) -> tuple[str, str, str]:
    core = text.strip()
    start = text.index(core) if core else 0
    return text[:start], core, text[start + len(core) :]


def _text(text: str, code: str, missing: list[str]) -> str:
    found = _known(text, code, missing)
    if found is not None:
        return found
    sentences = _SENTENCES.split(text)
    if len(sentences) > 1:
        return " ".join(_run(sentences, code, missing))
    pieces = [piece for piece in _MARKED.split(text) if piece]
    if len(pieces) > 1 or _MARKED.fullmatch(text):
        return "".join(_piece(piece, code, missing) for piece in pieces)
    parts = _by_parts(text, code)
    if parts is not None:
        return parts
    missing.append(text)
    return _foreign(text)


def _run(sentences: list[str], code: str, missing: list[str]) -> list[str]:
    """Translate sentences one by one, several at once where a table has them together."""
    made = []
    while sentences:
        for n in range(len(sentences), 0, -1):
            together = " ".join(sentences[:n])
            found = _known(together, code, missing) if n > 1 else _text(together, code, missing)
            if found is not None:
                made.append(found)
                sentences = sentences[n:]
                break
    return made


_STARTS = (": ", "; ", ", ", "· ")


def _piece(piece: str, code: str, missing: list[str]) -> str:
    if _CODE.fullmatch(piece):
        return piece
    if piece.startswith("**") and piece.endswith("**"):
        return f"**{_text(piece[2:-2], code, missing)}**"
    before, core, after = _stripped(piece)
    start = next((sign for sign in _STARTS if core.startswith(sign)), "")
    if start and _known(core, code, []) is None:
        before, core = before + _JOINED.get(start, start), core[len(start) :]
    return before + (_text(core, code, missing) if core else "") + after


def _known(text: str, code: str, missing: list[str]) -> str | None:
    """Return a text that is in the tables, with or without its last sign, or has no words."""
    plain = _plain(text, code)
    if plain is not None:
        return plain
    partly: tuple[str, list[str]] | None = None
    for line in candidates(code, text):
        for pattern in line.patterns:
            found = _filled(line, pattern, text, code)
            if found is None:
                continue
            if not found[1]:
                return found[0]
            if partly is None and line.letters >= LEAST_LETTERS:
                partly = found
    if partly is not None and len(_SENTENCES.split(text)) == 1 and "**" not in text:
        missing.extend(partly[1])
        return partly[0]
    last = text[-1:]
    if last in ENDS and len(text) > 1:
        head = text[:-1].rstrip()
        known = _known(head, code, missing)
        return None if known is None else known + text[len(head) : -1] + ENDS[last]
    return None


def _plain(text: str, code: str) -> str | None:
    """Return a text that is in the tables as it is, that has no words, or that is a name."""
    fixed = table(code).fixed.get(text.casefold())
    if fixed is None and _ALONE.fullmatch(SCIENTIFIC.sub("0", text)):
        return persian_numbers(text)
    return _apart(text) if fixed is None and _A_NAME.fullmatch(text) else fixed


def _filled(line: Sentence, pattern: "re.Pattern[str]", text: str, code: str) -> tuple[str, list[str]] | None:
    """Return a line with its places filled, and what of them no table has; None where the text is not of this line."""
    match = pattern.fullmatch(text)
    if match is None:
        return None
    lacking: list[str] = []
    values: dict[str, str] = {}
    for place, value in match.groupdict().items():
        if place in NAMES:
            if place != CAUSE and _SENTENCES.search(value):
                return None
            values[place] = _apart(value)
            continue
        if value.startswith("= ") or (place in COUNTS and _GOES_ON.search(f"{value} ")):
            return None
        values[place], lacks = _of_a_place(value, code)
        lacking += lacks
        if lacks and line.letters < LEAST_LETTERS:
            return None
    return line.translation.format(**values), lacking


def _by_parts(text: str, code: str) -> str | None:
    """Return a text put together of parts that are all in the tables."""
    for sign in _PARTS:
        if sign not in text:
            continue
        if sign == " (":
            if not text.endswith(")"):
                continue
            head, _, inner = text.partition(sign)
            whole = [_quiet(head, code), _quiet(inner[:-1], code)]
            if None not in whole:
                return f"{whole[0]} ({whole[1]})"
            continue
        parts = [_quiet(part, code) for part in text.split(sign)]
        if None not in parts:
            return _JOINED.get(sign, sign).join(str(part) for part in parts)
    return None


def _quiet(text: str, code: str) -> str | None:
    found, missing = _of_a_place(text, code)
    return None if missing else found


def _foreign(text: str) -> str:
    """Return a text that stays English within right-to-left words."""
    return _apart(text) if _LATIN.search(text) else persian_numbers(text)


def _apart(text: str) -> str:
    return f"{APART}{text}{TOGETHER}"
