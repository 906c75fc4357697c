"""A snapshot: read-only, locked down, from many threads, and never another version than its own."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import polars as pl
import pytest

from db import snapshot as module
from db.constant_columns import kept_once
from db.content_hash import content_sha256
from db.errors import NotInStore
from db.import_table import import_table
from db.snapshot import Snapshot
from db.store import Store
from vocabulary.measures import AREA_MEASURES, MEASURES, PUBLISHED_PROTOCOL


@pytest.fixture
def snapshot(shared_store: Store):
    with shared_store.read() as opened:
        yield opened


def test_the_cohort_frame_has_every_measure_one_row_per_person(snapshot: Snapshot) -> None:
    frame = snapshot.cohort("tabriz")
    assert frame["subject_id"].to_list() == ["P001", "P002", "P003", "P004"]
    assert set(MEASURES) < set(frame.columns)
    assert frame["group"].to_list() == ["MS", "HC", "HC", "MS"]
    assert frame["sex"].to_list() == ["F", "M", "F", "M"]
    assert frame["age_years"].to_list() == [44.0, 28.0, None, 61.5]
    assert frame.schema["age_years"] == pl.Float64
    assert all(frame.schema[name] == pl.Float64 for name in AREA_MEASURES)
    assert frame["zone_rule"].unique().to_list() == ["study-code"]


def test_ratios_and_shares_are_derived_and_undefined_without_lesions(snapshot: Snapshot) -> None:
    first, _, healthy, _ = snapshot.cohort("tabriz").iter_rows(named=True)
    assert first["ventricle_ratio_pct"] == pytest.approx(100 * 560 / 116000)
    assert first["wmh_ratio_pct"] == pytest.approx(100 * 180 / 116000)
    assert first["paraventricular_share_pct"] == pytest.approx(100 * 134 / 180)
    assert healthy["wmh_ratio_pct"] == 0
    assert healthy["periventricular_share_pct"] is None


def test_datasets_say_who_is_in_them_and_how_they_were_measured(snapshot: Snapshot) -> None:
    row = snapshot.datasets().row(0, named=True)
    assert row["protocol_ids"] == [PUBLISHED_PROTOCOL]
    assert (row["n"], row["n_hc"], row["n_ms"], row["n_scans"]) == (4, 2, 2, 4)
    assert (row["synthetic"], row["licence"]) == (False, "MIT")
    assert row["content_sha256"] == content_sha256(snapshot.cohort("tabriz"), PUBLISHED_PROTOCOL)


def test_a_missing_age_has_its_reason(snapshot: Snapshot) -> None:
    row = snapshot.missing_values("tabriz").row(0, named=True)
    assert (row["subject_id"], row["column_name"]) == ("P003", "age_years")
    assert row["reason"] == "not given in the imported table"


def test_empty_answers_are_frames_with_their_columns(snapshot: Snapshot) -> None:
    assert snapshot.rejections().columns[4:] == ["input", "row_number", "column_name", "reason"]
    assert "distance_to_cortex_mm" in snapshot.lesions(dataset_id="tabriz").columns
    assert snapshot.scans().is_empty()
    assert {*MEASURES, "derivatives", "flags"} < set(snapshot.scans().columns)


def test_unknown_names_are_said_with_the_known_ones(snapshot: Snapshot) -> None:
    with pytest.raises(NotInStore, match="no dataset 'tabris'; it has: tabriz"):
        snapshot.cohort("tabris")
    with pytest.raises(NotInStore, match="no protocol 'other', only: tabriz-2026-published"):
        snapshot.cohort("tabriz", "other")


def test_protocols_are_never_pooled(filled_store: Store) -> None:
    with filled_store.write() as connection:
        connection.execute("INSERT INTO protocol VALUES ('second', 't', 'd', NULL, NULL)")
        connection.execute(
            "INSERT INTO run SELECT 'r2', kind, dataset_id, 'second', source_name, source_sha256, settings, "
            "software_version, started_at, finished_at, n_accepted, n_rejected FROM run"
        )
        connection.execute(
            "INSERT INTO measure SELECT * REPLACE ('second' AS protocol_id, 'r2' AS run_id) FROM measure"
        )
        connection.execute("INSERT INTO missing_value SELECT * REPLACE ('second' AS protocol_id) FROM missing_value")
    with filled_store.read() as snapshot:
        with pytest.raises(NotInStore, match="several protocols, name one of: second, tabriz-2026-published"):
            snapshot.cohort("tabriz")
        assert snapshot.cohort("tabriz", "second")["protocol_id"].unique().to_list() == ["second"]
        assert snapshot.datasets()["n"].to_list() == [4]


def test_real_datasets_come_before_synthetic_and_new_before_old(filled_store: Store, make_table) -> None:
    import_table(filled_store, make_table(name="newer.csv"), "own", dataset="newer")
    with filled_store.write() as connection:
        connection.execute("INSERT INTO dataset VALUES ('demo', 'demo', true, NULL, NULL, $hash)", {"hash": "0" * 64})
    with filled_store.read() as snapshot:
        assert snapshot.datasets()["dataset_id"].to_list() == ["newer", "tabriz", "demo"]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM glob('/*')",
        "COPY subject TO 'stolen.csv'",
        "ATTACH 'other.duckdb'",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "SET autoinstall_known_extensions = true",
        "INSTALL httpfs",
        "LOAD httpfs",
        "DELETE FROM measure",
        "UPDATE subject SET age_years = 1",
        "DROP VIEW cohort",
        "CREATE TABLE mine (a INTEGER)",
        "EXPORT DATABASE 'stolen'",
    ],
)
def test_a_reader_can_neither_write_nor_reach_outside(statement: str, snapshot: Snapshot) -> None:
    with snapshot._connection.cursor() as cursor, pytest.raises(duckdb.Error):
        cursor.execute(statement)


@pytest.mark.parametrize("name", ["'; DROP TABLE measure; --", "tabriz' OR '1'='1", "$dataset_id", "%", "\x00"])
def test_names_are_bound_never_executed(name: str, snapshot: Snapshot) -> None:
    with pytest.raises(NotInStore):
        snapshot.cohort(name)
    assert snapshot.rejections(name).is_empty()
    assert snapshot.cohort("tabriz").height == 4


def test_many_threads_ask_at_once(snapshot: Snapshot) -> None:
    def ask(_: int) -> tuple[int, float]:
        return snapshot.datasets()["n"][0], snapshot.cohort("tabriz")["wmh_area_mm2"].sum()

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(ask, range(80))) == {(4, 1249.5)}


def test_a_snapshot_outlives_its_file(filled_store: Store) -> None:
    """Publishing prunes old versions while a dashboard may still hold one open."""
    with filled_store.read() as old:
        for _ in range(6):
            with filled_store.write():
                pass
        assert not any(Path(version.path).name == "cohort-000001.duckdb" for version in filled_store.versions())
        assert old.cohort("tabriz").height == 4


def test_what_is_the_same_for_everybody_is_kept_once_and_reads_as_before(snapshot: Snapshot) -> None:
    frame = snapshot.cohort("tabriz")
    assert frame["protocol_id"].to_list() == [PUBLISHED_PROTOCOL] * 4
    assert frame["wmh_volume_ml"].to_list() == [None] * 4
    assert frame.schema["wmh_volume_ml"] == pl.Float64
    assert frame.schema["lesion_count"] == pl.Int32


@pytest.mark.parametrize(
    ("column", "is_kept_once"),
    [
        (pl.Series("c", ["a", "a", "a"]), True),
        (pl.Series("c", [None, None, None], dtype=pl.Float64), True),
        (pl.Series("c", ["a", None, "a"]), False),
        (pl.Series("c", [1.0, 1.0, None]), False),
    ],
)
def test_only_what_is_the_same_for_everybody_is_kept_once(column: pl.Series, is_kept_once: bool) -> None:
    frame = pl.DataFrame([pl.Series("n", [1, 2, 3]), column])
    kept = kept_once(frame)
    assert kept.equals(frame)
    assert kept.schema == frame.schema
    many = pl.concat([frame] * 1_000)
    assert (kept_once(many).estimated_size() < many.estimated_size()) is is_kept_once


def test_a_frame_of_nobody_is_left_as_it_is() -> None:
    nobody = pl.DataFrame(schema={"word": pl.String, "number": pl.Float64})
    assert kept_once(nobody).equals(nobody)


def test_after_many_people_the_file_is_opened_anew_and_answers_the_same(
    filled_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with filled_store.read() as snapshot:
        before, connection = snapshot.cohort("tabriz"), snapshot._connection
        monkeypatch.setattr("db.snapshot.MANY_PEOPLE", 1)
        assert snapshot.cohort("tabriz").equals(before)
        assert snapshot._connection is not connection
        with ThreadPoolExecutor(4) as threads:
            assert all(threads.map(lambda _: snapshot.cohort("tabriz").equals(before), range(20)))
        connection = snapshot._connection
        filled_store.versions()[-1].path.unlink()
        assert snapshot.cohort("tabriz").equals(before), "a version that was pruned meanwhile is still read"
        assert snapshot._connection is connection


def test_people_read_in_pieces_are_those_read_at_once(demo_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store(demo_store).read() as opened:
        whole = opened.cohort("demo")
        monkeypatch.setattr(module, "MANY_PEOPLE", 101)
        pieces = opened.cohort("demo")
        at_once = opened._query("cohort", dataset_id="demo", protocol_id="mscohort-demo-1")
    assert at_once.height > 1000
    assert pieces.equals(at_once)
    assert whole.equals(at_once)
    assert pieces.schema == at_once.schema
