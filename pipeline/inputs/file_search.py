"""What lies in the files and folders somebody named: images to look at, and what is left out, each with its reason."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.inputs.dicom import is_dicom
from pipeline.inputs.identity import entities_of
from pipeline.inputs.scan_names import SUFFIXES, printable, says_flair, says_other

PARTICIPANTS = "participants.tsv"
NOT_SEARCHED = ("derivatives", "sourcedata", "code")
_NOT_FOUND = "is a link to a file that is not there; fetch it (DataLad: datalad get), or remove the link"


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


@dataclass(frozen=True)
class PassedOver(Rejection):
    """A file or folder that was seen and left alone, because it is not what is looked for."""


@dataclass(frozen=True)
class Candidate:
    """A file that may be a FLAIR scan, or a folder that holds DICOM files.

    Attributes
    ----------
    path : file, or folder of DICOM files
    table : the ``participants.tsv`` of its dataset, or None
    unsaid : nothing in its name says FLAIR; it counts only where a table or a sidecar names it
    """

    path: Path
    table: Path | None
    unsaid: bool = False


Found = Candidate | Rejection


def look(path: Path) -> Iterator[Found]:
    """Yield what a file or folder holds, in a fixed order."""
    try:
        if path.is_dir():
            yield from _look_into(path)
        elif path.is_file():
            yield Candidate(path, _table_above(path.parent))
        elif path.exists():
            yield Rejection(shown(path), "is not a regular file; give a NIfTI file or a folder")
        elif path.is_symlink():
            yield Rejection(shown(path), _NOT_FOUND)
        else:
            yield Rejection(shown(path), "no such file or folder")
    except (OSError, ValueError) as error:
        yield Rejection(shown(path), f"cannot be opened ({getattr(error, 'strerror', None) or error})")


def _look_into(folder: Path) -> Iterator[Found]:
    table = folder / PARTICIPANTS if (folder / PARTICIPANTS).is_file() else _table_above(folder)
    if table is None and (folder / PARTICIPANTS).is_symlink():
        yield Rejection(shown(folder / PARTICIPANTS), f"{_NOT_FOUND}; until then nobody's group, sex and age are known")
    useful = False
    for item in _walk(folder, table):
        useful = useful or not isinstance(item, PassedOver)
        yield item
    if not useful:
        yield Rejection(
            shown(folder),
            "holds no FLAIR scan; expected NIfTI files whose names say FLAIR, a BIDS dataset, or a DICOM series",
        )


def _table_above(folder: Path) -> Path | None:
    """Return the table of the dataset that a person's folder, or one in it, belongs to."""
    here = folder.absolute()
    for place in (here, *here.parents[:3]):
        if "sub" in entities_of(place.name):
            table = place.parent / PARTICIPANTS
            return table if table.is_file() else None
    return None


def _walk(top: Path, table: Path | None) -> Iterator[Found]:
    unreadable: list[Rejection] = []

    def note(error: OSError) -> None:
        unreadable.append(Rejection(shown(Path(error.filename)), f"the folder cannot be opened ({error.strerror})"))

    tables = {top: table}
    for place, folders, files in os.walk(top, onerror=note):
        here = Path(place)
        own = here / PARTICIPANTS
        tables[here] = own if here != top and own.is_file() else tables.get(here.parent, table)
        for name in sorted(folders):
            if name.startswith(".") or name in NOT_SEARCHED:
                yield PassedOver(shown(here / name), "folder that is not searched; name it to have it searched")
            elif (here / name).is_symlink():
                yield PassedOver(
                    shown(here / name), "link to a folder; links are not followed, name it to have it searched"
                )
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in NOT_SEARCHED)
        yield from _files(here, sorted(files), tables[here])
    yield from unreadable


def _files(here: Path, names: list[str], table: Path | None) -> Iterator[Found]:
    images = [name for name in names if name.lower().endswith(SUFFIXES)]
    for name in images:
        yield _judge(here / name, table)
    others = [name for name in names if name not in images and not name.startswith(".")]
    if not any(is_dicom(here / name) for name in others[:_PROBED] + others[-_PROBED:]):
        return
    if images:
        yield PassedOver(
            shown(here), "holds DICOM files beside NIfTI files, which are taken; name a folder of its own for them"
        )
    else:
        yield Candidate(here, table)


_PROBED = 3


def _judge(path: Path, table: Path | None) -> Found:
    if path.name.startswith("._"):
        return PassedOver(shown(path), "shadow file of macOS, no image")
    if path.name.startswith("."):
        return PassedOver(shown(path), "hidden file")
    other = says_other(path)
    if other:
        return PassedOver(shown(path), f"its name says {other}, not FLAIR")
    if not path.exists():
        dangling = Rejection(shown(path), _NOT_FOUND)
        return dangling if says_flair(path) else PassedOver(shown(path), f"its name does not say FLAIR; {_NOT_FOUND}")
    return Candidate(path, table, unsaid=not says_flair(path))


def shown(path: Path) -> str:
    """Return a path as text that fits on one line, whatever it is made of."""
    return printable(path, 300)[1:-1]
