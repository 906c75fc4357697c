"""Read the cells of a table, each field as text and as what it means, and say what was understood how."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from db.errors import TableError
from db.tables.choices import EVERYBODY, ExtraChoice, TableChoices
from db.tables.columns import VISIT, TableColumns, extra_column
from db.tables.header_row import ROW_NUMBER
from db.tables.numbers import Reading, read_numbers
from db.tables.plausible import cause, typical
from db.tables.words import NO_VALUE, categories, code_words, listed
from vocabulary.extra_columns import ExtraColumn
from vocabulary.measures import MEASURES
from vocabulary.messages import printable
from vocabulary.people import MISSING_WORDS, age_of

_MOSTLY = 0.9
"""A further column is one of numbers if this share of its cells are."""


@dataclass
class CellsRead:
    """The cells of a table.

    Attributes
    ----------
    cells : row_number; per field a column of text, NULL where empty, and one named by ``parsed`` of what it means
    measures : those of which somebody has a value
    notes : how columns were read, where that needs saying
    unknown : (field, word, n) for every word for group or sex that is not understood
    extras : the further columns
    """

    cells: pl.DataFrame
    measures: list[str]
    notes: list[str] = field(default_factory=list)
    unknown: list[tuple[str, str, int]] = field(default_factory=list)
    extras: list[ExtraColumn] = field(default_factory=list)

    def keep(self, name: str, values: pl.Series) -> None:
        """Add what the cells of a field mean."""
        self.cells = self.cells.with_columns(values.alias(parsed(name)))


def parsed(name: str) -> str:
    """Return the column that holds what the cells of a field mean."""
    return f"{name} parsed"


def read_cells(
    table: pl.DataFrame, mapped: TableColumns, choices: TableChoices, name: str, *, released: bool
) -> CellsRead:
    """Read every cell of a table.

    Parameters
    ----------
    table : text columns and ``row_number``
    released : the table has the released headers, where sex 0 = F and 1 = M

    Raises
    ------
    TableError : a whole column cannot be what it is called.
    """
    column_of = {what: header for header, what in mapped.columns.items()}
    fields = table.select(ROW_NUMBER, *(_text(header).alias(what) for what, header in column_of.items()))
    # A measure without any value is none: nobody set out to measure it.
    empty = [n for n in (VISIT, *MEASURES) if n in column_of and fields[n].null_count() == fields.height]
    read = CellsRead(fields.drop(empty), [n for n in MEASURES if n in column_of and n not in empty], [*mapped.notes])
    readings = _read_numbers(table, read, mapped, column_of, choices, name)
    for header, choice in mapped.extras.items():
        _read_extra(table, read, header, choice, readings.get(header), name)
    _read_words(read, column_of, choices, released, name)
    return read


def _read_numbers(
    table: pl.DataFrame,
    read: CellsRead,
    mapped: TableColumns,
    column_of: Mapping[str, str],
    choices: TableChoices,
    name: str,
) -> dict[str, Reading]:
    """Read all columns of numbers of the file together, for one tells how another is written."""
    fields = [n for n in ("age_years", *read.measures) if n in column_of]
    factors = {n: mapped.factors.get(column_of[n], 1.0) for n in fields}
    columns = {n: _without_age_words(read.cells[n]) if n == "age_years" else read.cells[n] for n in fields}
    columns |= {h: _extra_text(table, h) for h, choice in mapped.extras.items() if choice.kind != "category"}
    plausible = {n: lambda values, n=n: typical(n, values * factors[n]) for n in fields}
    readings = read_numbers(columns, plausible, choices.decimal)
    doubts = []
    for n in fields:
        header, reading = printable(column_of[n], 40), readings[n]
        numbers = reading.numbers * factors[n]
        doubt = reading.doubt or cause(n, numbers.filter(numbers.is_finite()))
        if doubt:
            doubts.append(f"{name}, column '{header}': {doubt.replace('COLUMN', _quoted(header))}")
        if reading.note:
            read.notes.append(f"{header}: {reading.note}")
        if n == "age_years":
            numbers, said = _ages(read.cells[n], numbers, header)
            read.notes += said
        read.keep(n, numbers)
    if doubts:
        raise TableError(f"{doubts[0]}; nothing was imported", doubts if len(doubts) > 1 else ())
    if "age_years" not in fields:
        read.keep("age_years", pl.Series([None] * read.cells.height, dtype=pl.Float64))
        read.notes.append("no column for age: everybody's age is unknown")
    return readings


def _read_extra(
    table: pl.DataFrame, read: CellsRead, header: str, choice: ExtraChoice, reading: Reading | None, name: str
) -> None:
    """Read a further column, as numbers if that was said or if most of its cells are."""
    text, said = _extra_text(table, header), printable(header, 40)
    if reading is None or (choice.kind is None and reading.numbers.count() < max(1, _MOSTLY * text.count())):
        read.extras.append(extra_column(choice, "category", header))
        read.keep(read.extras[-1].name, categories(table[header], header, name))
        return
    if reading.doubt:
        raise TableError(f"{name}, column '{said}': {reading.doubt}; nothing was imported")
    if reading.note:
        read.notes.append(f"{said}: {reading.note}")
    values = reading.numbers.set(~reading.numbers.is_finite().fill_null(True), None)
    wrong = text.filter(values.is_null() & text.is_not_null())
    if wrong.len():
        cells = (
            "1 cell is no number and stays" if wrong.len() == 1 else f"{wrong.len():,} cells are no numbers and stay"
        )
        read.notes.append(f"{said}: {cells} empty, such as '{printable(wrong[0], 30)}'")
    read.extras.append(extra_column(choice, "number", header))
    read.keep(read.extras[-1].name, values)


def _read_words(
    read: CellsRead, column_of: Mapping[str, str], choices: TableChoices, released: bool, name: str
) -> None:
    for what in ("group", "sex"):
        said = choices.values.get(what, {})
        if what not in column_of:
            code = said.get(EVERYBODY)
            read.keep(what, pl.Series([code] * read.cells.height, dtype=pl.String))
            read.notes.append(
                f"no column for {what}: {f'everybody is {code}' if code else 'unknown for everybody'}, as was said"
            )
            continue
        codes, unknown = code_words(read.cells[what], what, column_of[what], said, name, released=released)
        read.keep(what, codes)
        if unknown:
            read.unknown += [(what, word, n) for word, n in unknown]
            n = sum(n for _, n in unknown)
            rows, code = "1 row" if n == 1 else f"{n:,} rows", "MS" if what == "group" else "F"
            read.notes.append(
                f"{printable(column_of[what], 40)}: {what} of {rows} not understood and left unknown "
                f"({listed(unknown)}); --value {what}:WORD={code} says what a word means"
            )


def _ages(cells: pl.Series, numbers: pl.Series, header: str) -> tuple[pl.Series, list[str]]:
    """Fill in the ages that are written with words, such as 40 years, 89+ and 044Y."""
    ages = {word: age_of(word) for word in cells.filter(numbers.is_null()).drop_nulls().unique()}
    years = {word: None if age is None else age.years for word, age in ages.items()}
    filled = numbers.fill_null(cells.replace_strict(years, default=None, return_dtype=pl.Float64)) if years else numbers
    notes = []
    limits = [word for word, age in ages.items() if age is not None and age.at_least]
    if limits:
        n = int(cells.is_in(limits).sum())
        rows = "1 row" if n == 1 else f"{n:,} rows"
        notes.append(f"{header}: '{printable(limits[0], 20)}' gives only a lower limit, which is taken ({rows})")
    others = sorted({(age.unit, word) for word, age in ages.items() if age is not None and age.unit != "years"})
    if others:
        unit, word = others[0]
        notes.append(f"{header}: ages in {unit} converted to years, such as '{printable(word, 20)}'")
    return filled, notes


def _without_age_words(cells: pl.Series) -> pl.Series:
    """Leave only plain numbers: what words are in an age tells nothing about the file's decimal mark."""
    return cells.set(
        cells.str.contains(r"[^0-9.,+\-eE \u00a0\u202f']").fill_null(False)
        | cells.str.contains(r"\+$").fill_null(False),
        None,
    )


def _extra_text(table: pl.DataFrame, header: str) -> pl.Series:
    cells = table[header].str.strip_chars()
    return cells.set(cells.str.to_lowercase().is_in([*NO_VALUE, *MISSING_WORDS]).fill_null(False), None)


def _text(column: str) -> pl.Expr:
    cell = pl.col(column).str.strip_chars()
    return pl.when(~cell.str.to_lowercase().is_in(list(MISSING_WORDS))).then(cell)


def _quoted(header: str) -> str:
    name = printable(header, 40)
    return f"'{name}'" if " " in name else name
