"""What is made before the first visitor comes is what the page Overview asks for."""

import json
import os
import shutil
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app import kept_answers
from app.components import findings
from app.figures.kept_figure import figure_of
from app.state import open_store
from app.views import overview
from app.words.figures import in_language
from app.words.translating import MISSING
from db.store import Store
from tests.app.views.conftest import OpenPage

Keys = list[tuple[object, ...]]


@pytest.fixture
def own_store(demo_store: Path, tmp_path: Path) -> Path:
    """Return a store with the synthetic cohort of which nothing is kept."""
    own = shutil.copytree(demo_store, tmp_path / "own", ignore=shutil.ignore_patterns("kept"))
    return Path(own)


def start_anew() -> None:
    """Forget what only this process remembers."""
    st.cache_data.clear()


def prepare(monkeypatch: pytest.MonkeyPatch, store: Path) -> None:
    monkeypatch.setenv("MSCOHORT_STORE", os.fspath(store))
    opened = open_store()
    assert opened is not None
    overview.prepare(opened)


def sentences_of(page: AppTest) -> list[str]:
    return [shown.value for shown in page.markdown if " CI " in shown.value]


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

    for name in ("_by_age", "_lesion_free", "_lacking"):
        writing_down(overview, name)
    writing_down(findings, "_said")
    writing_down(findings, "_curve")
    return keys


def test_what_is_prepared_is_what_the_first_page_asks(
    monkeypatch: pytest.MonkeyPatch, open_page: OpenPage, own_store: Path, asked: Keys
) -> None:
    start_anew()
    prepare(monkeypatch, own_store)
    prepared = list(asked)
    asked.clear()
    # Where it could be kept for the next start, the page asks for that instead.
    shutil.rmtree(own_store / kept_answers.FILE.parent)
    monkeypatch.setattr(findings, "_kept", lambda *_: None)
    open_page("overview", own_store)
    assert [name for name, *_ in prepared] == ["_said", "_curve"]
    assert prepared == asked


def test_nothing_is_prepared_where_nobody_is_measured(open_page: OpenPage, one_person_store: Path, asked: Keys) -> None:
    open_page("overview", one_person_store)
    drawn = list(asked)
    asked.clear()
    opened = open_store()
    assert opened is not None
    overview.prepare(opened)
    assert asked == drawn


def test_a_server_that_starts_anew_says_what_was_kept_and_computes_nothing(
    monkeypatch: pytest.MonkeyPatch, open_page: OpenPage, own_store: Path, asked: Keys
) -> None:
    start_anew()
    prepare(monkeypatch, own_store)
    (own_store / kept_answers.FILE).rename(own_store / "aside")
    start_anew()
    found_out = sentences_of(open_page("overview", own_store))
    (own_store / "aside").rename(own_store / kept_answers.FILE)
    start_anew()
    asked.clear()
    monkeypatch.setattr(findings, "headline", None)
    monkeypatch.setattr(findings, "age_trend", None)
    page = open_page("overview", own_store)
    assert not page.exception
    assert sentences_of(page) == found_out
    assert len(found_out) == 3
    assert asked == []


def test_a_kept_figure_is_as_persian_as_a_new_one(monkeypatch: pytest.MonkeyPatch, own_store: Path) -> None:
    start_anew()
    prepare(monkeypatch, own_store)
    opened = open_store()
    assert opened is not None
    kept = json.loads((own_store / kept_answers.FILE).read_text())["answers"]
    MISSING.clear()
    for answer in kept.values():
        in_language(figure_of(json.loads(answer)[2]), "fa")
    assert MISSING == {}


def test_nobody_else_is_told_what_was_kept(
    monkeypatch: pytest.MonkeyPatch, open_page: OpenPage, own_store: Path
) -> None:
    start_anew()
    prepare(monkeypatch, own_store)
    file = own_store / kept_answers.FILE
    kept = json.loads(file.read_text())
    lies = {
        name: json.dumps(["A lie (95 % CI of it): 99 times.", *json.loads(a)[1:]])
        for name, a in kept["answers"].items()
    }
    file.write_text(json.dumps(kept | {"answers": lies, "sha256": kept_answers._sha256(kept["about"], lies)}))
    start_anew()
    # The lie is believed about these very people: so whoever is told the truth below is told it for who they are.
    assert "A lie (95 % CI of it): 99 times." in sentences_of(open_page("overview", own_store))
    assert "99 times" not in "".join(sentences_of(open_page("overview", own_store, sex=["F"])))
    with Store(own_store).write() as connection:
        connection.execute("UPDATE subject SET sex = 'F' WHERE sex = 'M' AND subject_id LIKE '%7'")
    told = sentences_of(open_page("overview", own_store))
    assert len(told) == 3
    assert "99 times" not in "".join(told)
