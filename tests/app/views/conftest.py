"""Fixtures for the pages: stores with nobody and with one person, and a page opened on a store."""

import html
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from app import cli
from app.views import age_sex, overview
from app.words.markup import WRITTEN
from tests import patience

OpenPage = Callable[..., AppTest]
TABS = {"overview": ("overview-part", overview.PARTS), "age_sex": ("age-part", age_sex.PARTS)}
"""Page of people whose closed tabs are not drawn -> the key of its tabs, their names."""

ONE_PERSON = """subject_id,group,sex,age_years,intracranial_area_mm2,ventricle_area_mm2,wmh_area_mm2,\
periventricular_area_mm2,paraventricular_area_mm2,juxtacortical_area_mm2
P1,MS,F,41,110000,450,60,30,20,10
"""


@pytest.fixture(scope="session")
def one_person_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store that holds one woman with MS."""
    folder = tmp_path_factory.mktemp("one_person")
    table = folder / "one.csv"
    table.write_text(ONE_PERSON)
    words = ["import", os.fspath(table), "--protocol", "one-person-1", "--store", os.fspath(folder / "store")]
    assert cli.main(words) == 0
    return folder / "store"


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> OpenPage:
    """Return a function that draws a page of ``app.views`` on a store, with widgets set before the first run."""

    def opened(name: str, store: Path, **widgets: object) -> AppTest:
        monkeypatch.setenv("MSCOHORT_STORE", os.fspath(store))
        page = AppTest.from_string(
            f"from app.state import open_store\nfrom app.views import {name}\n{name}.page(open_store())",
            default_timeout=patience.SECONDS,
        )
        for key, value in widgets.items():
            page.session_state[key] = value
        return page.run()

    return opened


def every_tab(name: str) -> list[dict[str, str]]:
    """Return what opens each tab of a page in turn; one that opens nothing where the page draws all it has."""
    key, tabs = TABS.get(name, ("", ()))
    return [{key: tab} for tab in tabs] or [{}]


def answer_of(page: AppTest) -> str:
    """Return the sentence that opens a page."""
    body = next(element.proto.body for element in page.get("html") if 'class="answer"' in element.proto.body)
    return re.sub(r"</?span[^>]*>", "", body)


def tables_of(page: Any) -> list[pd.DataFrame]:
    """Return the tables of a page, or of a part of it, as they are read; every cell is text."""
    bodies = [element.proto.body for element in page.get("html") if element.proto.body.startswith(WRITTEN)]
    return [read_table(body) for body in bodies]


def read_table(body: str) -> pd.DataFrame:
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    head, *cells = [
        [html.unescape(c) for c in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in rows
    ]
    return pd.DataFrame(cells, columns=head)


def text_of(page: AppTest) -> str:
    """Return all Markdown, captions and titles of figures of a page."""
    titles = [e.proto.body for e in page.get("html") if "figure-title" in e.proto.body]
    bodies = [e.proto.body for e in page.get("html")]
    further = [html.unescape(re.sub("<[^>]*>", "", body)) for body in bodies if 'class="further"' in body]
    return "\n".join([*(element.value for element in (*page.markdown, *page.caption)), *titles, *further])
