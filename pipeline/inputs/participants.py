"""Who the people of a set of scans are: group, sex and age from a BIDS ``participants.tsv`` or a table like it."""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from pathlib import Path

from pipeline.errors import ParticipantsError
from pipeline.inputs.scan_names import Name, bare, printable
from vocabulary.code_forms import same_form
from vocabulary.messages import one_line
from vocabulary.people import OLDEST, age_of, folded, group_of, identity_of, is_missing, sex_of

_LARGEST_BYTES = 20 << 20
_PATH_HEADERS = frozenset(
    {"path", "file", "filename", "file name", "filepath", "file path", "scan", "scan path", "scan file"}
    | {"image", "image path", "nifti", "flair", "flair path"}
)


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
class Match:
    """The row of a table that speaks of a scan.

    Attributes
    ----------
    person : what the row says
    subject_id, session : as the table writes them, without prefixes
    line : number of the row, the header being row 1
    differs : the scan's code is written in another way: other case, punctuation or leading zeros
    """

    person: Person
    subject_id: str
    session: str | None
    line: int
    differs: bool = False


@dataclass(frozen=True)
class Participants:
    """A participants table: (subject, session or None) -> person.

    Attributes
    ----------
    rows : who the people are
    lines : the row each stands on, the header being row 1
    ages : row -> the age it gives, years; rows that name files may tell of one person at several visits
    files : (what the column of paths says, subject, session, row) of each row that names a file
    name : of the table's file
    further : its other columns, which nothing here reads
    """

    rows: Mapping[tuple[str, str | None], Person]
    lines: Mapping[tuple[str, str | None], int] = field(default_factory=dict)
    files: Sequence[tuple[str, str, str | None, int]] = ()
    name: str = ""
    ages: Mapping[int, float] = field(default_factory=dict)
    further: tuple[str, ...] = ()

    def person(self, name: Name) -> Person:
        """Return who a scan shows: the row of the visit, else that of the person, else nothing known."""
        found = self.match(name)
        return found.person if found else NOBODY

    def match(self, name: Name) -> Match | None:
        """Return the row that speaks of a scan: of the visit, else of the person, else None.

        A code that differs from the row's in nothing but case, punctuation and leading zeros is matched where it is the
        only one like it.
        """
        found = self._row(name.subject_id, name.session)
        if found:
            return found
        alike = self._by_form.get(same_form(name.subject_id), ())
        found = self._row(next(iter(alike)), name.session) if len(alike) == 1 else None
        return replace(found, differs=True) if found else None

    def named(self, path: Path) -> list[Match]:
        """Return the rows whose column of paths names this file, the most exact only."""
        where, places = path.absolute().as_posix(), self._by_file_name
        found: dict[int, list[Match]] = defaultdict(list)
        for key in {path.name, bare(path), path.parent.name, f"{path.name}/"}:
            for text, subject, session, line in places.get(key.lower(), ()):
                whole = where if key != path.parent.name else path.parent.absolute().as_posix()
                if _names(text, whole):
                    match = self._row(subject, session) or Match(NOBODY, subject, session, line)
                    person = replace(match.person, age_years=self.ages.get(line, match.person.age_years))
                    found[len(text)].append(replace(match, person=person, session=session, line=line))
        return found[max(found)] if found else []

    def _row(self, subject: str, session: str | None) -> Match | None:
        for key in ((subject, session), (subject, None)):
            if key in self.rows:
                return Match(self.rows[key], *key, self.lines.get(key, 0))
        return None

    @cached_property
    def _by_form(self) -> Mapping[str, set[str]]:
        forms = defaultdict(set)
        for subject, _ in self.rows:
            forms[same_form(subject)].add(subject)
        return forms

    @cached_property
    def _by_file_name(self) -> Mapping[str, list[tuple[str, str, str | None, int]]]:
        places = defaultdict(list)
        for row in self.files:
            places[row[0].rsplit("/", 1)[-1].lower()].append(row)
        return places

    @property
    def unread(self) -> tuple[str, ...]:
        """Every cell that was not understood, as lines to show; each left something about a person unknown."""
        return tuple(dict.fromkeys(chain.from_iterable(person.unread for person in self.rows.values())))


def _names(text: str, where: str) -> bool:
    """Tell whether a cell names a path: the whole of it or its end, with or without the file's ending."""
    return any(path == text or path.endswith(f"/{text}") for path in (where, *_without_ending(where)))


def _without_ending(where: str) -> tuple[str, ...]:
    return tuple(where.removesuffix(suffix) for suffix in (".nii.gz", ".nii") if where.lower().endswith(suffix))


def read_participants(path: Path) -> Participants:
    """Read a table of people: tab, comma or semicolon separated, UTF-8, one row per person or visit.

    Identifiers may carry BIDS prefixes (``sub-01``). Headers and words are those of ``vocabulary.people``. A cell such
    as ``n/a`` means unknown, and so does one that is not understood, such as a group other than MS and HC; the person's
    ``unread`` says so. A visit has the age of its own row; where that gives none, that at the first, the lowest.

    Parameters
    ----------
    path : file; columns are found by their names: participant_id, group, sex, age, session_id, or common variants; a
        column ``path`` or ``scan`` says which file shows whom

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
    paths = [index for index, cell in enumerate(header) if folded(cell) in _PATH_HEADERS]
    people: dict[tuple[str, str | None], Person] = {}
    lines: dict[tuple[str, str | None], int] = {}
    files: list[tuple[str, str, str | None, int]] = []
    ages: dict[int, float] = {}
    for number, row in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(header):
            raise ParticipantsError(f"{path}: row {number} has {len(row)} cells, the header has {len(header)}")
        cells = {what: "" if at is None else row[at].strip() for what, at in columns.items()}
        session = _PREFIXES["session"].sub("", cells["session"])
        key = (_PREFIXES["subject"].sub("", cells["subject_id"]), None if is_missing(session) else session)
        if is_missing(key[0]):
            raise ParticipantsError(f"{path}: row {number} has no identifier")
        named = [row[index].strip() for index in paths if not is_missing(row[index])]
        if key in people and not named:
            raise ParticipantsError(f"{path}: {printable(key[0])} is on more than one row, again on row {number}")
        files += [(_plain_path(text), *key, number) for text in named]
        person = _person(cells, f"{path.name}, row {number}")
        people[key] = _united([people[key], person]) if key in people else person
        lines.setdefault(key, number)
        if person.age_years is not None:
            ages[number] = person.age_years
    used = {*paths, *columns.values()}
    further = tuple(cell for index, cell in enumerate(header) if index not in used and cell)
    return Participants(_one_each(people), lines, files, path.name, ages, further)


_PREFIXES = {"subject": re.compile(r"^sub[-_]", re.I), "session": re.compile(r"^ses[-_]", re.I)}


def _plain_path(text: str) -> str:
    """Return a path as it is looked for: folders parted by /, without ./ before and / behind."""
    return re.sub(r"^(\./)+", "", text.replace("\\", "/")).rstrip("/")


def read_session_ages(path: Path) -> dict[str, float]:
    """Return the ages, years, by session of a BIDS ``sub-X_sessions.tsv``; empty where it gives none.

    Raises
    ------
    ParticipantsError : it cannot be read.
    """
    rows = _read(path)
    header = [identity_of(cell) for cell in rows[0]]
    if "session" not in header or "age_years" not in header:
        return {}
    session, age = header.index("session"), header.index("age_years")
    told = {row[session].strip(): age_of(row[age]) for row in rows[1:] if len(row) == len(header)}
    return {_PREFIXES["session"].sub("", key): read.years for key, read in told.items() if read is not None}


def _one_each(people: dict[tuple[str, str | None], Person]) -> dict[tuple[str, str | None], Person]:
    """Give all visits of a person one group and sex, and those without an age of their own that at the first."""
    visits = defaultdict(list)
    for (subject, _), person in people.items():
        visits[subject].append(person)
    whole = {subject: _united(persons) for subject, persons in visits.items()}
    return {
        key: person if person.problem or own.age_years is None else replace(person, age_years=own.age_years)
        for key, own in people.items()
        for person in [whole[key[0]]]
    }


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
        raise ParticipantsError(
            f"{path}: not a table ({one_line(error)}); save the participants table as TSV or CSV"
        ) from error
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
