"""Read delimited text (CSV, TSV) strictly: every record has the header's number of fields, or it is an error."""

import csv
import io
import re
from dataclasses import dataclass

import polars as pl

from db.errors import TableError
from db.tables.header_row import find_header
from vocabulary.messages import printable

FIELD_LIMIT = 10_000
"""Characters in one field; a longer one is a broken quote or not a table."""

_BYTE_ORDER_MARKS = {
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Records:
    """The records of a file.

    Attributes
    ----------
    rows : row_number (as a spreadsheet counts) and fields (list of text); the first is the header
    above : lines above the header, such as a title or a note, which are not read
    """

    rows: pl.DataFrame
    separator: str
    encoding: str
    above: tuple[str, ...] = ()


def read_records(content: bytes, name: str) -> Records:
    """Decode a file and split it into records, blank ones left out.

    Understands UTF-8 and UTF-16 with or without a byte order mark, Windows-1252 for what is not UTF-8, the
    separators comma, semicolon, tab and bar (the one most frequent in the header, or named by Excel's ``sep=;``),
    quotes as RFC 4180 (https://doi.org/10.17487/RFC4180) has them, and any line ending. Titles and notes above the
    header are passed over: see ``db.tables.header_row``.

    Raises
    ------
    TableError : not text, no separator, a broken quote or a field of more than ``FIELD_LIMIT`` characters.
    """
    text, encoding = _decode(content, name)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    place = find_header(text)
    if place.separator is None:
        raise TableError(f"{name}: the header has only one column; separate columns by comma, semicolon or tab")
    separator, body = place.separator, _from_line(text, place.line)
    # Without a quote every line is a record, and splitting a column of lines is vectorised.
    fields = _split_quoted(body, separator, name) if '"' in body else _split_plain(body, separator)
    rows = pl.DataFrame({"fields": fields}).with_row_index("row_number", offset=1 + place.line)
    longest = rows.select("row_number", pl.col("fields").list.eval(pl.element().str.len_chars()).list.max().alias("n"))
    too_long = longest.filter(pl.col("n") > FIELD_LIMIT)
    if too_long.height:
        raise TableError(
            f"{name}, row {too_long['row_number'][0]}: a field has over {FIELD_LIMIT:,} characters; is a quote missing?"
        )
    blank = pl.col("fields").list.eval(pl.element().str.strip_chars() == "").list.all()
    return Records(rows.filter(~blank), separator, encoding, place.above)


def _from_line(text: str, line: int) -> str:
    start = 0
    for _ in range(line):
        start = text.index("\n", start) + 1
    return text[start:].removeprefix("#") if line or text.startswith("#") else text


def _decode(content: bytes, name: str) -> tuple[str, str]:
    encoding = next((known for mark, known in _BYTE_ORDER_MARKS.items() if content.startswith(mark)), None)
    if encoding is None:
        encoding = _utf16_without_mark(content) or "utf-8"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise TableError(f"{name}: damaged {encoding.upper()} text; save it again as CSV UTF-8") from error
        encoding = "cp1252"
        text = content.decode(encoding, errors="replace")
    found = _CONTROL.search(text)
    if found:
        row = text.count("\n", 0, found.start()) + 1
        raise TableError(
            f"{name}, row {row}: the character {found[0]!r} does not belong in a table of text; save it as CSV UTF-8"
        )
    return text, encoding


def _utf16_without_mark(content: bytes) -> str | None:
    """Recognise UTF-16 by the zero bytes of its ASCII letters: many, and all at even or all at odd places."""
    zeros = [place for place, byte in enumerate(content[:64]) if byte == 0]
    if len(zeros) < len(content[:64]) / 4 or len({place % 2 for place in zeros}) != 1:
        return None
    return "utf-16-le" if zeros[0] % 2 else "utf-16-be"


def _split_plain(text: str, separator: str) -> pl.Series:
    return pl.Series(text.split("\n"), dtype=pl.String).str.split(separator)


def _split_quoted(text: str, separator: str, name: str) -> pl.Series:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    records: list[list[str]] = []
    try:
        records.extend(record or [""] for record in reader)
    except csv.Error as error:
        raise TableError(
            f"{name}, row {len(records) + 1}: broken quoting ({printable(str(error))}); close or remove the quote"
        ) from error
    return pl.Series(records, dtype=pl.List(pl.String))
