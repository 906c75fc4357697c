"""The page Overview by AppTest."""

import json
from pathlib import Path

import pytest

from app import cli
from tests.app.views.conftest import OpenPage, answer_of, tables_of, text_of


def test_says_who_is_in_the_cohort(open_page: OpenPage, tabriz_store: Path) -> None:
    page = open_page("overview", tabriz_store)
    assert not page.exception
    assert answer_of(page) == (
        '<p class="answer">1,380 people: 999 healthy controls (HC) and 381 people with multiple sclerosis (MS); '
        "69 % women, aged 18 to 74 years (median 35). Among them are 9 of unknown age and 177 (13 %) without any "
        "lesion.</p>"
    )


def test_missing_values_are_counted_and_shares_of_nothing_are_not_missing(
    open_page: OpenPage, tabriz_store: Path
) -> None:
    missing = tables_of(open_page("overview", tabriz_store, **{"overview-part": "Without lesions, missing"}))[0]
    rows = {row["Column"]: (row["HC"], row["MS"]) for row in missing.to_dict("records")}
    assert rows["Age"] == ("8 (0.8 %)", "1 (0.3 %)")
    assert rows["Periventricular share"] == ("159 undefined", "18 undefined")


def test_protocol_and_its_limits_are_told(open_page: OpenPage, tabriz_store: Path) -> None:
    told = text_of(open_page("overview", tabriz_store, **{"overview-part": "What these numbers mean"}))
    for words in (
        "about a tenth",
        "not volumes",
        "never pooled",
        "Zone rule: `study-code`",
        "No row of the source was rejected",
    ):
        assert words in told


def test_one_person(open_page: OpenPage, one_person_store: Path) -> None:
    page = open_page("overview", one_person_store)
    assert not page.exception
    assert "One person is shown: MS, a woman, aged 41 years." in answer_of(page)


def test_nobody_offers_a_reset(open_page: OpenPage, demo_store: Path) -> None:
    page = open_page("overview", demo_store, sex=[])
    assert not page.exception
    assert page.header[0].value == "Nobody matches these filters"


def test_empty_store(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("overview", tmp_path)
    assert not page.exception
    assert page.header[0].value == "No cohort yet"


def test_table_one_has_the_cells_that_the_command_prints(
    open_page: OpenPage, tabriz_store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = open_page("overview", tabriz_store, **{"sex": ["F"], "overview-part": "Table 1"})
    shown = next(table for table in tables_of(page) if "Standardised difference" in table)
    assert cli.main(["table1", "--sex", "F", "--json", "--store", str(tabriz_store)]) == 0
    headers, *rows = json.loads(capsys.readouterr().out)["cells"]
    assert list(shown.columns)[1:] == headers[1:]
    assert [[cell.replace("\\", "") for cell in row] for row in shown.itertuples(index=False)] == rows
