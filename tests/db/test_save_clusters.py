"""Clusters kept in the store: a further column that filters know, never over what people imported."""

from pathlib import Path

import polars as pl
import pytest

from analysis.filters import Filter
from db.errors import ImportConflict, NotInStore
from db.publish_scans import publish_scans
from db.publish_table import DatasetCard
from db.save_clusters import save_clusters
from db.store import Store
from tests.db.fake_run import patients, write_run


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "store")
    run = write_run(tmp_path / "run", patients(6), derivatives=tmp_path)
    publish_scans(store, run, DatasetCard("scans", "Scans"))
    return store


def members(**clusters: str) -> pl.DataFrame:
    return pl.DataFrame({"scan_id": [f"scans/sub-{k[1:]}" for k in clusters], "cluster": list(clusters.values())})


def test_a_cluster_is_a_column_and_a_filter(store: Store) -> None:
    before = store.current()
    saved = save_clusters(store, "scans", "mscohort-1", "region  pattern", members(s00="A", s01="B", s03="A"))
    assert (saved.column, saved.label, saved.n) == ("region_pattern", "Cluster: region pattern", 3)
    with store.read() as snapshot:
        frame = snapshot.cohort("scans")
        assert frame["region_pattern"].to_list() == ["A", "B", None, "A", None, None]
        chosen = Filter(where=(("region_pattern", "A"),)).apply(frame)
        assert chosen["subject_id"].to_list() == ["00", "03"]
        assert sum(snapshot.audit().values()) == 0
        assert before is not None
        assert snapshot.version == before.number + 1


def test_the_same_name_again_replaces_all_of_it(store: Store) -> None:
    save_clusters(store, "scans", "mscohort-1", "pattern", members(s00="A", s01="B"))
    save_clusters(store, "scans", "mscohort-1", "pattern", members(s02="B"))
    with store.read() as snapshot:
        assert snapshot.cohort("scans")["pattern"].to_list() == [None, None, "B", None, None, None]


def test_the_content_hash_tells(store: Store) -> None:
    with store.read() as snapshot:
        one = snapshot.datasets()["content_sha256"][0]
    save_clusters(store, "scans", "mscohort-1", "pattern", members(s00="A"))
    with store.read() as snapshot:
        assert snapshot.datasets()["content_sha256"][0] != one


@pytest.mark.parametrize("name", ["manufacturer", "sex", "", " ", "x" * 41, "a\x00b"])
def test_no_other_column_is_written_over(store: Store, name: str) -> None:
    before = store.current()
    with pytest.raises(ImportConflict):
        save_clusters(store, "scans", "mscohort-1", name, members(s00="A"))
    assert store.current() == before


def test_strangers_are_refused(store: Store) -> None:
    with pytest.raises(NotInStore, match="'scans/sub-99' is no scan of 'scans'"):
        save_clusters(store, "scans", "mscohort-1", "pattern", members(s99="A"))
    with pytest.raises(NotInStore, match="no dataset 'other'"):
        save_clusters(store, "other", "mscohort-1", "pattern", members(s00="A"))
