"""Give scans that are in the store the regions they lack: a registration, loads, the region of every lesion, a map."""

from dataclasses import dataclass

import polars as pl

from db.dataset_content import run_each, write_content
from db.errors import NotInStore
from db.publish_table import read_or_migrate
from db.store import Store
from vocabulary.run_contract import REGION_COLUMNS, REGISTRATION_COLUMNS

LESION_REGIONS = pl.Schema(
    {"scan_id": pl.String, "whole_lesion_number": pl.Int32, "region": pl.String, "side": pl.String}
)


@dataclass(frozen=True)
class RegionTables:
    """What was found, each frame with scan_id.

    Attributes
    ----------
    registrations : ``REGISTRATION_COLUMNS``, one row per scan; with a reason where there are no regions
    loads : ``REGION_COLUMNS``
    lesions : ``LESION_REGIONS``
    """

    registrations: pl.DataFrame
    loads: pl.DataFrame
    lesions: pl.DataFrame


def publish_regions(store: Store, dataset_id: str, protocol_id: str, found: RegionTables) -> int:
    """Write the regions of scans that are in the store, in one new version; return its number.

    What was known of these scans' regions goes; their measures and lesions stay as they are.

    Raises
    ------
    NotInStore : a scan is not of this dataset and protocol
    AuditFailed : the regions do not add up to the scan's lesions; nothing was published
    StoreBusy : another process is writing
    """
    with store.lock():
        snapshot = read_or_migrate(store)
        if snapshot is None:
            raise NotInStore("the store is empty")
        with snapshot:
            scans = snapshot.scans(dataset_id).filter(pl.col("protocol_id") == protocol_id)
        strangers = found.registrations.join(scans, on="scan_id", how="anti")
        if strangers.height:
            raise NotInStore(f"'{strangers['scan_id'][0]}' is no scan of '{dataset_id}' under {protocol_id}")
        with store.write(f"regions of {found.registrations.height} scans in {dataset_id}") as connection:
            frames = {
                "incoming_registration": found.registrations.select("scan_id", *REGISTRATION_COLUMNS),
                "incoming_region_load": found.loads.select("scan_id", *REGION_COLUMNS),
                "incoming_lesion_region": found.lesions.select(list(LESION_REGIONS)),
            }
            for name, frame in frames.items():
                connection.register(name, frame.to_arrow())
            run_each(connection, "write_regions", protocol_id=protocol_id)
            for name in frames:
                connection.unregister(name)
            write_content(connection, dataset_id)
        live = store.current()
    return live.number if live else 0
