"""Who was scanned, given or corrected: a new version, what was there is kept, nonsense is refused."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from db.correct_person import Described, correct_person
from db.errors import NotInStore, ReviewRefused
from db.publish_scans import publish_scans
from db.publish_table import DatasetCard
from db.store import Store
from tests.db.fake_run import write_run

AT = datetime(2026, 5, 4, 10, 30)
UNKNOWN = Described(None, None, None, None)


@pytest.fixture
def scans(store: Store, tmp_path: Path) -> Store:
    """Return a store of somebody nobody described, and of somebody with two visits."""
    people = [
        {"subject_id": "new"},
        {"subject_id": "two", "session": "1", "group": "MS", "sex": "F", "age_years": 40.0},
        {"subject_id": "two", "session": "2", "group": "MS", "sex": "F", "age_years": 42.0},
    ]
    run = write_run(tmp_path / "run", people, derivatives=tmp_path / "files")
    publish_scans(store, run, DatasetCard("scans", "Scans"))
    return store


def correct(store: Store, scan: str, described: Described, initials: str = "AB") -> list[str]:
    return correct_person(store, f"scans/{scan}", described, initials=initials, corrected_at=AT)


def rows(store: Store) -> list[tuple[object, ...]]:
    with store.read() as snapshot:
        assert set(snapshot.audit().values()) == {0}
        frame = snapshot.cohort("scans").sort("scan_id")
        return frame.select("scan_id", "session", "group", "sex", "age_years").rows()


def test_what_was_not_known_is_given_and_the_history_tells(scans: Store) -> None:
    before = scans.current()
    with scans.read() as snapshot:
        content = snapshot.datasets()["content_sha256"][0]
    assert correct(scans, "sub-new", Described("MS", "M", 51.5, None)) == ["group", "sex", "age_years"]
    assert rows(scans)[0] == ("scans/sub-new", None, "MS", "M", 51.5)
    after = scans.current()
    assert before is not None
    assert after is not None
    assert after.number == before.number + 1
    with scans.read() as snapshot:
        assert snapshot.datasets()["content_sha256"][0] != content
        told = snapshot.corrections("scans", "new")
    assert set(told.select("what", "before", "after", "initials").rows()) == {
        ("group", None, "MS", "AB"), ("sex", None, "M", "AB"), ("age_years", None, "51.5", "AB"),
    }  # fmt: skip
    assert correct(scans, "sub-new", Described("HC", "M", 51.5, None)) == ["group"]
    with scans.read() as snapshot:
        assert snapshot.corrections("scans", "new").row(0, named=True)["before"] == "MS"


def test_the_same_again_changes_nothing(scans: Store) -> None:
    before = scans.current()
    assert correct(scans, "sub-new", UNKNOWN) == []
    assert scans.current() == before


def test_an_age_belongs_to_the_visit_and_the_sex_to_the_person(scans: Store) -> None:
    second = Described("MS", "M", 43.0, "2")
    assert correct(scans, "sub-two_ses-2", second) == ["sex", "age_years"]
    first, later = rows(scans)[1:]
    assert first[1:] == ("1", "MS", "M", 40.0)
    assert later[1:] == ("2", "MS", "M", 43.0)
    assert correct(scans, "sub-two_ses-2", replace(second, session="month12")) == ["session"]
    assert {row[1] for row in rows(scans)[1:]} == {"1", "month12"}


@pytest.mark.parametrize(
    ("described", "initials", "words"),
    [
        (replace(UNKNOWN, group="XX"), "AB", "'XX' is no group"),
        (replace(UNKNOWN, sex="other"), "AB", "'other' is no sex"),
        (replace(UNKNOWN, age_years=130.0), "AB", "130 is no age"),
        (replace(UNKNOWN, age_years=float("nan")), "AB", "is no age"),
        (replace(UNKNOWN, session="../up"), "AB", "cannot name a visit"),
        (UNKNOWN, "Anna B", "initials are"),
    ],
)
def test_nonsense_is_refused_and_nothing_changes(scans: Store, described: Described, initials: str, words: str) -> None:
    before = rows(scans)
    with pytest.raises(ReviewRefused, match=words):
        correct(scans, "sub-new", described, initials)
    assert rows(scans) == before


def test_two_scans_cannot_be_one_visit(scans: Store) -> None:
    with pytest.raises(ReviewRefused, match="another scan of two is the visit '1' already"):
        correct(scans, "sub-two_ses-2", Described("MS", "F", 42.0, "1"))
    with pytest.raises(NotInStore, match="no scan 'scans/sub-9'"):
        correct(scans, "sub-9", UNKNOWN)


def test_who_was_given_can_be_compared(scans: Store) -> None:
    correct(scans, "sub-new", Described("HC", "F", 33.0, None))
    with scans.read() as snapshot:
        frame = snapshot.cohort("scans")
    assert frame.filter((pl.col("group") == "HC") & (pl.col("sex") == "F")).height == 1


def test_what_is_taken_back_has_a_reason(scans: Store) -> None:
    assert correct(scans, "sub-two_ses-1", Described(None, "F", None, "1")) == ["group", "age_years"]
    with scans.read() as snapshot:
        assert set(snapshot.audit().values()) == {0}
        missing = snapshot.missing_values("scans").filter(pl.col("reason") == "taken back by hand")
    assert set(missing.select("scan_id", "column_name").rows()) == {
        ("scans/sub-two_ses-1", "group"), ("scans/sub-two_ses-1", "age_years"), ("scans/sub-two_ses-2", "group"),
    }  # fmt: skip
