"""The page Published vs recomputed by AppTest."""

from pathlib import Path

import polars as pl
import pytest

from app.views.published import in_order_of_size, matching
from tests.app.views.conftest import OpenPage, answer_of, text_of


def test_opens_with_the_verdict(open_page: OpenPage, tabriz_store: Path) -> None:
    page = open_page("published", tabriz_store)
    assert not page.exception
    assert "2,128 of 2,128 numbers in the study's 21 output files are reproduced exactly" in answer_of(page)
    assert "the filters of other pages do not act on it" in text_of(page)
    assert "2,301 of 2,301 numbers" in text_of(page)


def test_shows_the_abstract_only_with_its_note(open_page: OpenPage, tabriz_store: Path) -> None:
    page = open_page("published", tabriz_store)
    assert "The abstract's numbers do not agree with the released table." in text_of(page)


def test_table_is_filtered_and_searched(open_page: OpenPage, tabriz_store: Path) -> None:
    page = open_page("published", tabriz_store, verdict=["not reproduced"], search="ventricle")
    assert not page.exception
    assert "2 of 2,301 numbers" in text_of(page)
    assert page.dataframe[0].value["quantity"].to_list() == ["ventricle t", "ventricle p"]


def test_needs_the_released_table(open_page: OpenPage, demo_store: Path) -> None:
    page = open_page("published", demo_store)
    assert not page.exception
    assert page.header[0].value == "This page needs the study's released table"
    assert "--protocol tabriz-2026-published" in page.code[0].value


def test_another_table_is_not_taken_for_the_released_one(open_page: OpenPage, one_person_store: Path) -> None:
    page = open_page("published", one_person_store)
    assert not page.exception
    assert page.header[0].value == "This page needs the study's released table"


def test_empty_store(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("published", tmp_path)
    assert not page.exception
    assert page.header[0].value == "This page needs the study's released table"


@pytest.fixture
def rows() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "place": ["README", "README", "Table 5"],
            "quantity": ["ventricle t", "total N", "PEWMH Q1"],
            "published": ["1.42", "1381", "32.18"],
            "why": [None, "one control fewer", None],
            "verdict": pl.Series(
                ["not reproduced", "not reproduced", "exact"], dtype=pl.Enum(["exact", "not reproduced"])
            ),
        }
    )


@pytest.mark.parametrize(
    ("places", "judged", "words", "expected"),
    [
        ([], [], "", ["ventricle t", "total N", "PEWMH Q1"]),
        (["README"], [], "", ["ventricle t", "total N"]),
        ([], ["exact"], "", ["PEWMH Q1"]),
        ([], [], "pewmh 32.18", ["PEWMH Q1"]),
        ([], [], "CONTROL", ["total N"]),
        ([], [], ".*", []),
        (["README"], ["exact"], "", []),
    ],
)
def test_matching(rows: pl.DataFrame, places: list[str], judged: list[str], words: str, expected: list[str]) -> None:
    assert rows.filter(matching(rows, places, judged, words))["quantity"].to_list() == expected


def test_sources_with_most_numbers_come_first() -> None:
    counts = pl.DataFrame({"source": ["a", "b", "a"], "verdict": ["x", "x", "y"], "n": [2, 4, 1]})
    assert in_order_of_size(counts)["source"].to_list() == ["b", "a", "a"]
