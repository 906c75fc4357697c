"""The same people from every accepted format."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import xlsxwriter

from db.errors import TableError
from db.tables.files import as_text, read_table

FRAME = pl.DataFrame(
    {"id": ["007", "P2", "P3"], "age": [44.0, None, 0.1 + 0.2], "n": [1, 2, 3], "area": [116000.0, 1e-7, 2.0**60]}
)
NUMBERS = [[44.0, 1, 116000.0], [float("nan"), 2, 1e-7], [0.1 + 0.2, 3, 2.0**60]]


def cells(path: Path) -> list[dict[str, str | None]]:
    return read_table(path).columns.drop("row_number").to_dicts()


def numbers(rows: list[dict[str, str | None]]) -> list[list[float]]:
    return [[float(row[name] or "nan") for name in ("age", "n", "area")] for row in rows]


def test_typed_columns_turn_into_text_that_reads_back_the_same() -> None:
    text = as_text(FRAME).drop("row_number")
    assert text.row(0) == ("007", "44", "1", "116000")
    np.testing.assert_array_equal(numbers(text.to_dicts()), NUMBERS)
    assert as_text(FRAME)["row_number"].to_list() == [2, 3, 4]


@pytest.mark.parametrize("ending", ["csv", "tsv", "txt", "parquet", "xlsx", "CSV"])
def test_every_format_gives_the_same_numbers(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"people.{ending}"
    match ending.lower():
        case "parquet":
            FRAME.write_parquet(path)
        case "xlsx":
            FRAME.write_excel(path)
        case "tsv":
            FRAME.write_csv(path, separator="\t")
        case _:
            FRAME.write_csv(path)
    rows = cells(path)
    assert [row["id"] for row in rows] == ["007", "P2", "P3"]
    # A workbook holds fifteen digits.
    np.testing.assert_allclose(numbers(rows), NUMBERS, rtol=1e-14)


def test_which_sheet_is_read_is_said(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "two.xlsx") as book:
        book.add_worksheet("People").write_row(0, 0, ["a", "b"])
        book.get_worksheet_by_name("People").write_row(1, 0, ["1", "2"])
        book.add_worksheet("Notes").write(0, 0, "hidden")
    table = read_table(tmp_path / "two.xlsx")
    assert table.headers == ["a", "b"]
    assert table.notes == ["the workbook has 2 sheets: 'People' was read"]


def test_rows_of_a_sheet_are_numbered_as_the_spreadsheet_shows_them(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "low.xlsx") as book:
        sheet = book.add_worksheet()
        for row, values in {2: ["a", "b"], 3: [1, 2], 5: [3, None]}.items():
            sheet.write_row(row, 1, values)
    table = read_table(tmp_path / "low.xlsx")
    assert table.columns.rows() == [(4, "1", "2"), (6, "3", None)]


def test_a_formula_counts_by_its_value(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "formula.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write_row(1, 0, ["x"])
        sheet.write_formula(1, 1, "=1+1", value=2)
    assert cells(tmp_path / "formula.xlsx") == [{"a": "x", "b": "2"}]


def test_an_unnamed_empty_column_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "trailing.csv").write_text("a,b,\n1,2,\n3,4, \n")
    assert cells(tmp_path / "trailing.csv") == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]


def test_a_table_read_as_windows_1252_says_so(tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_bytes("a,b\né,1\n".encode("latin-1"))
    assert read_table(tmp_path / "old.csv").notes == ["not UTF-8: read as Windows-1252"]


def test_headers_from_a_file_cannot_move_the_terminal_s_cursor(tmp_path: Path) -> None:
    pl.DataFrame({"a\x1b[2J": [[1]], "b": [1]}).write_parquet(tmp_path / "nested.parquet")
    with pytest.raises(TableError, match=r"column 'a\?\[2J' holds List"):
        read_table(tmp_path / "nested.parquet")


def test_numbers_of_a_workbook_keep_all_their_digits(tmp_path: Path) -> None:
    numbers = [20 + 1 / 3, 116000 + 1 / 7, 1e-7 / 3, 29.5, 7.0]
    with xlsxwriter.Workbook(tmp_path / "digits.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["id", "value"])
        for row, number in enumerate(numbers, 1):
            sheet.write_string(row, 0, f"00{row}")
            sheet.write_number(row, 1, number)
    table = read_table(tmp_path / "digits.xlsx").columns
    assert table["id"].to_list() == ["001", "002", "003", "004", "005"]
    # A workbook itself holds 16 digits.
    assert [float(text) for text in table["value"]] == [float(f"{number:.16g}") for number in numbers]
