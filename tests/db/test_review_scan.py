"""Readers' verdicts: the last one on the present measurement counts, every one stays, nonsense is refused."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from db.errors import NotInStore, ReviewRefused
from db.publish_scans import publish_scans
from db.publish_table import DatasetCard
from db.review_scan import review_scan
from db.store import Store
from tests.db.fake_run import patients, write_run

AT = datetime(2026, 5, 4, 10, 30)


@pytest.fixture
def scans(store: Store, tmp_path: Path) -> Store:
    run = write_run(tmp_path / "run", patients(2), derivatives=tmp_path / "files")
    publish_scans(store, run, DatasetCard("scans", "Scans"))
    return store


def told(store: Store) -> dict[str, str | None]:
    with store.read() as snapshot:
        frame = snapshot.scans("scans")
        cohort = snapshot.cohort("scans")
        assert dict(cohort.select("scan_id", "reader_verdict").rows()) == dict(
            frame.select("scan_id", "reader_verdict").rows()
        )
        return dict(frame.select("subject_id", "reader_verdict").rows())


def say(store: Store, verdict: str, reason: str = "", initials: str = "AB", hours: int = 0) -> None:
    with store.read() as snapshot:
        row = snapshot.scans("scans").row(0, named=True)
    review_scan(
        store, row["scan_id"], row["protocol_id"], verdict=verdict, reason=reason, initials=initials,
        reviewed_at=AT + timedelta(hours=hours),
    )  # fmt: skip


def test_the_last_verdict_counts_and_every_one_stays(scans: Store) -> None:
    assert told(scans) == {"00": None, "01": None}
    say(scans, "pass")
    say(scans, "fail", "  ventricles   leak ", "چم", hours=1)
    assert told(scans) == {"00": "fail", "01": None}
    with scans.read() as snapshot:
        history = snapshot.reviews(dataset_id="scans")
    columns = ["review_number", "verdict", "reason", "initials", "current"]
    assert history.select(columns).rows() == [(2, "fail", "ventricles leak", "چم", True), (1, "pass", "", "AB", False)]
    assert history["reviewed_at"].to_list() == [AT + timedelta(hours=1), AT]


def test_a_scan_measured_anew_waits_for_a_reader(scans: Store, tmp_path: Path) -> None:
    say(scans, "pass")
    again = write_run(
        tmp_path / "again", patients(2), derivatives=tmp_path / "files", run_id="ingest-2", zone_areas=(12.0, 4.0, 0.0)
    )
    publish_scans(scans, again, DatasetCard("scans", "Scans"))
    assert told(scans) == {"00": None, "01": None}
    with scans.read() as snapshot:
        assert snapshot.reviews()["current"].to_list() == [False]


def test_the_same_run_again_keeps_the_verdict(scans: Store, tmp_path: Path) -> None:
    say(scans, "doubt", "motion")
    same = write_run(tmp_path / "same", patients(2), derivatives=tmp_path / "files", run_id="ingest-2")
    publish_scans(scans, same, DatasetCard("scans", "Scans"))
    assert told(scans)["00"] == "doubt"


@pytest.mark.parametrize(
    ("verdict", "reason", "initials", "said"),
    [
        ("good", "", "AB", "'good' is not one of pass, doubt, fail"),
        ("fail", "   ", "AB", "'fail' needs a reason"),
        ("pass", "", "", "initials are one to five letters"),
        ("pass", "", "A1", "initials are one to five letters"),
        ("pass", "", "Dr Abc", "initials are one to five letters"),
        ("pass", "x" * 301, "AB", "at most 300"),
    ],
)
def test_what_is_no_verdict_is_refused(scans: Store, verdict: str, reason: str, initials: str, said: str) -> None:
    before = scans.current()
    with pytest.raises(ReviewRefused, match=said):
        say(scans, verdict, reason, initials)
    assert scans.current() == before


def test_a_scan_nobody_has_is_refused(scans: Store) -> None:
    with pytest.raises(NotInStore, match="no scan 'x'"):
        review_scan(scans, "x", "p", verdict="pass", reason="", initials="AB", reviewed_at=AT)
