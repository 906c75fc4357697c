"""A frame between two uses: in the least memory, handed out as it was."""

from weakref import ref

import polars as pl

from db.constant_columns import kept_once

FEW_TEXTS = 255
"""So many different texts are told apart by one byte."""


class HeldFrame:
    """A frame whose columns are held in the narrowest form that gives back the very same values.

    Texts with few values are held as their places in a list of these, numbers that half the bits tell in half, scans'
    codes that are their persons' after one beginning not at all: of a million people less than half. No form is taken
    before it gave back every value.

    Parameters
    ----------
    frame : any; scans' codes are those of ``scan_id``, persons' of ``subject_id``
    """

    def __init__(self, frame: pl.DataFrame) -> None:
        self._columns = frame.columns
        code = _code_of_scan(frame)
        self._wide = [] if code is None else [code]
        held = frame if code is None else frame.drop("scan_id")
        for column in held:
            narrowed = None if column.name == "subject_id" else _narrowed(column)
            if narrowed is not None:
                held = held.with_columns(narrowed[0])
                self._wide.append(narrowed[1])
        self._held = kept_once(held)
        self._shared = ref(frame)

    def estimated_size(self) -> int:
        """Return how many bytes are held."""
        return int(self._held.estimated_size())

    def frame(self) -> pl.DataFrame:
        """Return the frame as it was; while somebody has it others get the same one, so nobody may change it."""
        shared = self._shared()
        if shared is None:
            # A column kept as one value becomes a million when it is looked at; in a clone no longer than the clone.
            shared = self._held.clone().with_columns(self._wide).select(self._columns)
            self._shared = ref(shared)
        return shared


def _narrowed(column: pl.Series) -> tuple[pl.Series, pl.Expr] | None:
    """Return the column in fewer bits and what gives it back; None where nothing is gained, or anything lost."""
    if column.null_count() == len(column):
        return None
    name = pl.col(column.name)
    if column.dtype == pl.Float64:
        narrow, wide = column.cast(pl.Float32), name.cast(pl.Float64)
    elif column.dtype == pl.String and 1 < column.n_unique() <= FEW_TEXTS:
        texts = column.drop_nulls().unique()
        # Three times as fast to undo as a column of categories.
        narrow, wide = column.cast(pl.Enum(texts)).to_physical(), pl.lit(texts).gather(name).alias(column.name)
    else:
        return None
    again = narrow.to_frame().select(wide).to_series()
    return (narrow, wide) if again.equals(column) else None


def _code_of_scan(frame: pl.DataFrame) -> pl.Expr | None:
    """Return what makes scans' codes of persons'; None where they are not these after one beginning."""
    if frame.is_empty() or not {"scan_id", "subject_id"} <= set(frame.columns):
        return None
    beginning = frame["scan_id"][0].removesuffix(frame["subject_id"][0])
    code = (pl.lit(beginning) + pl.col("subject_id")).alias("scan_id")
    return code if frame.select(code)["scan_id"].equals(frame["scan_id"]) else None
