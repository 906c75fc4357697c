"""Malformed tables: each is refused with one clear line, exit code 1, and the store as it was."""

import io
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from app import cli
from db.errors import TableError
from db.store import Store
from db.tables import files

HEADER = (
    "PatientID,PatientAge,PatientSex,StudyGroup,TotalIntracranialArea,"
    "TotalVentricleArea,TotalWMHArea,TotalPeriArea,TotalParaArea,TotalJuxtArea"
)
GOOD = "P001,44.0,0,MS,116000,560,180,23,134,23"
SECOND = "P002,28,1,HC,129000,460,69,57,5,7"
OTHER_HEADER = (
    "subject_id,age_years,sex,group,intracranial_area_mm2,"
    "ventricle_area_mm2,wmh_area_mm2,periventricular_area_mm2,paraventricular_area_mm2,juxtacortical_area_mm2"
)


def text(*lines: str, encoding: str = "utf-8") -> bytes:
    return ("\n".join(lines) + "\n").encode(encoding)


def row(**changes: str) -> bytes:
    """One good row, and one with some cells changed (named by position in the header)."""
    cells = dict(zip(HEADER.split(","), SECOND.split(","), strict=True))
    return text(HEADER, GOOD, ",".join((cells | changes).values()))


def workbook(*lines: str) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet("Cohort")
        for number, line in enumerate(lines):
            sheet.write_row(number, 0, line.split(","))
    return buffer.getvalue()


def parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def released_frame() -> pl.DataFrame:
    return pl.read_csv(text(HEADER, GOOD))


# name, file name, content, what the line must say
MALFORMED = [
    ("empty file", "a.csv", b"", "is empty (0 bytes)"),
    ("blank lines only", "a.csv", b"\n  \n\n", "only"),
    ("header only", "a.csv", text(HEADER), "has a header but no rows"),
    ("header and blank rows", "a.csv", text(HEADER, "", ",,,,,,,,,"), "has a header but no rows"),
    ("one column", "a.csv", text("PatientID", "P001"), "the header has only one column"),
    ("a column is missing", "a.csv", text("PatientID,PatientAge", "P001,44"), "no column for sex, group,"),
    ("a header twice", "a.csv", text(HEADER + ",PatientAge", GOOD + ",44"), "'PatientAge' appears more than once"),
    ("a header twice but for case", "a.csv", text(HEADER + ",patientage", GOOD + ",44"), "appears more than once"),
    ("two headers mean the same", "a.csv", text(HEADER + ",age_years", GOOD + ",44"), "both mean age_years"),
    ("a column without a name", "a.csv", text(HEADER + ",", GOOD + ",44"), "column 11 of the header has no name"),
    ("a reserved header", "a.csv", text(HEADER + ",row_number", GOOD + ",2"), "'row_number' is kept"),
    ("too many columns", "a.csv", text(",".join(f"c{i}" for i in range(1001)), "1" + "," * 1000), "1,001 columns"),
    ("a short row", "a.csv", text(HEADER, GOOD, "P002,28,1,HC"), "(row 3 has 4)"),
    ("a long row: comma not quoted", "a.csv", row(StudyGroup="HC,old"), "(row 3 has 11)"),
    (
        "a quote never closed",
        "a.csv",
        text(HEADER, GOOD, '"P002,28,1,HC,129000,460,69,57,5,7'),
        "row 3: broken quoting",
    ),
    ("a huge field", "a.csv", row(PatientID="P" * 20_000), "row 3: a field has over 10,000 characters"),
    ("a huge quoted field", "a.csv", row(PatientID=f'"{"P" * 20_000}"'), "row 3: a field has over 10,000 characters"),
    ("a field beyond the parser", "a.csv", row(PatientID=f'"{"P" * 200_000}"'), "row 3: broken quoting"),
    ("zero bytes", "a.csv", row(PatientID="P\x00002"), "row 3: the character '\\x00' does not belong"),
    ("a terminal escape", "a.csv", row(PatientID="\x1b[2J"), "row 3: the character '\\x1b' does not belong"),
    ("random bytes", "a.csv", bytes(range(256)) * 20, "does not belong in a table of text"),
    ("half a UTF-16 file", "a.csv", text(HEADER, GOOD, encoding="utf-16")[:-1], "damaged UTF-16 text"),
    ("an image named CSV", "a.csv", b"\x89PNG\r\n\x1a\n" + bytes(100), "is an image, not text"),
    ("a workbook named CSV", "a.csv", workbook(HEADER, GOOD), "is an Excel workbook or ZIP archive, not text"),
    ("a Parquet file named CSV", "a.csv", parquet(released_frame()), "is a Parquet file, not text"),
    ("a CSV named XLSX", "a.xlsx", text(HEADER, GOOD), "is not a readable XLSX workbook"),
    ("half a workbook", "a.xlsx", workbook(HEADER, GOOD)[:3000], "is not a readable XLSX workbook"),
    ("an empty sheet", "a.xlsx", workbook(), "the first sheet, 'Cohort', is empty"),
    (
        "a workbook with a bad row",
        "a.xlsx",
        workbook(HEADER, GOOD, GOOD.replace("P001", "Ann Lee")),
        "row 3, PatientID",
    ),
    ("a CSV named Parquet", "a.parquet", text(HEADER, GOOD), "is not a readable Parquet file"),
    ("half a Parquet file", "a.parquet", parquet(released_frame())[:900], "is not a readable Parquet file"),
    ("lists in Parquet", "a.parquet", parquet(pl.DataFrame({"a": [[1]], "b": [1]})), "column 'a' holds List"),
    ("Parquet without rows", "a.parquet", parquet(released_frame().clear()), "has a header but no rows"),
    ("an ending not read", "a.xls", text(HEADER, GOOD), "the ending '.xls' is not read"),
    ("age in words", "a.csv", row(PatientAge="old"), "row 3, PatientAge 'old': not a number"),
    ("a birth date for an age", "a.csv", row(PatientAge="1980-02-01"), "'1980-02-01': not a number"),
    ("an age below 0", "a.csv", row(PatientAge="-1"), "row 3, PatientAge '-1': outside 0-120 years"),
    ("an age above 120", "a.csv", row(PatientAge="128"), "outside 0-120 years"),
    (
        "no word understood",
        "a.csv",
        text(HEADER, GOOD.replace("MS", "NMO")),
        "no word for group is understood ('NMO' once)",
    ),
    (
        "0/1 for sex under other headers",
        "a.csv",
        text(OTHER_HEADER, GOOD),
        "a number does not say which sex ('0' once)",
    ),
    (
        "H and M for sex",
        "a.csv",
        text(OTHER_HEADER, GOOD.replace(",0,", ",H,"), SECOND.replace(",1,", ",M,")),
        "hombre and mujer",
    ),
    ("a negative area", "a.csv", row(TotalVentricleArea="-3"), "row 3, TotalVentricleArea '-3': negative"),
    ("an infinite area", "a.csv", row(TotalVentricleArea="inf"), "'inf': not a finite number"),
    ("an area beyond doubles", "a.csv", row(TotalVentricleArea="1e400"), "'1e400': not a finite number"),
    ("an area with its unit", "a.csv", row(TotalVentricleArea="460 mm2"), "'460 mm2': not a number"),
    (
        "a row without a number",
        "a.csv",
        text(HEADER, GOOD, "P002,28,1,HC,,,,,,"),
        "row 3, PatientID 'P002': no measure is given",
    ),
    (
        "areas in cm2",
        "a.csv",
        text(HEADER, GOOD.replace("116000", "1160")),
        "is it in cm²? (--unit TotalIntracranialArea=cm2)",
    ),
    (
        "one area in cm2",
        "a.csv",
        row(TotalIntracranialArea="900"),
        "row 3, TotalIntracranialArea '900': outside what a head can have",
    ),
    (
        "ages in months",
        "a.csv",
        text(HEADER, GOOD.replace("44.0", "528")),
        "is it in months? (--unit PatientAge=months)",
    ),
    (
        "a volume in an area's unit",
        "a.csv",
        text(HEADER + ",WMH volume (mm2)", GOOD + ",5"),
        "is in mm2, an area, but wmh_volume_ml",
    ),
    ("no intracranial area", "a.csv", row(TotalIntracranialArea="0"), "everybody has an intracranial area"),
    ("ventricles beyond the skull", "a.csv", row(TotalVentricleArea="130000"), "larger than the intracranial area"),
    (
        "lesions beyond the skull",
        "a.csv",
        row(TotalWMHArea="130012", TotalPeriArea="130000"),
        "row 3, TotalWMHArea '130012': larger than the intracranial area 129000.0",
    ),
    ("zones that do not add up", "a.csv", row(TotalPeriArea="50"), "'69': the zone areas add up to 62.0"),
    ("thousands separators", "a.csv", row(TotalIntracranialArea='"129,000"'), "without thousands separators"),
    (
        "thousands or decimals",
        "a.csv",
        text(
            HEADER.replace(",", ";"),
            *(
                line.replace(",", ";").replace("180;23;134;23", "1,180;500;600;80")
                for line in (GOOD.replace("44.0", "44"),)
            ),
        ),
        "'1,180': the comma may mean thousands or decimals",
    ),
    (
        "a point that is decimal for ages and thousands for areas",
        "a.csv",
        text(HEADER.replace(",", ";"), GOOD.replace(",", ";").replace("116000", "116.123")),
        "'116.123': the point is the file's decimal mark elsewhere",
    ),
    ("no identifier", "a.csv", row(PatientID=" "), "row 3, PatientID '': missing"),
    ("a name for an identifier", "a.csv", row(PatientID="Ann Lee"), "'Ann Lee': not a pseudonymous code"),
    ("a long identifier", "a.csv", row(PatientID="P" * 65), "longer than 64 characters"),
    ("a formula, =", "a.csv", row(PatientID="=1+1"), "begins like a spreadsheet formula"),
    ("a formula, +", "a.csv", row(PatientID="+1"), "begins like a spreadsheet formula"),
    ("a formula, -", "a.csv", row(PatientID="-P2"), "begins like a spreadsheet formula"),
    ("a formula, @", "a.csv", row(PatientID="@SUM"), "begins like a spreadsheet formula"),
]


@pytest.fixture
def refused(shared_store: Store, capsys: pytest.CaptureFixture[str]) -> Callable[..., list[str]]:
    """Return a function that imports a file, sees that nothing changed, and returns what stderr said."""

    def attempt(path: Path, *options: str) -> list[str]:
        before = {file: file.read_bytes() for file in shared_store.root.rglob("*") if file.is_file()}
        words = ["import", str(path), "--protocol", "own", "--dataset", "other", "--store", str(shared_store.root)]
        assert cli.main([*words, "--json", *options]) == 1
        said = capsys.readouterr()
        assert said.out == ""
        assert {file: file.read_bytes() for file in shared_store.root.rglob("*") if file.is_file()} == before
        return said.err.splitlines()

    return attempt


def test_there_are_enough_malformed_tables() -> None:
    assert len(MALFORMED) >= 25
    assert len({case[0] for case in MALFORMED}) == len(MALFORMED)


@pytest.mark.parametrize(
    ("file_name", "content", "expected"), [case[1:] for case in MALFORMED], ids=[c[0] for c in MALFORMED]
)
def test_refused_in_one_line(
    file_name: str, content: bytes, expected: str, tmp_path: Path, refused: Callable[..., list[str]]
) -> None:
    path = tmp_path / file_name
    path.write_bytes(content)
    lines = refused(path)
    assert len(lines) == 1
    assert lines[0].startswith(f"mscohort import: {file_name}")
    assert expected in lines[0]
    assert "Traceback" not in lines[0]


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path, refused: Callable[..., list[str]]) -> None:
    (tmp_path / "folder.csv").mkdir()
    assert "is a folder" in refused(tmp_path / "folder.csv")[0]
    assert "no such file" in refused(tmp_path / "nothing.csv")[0]


def test_a_file_too_large_is_refused_unread(tmp_path: Path, refused: Callable[..., list[str]]) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(files.MAX_BYTES + 1)
    [line] = refused(path)
    assert "at most 512 MB are read" in line


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb.xlsx"
    path.write_bytes(workbook(HEADER, *[GOOD] * 2000))
    monkeypatch.setattr(files, "MAX_BYTES", path.stat().st_size)
    with pytest.raises(TableError, match=r"bomb\.xlsx unpacks to"):
        files.read_table(path)


def test_a_duplicate_identifier_names_both_rows(tmp_path: Path, refused: Callable[..., list[str]]) -> None:
    path = tmp_path / "twins.csv"
    path.write_bytes(row(PatientID="P001"))
    summary, first, second = refused(path)
    assert summary.startswith("mscohort import: twins.csv: 2 of 2 rows have problems (2 in all); nothing was imported")
    assert first == "  row 2, PatientID 'P001': this identifier appears more than once, first in row 2"
    assert second == "  row 3, PatientID 'P001': this identifier appears more than once, first in row 2"


def test_all_problems_are_reported_at_once_and_twenty_are_shown(
    tmp_path: Path, refused: Callable[..., list[str]]
) -> None:
    path = tmp_path / "many.csv"
    path.write_bytes(text(HEADER, GOOD, *(f"P1{i:02},{i - 200},1,MS,116000,-3,180,23,134,23" for i in range(15))))
    lines = refused(path)
    assert len(lines) == 22
    assert "15 of 16 rows have problems (30 in all)" in lines[0]
    assert "--accept-valid imports the other rows" in lines[0]
    assert lines[1].startswith("  row 3, PatientAge '-200'")
    assert lines[2].startswith("  row 3, TotalVentricleArea '-3'")
    assert lines[-1] == "  ... and 10 more"


def test_accepting_valid_rows_of_which_there_are_none_is_refused(
    tmp_path: Path, refused: Callable[..., list[str]]
) -> None:
    path = tmp_path / "none.csv"
    path.write_bytes(text(HEADER, GOOD.replace("P001", "?!")))
    [line] = refused(path, "--accept-valid")
    assert line.endswith("nothing was imported; correct the table")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--map", "Alter=age_years"], "--map names the column 'Alter', but the table has PatientID"),
        (["--map", "PatientAge=age"], "--map gives 'PatientAge' to 'age'; expected one of subject_id"),
        (["--map", "PatientAge=wmh_ratio_pct"], "'wmh_ratio_pct', which is derived from the areas"),
        (["--protocol", "my protocol"], "the protocol name 'my protocol' is not allowed"),
        (["--protocol", "mscohort-demo-1"], "is kept for the synthetic cohort"),
        (["--dataset", "../other"], "the dataset name '../other' is not allowed"),
        (["--dataset", "tabriz"], "already has a dataset 'tabriz' with other content"),
    ],
)
def test_options_that_do_not_fit_are_refused_in_one_line(
    options: list[str], expected: str, tmp_path: Path, refused: Callable[..., list[str]]
) -> None:
    path = tmp_path / "good.csv"
    path.write_bytes(text(HEADER, GOOD))
    [line] = refused(path, *options)
    assert expected in line
