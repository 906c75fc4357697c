"""Files that appear whole or not at all, and the SHA-256 by which contents are told apart."""

import hashlib
import json
import os
import re
import shutil
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

try:
    import fcntl as _fcntl
except ImportError:  # Windows
    _fcntl = None  # type: ignore[assignment]

Content = TypeVar("Content")

_FICLONE = 0x40049409
"""linux/fs.h: let a file share the blocks of another until one of them is changed."""

_UNFINISHED = re.compile(r"\..+\.\d+(\.weights\.h5)?")


@contextmanager
def whole_file(path: Path, ending: str = "") -> Iterator[Path]:
    """Yield another name beside a file's place to write to, and move what was written there when the block ends.

    Whoever reads ``path`` meets what was there before or the new file, never half of one. After an error nothing of the
    new file is left; after a kill, a file that ``is_unfinished`` knows.

    Parameters
    ----------
    path : the file; its folder must exist
    ending : what the other name must end with, for libraries that go by it, such as ``.weights.h5``

    Raises
    ------
    OSError : the file cannot be written.
    """
    unfinished = _unfinished(path).with_name(f"{_unfinished(path).name}{ending}")
    try:
        yield unfinished
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def write_whole(payload: bytes, path: Path) -> Path:
    """Write bytes to a file, whole or not at all, and return its path; see ``whole_file``."""
    with whole_file(path) as unfinished:
        unfinished.write_bytes(payload)
    return path


def write_json(content: object, path: Path, *, indent: int | None = None) -> Path:
    """Write a JSON file, UTF-8, whole or not at all; with ``indent`` as people read it, else on one line.

    Raises
    ------
    ValueError : a number is not finite, which JSON cannot say.
    """
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=indent)
    return write_whole(f"{text}\n".encode(), path)


def read_json(path: Path, kind: type[Content]) -> Content:
    """Read a JSON file into a dataclass, lists as tuples where it says so; members it does not name are passed over.

    Raises
    ------
    OSError : the file cannot be read.
    ValueError : it is no JSON, or not of this kind; the message says which member.
    """
    return json_as(path.read_bytes(), kind)


def json_as(text: bytes | str, kind: type[Content]) -> Content:
    """Return what JSON text says as a dataclass; see ``read_json``."""
    import msgspec  # Training, which reads no such file, runs where there is none.

    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ValueError(str(error)) from error


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Yield an empty folder to fill, and put it in the place of ``path`` when the block ends; see ``whole_file``."""
    unfinished = _unfinished(path)
    try:
        unfinished.mkdir(parents=True)
        yield unfinished
        if path.exists():
            shutil.rmtree(path)
        unfinished.replace(path)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def copy_sharing_blocks(source: Path, target: Path) -> None:
    """Copy a file; where the file system can (Btrfs, XFS, ZFS), without writing its content again.

    Raises
    ------
    OSError : it cannot be copied.
    """
    if _fcntl is not None:
        with source.open("rb") as original, target.open("wb") as copy:
            try:
                _fcntl.ioctl(copy.fileno(), _FICLONE, original.fileno())
            except OSError:
                pass  # Another file system, or none that shares blocks.
            else:
                return
    shutil.copyfile(source, target)


def private_folder(path: Path) -> Path:
    """Make a folder, and those above it that are missing, for their owner alone, and return it.

    A folder that is there stays as it is: whoever made it decided who may enter.

    Raises
    ------
    OSError : it cannot be made, or a file is in its place.
    """
    for folder in reversed([path, *path.parents]):
        if folder == path or not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
    return path


def umask_like(folder: Path) -> int:
    """Return the umask with which files are open to those who may enter ``folder``, and to nobody else."""
    return 0o777 & ~folder.stat().st_mode


@contextmanager
def private_like(folder: Path) -> Iterator[None]:
    """Let what this process makes in the block be open to those who may enter ``folder``, and to nobody else."""
    before = os.umask(umask_like(folder))
    try:
        yield
    finally:
        os.umask(before)


def _unfinished(path: Path) -> Path:
    """Return a name beside a place that no other process or thread uses."""
    return path.with_name(f".{path.name}.{os.getpid()}.{threading.get_native_id()}")


def is_unfinished(name: str) -> bool:
    """Tell whether a file or folder was left half written by a process that was killed.

    Examples
    --------
    >>> is_unfinished(".sub-1.json.4711.4711"), is_unfinished(".weights.h5.4711.4712.weights.h5")
    (True, True)
    >>> is_unfinished(".lock"), is_unfinished("sub-1.json")
    (False, False)
    """
    return _UNFINISHED.fullmatch(name) is not None


def sweep(folder: Path) -> None:
    """Remove what killed processes left unfinished directly in a folder; the caller holds it against other writers."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if is_unfinished(path.name):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def flush(path: Path) -> None:
    """Push a file, or a folder's list of names, to the disk; Windows cannot do the latter."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def joint_sha256(digests: Iterable[str]) -> str:
    """Return one SHA-256 for several contents: of their digests in the order given, written one after the other.

    Examples
    --------
    >>> joint_sha256(["ab", "cd"]) == hashlib.sha256(b"abcd").hexdigest()
    True
    """
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def json_sha256(content: object) -> str:
    """Return the SHA-256 of what JSON says of a content, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
