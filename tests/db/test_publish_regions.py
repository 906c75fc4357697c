"""Regions for scans that are in the store without: written once, audited, and nothing else of a scan changes."""

from pathlib import Path

import polars as pl
import pytest

from db.errors import AuditFailed, NotInStore
from db.publish_regions import LESION_REGIONS, RegionTables, publish_regions
from db.publish_scans import publish_scans
from db.publish_table import DatasetCard
from db.store import Store
from tests.db.fake_run import patients, write_run
from vocabulary.run_contract import REGION_COLUMNS, REGISTRATION_COLUMNS


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "store")
    run = write_run(tmp_path / "run", patients(3), derivatives=tmp_path, no_regions=(1,))
    publish_scans(store, run, DatasetCard("scans", "Scans"))
    return store


def tables(scan_id: str = "scans/sub-01", volume: float = 0.084) -> RegionTables:
    """Return regions of the scan that has none: all 14 mm2 of its two lesions lie in one region."""
    name = {"scan_id": scan_id}
    identity = [float(i % 5 == 0) for i in range(16)]
    registration = name | {"atlas": "bullseye", "space": "ICBM152", "to_template": identity, "brain_overlap": 0.95}
    registration |= {"unassigned_area_mm2": 0.0, "unassigned_volume_ml": 0.0, "unassigned_count": 0}
    registration |= {"moved_volume_ml": 0.0, "lesion_voxels": [7], "seen_runs": [0, 9]}
    load = name | {"region_number": 5, "region": "deep", "side": "right", "area_mm2": 14.0, "volume_ml": volume,
                   "lesion_count": 2, "region_volume_ml": 50.0}  # fmt: skip
    lesions = [name | {"whole_lesion_number": i, "region": "deep", "side": "right"} for i in (1, 2)]
    key = {"scan_id": pl.String}
    return RegionTables(
        pl.DataFrame([registration], schema=pl.Schema(key | dict(REGISTRATION_COLUMNS))),
        pl.DataFrame([load], schema=pl.Schema(key | dict(REGION_COLUMNS))),
        pl.DataFrame(lesions, schema=LESION_REGIONS),
    )


def test_a_scan_gets_its_regions_and_keeps_the_rest(store: Store) -> None:
    with store.read() as snapshot:
        before = snapshot.cohort("scans")
        others = snapshot.region_loads("scans/sub-00")
    publish_regions(store, "scans", "mscohort-1", tables())
    with store.read() as snapshot:
        assert snapshot.registrations("scans/sub-01")["reason"].to_list() == [None]
        assert snapshot.region_loads("scans/sub-01")["volume_ml"].to_list() == [0.084]
        assert snapshot.lesions("scans/sub-01")["region"].to_list() == ["deep", "deep"]
        assert snapshot.lesion_maps("scans").height == 3
        assert snapshot.cohort("scans").equals(before)
        assert snapshot.region_loads("scans/sub-00").equals(others)
        assert sum(snapshot.audit().values()) == 0


def test_regions_that_do_not_add_up_are_not_published(store: Store) -> None:
    live = store.current()
    with pytest.raises(AuditFailed):
        publish_regions(store, "scans", "mscohort-1", tables(volume=0.1))
    assert store.current() == live


def test_strangers_are_refused(store: Store) -> None:
    with pytest.raises(NotInStore, match="'scans/sub-77' is no scan of 'scans'"):
        publish_regions(store, "scans", "mscohort-1", tables("scans/sub-77"))
