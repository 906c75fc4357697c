"""Which scans to measure: files, folders, BIDS datasets and DICOM series become a list, and refusals with a reason.

Nothing is measured here. Every file is read once for its SHA-256, by which copies are found and finished work is
recognised.
"""

import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.inputs.dicom import converter_problem, is_dicom, series_files
from pipeline.inputs.participants import Participants, read_participants
from pipeline.inputs.scan_names import SUFFIXES, bare, name_of, printable, problem_of, says_flair, says_other
from vocabulary.files import file_sha256, joint_sha256

LARGEST_FILE_BYTES = 1 << 31
"""A file beyond 2 GiB is refused unread: a FLAIR volume has a few to a hundred MiB."""

_TABLE = "participants.tsv"
_NOT_SEARCHED = ("derivatives", "sourcedata", "code")


@dataclass(frozen=True)
class InputScan:
    """One scan that will be measured.

    Attributes
    ----------
    path : NIfTI file, or a folder that holds one DICOM series
    subject_id : pseudonymous code
    session : which visit, or None
    group, sex, age_years : MS or HC, F or M, years; None where nobody said
    stem : what its result files are called, such as ``sub-01_ses-2``
    source_sha256 : of the file's content (of a series: of its files' digests, sorted)
    """

    path: Path
    subject_id: str
    session: str | None
    group: str | None
    sex: str | None
    age_years: float | None
    stem: str
    source_sha256: str

    @property
    def is_dicom(self) -> bool:
        """Whether the path is a folder of DICOM files."""
        return not self.path.name.lower().endswith(SUFFIXES)


@dataclass(frozen=True)
class Rejection:
    """An input that is not measured.

    Attributes
    ----------
    input : what was given or found, as text that can be printed
    reason : one line
    """

    input: str
    reason: str


def discover(
    paths: Sequence[Path], participants: Path | None = None, progress: Callable[[int, int], None] | None = None
) -> tuple[list[InputScan], list[Rejection]]:
    """Find every scan in what was given, and who it shows.

    Parameters
    ----------
    paths : NIfTI files; folders, searched for NIfTI files whose name says FLAIR and for DICOM series; BIDS datasets
        (``sub-*/[ses-*/]anat/*_FLAIR.nii.gz``)
    participants : table for all scans; by default each BIDS dataset's own ``participants.tsv``
    progress : called with files read so far and files in all

    Returns
    -------
    Scans in order of stem, and rejections: what is no FLAIR scan, whose name is no pseudonymous code, and copies. Two
    files with one content and one person are one scan, and the second is refused. Two files with one content and two
    persons, or two contents for one person and session, are all refused: nothing says which is right.

    Raises
    ------
    ParticipantsError : a participants table cannot be read.
    """
    tables: dict[Path, Participants] = {}
    given = read_participants(participants) if participants else None
    found: list[tuple[Path, Path | None]] = []
    refused: list[Rejection] = []
    for path in paths:
        for item in _look(path):
            if isinstance(item, Rejection):
                refused.append(item)
            else:
                found.append(item)
    # Overlapping folders, or a file named twice, are not copies.
    unique = list({os.path.realpath(path): (path, table) for path, table in reversed(found)}.values())[::-1]
    scans = []
    for number, (path, table) in enumerate(unique, 1):
        if given is None and table is not None and table not in tables:
            tables[table] = read_participants(table)
        scan = _scan(path, given or (tables[table] if table else None))
        (refused if isinstance(scan, Rejection) else scans).append(scan)
        if progress:
            progress(number, len(unique))
    scans, copies = _without_copies(scans)
    return sorted(scans, key=lambda scan: scan.stem), [*refused, *copies]


def _look(path: Path) -> Iterator[tuple[Path, Path | None] | Rejection]:
    """Yield files with the participants table that speaks of them, if one does."""
    try:
        if path.is_dir():
            yield from _look_into(path)
        elif path.is_file():
            yield path, None
        elif path.exists():
            yield Rejection(shown(path), "is not a regular file; give a NIfTI file or a folder")
        else:
            yield Rejection(shown(path), "no such file or folder")
    except (OSError, ValueError) as error:
        yield Rejection(shown(path), f"cannot be opened ({getattr(error, 'strerror', None) or error})")


def _look_into(folder: Path) -> Iterator[tuple[Path, Path | None] | Rejection]:
    table = folder / _TABLE if (folder / _TABLE).is_file() else None
    bids = sorted(
        path
        for pattern in ("sub-*/anat/*_FLAIR.nii*", "sub-*/ses-*/anat/*_FLAIR.nii*")
        for path in folder.glob(pattern)
        if path.name.endswith(SUFFIXES)
    )
    if bids:
        yield from ((path, table) for path in bids)
        return
    count = 0
    for item in _walk(folder):
        count += 1
        yield item if isinstance(item, Rejection) else (item, table)
    if not count:
        yield Rejection(
            shown(folder),
            "holds no FLAIR scan; expected NIfTI files whose names say FLAIR, a BIDS dataset, or a DICOM series",
        )


def _walk(folder: Path) -> Iterator[Path | Rejection]:
    unreadable: list[Rejection] = []

    def note(error: OSError) -> None:
        unreadable.append(Rejection(shown(Path(error.filename)), f"the folder cannot be opened ({error.strerror})"))

    for place, folders, files in os.walk(folder, onerror=note):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _NOT_SEARCHED)
        here = Path(place)
        images = [here / name for name in sorted(files) if name.lower().endswith(SUFFIXES) and not name.startswith(".")]
        yield from (path for path in images if says_flair(path))
        if not images and any(is_dicom(here / name) for name in sorted(files)[:3]):
            yield here
    yield from unreadable


def _scan(path: Path, people: Participants | None) -> InputScan | Rejection:
    """Judge one file by name and content."""
    reason = _problem(path)
    if reason:
        return Rejection(shown(path), reason)
    name = name_of(path if path.is_file() else path / "FLAIR")
    reason = problem_of(name)
    if reason:
        return Rejection(shown(path), reason)
    try:
        digest = content_sha256(path)
    except OSError as error:
        return Rejection(shown(path), f"cannot be read ({error.strerror or error}); check its permissions")
    scan = InputScan(path, name.subject_id, name.session, None, None, None, name.stem, digest)
    if people is None:
        return scan
    person = people.person(name)
    if person.problem:
        return Rejection(shown(path), person.problem)
    return replace(scan, group=person.group, sex=person.sex, age_years=person.age_years)


def _problem(path: Path) -> str | None:
    """Say why a file cannot be a FLAIR scan, as far as name, size and the note beside it tell."""
    if path.is_dir():
        return converter_problem()
    if not path.name.lower().endswith(SUFFIXES):
        if is_dicom(path):
            return "is one DICOM file; give the folder of its whole series"
        return "expected a NIfTI file (.nii or .nii.gz), a folder, or a DICOM series"
    other = says_other(path)
    if other:
        return f"its name says {other}; expected a FLAIR image"
    size = path.stat().st_size
    if not 0 < size <= LARGEST_FILE_BYTES:
        return f"has {size / 2**30:.1f} GiB; expected at most {LARGEST_FILE_BYTES >> 30} GiB" if size else "is empty"
    return _other_modality(path)


def _other_modality(path: Path) -> str | None:
    note = path.with_name(f"{bare(path)}.json")
    try:
        said = json.loads(note.read_text(encoding="utf-8")) if note.is_file() else {}
    except (OSError, ValueError):
        return None  # A broken note beside a scan says nothing about the scan.
    modality = said.get("Modality") if isinstance(said, dict) else None
    if modality in (None, "MR", "MRI"):
        return None
    return f"{note.name} says its modality is {printable(modality, 20)}; expected MR"


def content_sha256(path: Path) -> str:
    """Return the SHA-256 of a file; of a folder's DICOM series, that of its files' digests, sorted."""
    if path.is_file():
        return file_sha256(path)
    return joint_sha256(sorted(file_sha256(file) for file in series_files(path)))


def _without_copies(scans: list[InputScan]) -> tuple[list[InputScan], list[Rejection]]:
    refused: dict[int, str] = {}
    by_content = defaultdict(list)
    for index, scan in enumerate(scans):
        by_content[scan.source_sha256].append(index)
    for same in by_content.values():
        stems = {scans[index].stem for index in same}
        for index in same if len(stems) > 1 else same[1:]:
            other = next(i for i in same if (scans[i].stem != scans[index].stem or len(stems) == 1) and i != index)
            twin = f"{shown(scans[other].path)} ({_who(scans[other])})"
            refused[index] = (
                f"holds the same image as {twin}, so it is not clear whose scan it is; give the right one only"
                if len(stems) > 1
                else f"is a copy of {twin}; the scan is measured once"
            )
    by_stem = defaultdict(list)
    for index, scan in enumerate(scans):
        if index not in refused:
            by_stem[scan.stem].append(index)
    for same in by_stem.values():
        for index in same if len(same) > 1 else ():
            other = scans[next(i for i in same if i != index)]
            refused[index] = (
                f"claims to be {_who(scans[index])}, and so does {shown(other.path)}; give one of them, "
                "or name the visits ses-1, ses-2"
            )
    kept = [scan for index, scan in enumerate(scans) if index not in refused]
    return kept, [Rejection(shown(scans[index].path), reason) for index, reason in sorted(refused.items())]


def _who(scan: InputScan) -> str:
    return f"subject {scan.subject_id}" + (f", session {scan.session}" if scan.session else "")


def shown(path: Path) -> str:
    """Return a path as text that fits on one line, whatever it is made of."""
    return printable(path, 300)[1:-1]
