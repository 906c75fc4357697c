"""Scans that lie elsewhere, named by an address such as ``s3://bucket/study``: copied beside the results, then as ever.

fsspec speaks to the place, so every kind it knows will do (S3 and what speaks like it, SFTP, HTTP, ...). The copy keeps
the names and folders of the address, because these say who a scan shows; a file that was copied before and has not
changed there is not copied again.
"""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from pipeline.errors import ImageMissing, writing
from pipeline.inputs.file_search import NOT_SEARCHED
from pipeline.inputs.identity import FETCHED
from vocabulary.files import whole_file
from vocabulary.messages import one_line, printable

LARGEST_FILE_BYTES = 1 << 31
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://")
_STORES = ("s3", "gs", "az")
"""Kinds of address that obstore speaks; it reads credentials and endpoint from the environment (AWS_...)."""
_LONGEST = 200
_HOW = "install it with: pip install 'mscohort[remote]'"


@dataclass(frozen=True)
class Brought:
    """What was copied.

    Attributes
    ----------
    path : the copy, a folder or a file
    copied, kept : files copied now, and files that were there already
    copied_bytes : how much came now
    left : files that were not copied, each with its reason
    """

    path: Path
    copied: int
    kept: int
    copied_bytes: int
    left: tuple[tuple[str, str], ...]


def is_remote(place: str) -> bool:
    """Say whether a place is an address and no path of this machine.

    Examples
    --------
    >>> [is_remote(place) for place in ("s3://bucket/study", "/data/study", "C://data", "memory://x")]
    [True, False, False, True]
    """
    return _ADDRESS.match(place) is not None


def bring(address: str, into: Path, progress: Callable[[int, int], None] | None = None) -> Brought:
    """Copy what lies at an address into a folder, whole files only.

    Parameters
    ----------
    address : of one file, or of a folder with everything below it but hidden files and what no search looks into
    into : folder of results; the copy goes below its ``sourcedata/fetched``, under the names of the address
    progress : called with files looked at so far and files in all

    Raises
    ------
    ImageMissing : fsspec, or what it needs for this kind of address, is not installed; nothing is there; it cannot be
        read.
    OutputError : the copy cannot be written.
    """
    filesystem, root = _filesystem(address)
    files = _listed(filesystem, root, address)
    here = into.joinpath(*FETCHED) / _folder(address)
    copies = _Copies(here.with_name(f".{here.name}.copied"))
    copied = kept = copied_bytes = 0
    left = []
    for number, (name, facts) in enumerate(sorted(files.items()), 1):
        inside = PurePosixPath(name).relative_to(root)
        place = here.joinpath(*inside.parts)
        reason = _left_alone(inside, facts)
        state = _state(facts)
        if reason:
            left.append((f"{address.rstrip('/')}/{inside}", reason))
        elif copies.has(inside, state, place):
            kept += 1
        else:
            copied_bytes += _copy(filesystem, name, place)
            copies.note(inside, state)
            copied += 1
        if progress:
            progress(number, len(files))
    return Brought(here, copied, kept, copied_bytes, tuple(left))


class _Copies:
    """What was copied and how it was there: a line for each file, added when the copy is whole."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._states: dict[str, str] = {}
        for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
            with suppress(ValueError):  # a killed run may leave half a line
                name, state = json.loads(line)
                self._states[name] = state

    def has(self, inside: PurePosixPath, state: str, place: Path) -> bool:
        return self._states.get(str(inside)) == state and place.is_file()

    def note(self, inside: PurePosixPath, state: str) -> None:
        with writing(self._path), self._path.open("a", encoding="utf-8") as file:
            file.write(f"\n{json.dumps([str(inside), state], ensure_ascii=False)}")


def _filesystem(address: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise ImageMissing(f"{printable(address)}: an address needs fsspec; {_HOW}") from error
    with suppress(ImportError):
        from obstore.fsspec import register

        register(list(_STORES))
    try:
        filesystem, root = url_to_fs(address)
    except ImportError as error:
        how = _HOW if address.split("://", 1)[0] in _STORES else "install what it names"
        raise ImageMissing(f"{printable(address)}: {one_line(error)}; {how}") from error
    except ValueError as error:
        raise ImageMissing(
            f"{printable(address)}: {one_line(error)}; expected a path of this machine or an address as s3://BUCKET/STUDY"
        ) from error
    return filesystem, str(root).rstrip("/")


def _listed(filesystem: Any, root: str, address: str) -> dict[str, dict[str, Any]]:
    """Return every file at an address with what the place says of it."""
    try:
        files: dict[str, dict[str, Any]] = filesystem.find(root, detail=True)
    except FileNotFoundError:
        files = {}
    except Exception as error:  # each kind of place has errors of its own
        raise ImageMissing(f"{printable(address)}: cannot be listed ({one_line(error)[:_LONGEST]})") from error
    if not files:
        raise ImageMissing(f"{printable(address)}: nothing is there, or it may not be read; check the address")
    return files


def _folder(address: str) -> Path:
    """Return where a copy goes: the names of the address, none of which can lead elsewhere."""
    parts = address.split("://", 1)[1].split("/")
    return Path(*[re.sub(r"[^\w.=+-]", "_", part) for part in parts if part.strip(".")])


def _left_alone(inside: PurePosixPath, facts: dict[str, Any]) -> str | None:
    if ".." in inside.parts or any(part.startswith(".") for part in inside.parts):
        return "hidden file"
    if inside.parts and inside.parts[0] in NOT_SEARCHED:
        return "in a folder that is not searched; name it to have it searched"
    size = facts.get("size")
    if size is None or not size <= LARGEST_FILE_BYTES:
        return f"has more than {LARGEST_FILE_BYTES >> 30} GiB, or no size is told"
    return None


def _state(facts: dict[str, Any]) -> str:
    """Return what changes when the file there does."""
    told = (facts.get(key) for key in ("ETag", "etag", "md5", "checksum", "LastModified", "mtime", "created"))
    return " ".join(str(one) for one in (facts.get("size"), *told) if one is not None)


def _copy(filesystem: Any, name: str, place: Path) -> int:
    with writing(place):
        place.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(place) as part:
            try:
                filesystem.get_file(name, str(part))
            except Exception as error:
                raise ImageMissing(f"{printable(name)}: cannot be fetched ({one_line(error)[:_LONGEST]})") from error
            return part.stat().st_size
