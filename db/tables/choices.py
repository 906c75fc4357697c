"""What a person says about a table that its headers and cells do not say by themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from db.tables.numbers import Mark
from vocabulary.extra_columns import ExtraKind

EVERYBODY = "*"
"""The word that stands for every cell that is not understood otherwise, and for a column the table does not have."""


@dataclass(frozen=True)
class ExtraChoice:
    """A further column to keep; what is None is read off the column.

    Attributes
    ----------
    header : the table's own header; "*" stands for every column that is not used otherwise
    """

    header: str
    kind: ExtraKind | None = None
    label: str | None = None
    unit: str | None = None


@dataclass(frozen=True)
class TableChoices:
    """How to read a table.

    Attributes
    ----------
    columns : header -> field (a measure, subject_id, session, group, sex or age_years); goes before what headers say
    values : field (group or sex) -> word -> code; the code None leaves the person unknown. See ``EVERYBODY``
    units : header -> unit of ``db.tables.units.UNITS``; goes before a unit in the header
    extras : further columns to keep
    sheet : sheet of a workbook; by default the one whose headers say most
    decimal : the decimal mark; by default what the columns show
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    extras: tuple[ExtraChoice, ...] = ()
    sheet: str | None = None
    decimal: Mark | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return what was said, without what was left open, as JSON-able values."""
        said = {
            "values": {name: dict(words) for name, words in self.values.items()},
            "units": dict(self.units),
            "sheet": self.sheet,
            "decimal": self.decimal,
        }
        return {name: value for name, value in said.items() if value}
