"""The page Lesion zones by AppTest."""

from pathlib import Path

import pytest

from tests.app.views.conftest import OpenPage, answer_of, tables_of, text_of
from vocabulary.measures import ZONE_NOTICE


def test_opens_with_the_typical_split(open_page: OpenPage, tabriz_store: Path) -> None:
    page = open_page("zones", tabriz_store)
    assert not page.exception
    assert "MS patients (n = 363) is 61 % periventricular (95 % CI 58–64)" in answer_of(page)
    # Nearly all controls lack two of the zones, so they have no typical split.
    assert "of controls (n = 840), over 99 % have periventricular" in answer_of(page)
    assert ZONE_NOTICE in text_of(page)


def test_split_is_tested_only_where_there_is_a_typical_one(open_page: OpenPage, tabriz_store: Path) -> None:
    page = open_page("zones", tabriz_store)
    assert "Without controls: most of them lack a zone" in text_of(page)
    tests = tables_of(page)[0]
    assert tests["Term"].to_list() == ["Men against women", "Age"]
    assert tests["n"].to_list() == ["362", "362"]
    assert tests["p"].to_list()[1] == ".008"


@pytest.mark.parametrize("rows", ["group", "sex", "age", "age and sex"])
def test_rows(open_page: OpenPage, demo_store: Path, rows: str) -> None:
    page = open_page("zones", demo_store, rows=rows)
    assert not page.exception
    assert ("are in no row" in text_of(page)) == ("age" in rows)


def test_one_person(open_page: OpenPage, one_person_store: Path) -> None:
    page = open_page("zones", one_person_store)
    assert not page.exception
    assert (
        "MS patients (n = 1, too few for an interval) is 50 % periventricular, 33 % paraventricular, 17 % juxtacortical"
        in answer_of(page)
    )


def test_nobody_offers_a_reset(open_page: OpenPage, demo_store: Path) -> None:
    page = open_page("zones", demo_store, sex=[])
    assert not page.exception
    assert page.header[0].value == "Nobody matches these filters"


def test_empty_store(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("zones", tmp_path)
    assert not page.exception
    assert page.header[0].value == "No cohort yet"
