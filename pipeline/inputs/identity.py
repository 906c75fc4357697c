"""Whose scan a file is, by where it lies: BIDS entities, else the names of the file and of the folders above it.

A name is taken only where the layout leaves one reading. Where two readings are possible, the answer is a doubt that
says both and the way out. What single words can mean stands in ``pipeline.inputs.name_words``.
"""

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from pipeline.inputs.known_layouts import bulk_item, timepoint_of
from pipeline.inputs.name_words import Reading, is_sure_code, read_name
from pipeline.inputs.scan_names import Name, bare, printable
from vocabulary.code_forms import same_code, same_form

WAY_OUT = (
    "say who it is in a table with a column 'path' (--participants FILE), or where the code stands "
    "(--subject-from folder, name, dicom or a pattern)"
)
HIGHEST = 6
"""Folders above a file that are looked at."""
MOST_VISITS = 8
"""More folders than this in one, each a code that may be a visit, are people: nobody is scanned so often."""
FETCHED = ("sourcedata", "fetched")
"""Folders that copies of scans from elsewhere lie in; names above them are of this machine and name nobody."""
FEWEST_PEOPLE = 3
"""Numbered folders or files from which on they are people; fewer may be the series of one."""


@dataclass(frozen=True)
class Identity:
    """Whose scan a file is and what said so.

    Attributes
    ----------
    name : Name
    subject_from, session_from : "BIDS entity", "file name", "folder 'P7'", ...; session_from is empty without a session
    """

    name: Name
    subject_from: str
    session_from: str = ""


@dataclass(frozen=True)
class Doubt:
    """Nobody can say whose scan a file is.

    Attributes
    ----------
    reason : one line, with the way out
    """

    reason: str


class Layout:
    """The names of all files that are looked at together, by the folder they lie in.

    Parameters
    ----------
    paths : files, and folders of DICOM series
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self._children: dict[Path, set[str]] = defaultdict(set)
        for path in paths:
            here = path.absolute()
            for _ in range(HIGHEST):
                self._children[here.parent].add(bare(here))
                here = here.parent

    def beside(self, path: Path, *strengths: str) -> list[Reading]:
        """Return the readings of the names beside a path, itself among them, that are of one of these strengths."""
        readings = [read_name(name) for name in sorted(self._children[path.parent])]
        return [reading for reading in readings if reading.strength in strengths]


@dataclass(frozen=True)
class _Level:
    path: Path
    reading: Reading
    said_by: str


def identify(path: Path, layout: Layout, *, is_series: bool = False) -> Identity | Doubt:
    """Return whose scan a file is, or why nobody can say.

    Parameters
    ----------
    path : file, or folder of one DICOM series
    layout : of everything that was found with it
    is_series : the path is a folder of DICOM files, whose own numbers are those of the series

    Examples
    --------
    >>> paths = [Path("/data/P7/V1/FLAIR.nii"), Path("/data/M07_FLAIR.nii"), Path("/data/P1/20240102/3D_FLAIR_501.nii")]
    >>> [identify(path, Layout(paths)).name for path in paths]  # doctest: +NORMALIZE_WHITESPACE
    [Name(subject_id='P7', session='V1'), Name(subject_id='M07', session=None),
     Name(subject_id='P1', session='20240102')]
    """
    here = path.absolute()
    levels = [_Level(here, read_name(bare(here)), f"folder {printable(here.name)}" if is_series else "file name")]
    levels += [
        _Level(folder, read_name(folder.name), f"folder {printable(folder.name)}")
        for folder in takewhile(lambda folder: folder.parts[-2:] != FETCHED, list(here.parents)[:HIGHEST])
        if folder.name and not _is_nobody(folder)
    ]
    by_entities = _by_entities(here, levels)
    if by_entities is not None:
        return by_entities
    timed = timepoint_of(here)
    if timed is not None:
        return Identity(Name(*timed), "file name", f"folder {printable(timed[1])}")
    for level in levels:
        item = bulk_item(bare(level.path))
        if item is not None:
            return Identity(Name(item.person, item.visit), level.said_by, level.said_by)
    return _Climb(levels, layout, is_series).answer()


def _is_nobody(folder: Path) -> bool:
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - unlike Path's it does not fail where there is no home
    return folder == home or folder in home.parents or folder in (Path("/tmp"), Path("/var"), Path("/"))  # noqa: S108


def entities_of(name: str) -> dict[str, str]:
    """Return the BIDS entities sub and ses of a name, in whatever case they are written.

    Examples
    --------
    >>> entities_of("Sub-012_ses-2_FLAIR")
    {'sub': '012', 'ses': '2'}
    >>> entities_of("sub-OAS30003_sess-d1631_FLAIR")  # as OASIS-3 writes it
    {'sub': 'OAS30003', 'ses': 'd1631'}
    """
    return {key.lower()[:3]: value for key, value in re.findall(r"(?:^|_)(sub|sess?)-([^_]+)", name, re.I)}


def _by_entities(here: Path, levels: Sequence[_Level]) -> Identity | Doubt | None:
    """Read BIDS entities; they decide wherever one of them names the person."""
    found: dict[str, list[tuple[str, int]]] = {"sub": [], "ses": []}
    for number, name in enumerate((bare(here), *(folder.name for folder in here.parents))):
        for key, value in entities_of(name).items():
            found[key].append((value, number))
        if number and "sub" in entities_of(name):
            break  # what lies above a person's folder says nothing of the person
    for key, values in found.items():
        told = list(dict.fromkeys(value for value, _ in values))
        if len(told) > 1:
            both = " and ".join(f"{key}-{value}" for value in told[:2])
            return Doubt(f"its name and its folders contradict each other: {printable(both)}; {WAY_OUT}")
    if not found["sub"]:
        return None
    subject, depth = found["sub"][-1]
    if found["ses"]:
        return Identity(Name(subject, found["ses"][0][0]), "BIDS entity", "BIDS entity")
    # Below a person's folder, a word such as M12 can only be a visit.
    for level in levels[: max(depth, 1)]:
        visit = _visit_below(level.reading)
        if visit:
            return Identity(Name(subject, visit), "BIDS entity", level.said_by)
    return Identity(Name(subject, None), "BIDS entity")


def _visit_below(reading: Reading) -> str | None:
    if reading.visits:
        return reading.visits[0]
    if reading.strength == "weak" and "sub-" not in reading.person.lower():
        return reading.person
    return reading.also_visit or (reading.dates[0] if reading.dates else None)


class _Climb:
    """Goes up from a file's name through its folders until a name can be the person."""

    def __init__(self, levels: Sequence[_Level], layout: Layout, is_series: bool) -> None:
        self.levels, self.layout, self.is_series = list(levels), layout, is_series
        self.visits: list[tuple[str, str]] = []
        self.dates: list[tuple[str, str]] = []

    def answer(self) -> Identity | Doubt:
        for index, level in enumerate(self.levels):
            reading = level.reading
            above = next((other for other in self.levels[index + 1 :] if other.reading.person), None)
            self.visits += [(visit, level.said_by) for visit in reading.visits]
            self.dates += [(date, level.said_by) for date in reading.dates]
            decided = self._judge(index, level, above)
            if decided == "person":
                self._visits_between(index)
                return self._identity(level)
            if decided == "visit":
                self.visits.append((reading.person, level.said_by))
            elif decided:
                return Doubt(f"it is not clear whose scan it is: {decided}; {WAY_OUT}")
        return Doubt(f"neither its name nor its folders say whose scan it is; {WAY_OUT}")

    def _judge(self, index: int, level: _Level, above: _Level | None) -> str:
        """Return "person", "visit", "" to go up, or a doubt."""
        reading = level.reading
        sure_above = above is not None and is_sure_code(above.reading)
        if reading.strength == "weak":
            return self._weak(level, above, sure_above)
        if reading.strength in ("number", "series"):
            return self._number(index, level, above, sure_above)
        if reading.strength == "word" and index == 0 and (sure_above or self.is_series):
            return ""  # a word beside a code only describes the image
        again = any(same_code(other.reading.person, reading.person) for other in self.levels[1:])
        if reading.strength == "code" and index == 0 and sure_above and above is not None and not again:
            return self._two_codes(level, above)
        if index and sure_above and above is not None and self._dated(index, above):
            return ""  # below a dated folder lie images, not people
        return reading.doubt or ("person" if reading.person else "")

    def _weak(self, level: _Level, above: _Level | None, sure_above: bool) -> str:
        word, beside = printable(level.reading.person), self.layout.beside(level.path, "weak")
        many = len({reading.person for reading in beside})
        parent = printable(above.reading.person) if above is not None else ""
        if sure_above and many > MOST_VISITS:
            return f"{many} names such as {word} may be people, or visits of {parent}"
        if sure_above:
            other = any(visit != level.reading.person for visit, _ in self.visits)
            return f"{word} and {parent} may both be the person" if other else "visit"
        if level.reading.person.lower().startswith("study"):
            return ""
        named = above is not None and above.reading.strength == "word"
        if named and level is not self.levels[0] and _counts_visits(beside):
            return f"{word} may be a person, or a visit of {parent}"
        return "person"

    def _number(self, index: int, level: _Level, above: _Level | None, sure_above: bool) -> str:
        reading, number = level.reading, printable(level.reading.person)
        behind = reading.strength == "series"
        if (
            index == 0
            and above is not None
            and sure_above
            and same_form(above.reading.person).endswith(f"|{same_form(reading.person)}")
        ):
            return ""  # Patient-1/1-FLAIR
        of_series = self.is_series and (behind or (index == 0 and len(reading.person) < 5 and above is not None))
        if of_series or (behind and index > 0):
            return ""
        numbers = {other.person for other in self.layout.beside(level.path, reading.strength)}
        if not behind and (not sure_above or len(numbers) >= FEWEST_PEOPLE):
            return reading.doubt or "person"
        if above is None or above.reading.strength == "word":
            return f"{number} may be a person or the number of a series"
        if self._dated(index, above) or (behind and len(numbers) < FEWEST_PEOPLE):
            return ""
        return f"{number} may be a person, or a series of {printable(above.reading.person)}"

    def _dated(self, index: int, above: _Level) -> bool:
        between = self.levels[index + 1 : self.levels.index(above)]
        return any(other.reading.dates or other.reading.visits for other in between)

    def _two_codes(self, level: _Level, above: _Level) -> str:
        file_code, folder_code = level.reading.person, above.reading.person
        if file_code.lower().startswith(folder_code.lower()):
            return level.reading.doubt or "person"
        others = {reading.person for reading in self.layout.beside(level.path, "code", "weak", "number")}
        if len(others) > 1:
            return level.reading.doubt or "person"
        return f"the file says {printable(file_code)}, its folder {printable(folder_code)}"

    def _visits_between(self, index: int) -> None:
        """Note the visits that folders name between a file whose name holds the code and the person's folder."""
        person, above = self.levels[index].reading.person, self.levels[index + 1 :]
        own = next((number for number, level in enumerate(above) if same_code(level.reading.person, person)), None)
        for number, level in enumerate(above):
            if level.reading.person and (own is None or number >= own or level.reading.strength != "weak"):
                return
            visits = (level.reading.person,) if level.reading.person else level.reading.visits
            self.visits += [(visit, level.said_by) for visit in visits]
            self.dates += [(date, level.said_by) for date in level.reading.dates]

    def _identity(self, level: _Level) -> Identity | Doubt:
        reading = level.reading
        if reading.also_visit:
            self.visits.append((reading.also_visit, level.said_by))
        told = {same_form(visit): (visit, said_by) for visit, said_by in reversed(self.visits)}
        if len(told) > 1:
            both = " and ".join(printable(visit) for visit, _ in list(told.values())[:2])
            return Doubt(f"it is not clear which visit it shows: {both}; {WAY_OUT}")
        visit, said_by = next(iter(told.values()), self.dates[-1] if self.dates else (None, ""))
        return Identity(Name(reading.person, visit), level.said_by, said_by)


def _counts_visits(beside: Sequence[Reading]) -> bool:
    """Tell whether codes are what visits are called: one letter, and numbers of one or two digits that begin low."""
    words = sorted({reading.person.lower() for reading in beside})
    found = [re.fullmatch(r"([a-z]+)[-.]?(\d{1,2})", word) for word in words]
    if len(words) < 2 or len(words) > MOST_VISITS or not all(found):
        return False
    letters = {match[1] for match in found if match}
    return len(letters) == 1 and min(int(match[2]) for match in found if match) <= 1
