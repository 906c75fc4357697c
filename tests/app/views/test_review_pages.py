"""Readers' verdicts on the pages: recorded on Subject, filtered on Scans, kept to in comparisons and norms."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from app import cli
from app.views.scans import matching
from db.publish_scans import publish_scans
from db.publish_table import DatasetCard
from db.review_scan import review_scan
from db.store import Store
from tests.app.views.conftest import OpenPage, text_of
from tests.db.fake_run import patients, write_run


@pytest.fixture
def reviewed(tmp_path: Path) -> Path:
    """Return a store of four scans: the first passed, the second failed."""
    run = write_run(tmp_path / "run", patients(4), derivatives=tmp_path / "files")
    store = Store(tmp_path / "store")
    publish_scans(store, run, DatasetCard("scans", "Scans"))
    with store.read() as snapshot:
        rows = snapshot.scans().to_dicts()
    for row, verdict, reason in zip(rows, ("pass", "fail"), ("", "motion"), strict=False):
        review_scan(
            store, row["scan_id"], row["protocol_id"], verdict=verdict, reason=reason, initials="AB",
            reviewed_at=datetime(2026, 5, 4),
        )  # fmt: skip
    return tmp_path / "store"


def test_a_verdict_is_recorded_on_subject(open_page: OpenPage, reviewed: Path) -> None:
    page = open_page("subject", reviewed, scan="scans/sub-02")
    assert not page.exception
    assert "No reader looked at it yet." in [text.value for text in page.text]
    page.segmented_control(key="verdict").set_value("doubt")
    page.text_input(key="review-reason").set_value("cut at the vertex")
    page.text_input(key="review-initials").set_value("AB")
    page.button[-1].click().run()
    assert not page.exception
    with Store(reviewed).read() as snapshot:
        [row] = snapshot.reviews(scan_id="scans/sub-02").to_dicts()
    assert (row["verdict"], row["reason"], row["initials"], row["current"]) == (
        "doubt",
        "cut at the vertex",
        "AB",
        True,
    )


def test_a_verdict_without_a_reason_is_not_recorded(open_page: OpenPage, reviewed: Path) -> None:
    page = open_page("subject", reviewed, scan="scans/sub-02")
    page.segmented_control(key="verdict").set_value("fail")
    page.text_input(key="review-initials").set_value("AB")
    page.button[-1].click().run()
    assert any("'fail' needs a reason" in error.value for error in page.error)
    with Store(reviewed).read() as snapshot:
        assert snapshot.reviews(scan_id="scans/sub-02").is_empty()


def test_scans_are_filtered_by_verdict(open_page: OpenPage, reviewed: Path) -> None:
    page = open_page("scans", reviewed)
    assert not page.exception
    assert "1 passed, 1 failed" in text_of(page)
    with Store(reviewed).read() as snapshot:
        scans = snapshot.scans()
    assert matching(scans, verdict="pass")["subject_id"].to_list() == ["00"]
    assert matching(scans, verdict="no reader looked")["subject_id"].to_list() == ["02", "03"]


def test_comparisons_keep_to_passed_scans_and_say_so(open_page: OpenPage, reviewed: Path, capsys) -> None:
    page = open_page("overview", reviewed, passed=True)
    assert not page.exception
    who = next(element.proto.body for element in page.get("html") if 'class="who"' in element.proto.body)
    assert "3 of 4 filtered out" in who
    words = ["strata", "wmh_area_mm2", "--where", "reader_verdict=pass", "--store", str(reviewed), "--json"]
    capsys.readouterr()
    assert cli.main(words) == 0
    assert json.loads(capsys.readouterr().out)["n"] == {"HC": 0, "MS": 1}
