"""Every audit finds the contradiction it is for, and nothing in a sound store."""

import duckdb
import pytest

from db.auditing import audit
from db.statements import statements
from db.store import Store

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
    "run_counts_match": ["UPDATE run SET n_accepted = 3"],
    "lesions_within_load": [
        "INSERT INTO lesion VALUES "
        "('tabriz/P001', 'tabriz-2026-published', 1, 'periventricular', NULL, 181, 1, 0, 0, 0, 0, 0)"
    ],
}


def test_every_audit_is_tested() -> None:
    assert set(CONTRADICTIONS) == set(statements("audits"))


def test_a_sound_store_passes(shared_store: Store) -> None:
    with shared_store.read() as snapshot:
        assert snapshot.audit() == dict.fromkeys(CONTRADICTIONS, 0)


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
