"""Tables made at random, seeded: every one is read and checked, or refused in words; none crashes, none hangs.

``FUZZED_TABLES=2000 python -m pytest -n0 tests/db/tables/test_fuzzed_tables.py`` is the long run.
"""

import io
import os
import random
import time
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from db.errors import TableError
from db.tables.choices import ExtraChoice, TableChoices
from db.tables.columns import FIELDS, RELEASED, map_columns, recognised
from db.tables.files import read_table
from db.tables.people_table import read_people
from db.tables.units import UNITS
from db.tables.validation import validate

N_TABLES = int(os.environ.get("FUZZED_TABLES", "100"))
SEED = 20261126
SLOWEST_SECONDS = 20.0
"""Of processor time for one table of a few rows: what takes longer would hang on a real one."""

HEADERS = (
    *FIELDS,
    *RELEASED,
    *("EDSS", "Age (months)", "WMH area (cm2)", "WMH volume [mm3]", "Lesion_Volume", "Gender (M/F)", "Geschlecht"),
    *("Subject ID", "visit", "", " ", "row_number", "\ufeffid", "=1+1", "ä" * 300, "a\tb", "SEX", "x" * 5000),
)
CELLS = (
    *("", "NA", "MS", "HC", "RRMS", "F", "M", "H", "0", "1", "44", "44,5", "44.5", "121.234", "121,234", "1.234.567,8"),
    *("1,234,567.8", "121 234", "121'234", "116000", "1e5", "1e400", "-0", "inf", "nan", "89+", "40 years", "18M"),
    *("P001", "007", "Ann Lee", "=SUM(A1)", "-3", "+", "1,2,3", "1..2", "９", "٤٤", "\u202e", "'", '"', '""', "a;b"),
    *("a|b", "\x00", "\x1b[2J", "NULL", "2024-01-01", "9" * 400, "0x10", "1_000", "½", "#", "sep=;", "%", "true"),
    *("0.5 mm2", "x" * 12_000),
)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "utf-32")
ABOVE = ("", "sep=;\n", "# note\n", "Title\n\n", "Title;;;\n", "\n\n\n", '"', "a,b\n", "sep=\n", "sep=ab\n")


def made(rng: random.Random) -> tuple[str, bytes]:
    """Return a file's name and content."""
    width, height = rng.randint(1, 14), rng.choice((0, 1, 2, 5, 20))
    headers = rng.sample(HEADERS, width)
    rows = [[rng.choice(CELLS) for _ in headers] for _ in range(height)]
    if rng.random() < 0.7:
        # Most of a table is sound, or nothing beyond the header would ever be looked at.
        sound = ("subject_id", "sex", "group", "wmh_area_mm2")
        headers = [*sound, *(h for h in headers[:3] if recognised(h) not in sound and h.strip())]
        numbers = rng.choice((("0", "180", "6.5"), ("1.234", "98.765"), ("6,5", "180"), ("x", "1", "")))
        rows = [
            [f"P{i}", "FM"[i % 2], "MS", rng.choice(numbers), *row[:3]][: len(headers)] for i, row in enumerate(rows)
        ]
    match rng.choice(("csv", "csv", "csv", "tsv", "xlsx", "parquet")):
        case "xlsx":
            return "t.xlsx", damaged(rng, workbook(headers, rows))
        case "parquet":
            named = {f"{name or 'x'}{i}": [row[i] for row in rows] for i, name in enumerate(headers)}
            buffer = io.BytesIO()
            pl.DataFrame(named, schema=dict.fromkeys(named, pl.String)).write_parquet(buffer)
            return "t.parquet", damaged(rng, buffer.getvalue())
        case ending:
            separator = rng.choice((",", ";", "\t", "|", ", "))
            quoted = rng.random() < 0.4
            lines = [separator.join(quote(c) if quoted else c for c in row) for row in [headers, *rows]]
            text = rng.choice(ABOVE) + rng.choice(("\n", "\r\n", "\r")).join(lines)
            return f"t.{ending}", damaged(rng, text.encode(rng.choice(ENCODINGS), errors="replace"))


def quote(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def workbook(headers: list[str], rows: list[list[str]]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        for name in ("Data", "Legend"):
            sheet = book.add_worksheet(name)
            for number, row in enumerate([headers, *rows]):
                for place, cell in enumerate(row):
                    sheet.write_string(number, place, cell[:30_000].replace("\x00", ""))
    return buffer.getvalue()


def damaged(rng: random.Random, content: bytes) -> bytes:
    """Return the content, one time in three cut short or with bytes changed."""
    if not content or rng.random() < 0.67:
        return content
    if rng.random() < 0.4:
        return content[: rng.randrange(len(content))]
    changed = bytearray(content)
    for _ in range(rng.randint(1, 8)):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def chosen(rng: random.Random, headers: list[str]) -> TableChoices:
    if rng.random() < 0.4 or not headers:
        return TableChoices()
    return TableChoices(
        columns={rng.choice(headers): rng.choice(FIELDS)} if rng.random() < 0.4 else {},
        values={"group": {"*": rng.choice(("MS", None))}, "sex": {"*": "F"}} if rng.random() < 0.6 else {},
        units={rng.choice(headers): rng.choice([*UNITS, "furlong"])} if rng.random() < 0.2 else {},
        extras=(ExtraChoice(rng.choice([*headers, "*"]), rng.choice(("number", "category", None))),),
        decimal=rng.choice((None, None, ",", ".")),
    )


ONCE_BROKEN = (2419, 3070)
"""A library's words with a control character in them; a damaged text in a Parquet file, which ended the process."""


@pytest.mark.parametrize("number", ONCE_BROKEN)
def test_tables_that_once_broke_something_are_refused_in_words(number: int, tmp_path: Path) -> None:
    name, content = made(random.Random(SEED + number))
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TableError) as refused:
        read_table(tmp_path / name)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize("part", range(4))
def test_every_table_is_read_or_refused_in_words(part: int, tmp_path: Path) -> None:
    accepted = joined = 0
    for number in range(part, N_TABLES, 4):
        rng = random.Random(SEED + number)
        name, content = made(rng)
        path = tmp_path / name
        path.write_bytes(content)
        began = time.process_time()
        try:
            table = read_table(path)
            choices = chosen(rng, table.headers)
            with suppress(TableError):
                people = read_people(table, TableChoices({}, choices.values, {}, choices.extras, None, choices.decimal))
                joined += people.rows.height > 0
            found = validate(table.columns, map_columns(table.headers, choices, table.name, table.empty), choices, "t")
            accepted += found.rows.height > 0
        except TableError as error:
            said = str(error)
            assert said.strip(), number
            assert "\n" not in said, number
            assert "Traceback" not in said, number
            assert all(letter.isprintable() for letter in said), (number, said)
        assert time.process_time() - began < SLOWEST_SECONDS, number
    if part == 0 and N_TABLES >= 100:
        assert accepted and joined, "a fuzz that nothing survives tests only the door"
