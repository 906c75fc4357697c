"""Further columns of a dataset beside its cohort frame: joined to it by scan."""

from collections.abc import Iterable

import polars as pl

from vocabulary.extra_columns import ExtraColumn


def with_extras(frame: pl.DataFrame, columns: Iterable[ExtraColumn], values: pl.DataFrame) -> pl.DataFrame:
    """Return a cohort frame with further columns at its end, numbers as Float64 and categories as String.

    Parameters
    ----------
    frame : with the column scan_id
    values : scan_id, column_name, number_value, text_value
    """
    for column in columns:
        held = "number_value" if column.kind == "number" else "text_value"
        own = values.filter(pl.col("column_name") == column.name).select("scan_id", pl.col(held).alias(column.name))
        frame = frame.join(own, on="scan_id", how="left", maintain_order="left")
    return frame
