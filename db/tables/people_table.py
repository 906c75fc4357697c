"""A further table about people whose measures are there already: their codes and what else it says of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from db.errors import TableError
from db.tables.choices import EVERYBODY, TableChoices
from db.tables.columns import (
    IDENTITY,
    VISIT,
    TableColumns,
    further_columns,
    recognised,
    said_columns,
    unit_factors,
)
from db.tables.files import Table
from db.tables.header_row import ROW_NUMBER
from db.tables.read_cells import parsed, read_cells
from db.tables.validation import Validated, validate
from vocabulary.extra_columns import ExtraColumn
from vocabulary.measures import MEASURES
from vocabulary.messages import printable

FACTS = ("group", "sex", "age_years")
"""What a table may tell of a person beside its further columns; each is taken where it was unknown."""
_NOT_SAID = "no column for "


@dataclass(frozen=True)
class PeopleTable:
    """A further table as read.

    Attributes
    ----------
    rows : row_number, subject_id, session (NULL where the row is about all visits), group, sex, age_years, and the
        further columns; of sound rows only
    extras : the further columns
    ignored : headers of columns that are not taken, measures among them
    problems : row_number, column_name, value, reason; of the other rows
    n_rows : of the table
    notes : how columns were read, where that needs saying
    """

    rows: pl.DataFrame
    extras: tuple[ExtraColumn, ...]
    ignored: tuple[str, ...]
    problems: pl.DataFrame
    n_rows: int
    notes: tuple[str, ...]


def read_people(table: Table, choices: TableChoices) -> PeopleTable:
    """Read who the rows are about, and what they say.

    Raises
    ------
    TableError : no column of codes, nothing to take, or a column that cannot be what it is called.
    """
    said = said_columns(table.headers, choices.columns, table.name)
    measured = next((header for header, field in said.items() if field in MEASURES), None)
    if measured is not None:
        raise TableError(
            f"{table.name}: --map gives '{printable(measured, 40)}' to {said[measured]}; a table that is joined brings "
            "no measures, for those have a protocol of their own: import it"
        )
    known = _known(table.headers, said)
    identity = {header: field for header, field in known.items() if field in (*IDENTITY, VISIT)}
    if "subject_id" not in identity.values():
        raise TableError(
            f"{table.name}: no column of codes among {_some(table.headers)}; "
            "say which it is with --map COLUMN=subject_id"
        )
    extras = further_columns(table.headers, known, choices.extras, table.name)
    if not extras and not set(FACTS) & set(identity.values()):
        free = [header for header in table.headers if header not in known]
        raise TableError(
            f"{table.name}: nothing to join; name the columns to keep with --extra (it has {_some(free) or 'none'})"
        )
    factors, converted = unit_factors(identity, extras, choices.units, table.headers, table.name)
    values = {what: {EVERYBODY: None} for what in ("group", "sex") if what not in identity.values()}
    choices = TableChoices(identity, {**choices.values, **values}, {}, choices.extras, choices.sheet, choices.decimal)
    found = validate(table.columns, TableColumns(identity, extras, factors), choices, table.name)
    notes = tuple(note for note in (*table.notes, *converted, *found.notes) if not note.startswith(_NOT_SAID))
    return PeopleTable(
        _with_visits(found),
        found.extras,
        _ignored(table, identity, extras),
        found.problems,
        table.columns.height,
        notes,
    )


def read_further(table: Table, choices: TableChoices) -> PeopleTable:
    """Read the further columns alone, of rows whose people are known already; a column it lacks is left out.

    Raises
    ------
    TableError : a column that cannot be what it is called.
    """
    known = _known(table.headers, {})
    here = {header.casefold() for header in table.headers if header not in known} | {EVERYBODY}
    chosen = [choice for choice in choices.extras if choice.header.casefold() in here]
    extras = further_columns(table.headers, known, chosen, table.name)
    found = read_cells(table.columns, TableColumns({}, extras, {}), choices, table.name, released=False)
    names = [extra.name for extra in found.extras]
    rows = found.cells.select(ROW_NUMBER, *(pl.col(parsed(name)).alias(name) for name in names))
    notes = tuple(note for note in (*table.notes, *found.notes) if not note.startswith(_NOT_SAID))
    ignored = _ignored(table, known, extras)
    return PeopleTable(rows, tuple(found.extras), ignored, pl.DataFrame(), table.columns.height, notes)


def _known(headers: Sequence[str], said: Mapping[str, str]) -> dict[str, str]:
    """Return header -> field; where two headers say the same, the first counts."""
    known = dict(said)
    for header in headers:
        field = recognised(header)
        if header not in known and field is not None and field not in known.values():
            known[header] = field
    return known


def _with_visits(found: Validated) -> pl.DataFrame:
    rows = found.rows
    return rows if VISIT in rows.columns else rows.with_columns(pl.lit(None, pl.String).alias(VISIT))


def _ignored(table: Table, used: Mapping[str, str], extras: Mapping[str, object]) -> tuple[str, ...]:
    taken = {header for header, field in used.items() if field in (*IDENTITY, VISIT)} | set(extras)
    return tuple(header for header in table.headers if header not in taken)


def _some(headers: Sequence[str]) -> str:
    return ", ".join(printable(header, 40) for header in headers[:12]) + (", ..." if len(headers) > 12 else "")
