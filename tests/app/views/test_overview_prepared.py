"""What is made before the first visitor comes is what the page Overview asks for."""

import os
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest

from app.components import findings
from app.state import open_store
from app.views import overview
from tests.app.views.conftest import OpenPage

Keys = list[tuple[object, ...]]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Keys:
    """Return the list that every question of the first page is written down in, without its frame."""
    keys: Keys = []

    def writing_down(module: ModuleType, name: str) -> None:
        whole = getattr(module, name)

        def noted(key: str, frame: pl.DataFrame, *more: object) -> object:
            keys.append((name, key, frame.height, *more))
            return whole(key, frame, *more)

        monkeypatch.setattr(module, name, noted)

    writing_down(overview, "_counts")
    writing_down(findings, "_said")
    writing_down(findings, "_curve")
    return keys


def test_what_is_prepared_is_what_the_first_page_asks(
    monkeypatch: pytest.MonkeyPatch, open_page: OpenPage, demo_store: Path, asked: Keys
) -> None:
    monkeypatch.setenv("MSCOHORT_STORE", os.fspath(demo_store))
    opened = open_store()
    assert opened is not None
    overview.prepare(opened)
    prepared = list(asked)
    asked.clear()
    open_page("overview", demo_store)
    assert [name for name, *_ in prepared] == ["_counts", "_said", "_curve"]
    assert prepared == asked


def test_nothing_is_prepared_where_nobody_is_measured(open_page: OpenPage, one_person_store: Path, asked: Keys) -> None:
    open_page("overview", one_person_store)
    drawn = list(asked)
    asked.clear()
    opened = open_store()
    assert opened is not None
    overview.prepare(opened)
    assert asked == drawn
