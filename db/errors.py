"""What can go wrong with the store or with a table on its way into it."""

from collections.abc import Sequence


class StoreError(Exception):
    """Root of every error of the cohort store; the message is one clear line for a person."""


class StoreMissing(StoreError, FileNotFoundError):
    """There is no store, or nothing was published in it yet."""


class StoreDamaged(StoreError, OSError):
    """The store's files do not say what they should."""


class NoDefaultStore(StoreError, LookupError):
    """No folder was named for the store, and this user has no home to put it in."""


class StoreIncompatible(StoreError, RuntimeError):
    """The store was written by another version of the schema."""


class StoreBusy(StoreError, TimeoutError):
    """Another process is writing to the store."""


class StoreChanged(StoreError, RuntimeError):
    """Somebody else changed the store meanwhile."""


class NotInStore(StoreError, LookupError):
    """A dataset, protocol or version was asked for that the store does not have."""


class AuditFailed(StoreError, ValueError):
    """The data contradict themselves; nothing was published."""


class ImportConflict(StoreError, ValueError):
    """The import contradicts what the store already holds."""


class ReviewRefused(StoreError, ValueError):
    """A verdict on a scan is none, or lacks its reason or initials."""


class RunFolderError(StoreError, ValueError):
    """The folder of a finished run of scans, or a frame about models, is not what it should be."""


class TableError(StoreError, ValueError):
    """A table cannot be read or is not a cohort table.

    ``details`` holds further lines, one per problem, for a person to read.
    """

    def __init__(self, message: str, details: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.details = tuple(details)
