"""Frames that hold no more than they say: columns that say the same of everybody as one value, nothing beside."""

import duckdb
import polars as pl


def kept_once(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with every text that is the same in all rows, and every column of nulls, kept as one value.

    Examples
    --------
    >>> kept_once(pl.DataFrame({"protocol_id": ["a", "a"], "age_years": [30, 40]})).rows()
    [('a', 30), ('a', 40)]
    """
    same = [
        column
        for column in frame.iter_columns()
        if frame.height and (column.null_count() == frame.height or (column.dtype == pl.String and _is_same(column)))
    ]
    return frame.with_columns(pl.lit(column[0], dtype=column.dtype).alias(column.name) for column in same)


def _is_same(column: pl.Series) -> bool:
    return bool(column[0] == column[-1] and column.n_unique() == 1)


def in_pieces(asked: duckdb.DuckDBPyRelation, rows: int) -> pl.DataFrame:
    """Read an answer of the database piece by piece, each copied out of what the database handed over.

    A column that is kept keeps all that was handed over with it, also the columns that are not: of a million people
    twice as much as the frame.

    Parameters
    ----------
    asked : not read yet
    rows : of a piece
    """
    parts = [copied(pl.DataFrame(pl.from_arrow(batch))) for batch in asked.to_arrow_reader(rows)]
    return pl.concat(parts, rechunk=True) if parts else asked.pl()


def copied(frame: pl.DataFrame) -> pl.DataFrame:
    """Return an equal frame that shares no memory with this one.

    Examples
    --------
    >>> copied(pl.DataFrame({"subject_id": ["a", None], "age_years": [30, 40]})).rows()
    [('a', 30), (None, 40)]
    """
    # Joining two pieces writes numbers anew, but of texts only where they stand.
    joined = pl.concat([frame.head(1), frame.slice(1)], rechunk=True)
    return joined.with_columns(pl.selectors.string() + "")
