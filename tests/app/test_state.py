"""One page, one version: whatever is published while a page is drawn, all of it comes from the version it opened."""

import ast
import os
from dataclasses import replace
from pathlib import Path
from weakref import ref

import pytest
from streamlit.testing.v1 import AppTest

from analysis.filters import Filter
from app import state
from db.publish_scans import publish_scans
from db.publish_table import DatasetCard
from db.store import Store
from tests import patience
from tests.app.scan_files import write_files
from tests.app.views.conftest import answer_of, text_of
from tests.db.fake_run import patients, write_run

APP = Path(state.__file__).parent
PAGES = sorted(path.stem for path in (APP / "views").glob("[!_]*.py"))


def publish(folder: Path, name: str, n: int) -> None:
    """Publish a dataset of ``n`` scans into the store of ``folder``."""
    people = patients(n)
    run = write_run(
        folder / name, people, derivatives=folder / f"{name}-files", run_id=name, manifest={"dataset_id": name}
    )
    publish_scans(Store(folder / "store"), run, DatasetCard(name, name.capitalize()))
    for person in people:
        stem = f"sub-{person['subject_id']}"
        write_files(folder / f"{name}-files" / stem / "anat", stem)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a store of two scans, which is the one the app shows."""
    publish(tmp_path, "first", 2)
    monkeypatch.setenv("MSCOHORT_STORE", os.fspath(tmp_path / "store"))
    return tmp_path


def test_an_opened_version_stays_what_it_was(folder: Path) -> None:
    opened = state.open_store()
    assert opened is not None
    # Nothing was asked yet: a function that looked up the current version now would meet the other one.
    publish(folder, "second", 3)
    assert opened.scans().height == 2
    [dataset] = opened.datasets()
    assert opened.everyone(dataset).height == 2


def test_an_import_and_a_rollback_show_what_the_store_holds(folder: Path) -> None:
    seen = []
    for step in (lambda: None, lambda: publish(folder, "second", 3), lambda: Store(folder / "store").rollback()):
        step()
        opened = state.open_store()
        assert opened is not None
        seen.append((opened.number, opened.scans().height, len(opened.datasets())))
    assert seen == [(1, 2, 1), (2, 5, 2), (1, 2, 1)]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_the_version_it_was_opened_with(folder: Path, name: str) -> None:
    """Draw every page after another version was published between the opening and the drawing."""
    script = (
        "from pathlib import Path\n"
        "from app import state\n"
        f"from app.views import {name}\n"
        "from tests.app.test_state import publish\n"
        "opened = state.open_store()\n"
        f"publish(Path({os.fspath(folder)!r}), 'second', 3)\n"
        f"{name}.page(opened)\n"
    )
    page = AppTest.from_string(script, default_timeout=patience.SECONDS).run()
    assert not page.exception
    shown = answer_of(page) + text_of(page) if name != "published" else text_of(page)
    assert "Second" not in shown
    assert Store(folder / "store").read().datasets().height == 2
    if name == "scans":
        assert answer_of(page).startswith('<p class="answer">2 scans of 2 people')
    if name == "subject":
        assert len(page.selectbox("scan").options) == 2


def test_no_cached_function_looks_up_the_current_version() -> None:
    """Read the source of every cached function: what it needs of the store must come in as an argument."""
    found, looked_at = [], 0
    for path in sorted(APP.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef):
                continue
            if "cache_" not in " ".join(map(ast.unparse, node.decorator_list)):
                continue
            looked_at += 1
            body = "\n".join(ast.unparse(line) for line in node.body)
            names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
            if "current()" in body or "state." in body or names & {"Store", "open_store", "store", "default_root"}:
                found.append(f"{path.relative_to(APP)}: {node.name}")
    assert looked_at > 20
    assert found == []


def test_many_people_are_forgotten_when_their_page_is_drawn_and_found_again_when_asked_for(
    demo_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MSCOHORT_STORE", os.fspath(demo_store))
    monkeypatch.setattr(state, "MANY_PEOPLE", 100)
    opened = state.open_store()
    assert opened is not None
    [dataset] = opened.datasets()
    women = Filter(dataset=dataset.dataset_id, sexes=("F",))
    people = opened.everyone(dataset)
    selection = state.Selection(dataset, women, people, women.apply(people))
    other = replace(selection, frame=people.head(3))
    asked = []

    def again() -> state.Frames:
        asked.append("again")
        return people, women.apply(people)

    selection.found_again_by(again)
    replaced = replace(selection, frame=people.head(3))
    before = selection.frame
    of_each = f"HC n = {selection.counts['HC']:,}, MS n = {selection.counts['MS']:,}"
    assert selection.who == f"{dataset.title}: {women.describe()}; {of_each}"
    assert selection.comparable.height == people.height
    state.release()
    assert not {*state.FORGOTTEN, "comparable"} & set(vars(selection))
    assert selection.frame.equals(before)
    assert selection.everyone.equals(people)
    assert asked == ["again"]
    state.release()
    assert not set(state.FORGOTTEN) & set(vars(selection)), "whoever found them again lets them go, too"
    assert (other.frame.height, replaced.frame.height) == (3, 3)
    with pytest.raises(AttributeError):
        selection.no_such_thing  # noqa: B018


def test_everyone_is_one_frame_while_somebody_has_it_and_equals_what_the_store_says(
    demo_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MSCOHORT_STORE", os.fspath(demo_store))
    opened = state.open_store()
    assert opened is not None
    [dataset] = opened.datasets()
    first = opened.everyone(dataset)
    assert opened.everyone(dataset) is first
    told = opened.snapshot.cohort(dataset.dataset_id, dataset.protocol_id)
    assert first.equals(told)
    assert first.schema == told.schema
    gone = ref(first)
    del first
    assert gone() is None
    assert opened.everyone(dataset).equals(told)
