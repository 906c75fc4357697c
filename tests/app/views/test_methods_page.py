"""The page Methods by AppTest: it shows docs/methods.md, and what the store holds."""

from pathlib import Path

import pytest

from app.views.methods import DOCUMENT, FROM_THE_STORE, anchor, split_document, versions
from tests.app.views.conftest import OpenPage, answer_of, text_of


def test_shows_the_document_and_the_store(open_page: OpenPage, demo_store: Path) -> None:
    page = open_page("methods", demo_store)
    assert not page.exception
    assert answer_of(page).count("Every definition, test and threshold, with its source.") == 1
    shown = text_of(page)
    assert "No test of normality chooses it" in shown
    assert f"[Zones](#{anchor('Zones')})" in shown
    assert "content SHA-256" in shown


def test_empty_store(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("methods", tmp_path)
    assert not page.exception
    assert "The store is empty" in text_of(page)


def test_store_adds_only_to_sections_that_exist() -> None:
    _, sections = split_document(DOCUMENT.read_text(encoding="utf-8"))
    assert set(FROM_THE_STORE) <= set(sections)


def test_every_section_says_something() -> None:
    _, sections = split_document(DOCUMENT.read_text(encoding="utf-8"))
    assert [title for title, body in sections.items() if len(body) < 80] == []


def test_addresses_of_sections_are_unique() -> None:
    _, sections = split_document(DOCUMENT.read_text(encoding="utf-8"))
    assert len({anchor(title) for title in sections}) == len(sections)


@pytest.mark.parametrize("package", ["Python", "mscohort", "polars", "scipy"])
def test_versions(package: str) -> None:
    assert versions()[package][0].isdigit()
