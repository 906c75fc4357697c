"""Find the header of a table that has a title, a note or ``sep=;`` above it."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

ROW_NUMBER = "row_number"
"""Column of every table as read: the row as a spreadsheet counts, the header usually being row 1."""

SEPARATORS = (",", ";", "\t", "|")
LOOKED_AT = 60
"""Lines from the beginning that may be or lie above the header."""

_MOST_ABOVE = 20
_DECLARED = re.compile(r'^"?sep=(\\t|.)"?[;,\t]*$', re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?[\d.,]+([eE][+-]?\d+)?")


@dataclass(frozen=True)
class HeaderPlace:
    """Where the header is: ``line`` counts from 0; separator is None where nothing parts columns."""

    line: int
    separator: str | None
    above: tuple[str, ...] = ()


def find_header(text: str) -> HeaderPlace:
    r"""Find the header of delimited text.

    It is the first line with as many fields as most lines after it, at least two filled and few of them numbers.
    Where no line is, it is the first that is not blank and no comment.

    Examples
    --------
    >>> find_header("sep=;\nid;age\n1;44,5\n")
    HeaderPlace(line=1, separator=';', above=())
    >>> find_header("Ward 3, May\n\nid,age,sex\n1,44,F\n2,45,M\n").above
    ('Ward 3, May',)
    """
    lines = text.split("\n", LOOKED_AT)[:LOOKED_AT]
    filled = [i for i, line in enumerate(lines) if line.strip()]
    if not filled:
        return HeaderPlace(0, None)
    declared = _DECLARED.match(lines[filled[0]].strip())
    separators: Sequence[str] = SEPARATORS
    if declared:
        separators = (declared[1].replace("\\t", "\t"),)
        filled = filled[1:]
    counts = {s: [_outside_quotes(line).count(s) for line in lines] for s in separators}
    for place, line in enumerate(filled[:_MOST_ABOVE]):
        best = max(separators, key=lambda s: counts[s][line])
        later = [counts[best][i] for i in filled[place + 1 :]]
        usual = Counter(later).most_common(1)[0][0] if later else counts[best][line]
        if counts[best][line] == usual > 0 and _is_header(lines[line].split(best), first=place == 0):
            return HeaderPlace(line, best, tuple(lines[i].strip() for i in filled[:place]))
    first = next((i for i in filled if not lines[i].lstrip().startswith("#")), filled[0] if filled else 0)
    best = max(separators, key=lambda s: counts[s][first])
    return HeaderPlace(
        first, best if counts[best][first] else None, tuple(lines[i].strip() for i in filled if i < first)
    )


def header_of_rows(rows: Sequence[Sequence[str | None]]) -> int:
    """Return which of the first rows of a sheet is its header; 0 where none stands out.

    Examples
    --------
    >>> header_of_rows([["Ward 3", None, None], ["id", "age", "sex"], ["1", "44", "F"]])
    1
    """
    sizes = [sum(bool(cell) for cell in row) for row in rows]
    widest = max(sizes, default=0)
    for i, row in enumerate(rows[:_MOST_ABOVE]):
        if sizes[i] * 2 > widest and _is_header([cell or "" for cell in row], first=i == 0):
            return i
    return 0


def _is_header(cells: Sequence[str], *, first: bool) -> bool:
    words = [cell.strip().strip('"') for cell in cells if cell.strip().strip('"')]
    numbers = sum(_NUMBER.fullmatch(word) is not None for word in words)
    return (first and len(words) * 2 > len(cells)) or (
        len(words) >= 2 and numbers * 4 <= len(words) and len(words) * 2 > len(cells)
    )


def _outside_quotes(line: str) -> str:
    return re.sub(r'"[^"]*"', "", line) if '"' in line else line
