"""A table read in a process of its own: the same table and words, and what breaks a library breaks nothing else."""

import os
import sys
import zipfile
from pathlib import Path

import polars as pl
import pytest

from db.errors import TableError
from db.tables import apart
from db.tables.apart import read_table_apart
from db.tables.files import read_table

FRAME = pl.DataFrame({"subject_id": ["P1", "P2", "P3"], "age_years": [41.5, None, 7.0], "sex": ["F", "M", "F"]})


@pytest.fixture(params=[".xlsx", ".parquet", ".csv"])
def table(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / f"people{request.param}"
    {".xlsx": FRAME.write_excel, ".parquet": FRAME.write_parquet, ".csv": FRAME.write_csv}[request.param](path)
    return path


def test_it_is_the_same_table(table: Path) -> None:
    one, other = read_table(table), read_table_apart(table)
    assert other.columns.equals(one.columns)
    assert (other.name, other.sha256, other.notes, other.sheets) == (one.name, one.sha256, one.notes, one.sheets)


def test_a_refusal_has_the_same_words(tmp_path: Path) -> None:
    path = tmp_path / "people.xlsx"
    path.write_bytes(b"PK\x03\x04 no workbook")
    with pytest.raises(TableError) as here:
        read_table(path)
    with pytest.raises(TableError) as there:
        read_table_apart(path)
    assert str(there.value) == str(here.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"absent\.parquet cannot be read"):
        read_table_apart(tmp_path / "absent.parquet")


BREAK = """
import os
import db.tables.files

def broken(path, sheet=None):
    open({begun!r}, "w").close()
    {how}

db.tables.files.read_table = broken
"""


@pytest.mark.parametrize(
    "how",
    ["os.abort()", "os._exit(3)", "os.kill(os.getpid(), 9)", "bytes(1 << 34)", "raise SystemError('panic')"],
)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of memory are Linux's here")
def test_whatever_a_library_does_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    path = tmp_path / "people.parquet"
    FRAME.write_parquet(path)
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(BREAK.format(begun=os.fspath(tmp_path / "begun"), how=how))
    monkeypatch.setattr(sys, "path", [os.fspath(tmp_path / "site"), os.fspath(apart._ROOT), *sys.path])
    monkeypatch.setattr(apart, "_ROOT", tmp_path / "site")
    with pytest.raises(TableError, match="could not be read: it needs more than") as raised:
        read_table_apart(path)
    assert "\n" not in str(raised.value)
    assert (tmp_path / "begun").exists(), "the reader was never reached"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of memory are Linux's here")
def test_a_real_file_beyond_the_limit_is_refused_and_this_process_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "people.parquet"
    pl.DataFrame({"subject_id": [f"P{n}" for n in range(400_000)], "note": ["x" * 200] * 400_000}).write_parquet(path)
    with pytest.raises(TableError, match=r"more than 0\.4 GB of memory"):
        read_table_apart(path, memory_bytes=400 * 1024**2)


def test_what_never_ends_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "people.parquet"
    FRAME.write_parquet(path)
    with pytest.raises(TableError, match="took longer than 0 s and was given up"):
        read_table_apart(path, seconds=0.01)


def test_a_stray_cell_at_the_end_of_the_sheet_ends_nobody(tmp_path: Path) -> None:
    """5 KB that made the reader allocate a rectangle of 17 thousand million cells and abort the server."""
    FRAME.write_excel(tmp_path / "good.xlsx")
    path = tmp_path / "stray.xlsx"
    with zipfile.ZipFile(tmp_path / "good.xlsx") as good, zipfile.ZipFile(path, "w") as bad:
        for item in good.infolist():
            content = good.read(item)
            if item.filename.startswith("xl/worksheets/sheet"):
                content = content.replace(
                    b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
                )
            bad.writestr(item, content)
    with pytest.raises(TableError) as raised:
        read_table_apart(path)
    assert "stray.xlsx" in str(raised.value)
