"""Read a sheet of an Excel workbook: the right one, its header found, and nothing that would exhaust the memory."""

import re
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from db.errors import TableError
from db.tables.columns import recognised
from db.tables.header_row import ROW_NUMBER, header_of_rows
from vocabulary.messages import one_line, printable

MAX_CELLS = 20_000_000
"""Cells of the rectangle a sheet spans; the reader holds all of it, whatever is filled."""

_MAX_SHEETS = 30
_LOOKED_AT = 60
_REFERENCE = re.compile(rb'<c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"')
_CHUNK = 1 << 20
_ROUNDED = 1e-9
"""The reader's text of a number is off by less."""


def read_workbook(
    path: Path, max_bytes: int, sheet: str | None = None
) -> tuple[pl.DataFrame, list[str], tuple[str, ...]]:
    """Read one sheet.

    Parameters
    ----------
    max_bytes : largest workbook, unpacked
    sheet : its name; by default the first of those whose headers say most

    Returns
    -------
    rows : row_number and the cells as text, the header first
    notes : which sheet was read where there are several, and what stood above its header
    sheets : the names of all

    Raises
    ------
    TableError : not a workbook, damaged, empty, too large, or without a sheet of that name.
    """
    import fastexcel

    name = path.name
    try:
        _refuse_bombs(path, max_bytes)
        workbook = fastexcel.read_excel(path)
        sheets = tuple(workbook.sheet_names)
        if sheet is not None and sheet not in sheets:
            raise TableError(f"{name} has no sheet '{printable(sheet, 40)}'; it has: {', '.join(sheets)}")
        read = {s: _sheet(workbook, s) for s in ((sheet,) if sheet is not None else sheets[:_MAX_SHEETS])}
    except TableError:
        raise
    except (fastexcel.FastExcelError, zipfile.BadZipFile, zlib.error, ValueError, OSError, RuntimeError) as error:
        reason = printable(one_line(error))
        raise TableError(f"{name} is not a readable XLSX workbook ({reason}); save it again") from error
    chosen = max(read, key=lambda s: _says(read[s]))
    rows = read[chosen]
    if rows.is_empty():
        which = f"the first sheet, '{chosen}', is" if len(sheets) == 1 else "every sheet is"
        raise TableError(f"{name}: {which} empty")
    notes = []
    if len(sheets) > 1:
        notes.append(f"the workbook has {len(sheets)} sheets: '{printable(chosen, 40)}' was read")
    place = header_of_rows([row[1:] for row in rows.head(_LOOKED_AT).iter_rows()])
    if place:
        title = next((cell for cell in rows.row(0)[1:] if cell), "")
        many = "1 line" if place == 1 else f"{place} lines"
        notes.append(f"{many} above the header not read: '{printable(title, 60)}'")
    return rows.slice(place), notes, sheets


def _sheet(workbook: object, sheet: str) -> pl.DataFrame:
    """Return the filled rows of a sheet as text, numbered as the spreadsheet numbers them."""
    text, numbers = (
        workbook.load_sheet(sheet, header_row=None, skip_rows=0, dtypes=kind).to_polars()  # type: ignore[attr-defined]
        for kind in ("string", "float")
    )
    if text.width == 0:
        return pl.DataFrame()
    numbered = _with_all_digits(text, numbers).with_row_index(ROW_NUMBER, offset=1)
    return numbered.filter(pl.any_horizontal(pl.exclude(ROW_NUMBER).str.strip_chars().fill_null("") != ""))


def _with_all_digits(text: pl.DataFrame, numbers: pl.DataFrame) -> pl.DataFrame:
    """Write numbers with all their digits where the reader's text has only nine decimals; other text stays."""
    if text.shape != numbers.shape:
        return text
    columns = []
    for name, number in zip(text.columns, numbers.iter_columns(), strict=True):
        cells = text[name]
        if number.dtype == pl.Float64:
            rounded = cells.cast(pl.Float64, strict=False)
            close = (number - rounded).abs() <= _ROUNDED
            cut = (close & (number != rounded)).fill_null(False)
            cells = number.cast(pl.String).zip_with(cut, cells) if cut.any() else cells
        columns.append(cells.alias(name))
    return pl.DataFrame(columns)


def _says(rows: pl.DataFrame) -> int:
    """Return how many headers of a sheet are understood; -1 where it is empty."""
    if rows.is_empty():
        return -1
    head: Sequence[Sequence[str | None]] = [row[1:] for row in rows.head(_LOOKED_AT).iter_rows()]
    return sum(recognised(cell) is not None for cell in head[header_of_rows(head)] if cell)


def _refuse_bombs(path: Path, max_bytes: int) -> None:
    """Refuse what would exhaust the memory: the reader allocates what a workbook says, not what it holds."""
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        unpacked = sum(member.file_size for member in members)
        if unpacked > max_bytes:
            raise TableError(f"{path.name} unpacks to {unpacked / 1024**2:,.0f} MB; save the table as CSV")
        for member in members:
            if re.fullmatch(r"xl/worksheets/[^/]+\.xml", member.filename):
                columns, rows = _extent(archive, member)
                if columns * rows > MAX_CELLS:
                    raise TableError(
                        f"{path.name}: a sheet spans {rows:,} rows and {columns:,} columns, because of a cell far from "
                        "the others; delete it, or save the table as CSV"
                    )
            if member.filename == "xl/sharedStrings.xml":
                _refuse_lying_count(archive, member, path.name)


def _extent(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[int, int]:
    """Return the last column and the last row that a cell of a sheet names, both counted from 1."""
    columns, rows, rest = 0, 0, b""
    with archive.open(member) as file:
        while chunk := file.read(_CHUNK):
            text = rest + chunk
            for letters, number in set(_REFERENCE.findall(text)):
                columns, rows = max(columns, _column_number(letters)), max(rows, int(number))
            rest = text[-200:]
    return columns, rows


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _refuse_lying_count(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> None:
    with archive.open(member) as file:
        head = file.read(2000)
    for found in re.findall(rb'\b(?:uniqueCount|count)="(\d+)"', head):
        if len(found) > 12 or (b'uniqueCount="' + found in head and int(found) * 4 > member.file_size):
            raise TableError(
                f"{name} is not a readable XLSX workbook (it counts more texts than it holds); save it again"
            )
