"""Read a Parquet file: what it would take in memory is judged from its own account before it is unpacked."""

from typing import TYPE_CHECKING

import polars as pl

from db.errors import TableError
from db.tables.workbook import MAX_CELLS
from vocabulary.messages import one_line, printable

if TYPE_CHECKING:
    from pyarrow import Table
    from pyarrow.parquet import ParquetFile


def read_parquet(content: bytes, name: str, max_bytes: int) -> pl.DataFrame:
    """Return the columns of a file, numbers and text only; text may come as categories.

    Parameters
    ----------
    max_bytes : largest content, unpacked, and largest text of a column once every row has its own

    Raises
    ------
    TableError : damaged, too large once unpacked, or with a column that holds neither numbers nor text.
    """
    # The other reader ends in a panic, written to stderr, on some damaged files; this one raises.
    import pyarrow
    import pyarrow.parquet

    try:
        source = pyarrow.BufferReader(content)
        described = pyarrow.parquet.ParquetFile(source)
        _refuse_bombs(described, name, max_bytes)
        # A text that a million rows share stands in the file once; as categories it stays so until it is counted.
        text = (pyarrow.string(), pyarrow.large_string(), pyarrow.string_view())
        texts = [field.name for field in described.schema_arrow if field.type in text]
        table = pyarrow.parquet.ParquetFile(source, read_dictionary=texts).read(use_threads=False)
        _refuse_damaged_texts(table)
        _refuse_long_texts(table, name, max_bytes)
        # Without what else the file says of its columns: bytes there that are no text make the other library panic.
        frame = pl.DataFrame(pyarrow.Table.from_arrays(table.columns, names=table.column_names))
    except (pyarrow.ArrowException, pl.exceptions.PolarsError, OSError, ValueError, RuntimeError) as error:
        if isinstance(error, TableError):
            raise
        reason = one_line(error)[:120]
        raise TableError(f"{name} is not a readable Parquet file ({reason}); write it again") from error
    for column, dtype in frame.schema.items():
        if dtype.is_nested() or dtype in (pl.Binary, pl.Object, pl.Duration):
            raise TableError(f"{name}: column '{printable(column, 80)}' holds {dtype}, expected numbers or text")
    return frame


def _refuse_bombs(described: "ParquetFile", name: str, max_bytes: int) -> None:
    said = described.metadata
    if said.num_rows * said.num_columns > MAX_CELLS:
        raise TableError(
            f"{name} holds {said.num_rows:,} rows of {said.num_columns:,} columns; at most {MAX_CELLS:,} cells are "
            "read; import it in parts"
        )
    unpacked = sum(said.row_group(group).total_byte_size for group in range(said.num_row_groups))
    if unpacked > max_bytes:
        raise TableError(f"{name} unpacks to {unpacked / 1024**2:,.0f} MB; import it in parts")


def _refuse_damaged_texts(table: "Table") -> None:
    """Raise ArrowInvalid where a text is not UTF-8, over which the frame's maker would panic."""
    import pyarrow

    table.validate(full=True)
    for held in table.columns:
        if pyarrow.types.is_dictionary(held.type):
            for chunk in held.chunks:
                chunk.dictionary.validate(full=True)


def _refuse_long_texts(table: "Table", name: str, max_bytes: int) -> None:
    import pyarrow
    import pyarrow.compute

    for column, held in zip(table.column_names, table.columns, strict=True):
        if not pyarrow.types.is_dictionary(held.type):
            continue
        letters = 0
        for chunk in held.chunks:
            lengths = pyarrow.compute.binary_length(chunk.dictionary).cast(pyarrow.int64())
            letters += pyarrow.compute.sum(lengths.take(chunk.indices)).as_py() or 0
        if letters > max_bytes:
            raise TableError(
                f"{name}: the texts of column '{printable(column, 80)}' come to {letters / 1024**2:,.0f} MB; "
                "leave the column out"
            )
