"""Delimited text in the forms people save it, and the two ways of splitting it agreeing."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.errors import TableError
from db.tables.delimited import read_records

PLAIN = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters='"\ufeff'), max_size=12
)
ROWS = st.lists(st.lists(PLAIN, min_size=2, max_size=4), min_size=1, max_size=8)


def fields(content: bytes) -> list[list[str]]:
    return read_records(content, "t.csv").rows["fields"].to_list()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_encodings_and_line_endings(encoding: str, ending: str) -> None:
    assert fields(ending.join(["name,city", "é,تبریز", ""]).encode(encoding)) == [["name", "city"], ["é", "تبریز"]]


def test_what_is_not_utf8_is_read_as_windows_1252() -> None:
    records = read_records("name,place\né,Besançon\n".encode("latin-1"), "t.csv")
    assert records.rows["fields"][1].to_list() == ["é", "Besançon"]
    assert records.encoding == "cp1252"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_the_header_s(separator: str) -> None:
    records = read_records(f"a{separator}b\n1{separator}2,5;x\n".encode(), "t.csv")
    assert records.separator == separator
    assert records.rows["fields"][0].to_list() == ["a", "b"]


def test_quoted_fields_may_hold_separators_quotes_and_line_ends() -> None:
    content = b'a,b\n"x, ""y""","two\nlines"\n3,4\n'
    records = read_records(content, "t.csv")
    assert records.rows["fields"].to_list() == [["a", "b"], ['x, "y"', "two\nlines"], ["3", "4"]]
    assert records.rows["row_number"].to_list() == [1, 2, 3], "records count as a spreadsheet counts them"


def test_blank_lines_keep_their_row_numbers() -> None:
    records = read_records(b"a,b\n\n1,2\n , \n3,4\n\n\n", "t.csv")
    assert records.rows["row_number"].to_list() == [1, 3, 5]


def test_blank_lines_keep_their_row_numbers_when_fields_are_quoted() -> None:
    records = read_records(b'a,b\n\n"1",2\n , \n3,4\n\n\n', "t.csv")
    assert records.rows["row_number"].to_list() == [1, 3, 5]


def test_a_control_character_is_located() -> None:
    with pytest.raises(TableError, match=r"t\.csv, row 3: the character '\\x07'"):
        read_records(b"a,b\n1,2\n3,\x07\n", "t.csv")


@settings(deadline=None, max_examples=60)
@given(ROWS)
def test_both_ways_of_splitting_agree(rows: list[list[str]]) -> None:
    plain = "a,b\n" + "\n".join(",".join(row) for row in rows)
    quoted = io.StringIO(newline="")
    csv.writer(quoted, quoting=csv.QUOTE_ALL).writerow(["a", "b"])
    expected = read_records(plain.encode(), "t.csv").rows
    for line in plain.split("\n")[1:]:
        csv.writer(quoted, quoting=csv.QUOTE_ALL).writerow(line.split(","))
    assert read_records(quoted.getvalue().encode(), "t.csv").rows.equals(expected)
