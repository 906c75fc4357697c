"""Answers as JSON can say them: numbers that are not finite become null, at any depth."""

import math
from typing import Any

import polars as pl


def finite(value: Any) -> Any:
    """Return a value, list or object with null for every number that is not finite.

    Examples
    --------
    >>> finite({"icc": [{"value": float("nan"), "n": 2}], "limit": float("-inf")})
    {'icc': [{'value': None, 'n': 2}], 'limit': None}
    """
    if isinstance(value, dict):
        return {key: finite(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def rows_of(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Return a frame as JSON rows."""
    return [finite(row) for row in frame.iter_rows(named=True)]
