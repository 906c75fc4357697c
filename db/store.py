"""A store is a folder of immutable versions and a one-line pointer to the live one.

A writer builds the next version beside the others and swaps the pointer, so a reader never meets a
lock and never sees half an import; a process killed at any moment leaves the old version live.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout
from platformdirs import user_data_dir

from db.auditing import check
from db.errors import NoDefaultStore, NotInStore, StoreBusy, StoreDamaged, StoreError, StoreMissing
from db.migrating import migrate
from db.snapshot import Snapshot
from db.storage_version import BLOCK_BYTES, STORAGE_VERSION, is_widely_readable, rewrite_widely_readable
from vocabulary.files import flush, sweep, whole_file
from vocabulary.messages import first_line

KEEP_VERSIONS = 5
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

    def current(self) -> Version | None:
        """Return the live version, or None when nothing was published yet.

        Raises
        ------
        StoreDamaged : the pointer names no version, or one whose file is gone.
        """
        try:
            name = self._pointer.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise StoreDamaged(f"the store's CURRENT file cannot be read: {error}") from error
        match = _FILE_NAME.fullmatch(name)
        if match is None:
            raise StoreDamaged(
                f"the store's CURRENT file holds '{name[:60]}', expected something like cohort-000007.duckdb"
            )
        path = self._folder / name
        if not path.is_file():
            raise StoreDamaged(f"the store's CURRENT file names {name}, which is gone; 'mscohort store rollback' helps")
        return Version(int(match[1]), path)

    def versions(self) -> list[Version]:
        """Return the versions that can be read or rolled back to, oldest first."""
        unpublished = self._unpublished()
        return [version for version in self._files() if version.path.name != unpublished]

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
            self.root.mkdir(parents=True, exist_ok=True)
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
    def write(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield a connection to the next version, a copy of the live one, and publish it on leaving.

        An exception in the block, or a failing audit, discards the next version.

        Raises
        ------
        StoreBusy : another process is writing.
        AuditFailed : the data contradict themselves.
        """
        with self.lock():
            self._sweep()
            current = self.current()
            self._folder.mkdir(exist_ok=True)
            try:
                if current is not None:
                    shutil.copyfile(current.path, self._building)
                connection = self._open_building(current)
                try:
                    migrate(connection)
                    yield connection
                    check(connection)
                    connection.execute("CHECKPOINT")
                finally:
                    connection.close()
                self._publish()
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

    def rollback(self, to: int | None = None) -> Version:
        """Make an older (or any kept) version live again.

        Parameters
        ----------
        to : version number; None means the newest one older than the live version

        Raises
        ------
        NotInStore : there is no such version.
        """
        with self.lock():
            self._sweep()
            versions = self.versions()
            if to is None:
                live = self._live_number()
                choices = [version for version in versions if live is None or version.number < live]
            else:
                choices = [version for version in versions if version.number == to]
            if not choices:
                kept = ", ".join(str(version.number) for version in versions) or "none"
                wanted = "older version" if to is None else f"version {to}"
                raise NotInStore(f"the store has no {wanted} to go back to; kept versions: {kept}")
            self._point_to(choices[-1].path.name)
            return choices[-1]

    def _publish(self) -> None:
        files = self._files()
        number = files[-1].number + 1 if files else 1
        name = f"cohort-{number:06d}.duckdb"
        flush(self._building)
        self._pending.write_text(name, encoding="utf-8")
        self._building.replace(self._folder / name)
        self._point_to(name)
        self._prune(keep=number)

    def _point_to(self, name: str) -> None:
        with whole_file(self._pointer) as draft:
            draft.write_text(name + "\n", encoding="utf-8")
            flush(draft)
        flush(self.root)

    def _sweep(self) -> None:
        """Remove what a killed writer left: half-built files, and a finished version that never went live."""
        unpublished = self._unpublished()
        if unpublished:
            (self._folder / unpublished).unlink(missing_ok=True)
        sweep(self.root)
        for leftover in [self._pending, *self._folder.glob(f"{self._building.name}*")]:
            leftover.unlink(missing_ok=True)

    def _unpublished(self) -> str | None:
        try:
            pending = self._pending.read_text(encoding="utf-8")
            live = self._pointer.read_text(encoding="utf-8").strip() if self._pointer.exists() else None
        except FileNotFoundError:
            return None
        return pending if _FILE_NAME.fullmatch(pending) and pending != live else None

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

    def _prune(self, keep: int) -> None:
        old = [version for version in self._files() if version.number != keep][: -(KEEP_VERSIONS - 1)]
        for version in old:
            try:
                version.path.unlink()
            except PermissionError:
                # Windows holds a file that a reader has open; a later write removes it.
                continue
