"""Who the people of a set of scans are: group, sex and age from a BIDS ``participants.tsv`` or a table like it."""

import csv
import io
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import ParticipantsError
from pipeline.inputs.scan_names import Name, printable

_HEADERS: Mapping[str, tuple[str, ...]] = {
    "subject": ("participant_id", "participant", "subject_id", "subject", "patient_id", "patientid", "id"),
    "session": ("session_id", "session", "visit"),
    "group": ("group", "studygroup", "study_group", "diagnosis", "dx"),
    "sex": ("sex", "gender", "patientsex", "patient_sex"),
    "age": ("age", "age_years", "patientage", "patient_age", "age_at_scan"),
}
_UNKNOWN = ("", "n/a", "na", "nan", "null", "none", "unknown", "u", ".", "-")
_GROUPS = {
    **dict.fromkeys(("ms", "multiple sclerosis", "rrms", "spms", "ppms"), "MS"),
    **dict.fromkeys(("hc", "control", "controls", "healthy", "healthy control", "healthy controls"), "HC"),
}
_SEXES = {
    **dict.fromkeys(("f", "female", "woman"), "F"),
    **dict.fromkeys(("m", "male", "man"), "M"),
}
OLDEST = 120
_LARGEST_BYTES = 20 << 20


@dataclass(frozen=True)
class Person:
    """What is known about a person at one visit; None where the table does not say.

    Attributes
    ----------
    group : MS or HC
    sex : F or M
    age_years : float
    problem : why the row cannot be used, or None
    """

    group: str | None = None
    sex: str | None = None
    age_years: float | None = None
    problem: str | None = None


NOBODY = Person()


@dataclass(frozen=True)
class Participants:
    """A participants table: (subject, session or None) -> person."""

    rows: Mapping[tuple[str, str | None], Person]

    def person(self, name: Name) -> Person:
        """Return who a scan shows: the row of the visit, else that of the person, else nothing known."""
        visit = self.rows.get((name.subject_id, name.session))
        return visit or self.rows.get((name.subject_id, None)) or NOBODY


def read_participants(path: Path) -> Participants:
    """Read a table of people: tab, comma or semicolon separated, UTF-8, one row per person or visit.

    Identifiers may carry BIDS prefixes (``sub-01``). A cell such as ``n/a`` means unknown. A cell that is neither known
    nor unknown, such as a group other than MS and HC, makes a ``problem`` of that person, not of the table. Where
    visits have ages of their own, the person's age is that of the first, the lowest.

    Parameters
    ----------
    path : file; columns are found by their names: participant_id, group, sex, age, session_id, or common variants

    Raises
    ------
    ParticipantsError : unreadable, no column of identifiers, or one person on several rows.
    """
    rows = _read(path)
    header = [cell.strip().lower() for cell in rows[0]]
    columns = {what: _column(header, names, path) for what, names in _HEADERS.items()}
    if columns["subject"] is None:
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
        key = (cells["subject"].removeprefix("sub-"), None if session.lower() in _UNKNOWN else session)
        if key[0].lower() in _UNKNOWN:
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
    return Person(next(iter(groups), None), next(iter(sexes), None), min(ages, default=None))


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


def _column(header: list[str], names: tuple[str, ...], path: Path) -> int | None:
    found = [index for index, cell in enumerate(header) if cell in names]
    if len(found) > 1:
        both = " and ".join(printable(header[index]) for index in found)
        raise ParticipantsError(f"{path}: the columns {both} mean the same; remove one")
    return found[0] if found else None


def _person(cells: Mapping[str, str], where: str) -> Person:
    try:
        group, sex = _code(cells["group"], _GROUPS, "group", "MS or HC"), _code(cells["sex"], _SEXES, "sex", "F or M")
        return Person(group, sex, _age(cells))
    except ValueError as error:
        return Person(problem=f"{where}: {error}")


def _code(cell: str, known: Mapping[str, str], what: str, expected: str) -> str | None:
    if cell.lower() in _UNKNOWN:
        return None
    if cell.lower() not in known:
        raise ValueError(f"{what} {printable(cell)} is unknown; expected {expected}, or n/a")
    return known[cell.lower()]


def _age(cells: Mapping[str, str]) -> float | None:
    cell = cells["age"].lower()
    if cell in _UNKNOWN:
        return None
    number = cell.removesuffix("y").replace(",", ".")  # DICOM writes 044Y
    try:
        age = float(number)
    except ValueError:
        age = -1.0
    if not 0 <= age <= OLDEST:
        raise ValueError(f"age {printable(cells['age'])} is no number of years from 0 to {OLDEST}")
    return age
