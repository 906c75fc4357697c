"""The tables of people that belong to scans: the one given, else each dataset's own; and which rows were used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.inputs.file_search import Candidate, shown
from pipeline.inputs.input_scan import InputScan
from pipeline.inputs.participants import Match, Participants, read_participants, read_session_ages
from pipeline.inputs.scan_names import Name, printable


@dataclass(frozen=True)
class TableMatch:
    """How a table of people and the scans fit together.

    Attributes
    ----------
    rows, matched_rows : rows in all, and those that speak of a scan that will be measured
    unmatched_rows : codes of the others
    unmatched_scans : paths of scans of which no row speaks; empty where there is no table
    notes : codes written in two ways, cells that were not understood
    """

    rows: int = 0
    matched_rows: int = 0
    unmatched_rows: tuple[str, ...] = ()
    unmatched_scans: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class PeopleFile:
    """A table of people that scans were matched with.

    Attributes
    ----------
    path : of the table
    row_of : stem of a scan -> the row that speaks of it, the header being row 1
    further : its other columns, such as EDSS, which nothing here reads
    """

    path: Path
    row_of: Mapping[str, int]
    further: tuple[str, ...]


class People:
    """The tables of people, and which of their rows were used."""

    def __init__(self, given: Path | None, candidates: Sequence[Candidate]) -> None:
        self.given = read_participants(given) if given else None
        self._given_path = given
        places = {item.table for item in candidates if item.table is not None} if given is None else set()
        self.tables: dict[Path, Participants] = {place: read_participants(place) for place in sorted(places)}
        self._used: dict[str, tuple[Participants, Match]] = {}
        self._sessions: dict[Path, dict[str, float]] = {}

    def table(self, item: Candidate) -> Participants | None:
        """Return the table that may speak of a file."""
        return self.given or (self.tables.get(item.table) if item.table else None)

    def use(self, scan: InputScan, table: Participants, match: Match) -> None:
        """Note that a row speaks of a scan."""
        self._used[scan.stem] = (table, match)

    def session_age(self, path: Path, name: Name, *, own: bool) -> tuple[float, str] | None:
        """Return the age by the person's ``sessions.tsv``, and the file's name.

        Parameters
        ----------
        own : the age at the scan's own visit only, not that at the person's first
        """
        folder = next((folder for folder in path.absolute().parents if folder.name == f"sub-{name.subject_id}"), None)
        if folder is None:
            return None
        file = folder / f"sub-{name.subject_id}_sessions.tsv"
        if file not in self._sessions:
            self._sessions[file] = read_session_ages(file) if file.is_file() else {}
        ages = self._sessions[file]
        told = ages.get(name.session or "") if own else min(ages.values(), default=None)
        return None if told is None else (told, file.name)

    def files(self, scans: Sequence[InputScan]) -> tuple[PeopleFile, ...]:
        """Return the tables, each with the rows that speak of these scans."""
        tables = {self._given_path: self.given} if self._given_path and self.given else self.tables
        used = {scan.stem: self._used[scan.stem] for scan in scans if scan.stem in self._used}
        return tuple(
            PeopleFile(
                path,
                {stem: match.line for stem, (own, match) in used.items() if own is table},
                table.further,
            )
            for path, table in tables.items()
        )

    def matching(self, scans: Sequence[InputScan]) -> TableMatch:
        """Return how the tables and these scans fit together."""
        tables = [self.given] if self.given else list(self.tables.values())
        used = [self._used[scan.stem] for scan in scans if scan.stem in self._used]
        without = [shown(scan.path) for scan in scans if scan.stem not in self._used] if tables else []
        lines = {(id(table), match.line) for table, match in used}
        rows = [(table, key, line) for table in tables for key, line in table.lines.items()]
        # The second visit's row of a person says nothing new, so it counts as matched with the first.
        people = {(id(table), match.subject_id) for table, match in used}
        left = [
            key[0] for table, key, line in rows if (id(table), line) not in lines and (id(table), key[0]) not in people
        ]
        notes = [
            f"{printable(scan.subject_id)} is row {match.line} of {table.name}, written {printable(match.subject_id)}"
            for scan in scans
            if scan.stem in self._used
            for table, match in [self._used[scan.stem]]
            if match.differs
        ]
        unread = [line for table in tables for line in table.unread]
        return TableMatch(
            len(rows), len(rows) - len(left), tuple(dict.fromkeys(left)), tuple(without), (*notes, *unread)
        )
