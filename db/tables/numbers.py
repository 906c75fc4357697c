"""Numbers as spreadsheets of any country write them: a column is understood as a whole, and what it took is said.

121.234 is 121234 to a German Excel and a little over 121 to an English one. One cell does not tell, a column often
does, the other columns of the file, written by the same program, mostly do, and what a head can measure settles the
rest. What nothing settles is refused, never guessed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

Mark = Literal[".", ","]
MARKS: tuple[Mark, Mark] = (".", ",")
MARK_NAMES = {".": "point", ",": "comma"}

_BLANKS = r"[ '’\u00a0\u2009\u202f]"
_BLANK_GROUPS = rf"^[+-]?\d{{1,3}}({_BLANKS}\d{{3}})+([.,]\d+)?$"


@dataclass(frozen=True)
class Reading:
    """How a column of numbers was read.

    Attributes
    ----------
    numbers : Float64, NULL where the cell is empty or not understood
    note : what was read otherwise than plainly, with an example; None for plain numbers
    doubt : why the column cannot be read; None where it can
    """

    numbers: pl.Series
    note: str | None = None
    doubt: str | None = None


@dataclass(frozen=True)
class _Evidence:
    """What the cells of one column say about one mark."""

    used: bool
    decimal: bool
    thousands: bool
    groups: bool


def read_numbers(
    columns: Mapping[str, pl.Series],
    plausible: Mapping[str, Callable[[pl.Series], bool]],
    decimal: Mark | None = None,
) -> dict[str, Reading]:
    """Read the number columns of a file.

    Parameters
    ----------
    columns : name -> cells as text, NULL where empty
    plausible : name -> whether numbers can be what the column is called; asked only where the marks leave a choice
    decimal : the decimal mark, where a person said it

    Examples
    --------
    >>> cells = {"age": pl.Series(["20,5", "31,0"]), "area": pl.Series(["121.234", "98.750"])}
    >>> read_numbers(cells, {})["area"].numbers.to_list(), read_numbers(cells, {})["area"].note
    ([121234.0, 98750.0], '121.234 read as 121,234')
    """
    plain = {name: _without_blanks(cells) for name, cells in columns.items()}
    evidence = {name: {mark: _look(cells, mark) for mark in MARKS} for name, cells in plain.items()}
    told = {decimal} if decimal else _decimal_marks(evidence) or _by_size(plain, evidence, plausible)
    return {
        name: _read(columns[name], plain[name], evidence[name], told, plausible.get(name, _anything), bool(decimal))
        for name in columns
    }


def _anything(values: pl.Series) -> bool:
    return True


def _without_blanks(cells: pl.Series) -> pl.Series:
    """Take out blanks and apostrophes that part thousands: 121 234, 121'234."""
    parted = cells.str.contains(_BLANK_GROUPS)
    if not parted.any():
        return cells
    return cells.str.replace_all(_BLANKS, "").zip_with(parted.fill_null(False), cells)


def _look(cells: pl.Series, mark: Mark) -> _Evidence:
    other = "," if mark == "." else "."
    m, o = f"\\{mark}", f"\\{other}"
    if not cells.str.contains(mark, literal=True).any():
        return _Evidence(False, False, False, False)
    groups = rf"^[+-]?[1-9]\d{{0,2}}{m}\d{{3}}$"
    single = rf"^[+-]?\d*{m}\d+([eE][+-]?\d+)?$"
    decimal = (cells.str.contains(single) & ~cells.str.contains(groups)).any() or cells.str.contains(
        rf"^[+-]?\d{{1,3}}({o}\d{{3}})+{m}\d+$"
    ).any()
    thousands = cells.str.contains(rf"^[+-]?[1-9]\d{{0,2}}(({m}\d{{3}}){{2,}}|({m}\d{{3}})+{o}\d+)$").any()
    return _Evidence(True, bool(decimal), bool(thousands), bool(cells.str.contains(groups).any()))


def _decimal_marks(evidence: Mapping[str, Mapping[Mark, _Evidence]]) -> set[Mark]:
    """Return the marks that some column of the file shows to be decimal; two where columns contradict each other."""
    found: set[Mark] = set()
    for column in evidence.values():
        for mark, other in ((".", ","), (",", ".")):
            if column[mark].decimal or column[other].thousands:  # type: ignore[index]
                found.add(mark)  # type: ignore[arg-type]
    return found


def _by_size(
    columns: Mapping[str, pl.Series],
    evidence: Mapping[str, Mapping[Mark, _Evidence]],
    plausible: Mapping[str, Callable[[pl.Series], bool]],
) -> set[Mark]:
    """Return the decimal marks that columns show by their size alone: 121.234 mm2 is no head, 121234 is one."""
    found: set[Mark] = set()
    for name, cells in columns.items():
        if any(evidence[name][mark].groups for mark in MARKS) and not _unparted(cells):
            parted = _parted(cells)
            fits = [mark for mark in MARKS if plausible.get(name, _anything)(_convert(parted, mark))]
            found |= set(fits) if len(fits) == 1 else set()
    return found


def _parted(cells: pl.Series) -> pl.Series:
    """Return the cells such as 121.234 or 121,234, which may have a decimal or a thousands mark."""
    return cells.filter(cells.str.contains(r"^[+-]?[1-9]\d{0,2}[.,]\d{3}$").fill_null(False))


def _unparted(cells: pl.Series) -> bool:
    """Say whether a column has 6000 beside 1.234: whoever parts thousands parts them everywhere."""
    return bool(cells.str.contains(r"^[+-]?\d{4,}$").any())


def _read(
    cells: pl.Series,
    plain: pl.Series,
    seen: Mapping[Mark, _Evidence],
    told: set[Mark],
    plausible: Callable[[pl.Series], bool],
    said: bool,
) -> Reading:
    decided, doubt = _decimal_of(plain, seen, told, plausible, said)
    numbers = _convert(plain, decided)
    return Reading(numbers, _note(cells, numbers), doubt)


def _decimal_of(
    cells: pl.Series,
    seen: Mapping[Mark, _Evidence],
    told: set[Mark],
    plausible: Callable[[pl.Series], bool],
    said: bool,
) -> tuple[Mark, str | None]:
    """Return a column's decimal mark and, where nothing tells it, why not."""
    if said:
        return next(iter(told)), None
    own = {mark for mark, other in ((".", ","), (",", ".")) if seen[mark].decimal or seen[other].thousands}  # type: ignore[index]
    if own:
        return ("," if own == {","} else "."), None
    used: list[Mark] = [mark for mark in MARKS if seen[mark].groups]
    if not used:
        return ".", None
    mark = used[0]
    other: Mark = "," if mark == "." else "."
    unparted, parted = _unparted(cells), _parted(cells)
    fits = [choice for choice in MARKS if plausible(_convert(parted, choice)) and not (choice == other and unparted)]
    elsewhere = next(iter(told)) if len(told) == 1 else None
    if elsewhere in fits:
        return elsewhere, None
    alone = elsewhere is None and len(fits) == 1
    if alone or (not told and mark == "." and mark in fits):
        return fits[0], None
    name = MARK_NAMES[mark]
    if elsewhere is None:
        why = f"the {name} may mean thousands or decimals, and nothing tells which"
    else:
        use = "decimal" if elsewhere == mark else "thousands"
        why = f"the {name} is the file's {use} mark elsewhere, but so read no head has these numbers"
    return (
        mark,
        f"'{parted[0]}': {why}; write the numbers without thousands separators, or say --decimal point or comma",
    )


def _convert(cells: pl.Series, decimal: Mark) -> pl.Series:
    other = "," if decimal == "." else "."
    d, o = f"\\{decimal}", f"\\{other}"
    grouped = cells.str.contains(rf"^[+-]?[1-9]\d{{0,2}}({o}\d{{3}})+({d}\d+)?$")
    bare = cells.str.replace_all(other, "", literal=True).zip_with(grouped.fill_null(False), cells)
    if decimal == ",":
        # What still holds a point is no number in this column.
        bare = bare.set(bare.str.contains(".", literal=True).fill_null(False), None)
        bare = bare.str.replace(",", ".", literal=True)
    return bare.cast(pl.Float64, strict=False)


def _note(cells: pl.Series, numbers: pl.Series) -> str | None:
    """Say how the first cell was read that plain reading gives another number for."""
    plain = cells.cast(pl.Float64, strict=False)
    otherwise = numbers.is_not_null() & (plain.is_null() | (plain != numbers))
    if not otherwise.any():
        return None
    place = otherwise.arg_true()[0]
    return f"{cells[place]} read as {_written(float(numbers[place]))}"


def _written(number: float) -> str:
    return f"{number:,.0f}" if number == int(number) else f"{number:,.12g}"
