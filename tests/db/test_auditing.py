"""Every audit finds the contradiction it is for, and nothing in a sound store."""

from pathlib import Path

import duckdb
import pytest

from db.auditing import audit
from db.publish_scans import publish_scans
from db.publish_table import DatasetCard
from db.sql_files import statements
from db.store import Store
from tests.db.fake_run import patients, write_run

# audit -> statements that make a sound store contradict itself
CONTRADICTIONS = {
    "zone_areas_add_up": ["UPDATE measure SET wmh_area_mm2 = 181 WHERE scan_id = 'tabriz/P001'"],
    "area_within_intracranial": ["UPDATE measure SET ventricle_area_mm2 = 200000 WHERE scan_id = 'tabriz/P001'"],
    "share_within_0_100": [
        "UPDATE measure SET periventricular_area_mm2 = 200, paraventricular_area_mm2 = 0 WHERE scan_id = 'tabriz/P001'"
    ],
    "value_is_finite": ["UPDATE measure SET wmh_volume_ml = 'inf' WHERE scan_id = 'tabriz/P001'"],
    "missing_has_reason": ["UPDATE measure SET ventricle_area_mm2 = NULL WHERE scan_id = 'tabriz/P001'"],
    "nobody_without_scan": ["INSERT INTO subject VALUES ('tabriz', 'P999', 'HC', 'F', 40)"],
    "run_counts_match": ["UPDATE run SET n_accepted = 3 WHERE kind = 'import'"],
    "lesions_add_up": ["UPDATE lesion SET area_mm2 = 3 WHERE scan_id = 'scans/sub-00' AND lesion_number = 2"],
    "zones_match_lesions": [
        "UPDATE lesion SET zone = 'periventricular' WHERE scan_id = 'scans/sub-00'",
        "UPDATE measure SET periventricular_area_mm2 = 14 WHERE scan_id = 'scans/sub-00'",
    ],
    "nothing_without_measure": [
        "INSERT INTO scan_flag VALUES ('scans/sub-00', 'tabriz-2026-published', 'few_slices', '3 slices')"
    ],
    "regions_add_up": [
        "UPDATE region_load SET volume_ml = volume_ml + 0.01 WHERE scan_id = 'scans/sub-00' AND region_number = 1"
    ],
    "regions_match_lesions": [
        "UPDATE region_load SET lesion_count = 9 WHERE scan_id = 'scans/sub-00' AND region_number = 1"
    ],
    "saved_cohort_rule_hash": [
        "INSERT INTO saved_cohort VALUES ('young', 'tabriz', 'tabriz-2026-published', '{}', repeat('0', 64), 2, 'x', "
        "TIMESTAMP '2026-01-01')"
    ],
    "reliability_of_every_scan": [
        "UPDATE reliability SET wmh_low_ml = 0, wmh_high_ml = 2, no_range_reason = NULL WHERE scan_id = 'scans/sub-00'"
    ],
    "regions_have_registration": ["DELETE FROM registration WHERE scan_id = 'scans/sub-00'"],
    "ages_at_visits": ["INSERT INTO scan_age VALUES ('tabriz/P001', 12)"],
    "extra_values_have_column": ["INSERT INTO extra_value VALUES ('tabriz/P001', 'edss', 3.5, NULL)"],
    "lesion_maps_are_whole": ["UPDATE registration SET lesion_voxels = [1, 1] WHERE scan_id = 'scans/sub-00'"],
    "image_only_once": [
        "UPDATE scan SET source_sha256 = (SELECT source_sha256 FROM scan WHERE scan_id = 'scans/sub-00') "
        "WHERE scan_id = 'scans/sub-01'"
    ],
}


def test_every_audit_is_tested() -> None:
    assert set(CONTRADICTIONS) == set(statements("audits"))


def test_a_sound_store_passes(shared_store: Store) -> None:
    with shared_store.read() as snapshot:
        assert snapshot.audit() == dict.fromkeys(CONTRADICTIONS, 0)


@pytest.fixture
def filled_store(filled_store: Store, tmp_path: Path) -> Store:
    """Return a store that holds a table of measures and three scans."""
    run = write_run(tmp_path / "run", patients(3), derivatives=tmp_path)
    publish_scans(filled_store, run, DatasetCard("scans", "Scans"))
    return filled_store


def test_scans_beside_a_table_pass(filled_store: Store) -> None:
    with filled_store.read() as snapshot:
        assert snapshot.audit() == dict.fromkeys(CONTRADICTIONS, 0)


@pytest.mark.parametrize(
    ("table", "column"), [("subject", '"group"'), ("subject", "sex"), ("measure", "wmh_volume_ml")]
)
def test_what_is_unknown_of_a_scan_needs_a_reason(table: str, column: str, filled_store: Store) -> None:
    version = filled_store.current()
    assert version is not None
    with duckdb.connect(version.path) as connection:
        name = {"subject": "subject_id = '00'", "measure": "scan_id = 'scans/sub-00'"}[table]
        connection.execute(f"UPDATE {table} SET {column} = NULL WHERE {name}")
        assert audit(connection)["missing_has_reason"] == 1


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_the_audit_finds_its_contradiction(name: str, filled_store: Store) -> None:
    version = filled_store.current()
    assert version is not None
    with duckdb.connect(version.path) as connection:
        for statement in CONTRADICTIONS[name]:
            connection.execute(statement)
        assert audit(connection)[name] == 1


def test_a_value_with_a_reason_for_missing_is_found(filled_store: Store) -> None:
    version = filled_store.current()
    assert version is not None
    with duckdb.connect(version.path) as connection:
        connection.execute(
            "INSERT INTO missing_value VALUES ('tabriz/P001', 'tabriz-2026-published', 'age_years', 'lost')"
        )
        assert audit(connection)["missing_has_reason"] == 1


def test_half_a_pixel_of_rounding_is_no_contradiction(filled_store: Store) -> None:
    version = filled_store.current()
    assert version is not None
    with duckdb.connect(version.path) as connection:
        connection.execute("UPDATE measure SET wmh_area_mm2 = 180.5 WHERE scan_id = 'tabriz/P001'")
        assert audit(connection)["zone_areas_add_up"] == 0


@pytest.mark.parametrize("kind", ["audits", "queries", "migrations"])
def test_every_statement_opens_with_what_it_is(kind: str) -> None:
    assert statements(kind)
    for name, sql in statements(kind).items():
        assert sql.startswith("-- "), name
        if kind != "migrations":
            assert sql.startswith("-- Grain:"), name
