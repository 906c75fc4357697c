"""The steps of an import on the page Data in Persian: no word of them is missing from the tables."""

import os
from collections import Counter
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import cli
from app.words import translating
from tests import patience
from tests.app.views.conftest import ONE_PERSON, tables_of
from tests.app.words.test_words import ON_A_PAGE

HEADER, ROW = ONE_PERSON.splitlines()
FLAWED = f"{HEADER}\n{ROW}\nP2,HC,M,200,110000,450,60,30,20,10\nP3,HC,F,30,110000,450,60,30,20,99\n"
HOSPITAL = """MS clinic, list of May;;;;;;
Code;Geschlecht;Alter;Diagnose;WMH volume (mm3);Score 1;Score 2
A-01;w;44,5;RRMS;4500;3,5;a
A-02;m;51;patient;1200;1;b
A-03;m;38;gesund;0;;b
"""
CLINIC = "code;EDSS;Course;Sex\np1;2,5;RRMS;F\nX9;3;SPMS;M\n"
MORE = "More about people who are here"


@pytest.fixture
def missing(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, str]]:
    """Return the count of texts that no table has, empty at the start of a test."""
    counted: Counter[tuple[str, str]] = Counter()
    monkeypatch.setattr(translating, "MISSING", counted)
    return counted


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """Return the page Data in Persian on a store of one person."""
    table = tmp_path / "one.csv"
    table.write_text(ONE_PERSON)
    store = os.fspath(tmp_path / "store")
    assert cli.main(["import", os.fspath(table), "--protocol", "first-1", "--store", store]) == 0
    monkeypatch.setenv("MSCOHORT_STORE", store)
    return AppTest.from_string(ON_A_PAGE.format(name="data"), default_timeout=patience.SECONDS).run()


def _dropped(page: AppTest, name: str, content: str) -> AppTest:
    dropped = page.file_uploader[0].set_value((name, content.encode(), "text/csv")).run()
    assert not dropped.exception
    return dropped


def _english(missing: Counter[tuple[str, str]]) -> set[str]:
    return {text for _, text in missing}


def test_a_table_with_problems_and_its_import(page: AppTest, missing: Counter[tuple[str, str]]) -> None:
    _dropped(page, "new.csv", FLAWED)
    page.toggle(key="upload-choose").set_value(True).run()
    page.toggle(key="upload-choose").set_value(False).run()
    page.text_input(key="upload-own-protocol").set_value("second-1").run()
    page.checkbox(key="upload-accept").check().run()
    page.button(key="upload-import").click().run()
    assert page.success
    page.button(key="undo-import").click().run()
    assert not page.exception
    assert _english(missing) == set()


def test_a_table_that_needs_its_columns_and_words_explained(page: AppTest, missing: Counter[tuple[str, str]]) -> None:
    _dropped(page, "klinik.csv", HOSPITAL)
    page.multiselect(key="upload-extras").set_value(["Score 1"]).run()
    assert tables_of(page)[0]["Code"].to_list() == ["A-01", "A-02", "A-03"], "the first rows are shown as they are"
    assert tables_of(page)[0]["WMH volume (mm3)"].to_list() == ["4500", "1200", "0"]
    page.selectbox(key="value-group-0").set_value("MS").run()
    page.text_input(key="upload-own-protocol").set_value("klinik-1").run()
    page.button(key="upload-import").click().run()
    assert not page.exception
    assert _english(missing) == set()


def test_what_is_chosen_wrongly_or_refused(page: AppTest, missing: Counter[tuple[str, str]]) -> None:
    _dropped(page, "klinik.csv", HOSPITAL)
    page.selectbox(key="column-wmh_volume_ml").set_value("Alter").run()
    assert page.error
    page.selectbox(key="column-wmh_volume_ml").set_value("WMH volume (mm3)").run()
    page.selectbox(key="column-group").set_value("(not in this table)").run()
    page.selectbox(key="column-subject_id").set_value("(not in this table)").run()
    assert page.info
    _dropped(page, "small.csv", ONE_PERSON.replace("110000", "1100"))
    assert page.error
    _dropped(page, "empty.csv", "")
    assert page.error
    _dropped(page, "one.csv", ONE_PERSON.replace(",60,30,20,10", ",70,40,20,10"))
    page.selectbox(key="upload-protocol").set_value("first-1").run()
    page.button(key="upload-import").click().run()
    assert page.error
    page.checkbox(key="upload-replace").check().run()
    page.button(key="upload-import").click().run()
    assert page.success
    assert _english(missing) == set()


def test_a_table_joined_to_people_who_are_there(page: AppTest, missing: Counter[tuple[str, str]]) -> None:
    _dropped(page, "clinic.csv", CLINIC)
    page.segmented_control(key="upload-kind").set_value(MORE).run()
    page.selectbox(key="upload-join-code").select("code").run()
    page.multiselect(key="upload-join-extras").select("EDSS").select("Course").run()
    assert not page.exception
    page.button(key="upload-join").click().run()
    assert page.success
    _dropped(page, "clinic.csv", CLINIC)
    page.segmented_control(key="upload-kind").set_value(MORE).run()
    page.selectbox(key="upload-join-code").select("code").run()
    page.multiselect(key="upload-join-extras").select("EDSS").select("Course").run()
    assert page.info
    _dropped(page, "clinic.csv", "id,EDSS\nX8,2\nX9,3\n")
    page.segmented_control(key="upload-kind").set_value(MORE).run()
    page.multiselect(key="upload-join-extras").select("EDSS").run()
    assert page.error
    assert _english(missing) == set()


def test_another_version_is_shown(page: AppTest, missing: Counter[tuple[str, str]]) -> None:
    _dropped(page, "two.csv", ONE_PERSON.replace("P1", "P2"))
    page.selectbox(key="upload-protocol").set_value("first-1").run()
    page.button(key="upload-import").click().run()
    page.button(key="rollback").click().run()
    assert not page.exception
    assert _english(missing) == set()
