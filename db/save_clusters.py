"""Keep in which cluster a person is, as a further column of the dataset: a filter, and groups to compare."""

from dataclasses import dataclass

import polars as pl

from db.dataset_content import run_each, write_content
from db.errors import ImportConflict, NotInStore
from db.publish_table import read_or_migrate
from db.store import Store
from vocabulary.extra_columns import column_name

LABEL = "Cluster"
"""What the label of every column of clusters begins with; a column that people imported is never written over."""


@dataclass(frozen=True)
class Saved:
    """A column that was kept: its name and label, how many people have a value, and the version that holds it."""

    column: str
    label: str
    n: int
    version: int


def save_clusters(store: Store, dataset_id: str, protocol_id: str, name: str, members: pl.DataFrame) -> Saved:
    """Keep a cluster per scan; one that was kept under the same name before goes.

    Parameters
    ----------
    name : what people call it; the column is named after it
    members : scan_id, cluster (a short word); scans that are in none have no row

    Raises
    ------
    NotInStore : no such dataset under this protocol, or a scan that is not of it
    ImportConflict : the name is none, or is that of a column which holds no clusters
    StoreBusy : another process is writing
    """
    words = " ".join(name.split())
    if not words or len(words) > 40 or not words.isprintable():
        raise ImportConflict("the clusters need a name of one to forty letters, such as 'region pattern'")
    column, label = column_name(words), f"{LABEL}: {words}"
    with store.lock():
        snapshot = read_or_migrate(store)
        if snapshot is None:
            raise NotInStore("the store is empty")
        with snapshot:
            cohort = snapshot.cohort(dataset_id, protocol_id)
            held = {extra.name: extra for extra in snapshot.extra_columns(dataset_id)}
        strangers = members.join(cohort, on="scan_id", how="anti")
        if strangers.height:
            raise NotInStore(f"'{strangers['scan_id'][0]}' is no scan of '{dataset_id}' under {protocol_id}")
        taken = column in held and not held[column].label.startswith(LABEL)
        if taken or (column in cohort.columns and column not in held):
            raise ImportConflict(
                f"'{dataset_id}' has a column '{column}' already, which holds no clusters; choose another name"
            )
        with store.write(f"clusters '{column}' of {members.height} people in {dataset_id}") as connection:
            connection.register("incoming_values", members.select("scan_id", text_value="cluster").to_arrow())
            run_each(
                connection, "save_column",
                dataset_id=dataset_id, protocol_id=protocol_id, column_name=column, label=label,
            )  # fmt: skip
            connection.unregister("incoming_values")
            write_content(connection, dataset_id)
        live = store.current()
    return Saved(column, label, members.height, live.number if live else 0)
