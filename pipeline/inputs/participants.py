"""Who the people of a set of scans are: group, sex and age from a BIDS ``participants.tsv`` or a table like it."""

import csv
import io
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from pipeline.errors import ParticipantsError
from pipeline.inputs.scan_names import Name, printable
from vocabulary.people import OLDEST, age_of, group_of, identity_of, is_missing, sex_of

_LARGEST_BYTES = 20 << 20


@dataclass(frozen=True)
class Person:
    """What is known about a person at one visit; None where the table does not say.

    Attributes
    ----------
    group : MS or HC
    sex : F or M
    age_years : float
    problem : why the person cannot be used, or None: the table contradicts itself about them
    unread : one line per cell that holds a word, but none that is understood; what it tells stays unknown
    """

    group: str | None = None
    sex: str | None = None
    age_years: float | None = None
    problem: str | None = None
    unread: tuple[str, ...] = ()


NOBODY = Person()


@dataclass(frozen=True)
class Participants:
    """A participants table: (subject, session or None) -> person."""

    rows: Mapping[tuple[str, str | None], Person]

    def person(self, name: Name) -> Person:
        """Return who a scan shows: the row of the visit, else that of the person, else nothing known."""
        visit = self.rows.get((name.subject_id, name.session))
        return visit or self.rows.get((name.subject_id, None)) or NOBODY

    @property
    def unread(self) -> tuple[str, ...]:
        """Every cell that was not understood, as lines to show; each left something about a person unknown."""
        return tuple(dict.fromkeys(chain.from_iterable(person.unread for person in self.rows.values())))


def read_participants(path: Path) -> Participants:
    """Read a table of people: tab, comma or semicolon separated, UTF-8, one row per person or visit.

    Identifiers may carry BIDS prefixes (``sub-01``). Headers and words are those of ``vocabulary.people``. A cell such
    as ``n/a`` means unknown, and so does one that is not understood, such as a group other than MS and HC; the person's
    ``unread`` says so. Where visits have ages of their own, the person's age is that of the first, the lowest.

    Parameters
    ----------
    path : file; columns are found by their names: participant_id, group, sex, age, session_id, or common variants

    Raises
    ------
    ParticipantsError : unreadable, no column of identifiers, or one person on several rows.
    """
    rows = _read(path)
    header = [cell.strip() for cell in rows[0]]
    columns = {what: _column(header, what, path) for what in ("subject_id", "session", "group", "sex", "age_years")}
    if columns["subject_id"] is None:
        raise ParticipantsError(
            f"{path}: no column of identifiers among {printable(', '.join(rows[0]))}; name one participant_id"
        )
    people: dict[tuple[str, str | None], Person] = {}
    for number, row in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(header):
            raise ParticipantsError(f"{path}: row {number} has {len(row)} cells, the header has {len(header)}")
        cells = {what: "" if at is None else row[at].strip() for what, at in columns.items()}
        session = cells["session"].removeprefix("ses-")
        key = (cells["subject_id"].removeprefix("sub-"), None if is_missing(session) else session)
        if is_missing(key[0]):
            raise ParticipantsError(f"{path}: row {number} has no identifier")
        if key in people:
            raise ParticipantsError(f"{path}: {printable(key[0])} is on more than one row, again on row {number}")
        people[key] = _person(cells, f"{path.name}, row {number}")
    return Participants(_one_each(people))


def _one_each(people: dict[tuple[str, str | None], Person]) -> dict[tuple[str, str | None], Person]:
    """Give all visits of a person one description: the store keeps the age at the first."""
    visits = defaultdict(list)
    for (subject, _), person in people.items():
        visits[subject].append(person)
    whole = {subject: _united(persons) for subject, persons in visits.items()}
    return {key: whole[key[0]] for key in people}


def _united(visits: list[Person]) -> Person:
    problem = next((person.problem for person in visits if person.problem), None)
    groups, sexes = ({getattr(person, what) for person in visits} - {None} for what in ("group", "sex"))
    if problem is None and max(len(groups), len(sexes)) > 1:
        problem = f"the participants table gives one person several {'groups' if len(groups) > 1 else 'sexes'}"
    if problem:
        return Person(problem=problem)
    ages = [person.age_years for person in visits if person.age_years is not None]
    unread = tuple(chain.from_iterable(person.unread for person in visits))
    return Person(next(iter(groups), None), next(iter(sexes), None), min(ages, default=None), unread=unread)


def _read(path: Path) -> list[list[str]]:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise ParticipantsError(f"{path}: larger than {_LARGEST_BYTES >> 20} MiB; expected a table of people")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ParticipantsError(f"{path}: the participants table cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ParticipantsError(f"{path}: not UTF-8 text; save the participants table as TSV or CSV") from error
    first = text.splitlines()[0] if text.strip() else ""
    separator = max("\t,;", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise ParticipantsError(f"{path}: not a table ({error}); save the participants table as TSV or CSV") from error
    if not rows:
        raise ParticipantsError(f"{path}: the participants table is empty")
    return rows


def _column(header: list[str], what: str, path: Path) -> int | None:
    found = [index for index, cell in enumerate(header) if identity_of(cell) == what]
    if len(found) > 1:
        both = " and ".join(printable(header[index].lower()) for index in found)
        raise ParticipantsError(f"{path}: the columns {both} mean the same; remove one")
    return found[0] if found else None


def _person(cells: Mapping[str, str], where: str) -> Person:
    group, sex, age = group_of(cells["group"]), sex_of(cells["sex"]), age_of(cells["age_years"])
    expected = {
        "group": (group, "MS or HC"),
        "sex": (sex, "F or M"),
        "age_years": (age, f"a number of years from 0 to {OLDEST}"),
    }
    left = "is not understood and stays unknown; expected"
    unread = tuple(
        f"{where}: {what.removesuffix('_years')} {printable(cells[what])} {left} {wanted}"
        for what, (found, wanted) in expected.items()
        if found is None and not is_missing(cells[what])
    )
    return Person(group, sex, None if age is None else age.years, unread=unread)
