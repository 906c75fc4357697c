"""The synthetic demonstration, built for whoever looks at an empty dashboard."""

from pathlib import Path

import pytest

from app.access.roles import NotAllowed, Person
from app.demo_building import build_demo
from db.audit_log import AuditLog
from db.store import Store

CURATOR = Person("someone", "curator")


def test_it_fills_an_empty_store_in_the_name_of_who_asked(tmp_path: Path) -> None:
    assert build_demo(tmp_path, CURATOR, "--subjects", "60", "--scans", "0") == []
    current = Store(tmp_path).current()
    assert current is not None
    assert "someone" in {entry["who"] for entry in AuditLog(tmp_path).read().entries}


def test_a_store_that_was_filled_meanwhile_stays_as_it_is(demo_store: Path) -> None:
    before = Store(demo_store).current()
    assert build_demo(demo_store, CURATOR) == []
    assert Store(demo_store).current() == before


def test_what_goes_wrong_is_said_in_its_own_words(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file where the store's folder should be")
    wrong = build_demo(tmp_path / "store", CURATOR, "--scans", "0")
    assert len(wrong) == 1
    assert "Traceback" not in wrong[0]


def test_who_may_only_look_cannot_build_it(tmp_path: Path) -> None:
    with pytest.raises(NotAllowed):
        build_demo(tmp_path, Person("reader", "viewer"))
    assert Store(tmp_path).current() is None
