"""Further columns as covariates of the adjusted comparison: MS against controls of the same scanner or site, too."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from vocabulary.extra_columns import extra_named

FloatArray = NDArray[np.float64]
PREFIX = "covariate: "
"""Columns of a frame that begin with it enter every adjusted model made of the frame."""


def with_covariates(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Return the frame with columns marked as covariates; a person without a value of one is in no adjusted answer.

    Parameters
    ----------
    frame : cohort frame
    names : columns of the frame, numbers or words

    Raises
    ------
    ValueError : the frame has no such column, or it is one the models hold already.
    """
    for name in names:
        if name in ("group", "sex", "age_years"):
            raise ValueError(f"'{name}' is in every adjusted model already")
        if name not in frame.columns:
            known = ", ".join(c for c in frame.columns if frame[c].null_count() < frame.height)
            raise ValueError(f"the cohort has no column '{name}'; it has: {known}")
    return frame.with_columns(pl.col(name).alias(PREFIX + name) for name in names)


def marked(frame: pl.DataFrame) -> list[str]:
    """Return the columns of a frame that are marked as covariates."""
    return [name for name in frame.columns if name.startswith(PREFIX)]


def design_columns(used: pl.DataFrame) -> tuple[list[FloatArray], list[str]]:
    """Return the columns of the model and the words for them, of covariates that vary.

    A number enters as it is, standardised; of words, each but the most frequent has a column of its own.
    """
    columns: list[FloatArray] = []
    words = []
    for name in marked(used):
        values = used[name]
        if values.n_unique() < 2:
            continue
        if values.dtype.is_numeric():
            numbers = values.cast(pl.Float64).to_numpy()
            columns.append((numbers - numbers.mean()) / numbers.std())
        else:
            counts = values.value_counts().sort(["count", name], descending=[True, False])
            columns += [(values == level).cast(pl.Float64).to_numpy() for level in counts[name].to_list()[1:]]
        label = extra_named(name.removeprefix(PREFIX)).label
        words.append(label if label[:2].isupper() else label[:1].lower() + label[1:])
    return columns, words
