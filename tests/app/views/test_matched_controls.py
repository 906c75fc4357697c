"""Matched controls on every page that has the filter bar."""

import re
from pathlib import Path

import pytest

from tests.app.views.conftest import OpenPage, answer_of, tables_of


def who(page) -> str:
    """Return the words, without their markup."""
    [told] = [element.proto.body for element in page.get("html") if 'class="who"' in element.proto.body]
    return re.sub("<[^>]+>", "", told)


@pytest.mark.parametrize("name", ["compare", "overview", "age_sex", "correlations", "zones"])
def test_every_page_shows_the_matched_people(open_page: OpenPage, demo_store: Path, name: str) -> None:
    page = open_page(name, demo_store, matched=True, per_patient=1)
    assert not page.exception
    [balance] = [expander for expander in page.expander if expander.label.startswith("Matched: ")]
    patients = balance.label.removeprefix("Matched: ").split(" MS, ")[0]
    assert f"{patients} MS, {patients} HC, balanced" in balance.label
    assert f"HC n = {patients}" in who(page)
    before, after = (tables_of(balance)[0][f"{when}: difference"].tolist()[0] for when in ("Before", "After"))
    assert abs(float(before)) > 0.1 > abs(float(after.replace("−", "-")))


def test_the_answer_is_that_of_the_matched(open_page: OpenPage, demo_store: Path) -> None:
    everybody, matched = (answer_of(open_page("compare", demo_store, matched=on)) for on in (False, True))
    assert "991 HC" in everybody
    assert "991 HC" not in matched
    assert "MS patients carry" in matched


def test_one_group_has_nothing_to_match(open_page: OpenPage, demo_store: Path) -> None:
    page = open_page("compare", demo_store, matched=True, group=["MS"])
    assert not page.exception
    assert not [expander for expander in page.expander if expander.label.startswith("Matched: ")]
    assert "MS n = 381" in who(page)
