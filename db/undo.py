"""Take back what one version did to one dataset, and nothing that others did since."""

from typing import TypeAlias

import duckdb
import pyarrow as pa

from db.errors import NotInStore, StoreChanged
from db.snapshot import Snapshot
from db.sql_files import statements
from db.store import Store, Version

Rows: TypeAlias = list[pa.Table]


def undo(store: Store, dataset_id: str, done: int, before: int | None) -> Version:
    """Make a dataset what it was before a version, and leave everything else as it is now.

    Where that version is still the live one, the version before goes live again. Where somebody has published since, a
    new version holds the dataset as it was and everything else as it is.

    Parameters
    ----------
    dataset_id : the dataset that was imported or measured
    done : the version that did it
    before : the version it was made of; None where there was none

    Raises
    ------
    NotInStore : one of the two versions is no longer kept.
    StoreChanged : the dataset itself was changed since; undoing would undo that, too.
    """
    with store.lock():
        live = store.current()
        if live is not None and live.number == done and before is not None:
            return store.rollback(before)
        kept = {version.number: version for version in store.versions()}
        missing = [number for number in (done, before) if number is not None and number not in kept]
        if missing or live is None:
            raise NotInStore(
                f"version {missing[0] if missing else done} is no longer kept, so what it did cannot be told from what "
                "others did since; nothing was done"
            )
        if _rows(kept[done], dataset_id) != _rows(live, dataset_id):
            raise StoreChanged(
                f"the dataset '{dataset_id}' was changed again since version {done}, and undoing would undo that, too; "
                "nothing was done"
            )
        earlier = _rows(kept[before], dataset_id) if before is not None else []
        with store.write(f"undo of version {done} in {dataset_id}") as connection:
            _restore(connection, dataset_id, earlier)
        now = store.current()
    return now or live


def _rows(version: Version, dataset_id: str) -> Rows:
    with Snapshot(version.number, version.path) as snapshot:
        return snapshot.rows_of(dataset_id)


def _restore(connection: duckdb.DuckDBPyConnection, dataset_id: str, earlier: Rows) -> None:
    for statement in connection.extract_statements(statements("queries")["delete_dataset"]):
        connection.execute(statement, {"dataset_id": dataset_id})
    for number, rows in enumerate(earlier):
        connection.register(f"kept_{number}", rows)
    if earlier:
        for statement in connection.extract_statements(statements("queries")["restore_dataset"]):
            connection.execute(statement)
    for number in range(len(earlier)):
        connection.unregister(f"kept_{number}")
