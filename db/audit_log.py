"""The audit log of a store: who changed, took away or was refused what, when, and the version before and after.

One JSON object per line in ``audit.jsonl``, added at the end and never rewritten. Each line holds the SHA-256 of the
line before it, so that a line that was changed or taken out is noticed. A version is logged before it goes live: where
its writer dies in between, the next writer notes that it never did.
"""

import contextvars
import getpass
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from vocabulary.files import private_folder

FILE = "audit.jsonl"
ACTOR_VARIABLE = "MSCOHORT_ACTOR"
_TAIL_BYTES = 1_000_000
_actor: contextvars.ContextVar[str | None] = contextvars.ContextVar("actor", default=None)


def user_of_this_machine() -> str:
    """Return the name of the user who runs this program."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # as in a container whose user has no name
        return f"user {os.getuid()}" if hasattr(os, "getuid") else "unknown user"


def actor() -> str:
    """Return who acts: as ``acting`` says, else the variable of a job that the dashboard started, else the user."""
    return _actor.get() or os.environ.get(ACTOR_VARIABLE) or user_of_this_machine()


@contextmanager
def acting(who: str) -> Iterator[None]:
    """Let what is written in the block be logged as somebody's."""
    token = _actor.set(who)
    try:
        yield
    finally:
        _actor.reset(token)


@dataclass(frozen=True)
class Log:
    """What an audit log holds.

    Attributes
    ----------
    entries : oldest first, each with at, who, what, before, after
    problems : what is wrong with it, one line each; empty for a log that nobody touched
    """

    entries: list[dict[str, Any]]
    problems: list[str]


class AuditLog:
    """The log of one store.

    Parameters
    ----------
    root : folder of the store
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._path = root / FILE
        self._lock = FileLock(root / f"{FILE}.lock", timeout=60)

    def append(self, who: str, what: str, before: int | None = None, after: int | None = None) -> None:
        """Add a line and bring it to the disk; where it does not fit, nothing of it stays.

        Parameters
        ----------
        before, after : live versions; None where there was none, or nothing was changed

        Raises
        ------
        OSError : it cannot be written.
        """
        private_folder(self._root)
        with self._lock:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                size = os.fstat(handle).st_size
                last = _last_line(handle, size)
                entry = {
                    "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
                    "who": who,
                    "what": what,
                    "before": before,
                    "after": after,
                    "previous": hashlib.sha256(last).hexdigest(),
                }
                line = json.dumps(entry, ensure_ascii=False).encode() + b"\n"
                # What a killed process left without its end stays, on a line of its own.
                whole = line if not size or _ends(handle, size) else b"\n" + line
                try:
                    if os.write(handle, whole) != len(whole):
                        raise OSError(28, "No space left on device")
                    os.fsync(handle)
                except OSError:
                    os.ftruncate(handle, size)
                    raise
            finally:
                os.close(handle)

    def last_version(self) -> int | None:
        """Return the version that was live after the last entry that changed it; None where none did."""
        try:
            with self._path.open("rb") as file:
                file.seek(max(0, self._path.stat().st_size - _TAIL_BYTES))
                lines = file.read().split(b"\n")
        except OSError:
            return None
        for line in reversed(lines):
            try:
                after = json.loads(line)["after"]
            except (ValueError, KeyError, TypeError):
                continue
            if isinstance(after, int):
                return after
        return None

    def read(self) -> Log:
        """Return every entry, and what is wrong with the log.

        Raises
        ------
        OSError : there is a log that cannot be read.
        """
        try:
            lines = self._path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return Log([], [])
        entries: list[dict[str, Any]] = []
        problems: list[str] = []
        previous = b""
        for number, line in enumerate(lines, 1):
            if not line:
                continue
            try:
                entry = json.loads(line)
                said = entry.pop("previous")
            except (ValueError, KeyError, AttributeError):
                problems.append(f"line {number} is no entry: a process was killed while it wrote, or it was changed")
            else:
                if said != hashlib.sha256(previous).hexdigest():
                    problems.append(f"before line {number} something was changed or taken out")
                entries.append(entry)
            previous = line
        return Log(entries, problems)


def _ends(handle: int, size: int) -> bool:
    return os.pread(handle, 1, size - 1) == b"\n" if hasattr(os, "pread") else True


def _last_line(handle: int, size: int) -> bytes:
    """Return the last line without its end; empty for an empty file."""
    os.lseek(handle, max(0, size - _TAIL_BYTES), os.SEEK_SET)
    return os.read(handle, _TAIL_BYTES).rstrip(b"\n").rpartition(b"\n")[2]
