"""Columns of words: who a person is by group and sex, and further columns that say one of a few things."""

from collections.abc import Callable, Mapping

import polars as pl

from db.errors import TableError
from db.tables.choices import EVERYBODY
from vocabulary.messages import printable
from vocabulary.people import folded, group_of, is_missing, sex_of, sexes_contradict

MAX_WORDS = 60
MAX_WORD = 120
NO_VALUE = frozenset({"", "na", "n/a", "nan", "null", "#n/a", ".", "-"})
"""What says that a further column has no value; 'none' and 'unknown' may be meant, as in a column of treatments."""

_KNOWN: Mapping[str, tuple[Callable[[str], str | None], str]] = {
    "group": (group_of, "MS or HC"),
    "sex": (sex_of, "F or M"),
}
_RELEASED_SEXES: Mapping[str, str | None] = {"0": "F", "1": "M", "0.0": "F", "1.0": "M"}
_SHOWN = 6


def counted(cells: pl.Series) -> list[tuple[str, int]]:
    """Return the words of a column, each with how often it occurs, the most frequent first."""
    counts = cells.drop_nulls().value_counts(sort=True)
    return [(str(word), int(n)) for word, n in counts.iter_rows()]


def code_words(
    cells: pl.Series, field: str, header: str, said: Mapping[str, str | None], name: str, *, released: bool = False
) -> tuple[pl.Series, list[tuple[str, int]]]:
    """Turn the words of a group or sex column into codes.

    Parameters
    ----------
    cells : text, NULL where empty
    field : group or sex
    said : word -> code as a person said it; see ``db.tables.choices.EVERYBODY``
    released : the table has the released headers, where sex 0 = F and 1 = M

    Returns
    -------
    codes : MS, HC, F, M or NULL
    unknown : words that are not understood, with their counts; the people are left unknown

    Raises
    ------
    TableError : no word of the column is understood, or H and M may be *hombre* and *mujer*.
    """
    understood, expected = _KNOWN[field]
    told = {folded(word): code for word, code in said.items()}
    if released and field == "sex":
        told = {**_RELEASED_SEXES, **told}
    words = counted(cells)
    codes: dict[str, str | None] = {}
    unknown = []
    for word, n in words:
        key = folded(word)
        if key in told:
            codes[word] = told[key]
        elif is_missing(word):
            codes[word] = None
        else:
            codes[word] = understood(word) or told.get(EVERYBODY)
            if codes[word] is None and EVERYBODY not in told:
                unknown.append((word, n))
    if field == "sex" and sexes_contradict(word for word, _ in words) and not {"h", "m"} <= set(told):
        raise TableError(
            f"{name}, column '{printable(header, 40)}': H and M may be hombre and mujer, or a slip; say which, such as "
            "--value sex:H=M --value sex:M=F"
        )
    if unknown and not any(codes.values()):
        digits = field == "sex" and all(word.replace(".", "").isdigit() for word, _ in unknown)
        why = "a number does not say which sex" if digits else f"no word for {field} is understood"
        raise TableError(
            f"{name}, column '{printable(header, 40)}': {why} ({listed(unknown)}); expected {expected}; say what they "
            f"mean, such as --value {field}:{printable(unknown[0][0], 20)}={'F' if field == 'sex' else 'MS'}"
        )
    return cells.replace_strict(codes, default=None, return_dtype=pl.String), unknown


def listed(words: list[tuple[str, int]]) -> str:
    """Return words with their counts for a message: ``'patient' 381 times, 'volunteer' once``."""
    said = [f"'{printable(word, 30)}' {'once' if n == 1 else f'{n:,} times'}" for word, n in words[:_SHOWN]]
    return ", ".join(said) + (f" and {len(words) - _SHOWN:,} more" if len(words) > _SHOWN else "")


def categories(cells: pl.Series, header: str, name: str) -> pl.Series:
    """Return a further column of words: trimmed, NULL where it says that there is no value.

    Raises
    ------
    TableError : too many different words, which looks like names, codes or dates of people, or a word too long.
    """
    # An apostrophe before what a spreadsheet would run as a formula is an export's, or the spreadsheet's own.
    trimmed = cells.str.strip_chars().str.replace(r"^'([=+\-@])", "${1}")
    trimmed = trimmed.set(trimmed.str.to_lowercase().is_in(list(NO_VALUE)).fill_null(False), None)
    n, different = trimmed.count(), trimmed.drop_nulls().n_unique()
    if different > MAX_WORDS or (n >= 20 and different > n / 2):
        raise TableError(
            f"{name}: the further column '{printable(header, 40)}' has {different:,} different words for {n:,} rows; a "
            f"category has at most {MAX_WORDS}, and words that tell people apart, such as names, hospital numbers or "
            "dates, are not stored"
        )
    if (trimmed.str.len_chars() > MAX_WORD).any():
        raise TableError(
            f"{name}: the further column '{printable(header, 40)}' has a word of more than {MAX_WORD} characters"
        )
    return trimmed
