"""Links that never lie: what they ask for is shown or said, and an import never changes in silence who is shown."""

import ast
import os
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from analysis.synthetic.cohort import synthetic_cohort
from app.address import link
from app.address.content import parsed
from db.import_table import import_frame
from db.publish_table import SYNTHETIC_PROTOCOL
from db.store import Store
from tests import patience
from tests.app.views.conftest import answer_of

APP = Path(__file__).resolve().parents[3] / "app"
COMPARE = """
import streamlit as st
from app.address import link, versions
from app.components.content_notice import content_notice, link_notices
from app.state import open_store
from app.views import compare

link.arrive()
newest = open_store()
opened = versions.as_linked(newest)
try:
    compare.page(opened)
finally:
    link.left_over()
    link_notices()
    content_notice(newest)
"""


def people(n: int, seed: int = 1) -> pl.DataFrame:
    return synthetic_cohort(seed=seed, n=n)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("MSCOHORT_STORE", os.fspath(tmp_path / "store"))
    made = Store(tmp_path / "store")
    import_frame(made, people(300), dataset="clinic", protocol_id=SYNTHETIC_PROTOCOL)
    return made


def opened(**asked: str | list[str]) -> AppTest:
    page = AppTest.from_string(COMPARE, default_timeout=patience.SECONDS)
    for key, value in asked.items():
        page.query_params[key] = value
    page.run()
    assert not page.exception
    return page


def said(page: AppTest) -> str:
    return "\n".join(element.value for element in page.markdown).replace("\\", "")


def data_of(page: AppTest) -> str:
    value = page.query_params["data"]
    return value if isinstance(value, str) else value[-1]


def test_a_link_names_dataset_content_and_n(store: Store) -> None:
    page = opened()
    content = parsed(data_of(page))
    assert content is not None
    with store.read() as snapshot:
        assert snapshot.datasets()["content_sha256"][0].startswith(content.content_hash)
    assert (content.key, content.n) == (f"clinic:{SYNTHETIC_PROTOCOL}", 300)
    assert "link" not in said(page)


def test_a_reversed_range_is_turned_round(store: Store) -> None:
    backwards, forwards = opened(age=["45", "30"], sex="Women"), opened(age=["30", "45"], sex="Women")
    assert answer_of(backwards) == answer_of(forwards)
    assert "Among women aged 30–45, MS patients" in answer_of(backwards)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"group": "XX"}, "group 'XX', which is not here. There is: HC, MS"),
        ({"sex": ["Women", "Other"]}, "sex 'Other', which is not here. There is: Women, Men"),
        ({"measure": "Head shape"}, "measure 'Head shape', which is not here"),
        ({"data": "elsewhere:x@01234567.9"}, "the dataset 'elsewhere:x', which is not here"),
        ({"dataset": "elsewhere"}, "the dataset 'elsewhere', which is not here"),
        ({"where-edss": "2:4"}, "edss '2:4', which is not here"),
        ({"age": ["young", "old"]}, "the ages 'young to old'"),
        ({"lesions": "perhaps"}, "only people with lesions 'perhaps'"),
        ({"wrong": "x"}, "wrong 'x', which is not here"),
    ],
)
def test_what_a_link_asks_for_and_is_not_here_is_said(store: Store, asked: dict[str, str], words: str) -> None:
    page = opened(**asked)
    assert words in said(page)
    page.button(key="dismiss-notices").click().run()
    assert words not in said(page)


def test_an_option_by_its_identifier_is_taken(store: Store) -> None:
    page = opened(measure="ventricle_ratio_pct", sex="women")
    assert "entric" in answer_of(page)
    assert "Among women" in answer_of(page)
    assert "not here" not in said(page)


def test_a_marked_person_is_in_the_link_and_one_who_is_not_here_is_said(store: Store) -> None:
    page = opened(person="DEMO-0007")
    assert "DEMO-0007" in [*page.query_params["person"], page.query_params["person"]]
    page.button(key="person-unmark").click().run()
    assert "person" not in page.query_params
    assert "This link marks the person 'P99', whom this dataset does not have" in said(opened(person="P99"))


def test_ages_that_nobody_has_are_kept(store: Store) -> None:
    page = opened(age=["10", "45"])
    assert "Among people aged 10–45" in answer_of(page)


def test_the_content_a_link_was_made_from_is_shown_and_the_change_said(store: Store) -> None:
    before = opened()
    data = data_of(before)
    import_frame(store, people(340, seed=5), dataset="clinic", protocol_id=SYNTHETIC_PROTOCOL, replace=True)
    after = opened(data=data)
    assert answer_of(after) == answer_of(before)
    assert "as it was in version 1" in said(after)
    assert "Now it has" in said(after)
    after.button(key="content-newest").click().run()
    assert answer_of(after) != answer_of(before)
    assert "as it was" not in said(after)


def test_content_that_is_not_kept_is_said_with_its_n(store: Store) -> None:
    page = opened(data=f"clinic:{SYNTHETIC_PROTOCOL}@00000000.77")
    assert "had another content (77 people), which this store does not keep" in said(page)


def test_an_import_while_a_page_is_open_is_said_and_both_are_offered(store: Store) -> None:
    page = opened()
    before = answer_of(page)
    import_frame(store, people(340, seed=5), dataset="clinic", protocol_id=SYNTHETIC_PROTOCOL, replace=True)
    page.run()
    assert answer_of(page) != before
    assert "was imported anew while this page was open" in said(page)
    page.button(key="content-earlier").click().run()
    assert answer_of(page) == before


def test_every_widget_in_the_address_is_checked_and_known() -> None:
    keys = set()
    for path in APP.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            given = {word.arg: word.value for word in node.keywords}
            if "bind" in given:
                assert path.name == "linked.py", f"{path}:{node.lineno} keeps a widget in the address unchecked"
            by = node.func.value if isinstance(node.func, ast.Attribute) else None
            if isinstance(by, ast.Name) and by.id == "linked" and isinstance(given.get("key"), ast.Constant):
                keys.add(given["key"].value)
    assert keys - link.OF_WIDGETS == set()
