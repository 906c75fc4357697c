"""Read a table of any accepted format into columns of text, so that one validation serves them all."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from db.errors import TableError
from db.tables.delimited import Records, read_records
from db.tables.header_row import ROW_NUMBER
from db.tables.parquet import read_parquet
from db.tables.workbook import read_workbook
from vocabulary.messages import printable
from vocabulary.people import identity_of

MAX_BYTES = 512 * 1024**2
"""Largest file read; some ten million rows of a cohort table."""

_MAX_COLUMNS = 1000
_TEXT_ENDINGS = (".csv", ".tsv", ".tab", ".txt")
_SIGNATURES = {
    b"PK\x03\x04": "an Excel workbook or ZIP archive",
    b"PAR1": "a Parquet file",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF",
    b"\x89PNG": "an image",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (XLS)",
}


@dataclass(frozen=True)
class Table:
    """A table as read: text only, NULL where a cell is empty, blank rows left out.

    Attributes
    ----------
    columns : ``row_number`` (as a spreadsheet counts, the header usually being row 1), then String columns under
        the file's own headers
    name, sha256 : the file's name and the hash of its bytes
    notes : what a person should know about how the file was read
    sheets : of a workbook
    """

    columns: pl.DataFrame
    name: str
    sha256: str
    notes: list[str] = field(default_factory=list)
    sheets: tuple[str, ...] = ()

    @property
    def headers(self) -> list[str]:
        """The file's own column names."""
        return self.columns.columns[1:]

    @property
    def empty(self) -> frozenset[str]:
        """The columns without any value."""
        return frozenset(h for h in self.headers if self.columns[h].null_count() == self.columns.height)


def read_table(path: Path, sheet: str | None = None) -> Table:
    """Read a CSV, TSV, XLSX or Parquet file.

    Parameters
    ----------
    sheet : sheet of a workbook; by default the one whose headers say most

    Raises
    ------
    TableError : not a table, damaged, empty, too large, unnamed or duplicate headers, or records whose number
        of fields is not the header's. The message names the file and, where there is one, the row.
    OSError : the file cannot be read.
    """
    path = Path(path)
    name, ending = path.name, path.suffix.lower()
    if path.is_dir():
        raise TableError(f"{name} is a folder; give a CSV, TSV, XLSX or Parquet file")
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise TableError(f"{name} has {size / 1024**2:,.0f} MB; at most {MAX_BYTES / 1024**2:,.0f} MB are read")
    content = path.read_bytes()
    if not content:
        raise TableError(f"{name} is empty (0 bytes)")
    sha256 = hashlib.sha256(content).hexdigest()
    if ending in _TEXT_ENDINGS:
        _refuse_signature(content, name)
        records = read_records(content, name)
        notes = ["not UTF-8: read as Windows-1252"] if records.encoding == "cp1252" else []
        notes += _above(records.above)
        return Table(_from_records(records, name), name, sha256, notes=notes)
    if ending == ".xlsx":
        columns, notes, sheets = read_workbook(path, 4 * MAX_BYTES, sheet)
        columns = _cleaned(columns.slice(1), [header or "" for header in columns.row(0)[1:]], name)
        return Table(columns, name, sha256, notes=[*notes, *_lost_zeros(columns)], sheets=sheets)
    if ending == ".parquet":
        columns = _read_parquet(content, name)
        return Table(columns, name, sha256, notes=_lost_zeros(columns))
    raise TableError(f"{name}: the ending '{ending}' is not read; use .csv, .tsv, .xlsx or .parquet")


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Turn typed columns into text, whole numbers without '.0', and add ``row_number`` counted from 2.

    Numbers survive: the text is the shortest that reads back as the same double.

    Examples
    --------
    >>> as_text(pl.DataFrame({"age_years": [44.0, 0.1]}))["age_years"].to_list()
    ['44', '0.1']
    """
    columns = []
    for name, dtype in frame.schema.items():
        column = pl.col(name)
        if dtype.is_float():
            column = column.cast(pl.Float64)
            is_whole = (column == column.floor()) & (column.abs() < 2**53)
            whole = column.cast(pl.Int64, strict=False).cast(pl.String)
            column = pl.when(is_whole).then(whole).otherwise(column.cast(pl.String))
        columns.append(column.cast(pl.String).alias(name))
    return frame.select(columns).with_row_index(ROW_NUMBER, offset=2)


def _refuse_signature(content: bytes, name: str) -> None:
    for signature, kind in _SIGNATURES.items():
        if content.startswith(signature):
            raise TableError(f"{name} is {kind}, not text; give it its right ending or save it as CSV UTF-8")


def _from_records(records: Records, name: str) -> pl.DataFrame:
    rows = records.rows
    if rows.is_empty():
        raise TableError(f"{name} holds only blank lines")
    headers, body = rows["fields"][0].to_list(), rows.slice(1)
    counts = body.select("row_number", pl.col("fields").list.len().alias("n")).filter(pl.col("n") != len(headers))
    if counts.height:
        first = ", ".join(f"row {row} has {n}" for row, n in counts.head(3).iter_rows())
        more = ", ..." if counts.height > 3 else ""
        raise TableError(
            f"{name}: {counts.height:,} of {body.height:,} rows do not have the header's {len(headers)} fields "
            f"({first}{more}); check separators and quotes"
        )
    fields = [pl.col("fields").list.get(index).alias(str(index)) for index in range(len(headers))]
    return _cleaned(body.select(ROW_NUMBER, *fields), headers, name)


def _above(lines: Sequence[str]) -> list[str]:
    if not lines:
        return []
    many = "1 line" if len(lines) == 1 else f"{len(lines)} lines"
    return [f"{many} above the header not read: '{printable(lines[0], 60)}'"]


def _lost_zeros(columns: pl.DataFrame) -> list[str]:
    """Say where codes of people may have lost leading zeros: a spreadsheet keeps 007 as 7."""
    for header in columns.columns[1:]:
        if identity_of(header) == "subject_id":
            codes = columns[header].drop_nulls()
            if codes.str.contains(r"^[1-9]\d*$").all() and codes.str.len_chars().n_unique() > 1:
                return [f"{printable(header, 40)}: numbers; if the codes have leading zeros, the file has lost them"]
    return []


def _read_parquet(content: bytes, name: str) -> pl.DataFrame:
    frame = read_parquet(content, name, MAX_BYTES)
    numbered = frame.rename({column: str(index) for index, column in enumerate(frame.columns)})
    return _cleaned(as_text(numbered), frame.columns, name)


def _cleaned(body: pl.DataFrame, headers: Sequence[str], name: str) -> pl.DataFrame:
    """Trim cells, turn empty ones into NULL, drop blank rows and unnamed blank columns, and name the columns."""
    cells = pl.exclude(ROW_NUMBER)
    body = body.with_columns(cells.str.strip_chars()).with_columns(pl.when(cells != "").then(cells).name.keep())
    if not headers or body.is_empty():
        raise TableError(f"{name} has a header but no rows")
    body = body.filter(pl.any_horizontal(cells.is_not_null()))
    named = {column: header.strip() for column, header in zip(body.columns[1:], headers, strict=True)}
    blank = [column for column, header in named.items() if not header and body[column].null_count() == body.height]
    _check_headers([header for column, header in named.items() if column not in blank], name)
    if body.is_empty():
        raise TableError(f"{name} has a header but no rows")
    return body.drop(blank).rename({column: header for column, header in named.items() if column not in blank})


def _check_headers(headers: Sequence[str], name: str) -> None:
    if len(headers) > _MAX_COLUMNS:
        raise TableError(f"{name} has {len(headers):,} columns; at most {_MAX_COLUMNS:,} are read")
    if "" in headers:
        raise TableError(f"{name}: column {headers.index('') + 1} of the header has no name; name every column")
    folded = [header.casefold() for header in headers]
    repeated = next((header for header in headers if folded.count(header.casefold()) > 1), None)
    if repeated is not None:
        raise TableError(
            f"{name}: the header '{printable(repeated, 80)}' appears more than once; give every column its own name"
        )
    if ROW_NUMBER in folded:
        raise TableError(f"{name}: the header '{ROW_NUMBER}' is kept for the rows' own numbers; rename that column")
