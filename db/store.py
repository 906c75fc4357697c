"""A store is a folder of immutable versions and a one-line pointer to the live one.

A writer builds the next version beside the others and swaps the pointer, so a reader never meets a
lock and never sees half an import; a process killed at any moment leaves the old version live.
"""

import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout
from platformdirs import user_data_dir

from db.audit_log import AuditLog, actor
from db.auditing import check
from db.errors import NoDefaultStore, NotInStore, StoreBusy, StoreChanged, StoreDamaged, StoreError, StoreMissing
from db.migrating import migrate
from db.snapshot import READER, Snapshot, damaged
from db.storage_version import BLOCK_BYTES, STORAGE_VERSION, is_widely_readable, rewrite_widely_readable
from vocabulary.files import copy_sharing_blocks, flush, private_folder, sweep, whole_file
from vocabulary.messages import first_line

KEEP_VERSIONS = 5
KEEP_BYTES = 2_000_000_000
"""Versions beyond this sum are not kept, but for the live one and the one before: there is always a way back."""
LOCK_SECONDS = 60.0
_WRITER = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "default_block_size": str(BLOCK_BYTES),
    "storage_compatibility_version": STORAGE_VERSION,
}
_FILE_NAME = re.compile(r"cohort-(\d{6,})\.duckdb")


@dataclass(frozen=True, order=True)
class Version:
    """One published state of the store: its number, counted from 1, and its file."""

    number: int
    path: Path


def default_root() -> Path:
    """Return the store's folder: the variable MSCOHORT_STORE, else a per-user data folder.

    Raises
    ------
    NoDefaultStore : there is no home folder, as in some containers.
    """
    named = os.environ.get("MSCOHORT_STORE")
    try:
        return Path(named or user_data_dir("mscohort", appauthor=False))
    except RuntimeError as error:
        raise NoDefaultStore(
            "this user has no home folder; name the store's folder with --store or MSCOHORT_STORE"
        ) from error


class Store:
    """The cohort store in one folder.

    Parameters
    ----------
    root : folder; it need not exist, the first write creates it
    lock_seconds : how long a writer waits for another one
    """

    def __init__(self, root: Path, lock_seconds: float = LOCK_SECONDS) -> None:
        self.root = Path(root)
        self._folder = self.root / "versions"
        self._pointer = self.root / "CURRENT"
        # Names a finished version that is not live yet: if its writer dies, the next one removes it.
        self._pending = self.root / "PENDING"
        self._building = self._folder / "building.duckdb"
        self._lock = FileLock(self.root / "lock", timeout=lock_seconds)
        self._log = AuditLog(self.root)

    def current(self) -> Version | None:
        """Return the live version, or None when nothing was published yet.

        Raises
        ------
        StoreDamaged : the pointer names no version, one whose file is gone, or is gone itself beside versions.
        """
        try:
            name = self._pointer.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            kept = self.versions()
            if not kept:
                return None
            if self._pointer.exists():  # Published just now, between the two looks.
                return self.current()
            raise StoreDamaged(
                f"the store's CURRENT file is gone, versions {', '.join(str(version.number) for version in kept)} are "
                "there; 'mscohort store rollback' makes the newest live again"
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "no text"
            raise StoreDamaged(
                f"the store's CURRENT file cannot be read ({reason}); 'mscohort store rollback' helps"
            ) from error
        match = _FILE_NAME.fullmatch(name)
        if match is None:
            raise StoreDamaged(
                f"the store's CURRENT file holds '{name[:60]}', expected something like cohort-000007.duckdb; "
                "'mscohort store rollback' helps"
            )
        path = self._folder / name
        if not path.is_file():
            raise StoreDamaged(f"the store's CURRENT file names {name}, which is gone; 'mscohort store rollback' helps")
        return Version(int(match[1]), path)

    def versions(self) -> list[Version]:
        """Return the versions that can be read or rolled back to, oldest first."""
        unpublished = self._unpublished()
        return [v for v in self._files() if v.path.name != unpublished and v.path.is_file()]

    def read(self) -> Snapshot:
        """Open the live version, read-only and locked down.

        Raises
        ------
        StoreMissing : nothing was published yet.
        StoreDamaged, StoreIncompatible : the version cannot be read.
        """
        while True:
            version = self.current()
            if version is None:
                raise StoreMissing(
                    f"no cohort store in {self.root}; run 'mscohort demo' or 'mscohort import FILE --protocol ID'"
                )
            try:
                return Snapshot(version.number, version.path)
            except StoreDamaged:
                # Publishing prunes old versions: this one may have gone between the pointer and the file.
                if self.current() == version:
                    raise

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the store against other writers; readers are never affected. Re-entrant.

        Raises
        ------
        StoreBusy : another writer held it for the whole waiting time.
        """
        try:
            private_folder(self.root)
            self._lock.acquire()
        except Timeout as error:
            raise StoreBusy(f"another process is writing to the store in {self.root}; try again later") from error
        except OSError as error:
            raise StoreError(f"cannot write to the store in {self.root}: {error.strerror or error}") from error
        try:
            yield
        finally:
            self._lock.release()

    @contextmanager
    def write(self, what: str = "changed the store") -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield a connection to the next version, a copy of the live one, and publish it on leaving.

        An exception in the block, or a failing audit, discards the next version.

        Parameters
        ----------
        what : is done, for the audit log

        Raises
        ------
        StoreBusy : another process is writing.
        AuditFailed : the data contradict themselves.
        """
        with self.lock():
            self._sweep()
            current = self.current()
            private_folder(self._folder)
            try:
                if current is not None:
                    _check_opens(current)
                    copy_sharing_blocks(current.path, self._building)
                connection = self._open_building(current)
                try:
                    migrate(connection)
                    yield connection
                    check(connection)
                    connection.execute("CHECKPOINT")
                finally:
                    connection.close()
                self._publish(what, current)
            except duckdb.Error as error:
                raise StoreError(f"the store refused the data, nothing was published: {first_line(error)}") from error
            finally:
                self._sweep()

    def _open_building(self, current: Version | None) -> duckdb.DuckDBPyConnection:
        """Open the next version for writing, brought to the storage version first that other clients read."""
        connection = duckdb.connect(self._building, config=dict(_WRITER))
        if current is None or is_widely_readable(connection):
            return connection
        connection.close()
        self._building.unlink()
        rewrite_widely_readable(current.path, self._building)
        return duckdb.connect(self._building, config=dict(_WRITER))

    def rollback(self, to: int | None = None, instead_of: int | None = None) -> Version:
        """Make an older (or any kept) version live again.

        Parameters
        ----------
        to : version number; None means the newest one older than the live version
        instead_of : the version that is to go; where another one is live by now, nothing is done

        Raises
        ------
        NotInStore : there is no such version.
        StoreChanged : somebody has published another version than ``instead_of`` meanwhile.
        """
        with self.lock():
            self._sweep()
            versions = self.versions()
            if instead_of is not None and self._live_number() != instead_of:
                raise StoreChanged(
                    f"version {instead_of} is no longer the live one: somebody has changed the store meanwhile, and "
                    "going back would undo that, too; nothing was done"
                )
            if to is None:
                live = self._live_number()
                choices = [version for version in versions if live is None or version.number < live]
            else:
                choices = [version for version in versions if version.number == to]
            if not choices:
                kept = ", ".join(str(version.number) for version in versions) or "none"
                wanted = "older version" if to is None else f"version {to}"
                raise NotInStore(f"the store has no {wanted} to go back to; kept versions: {kept}")
            chosen = choices[-1]
            # Going back must work on a full disk, too; the next entry says then that this one is missing.
            with suppress(OSError):
                self._note(f"went to version {chosen.number}", self._live_number(), chosen.number)
            self._point_to(chosen.path.name)
            return chosen

    def _note(self, what: str, before: int | None, after: int) -> None:
        """Add to the audit log, and before it what the log does not know."""
        known = self._log.last_version()
        if known is not None and known != before:
            self._log.append("nobody known", f"version {before} was live, without an entry", known, before)
        self._log.append(actor(), what, before, after)

    def _publish(self, what: str, current: Version | None) -> None:
        files = self._files()
        number = files[-1].number + 1 if files else 1
        name = f"cohort-{number:06d}.duckdb"
        self._building.chmod(self._file_mode())
        flush(self._building)
        self._pending.write_text(name, encoding="utf-8")
        flush(self._pending)
        flush(self.root)
        self._building.replace(self._folder / name)
        flush(self._folder)
        self._note(what, current.number if current else None, number)
        self._point_to(name)
        self._prune(number, current.number if current else None)

    def _point_to(self, name: str) -> None:
        line = f"{name}\n"
        if self._pointer.is_dir():
            self._pointer.rename(self.root / f"CURRENT.folder-{name}")
        try:
            with whole_file(self._pointer) as draft:
                draft.write_text(line, encoding="utf-8")
                draft.chmod(self._file_mode())
                flush(draft)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT) or not self._same_length(line):
                raise
            # A full disk has no room for a second file, but a line of the same length fits where the old one stands.
            with self._pointer.open("r+b") as file:
                file.write(line.encode())
            flush(self._pointer)
        flush(self.root)

    def _same_length(self, line: str) -> bool:
        return self._pointer.is_file() and self._pointer.stat().st_size == len(line)

    def _file_mode(self) -> int:
        """Return who may read a file: the owner, and the group where somebody gave it the store's folder."""
        return 0o600 | (self.root.stat().st_mode & 0o060)

    def _sweep(self) -> None:
        """Remove what a killed writer left: half-built files, and a finished version that never went live."""
        unpublished = self._unpublished()
        if unpublished and self._pointer.exists():
            (self._folder / unpublished).unlink(missing_ok=True)
            with suppress(OSError):
                self._note_never_live(unpublished)
        elif unpublished and (self._folder / unpublished).is_file():
            # The first version: finished and audited, and if CURRENT got lost after it went live it is all there is.
            self._point_to(unpublished)
        sweep(self.root)
        for leftover in [self._pending, *self._folder.glob(f"{self._building.name}*")]:
            if leftover.is_dir():
                shutil.rmtree(leftover)
            else:
                leftover.unlink(missing_ok=True)

    def _note_never_live(self, name: str) -> None:
        match, live = _FILE_NAME.fullmatch(name), self._live_number()
        if match and live is not None and self._log.last_version() == int(match[1]):
            self._log.append(actor(), f"version {int(match[1])} never went live: its writer ended before", None, live)

    def _unpublished(self) -> str | None:
        """Return the name of a version that was finished but never live; None where that is not beyond doubt."""
        try:
            pending = self._pending.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None
        if not _FILE_NAME.fullmatch(pending):
            return None
        if not self._pointer.exists():
            return pending if [v.path.name for v in self._files()] in ([], [pending]) else None
        live = self._live_number()
        # Where CURRENT names no version that is there, the pending one may be the only good one: it stays.
        sound = live is not None and self._named(live).is_file()
        return pending if sound and self._named(live or 0).name != pending else None

    def _named(self, number: int) -> Path:
        return self._folder / f"cohort-{number:06d}.duckdb"

    def _live_number(self) -> int | None:
        """Return the number CURRENT names, even when that file is gone: rollback must help then."""
        try:
            match = _FILE_NAME.fullmatch(self._pointer.read_text(encoding="utf-8").strip())
        except (OSError, UnicodeDecodeError):
            return None
        return int(match[1]) if match else None

    def _files(self) -> list[Version]:
        matches = ((path, _FILE_NAME.fullmatch(path.name)) for path in self._folder.glob("cohort-*.duckdb"))
        return sorted(Version(int(match[1]), path) for path, match in matches if match)

    def _prune(self, live: int, before: int | None) -> None:
        """Remove what is too old or too much, but never the live version or the one it was made of.

        Of the others the newest stay, as many as count and size allow.
        """
        files = {version.number: version for version in reversed(self._files())}
        size = {
            number: version.path.stat().st_size if version.path.is_file() else 0 for number, version in files.items()
        }
        always = {live, before}
        total = sum(size[number] for number in files if number in always)
        kept = sum(number in always for number in files)
        for number, version in files.items():
            if number in always:
                continue
            total += size[number]
            kept += 1
            if kept <= KEEP_VERSIONS and total <= KEEP_BYTES:
                continue
            try:
                version.path.unlink()
            except OSError:
                # Windows holds a file that a reader has open; a later write removes it. A folder is nobody's version.
                continue


def _check_opens(version: Version) -> None:
    """Raise StoreDamaged where a version is no database, before anything is said of the data on their way in."""
    try:
        duckdb.connect(version.path, read_only=True, config=dict(READER)).close()
    except duckdb.Error as error:
        raise damaged(version.path, error) from error
