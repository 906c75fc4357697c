"""Verdicts on lesions that differ between visits: the last one on the present measurements counts, every one stays."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from db.errors import NotInStore, ReviewRefused
from db.publish_scans import publish_scans
from db.publish_table import DatasetCard
from db.review_lesions import LesionVerdict, review_lesions
from db.store import Store
from tests.db.fake_run import patients, write_run

AT = datetime(2026, 5, 4, 10, 30)
NEW = LesionVerdict("new", (12.5, -3.0, 40.1), 7, 0.0, 0.21, "yes")
GONE = LesionVerdict("vanished", (-20.0, 8.0, 33.3), 6, 0.13, 0.0, "unsure")


def people() -> list[dict[str, object]]:
    [one, other] = patients(2)
    return [one | {"session": "1"}, one | {"session": "2"}, other]


@pytest.fixture
def visits(store: Store, tmp_path: Path) -> Store:
    publish_scans(
        store, write_run(tmp_path / "run", people(), derivatives=tmp_path / "d"), DatasetCard("scans", "Scans")
    )
    return store


def scans(store: Store) -> tuple[str, str, str, str]:
    with store.read() as snapshot:
        rows = snapshot.scans("scans").sort("subject_id", "session").to_dicts()
    return rows[0]["scan_id"], rows[1]["scan_id"], rows[2]["scan_id"], rows[0]["protocol_id"]


def say(store: Store, *verdicts: LesionVerdict, n: int = 3, initials: str = "AB", hours: int = 0) -> None:
    earlier, later, _, protocol = scans(store)
    when = AT + timedelta(hours=hours)
    review_lesions(store, earlier, later, protocol, verdicts, n_candidates=n, initials=initials, reviewed_at=when)


def test_the_last_verdict_on_a_candidate_counts_and_every_one_stays(visits: Store) -> None:
    before = visits.current()
    say(visits, NEW, GONE)
    after = visits.current()
    assert before is not None and after is not None and after.number == before.number + 1, "one version for all"
    say(visits, replace(NEW, verdict="no"), initials="چم", hours=1)
    with visits.read() as snapshot:
        assert snapshot.audit() == dict.fromkeys(snapshot.audit(), 0)
        rows = snapshot.lesion_reviews(subject_id="00")
        assert snapshot.lesion_reviews(subject_id="01").is_empty()
    columns = ["kind", "verdict", "initials", "review_number", "current", "n_candidates", "slice_index", "after_ml"]
    assert rows.select(columns).rows() == [
        ("new", "no", "چم", 2, True, 3, 7, 0.21),
        ("new", "yes", "AB", 1, False, 3, 7, 0.21),
        ("vanished", "unsure", "AB", 1, True, 3, 6, 0.0),
    ]


def test_visits_measured_anew_wait_for_a_reader(visits: Store, tmp_path: Path) -> None:
    say(visits, NEW)
    again = write_run(
        tmp_path / "again", people(), derivatives=tmp_path / "d", run_id="ingest-2", zone_areas=(12.0, 4.0, 0.0)
    )
    publish_scans(visits, again, DatasetCard("scans", "Scans"))
    with visits.read() as snapshot:
        assert snapshot.lesion_reviews()["current"].to_list() == [False]


@pytest.mark.parametrize(
    ("verdicts", "n", "initials", "message"),
    [
        ((), 3, "AB", "no verdict to record"),
        ((replace(NEW, verdict="active"),), 3, "AB", "'active' is not one of yes, no, unsure"),
        ((replace(NEW, kind="worse"),), 3, "AB", "'worse' is not one of new, enlarged, vanished"),
        ((NEW, GONE), 1, "AB", "2 verdicts on 1 candidates"),
        ((NEW,), 3, "A1", "initials are one to five letters"),
    ],
)
def test_what_is_no_verdict_is_refused(
    visits: Store, verdicts: tuple[LesionVerdict, ...], n: int, initials: str, message: str
) -> None:
    before = visits.current()
    with pytest.raises(ReviewRefused, match=message):
        say(visits, *verdicts, n=n, initials=initials)
    assert visits.current() == before


def test_scans_nobody_has_and_scans_of_two_people_are_refused(visits: Store) -> None:
    earlier, later, other, protocol = scans(visits)
    for one, two, message in ((earlier, "x", "no scan 'x'"), (earlier, other, "scans of two people")):
        with pytest.raises(NotInStore, match=message):
            review_lesions(visits, one, two, protocol, [NEW], n_candidates=1, initials="AB", reviewed_at=AT)
    with pytest.raises(NotInStore, match="measured under p"):
        review_lesions(visits, earlier, later, "p", [NEW], n_candidates=1, initials="AB", reviewed_at=AT)
