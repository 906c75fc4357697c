"""The page Data by AppTest: upload, validation, import, and the way back."""

import os
import tempfile
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import cli
from db.store import Store
from tests.app.views.conftest import ONE_PERSON, OpenPage, answer_of, tables_of, text_of

HEADER, ROW = ONE_PERSON.splitlines()
FLAWED = f"{HEADER}\n{ROW}\nP2,HC,M,200,110000,450,60,30,20,10\nP3,HC,F,30,110000,450,60,30,20,99\n"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Return a store of one's own with one person."""
    table = tmp_path / "one.csv"
    table.write_text(ONE_PERSON)
    assert (
        cli.main(["import", os.fspath(table), "--protocol", "first-1", "--store", os.fspath(tmp_path / "store")]) == 0
    )
    return tmp_path / "store"


def _dropped(page: AppTest, name: str, content: str | bytes) -> AppTest:
    content = content.encode() if isinstance(content, str) else content
    return page.file_uploader[0].set_value((name, content, "text/csv")).run()


def _metrics(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def test_empty_store_says_what_to_do(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("data", tmp_path)
    assert not page.exception
    assert "The store is empty. Drop a cohort table below" in answer_of(page)
    assert "Nothing leaves this machine" in text_of(page)


def test_datasets_versions_and_runs_are_listed(open_page: OpenPage, tabriz_store: Path) -> None:
    page = open_page("data", tabriz_store)
    assert not page.exception
    assert "The store holds one dataset of 1,380 people" in answer_of(page)
    datasets, versions, runs = (table.iloc[0] for table in tables_of(page))
    assert (datasets["People"], datasets["HC"], datasets["MS"]) == ("1,380", "999", "381")
    assert versions["Version"] == "1 (shown)"
    assert (runs["Accepted"], runs["Rejected"]) == ("1,380", "0")


def test_released_table_is_recognised(open_page: OpenPage, store: Path, released_table: Path) -> None:
    page = _dropped(open_page("data", store), "released.csv", released_table.read_bytes())
    assert not page.exception
    assert page.selectbox(key="upload-protocol").value == "tabriz-2026-published"
    assert page.text_input(key="upload-dataset").value == "tabriz"
    assert _metrics(page)["Sound rows"] == "1,380"
    assert _metrics(page)["of unknown age"] == "9"


def test_problems_are_shown_and_nothing_is_imported_unasked(open_page: OpenPage, store: Path) -> None:
    page = _dropped(open_page("data", store), "new.csv", FLAWED)
    assert not page.exception
    assert (_metrics(page)["Sound rows"], _metrics(page)["Rows with problems"]) == ("1", "2")
    assert page.dataframe[0].value["Row"].to_list() == [3, 4]
    page.text_input(key="upload-own-protocol").set_value("second-1").run()
    assert page.button(key="upload-import").disabled
    assert Store(store).current().number == 1  # type: ignore[union-attr]


def test_sound_rows_are_imported_when_asked_and_the_import_can_be_undone(open_page: OpenPage, store: Path) -> None:
    page = _dropped(open_page("data", store), "new.csv", FLAWED)
    page.text_input(key="upload-own-protocol").set_value("second-1").run()
    page.checkbox(key="upload-accept").check().run()
    page.button(key="upload-import").click().run()
    assert not page.exception
    assert "Imported 1 person" in page.success[0].value
    assert "2 rows were left out" in page.success[0].value
    with Store(store).read() as snapshot:
        assert (snapshot.version, snapshot.datasets().height, snapshot.rejections().height) == (2, 2, 2)
    page.button(key="undo-import").click().run()
    # A dialog runs on its own in a browser; AppTest runs the whole page, so that the way there is clicked again.
    page.button(key="undo-import").click()
    page.button(key="undo-confirm").click().run()
    assert not page.exception
    assert Store(store).current().number == 1  # type: ignore[union-attr]
    assert [version.number for version in Store(store).versions()] == [1, 2]


def test_unknown_headers_are_mapped_by_a_person(open_page: OpenPage, store: Path) -> None:
    table = FLAWED.replace("subject_id", "Code").replace("wmh_area_mm2", "Spots").replace("age_years", "Age")
    page = _dropped(open_page("data", store), "new.csv", table)
    assert page.selectbox(key="column-age_years").value == "Age"
    assert page.selectbox(key="column-wmh_area_mm2").value == "(not in this table)"
    page.selectbox(key="column-wmh_area_mm2").set_value("Spots").run()
    assert _metrics(page)["Rows in the file"] == "3"
    page.selectbox(key="column-wmh_area_mm2").set_value("Age").run()
    assert "chosen twice" in page.error[0].value


def test_other_rows_under_a_name_that_is_taken_need_consent(open_page: OpenPage, store: Path) -> None:
    page = _dropped(open_page("data", store), "one.csv", ONE_PERSON.replace(",60,30,20,10", ",70,40,20,10"))
    page.selectbox(key="upload-protocol").set_value("first-1").run()
    page.button(key="upload-import").click().run()
    assert "already holds other data" in page.error[0].value
    page.checkbox(key="upload-replace").check().run()
    page.button(key="upload-import").click().run()
    assert "Imported 1 person" in page.success[0].value


def test_the_same_rows_change_nothing(open_page: OpenPage, store: Path) -> None:
    page = _dropped(open_page("data", store), "one.csv", ONE_PERSON)
    page.selectbox(key="upload-protocol").set_value("first-1").run()
    page.button(key="upload-import").click().run()
    assert "Nothing changed" in page.success[0].value
    assert Store(store).current().number == 1  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("broken.xlsx", b"PK\x03\x04 not a workbook"),
        ("broken.parquet", b"PAR1 not a table"),
        ("empty.csv", b""),
        ("../../../etc/passwd.csv", b"a,b\n1\n"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n"),
    ],
)
def test_bad_files_are_one_clear_line_without_a_path(
    open_page: OpenPage, store: Path, name: str, content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies = tmp_path / "copies"
    copies.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", os.fspath(copies))
    page = _dropped(open_page("data", store), name, content)
    assert not page.exception
    [error] = page.error
    assert os.fspath(tmp_path) not in error.value
    assert "/" not in error.value
    assert "\n" not in error.value
    assert not list(copies.iterdir())


HOSPITAL = """MS clinic, list of May;;;;;
Code;Geschlecht;Alter;Diagnose;WMH volume (mm3);EDSS
A-01;w;44,5;RRMS;4500;3,5
A-02;m;51;patient;1200;1
A-03;m;38;gesund;0;
"""


def test_the_mapping_step_asks_for_what_the_table_does_not_say(open_page: OpenPage, store: Path) -> None:
    page = _dropped(open_page("data", store), "klinik.csv", HOSPITAL)
    assert not page.exception
    assert tables_of(page)[0]["Code"].to_list() == ["A-01", "A-02", "A-03"], "the first rows are shown"
    assert page.selectbox(key="column-wmh_volume_ml").value == "WMH volume (mm3)"
    assert page.selectbox(key="unit-WMH volume (mm3)").value == "mm3"
    assert (_metrics(page)["of them MS"], _metrics(page)["of unknown group or sex"]) == ("1", "1")
    assert page.selectbox(key="value-group-0").label == "patient (1 row)"
    page.selectbox(key="value-group-0").set_value("MS")
    page.multiselect(key="upload-extras").set_value(["EDSS"]).run()
    assert (_metrics(page)["of them MS"], _metrics(page)["of unknown group or sex"]) == ("2", "0")
    page.text_input(key="upload-own-protocol").set_value("klinik-1").run()
    page.button(key="upload-import").click().run()
    assert not page.exception
    with Store(store).read() as snapshot:
        cohort = snapshot.cohort("klinik")
    assert cohort["wmh_volume_ml"].to_list() == [4.5, 1.2, 0.0]
    assert cohort["edss"].to_list() == [3.5, 1.0, None]


def test_what_was_said_of_one_file_does_not_stick_to_the_next(open_page: OpenPage, store: Path) -> None:
    page = _dropped(open_page("data", store), "first.csv", ONE_PERSON)
    page.text_input(key="upload-dataset").set_value("mine")
    page.text_input(key="upload-citation").set_value("Mine 2026").run()
    page = _dropped(page, "second.csv", ONE_PERSON.replace("P1", "Q1"))
    assert page.text_input(key="upload-dataset").value == "second"
    assert page.text_input(key="upload-citation").value == ""


def test_a_whole_column_that_cannot_be_is_said_with_its_cause(open_page: OpenPage, store: Path) -> None:
    page = _dropped(open_page("data", store), "small.csv", ONE_PERSON.replace("110000", "1100"))
    assert not page.exception
    assert "is it in cm²?" in page.error[0].value
    page.selectbox(key="unit-intracranial_area_mm2").set_value("cm2").run()
    assert not page.error
    assert _metrics(page)["Sound rows"] == "1"


def test_a_clinical_table_is_joined_to_people_who_are_there(open_page: OpenPage, store: Path) -> None:
    person = ROW.partition(",")[0]
    page = _dropped(open_page("data", store), "clinic.csv", f"code;EDSS;Course\n{person.lower()};2,5;RRMS\nX9;3;SPMS\n")
    page.segmented_control(key="upload-kind").set_value("More about people who are here").run()
    assert not page.exception
    page.selectbox(key="upload-join-code").select("code").run()
    page.multiselect(key="upload-join-extras").select("EDSS").select("Course").run()
    assert not page.exception
    said = text_of(page).replace("\\", "")
    assert "1 of 2 rows matched; 1 of 1 person has a row" in said
    assert "rows of nobody here: X9" in said
    page.button(key="upload-join").click().run()
    assert not page.exception
    said = page.success[0].value.replace("\\", "")
    assert said == "Joined EDSS, Course of 1 person to one: store version 2."
    with Store(store).read() as snapshot:
        assert snapshot.cohort("one").select("edss", "course").rows() == [(2.5, "RRMS")]
    page.button(key="undo-import")


def test_a_table_of_nobody_here_is_not_joined(open_page: OpenPage, store: Path) -> None:
    page = _dropped(open_page("data", store), "clinic.csv", "id,EDSS\nX8,2\nX9,3\n")
    page.segmented_control(key="upload-kind").set_value("More about people who are here").run()
    page.multiselect(key="upload-join-extras").select("EDSS").run()
    assert "nobody in it is in the dataset" in page.error[0].value
    assert "--" not in page.error[0].value
    assert Store(store).current().number == 1
