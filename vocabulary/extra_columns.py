"""Further columns of a table, beside the measures: EDSS, duration, treatment, scanner, site, a score."""

import re
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

ExtraKind = Literal["number", "category"]
EXTRA_KINDS: tuple[ExtraKind, ...] = ("number", "category")


@dataclass(frozen=True)
class ExtraColumn:
    """A further column of a dataset.

    Attributes
    ----------
    name : lower case, digits and underscores; the column of the cohort frame
    kind : "number", or "category": one of a few words
    label : for a person
    unit : of a number; empty where none was said
    """

    name: str
    kind: ExtraKind
    label: str
    unit: str = ""

    @property
    def axis_title(self) -> str:
        """Label with its unit, as an axis shows it."""
        return f"{self.label} ({self.unit})" if self.unit else self.label


def column_name(header: str) -> str:
    """Return the name a further column gets: letters a-z, digits and underscores, beginning with a letter.

    Examples
    --------
    >>> column_name("Disease duration (years)"), column_name("EDSS"), column_name("2nd score")
    ('disease_duration_years', 'edss', 'c_2nd_score')
    """
    name = re.sub(r"[^a-z0-9]+", "_", header.casefold()).strip("_") or "column"
    return (name if name[0].isalpha() else f"c_{name}")[:63].rstrip("_")


_SHOWN: ContextVar[Mapping[str, ExtraColumn]] = ContextVar("shown", default=MappingProxyType({}))


def show_extras(columns: Iterable[ExtraColumn]) -> None:
    """Say which further columns the page or command is about, so that labels and axes name them as their table does."""
    _SHOWN.set({column.name: column for column in columns})


def shown_extras() -> list[ExtraColumn]:
    """Return the further columns the page or command is about."""
    return list(_SHOWN.get().values())


def extra_named(name: str) -> ExtraColumn:
    """Return a further column by name; one that nobody described is labelled by its name.

    Examples
    --------
    >>> extra_named("disease_duration").label
    'Disease duration'
    """
    return _SHOWN.get().get(name) or ExtraColumn(name, "number", name.replace("_", " ").capitalize())
