"""Small files that would fill the memory, or hold what is no table's: refused in one line before they are unpacked."""

import datetime
from pathlib import Path

import polars as pl
import pytest

from db.errors import TableError
from db.tables.files import read_table


def parquet(folder: Path, frame: pl.DataFrame) -> Path:
    frame.write_parquet(folder / "t.parquet")
    return folder / "t.parquet"


def test_ten_million_rows_in_a_small_file_are_refused_unread(tmp_path: Path) -> None:
    """It took 3.8 GB."""
    path = parquet(tmp_path, pl.select(pl.repeat(1, 10_000_000, dtype=pl.UInt8).alias(name) for name in "abc"))
    assert path.stat().st_size < 300_000
    with pytest.raises(TableError, match="holds 10,000,000 rows of 3 columns; at most 20,000,000 cells"):
        read_table(path)


def test_a_long_text_that_many_rows_share_is_refused_unread(tmp_path: Path) -> None:
    """One text of 10 KB in a file of kilobytes is 2 GB in memory when 200,000 rows have it."""
    text = pl.select(pl.repeat("x" * 10_000, 200_000).alias("note"), pl.int_range(200_000).alias("id"))
    path = parquet(tmp_path, text)
    assert path.stat().st_size < 3_000_000
    with pytest.raises(TableError, match="the texts of column 'note' come to 1,907 MB; leave the column out"):
        read_table(path)


def test_a_duration_is_no_number(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": ["a"], "since": [datetime.timedelta(days=3)]})
    with pytest.raises(TableError, match="column 'since' holds Duration"):
        read_table(parquet(tmp_path, frame))


def test_texts_shared_by_rows_are_read_as_they_are(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": ["a", "b", "c"], "group": ["MS", None, "MS"], "age": [44.0, 0.1, None]})
    read = read_table(parquet(tmp_path, frame)).columns
    assert read["group"].to_list() == ["MS", None, "MS"]
    assert read.schema["group"] == pl.String
    assert read["age"].to_list() == ["44", "0.1", None]
