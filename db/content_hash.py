"""A hash of what a dataset says, whatever file said it: the thing to cite."""

import hashlib

import numpy as np
import polars as pl

from vocabulary.measures import AREA_MEASURES, MEASURES

_TEXT = ("subject_id", "session", "group", "sex")
_NUMBERS = ("age_years", *AREA_MEASURES, *(name for name, measure in MEASURES.items() if measure.from_images))


def content_sha256(cohort: pl.DataFrame, protocol_id: str) -> str:
    """Hash the rows of a cohort under a protocol.

    Independent of row order, file format and of columns that are empty throughout, so that two people
    holding the same data find the same hash, and can check it against `db.snapshot.Snapshot.cohort`.

    Parameters
    ----------
    cohort : one row per scan; identifiers, group, sex, age (years), measures; absent columns count as empty

    Returns
    -------
    str : 64 hexadecimal digits

    Notes
    -----
    SHA-256 over the protocol and, column by column in a fixed order, its name and its values in the order of
    the identifiers: text as UTF-8 ended by a zero byte, numbers as little-endian doubles, NULL as one NaN.

    Examples
    --------
    >>> a = pl.DataFrame({"subject_id": ["1", "2"], "age_years": [30.0, None]})
    >>> content_sha256(a, "p") == content_sha256(a.reverse(), "p")
    True
    """
    digest = hashlib.sha256(protocol_id.encode() + b"\0")
    columns = [name for name in (*_TEXT, *_NUMBERS) if name in cohort.columns]
    present = [name for name in columns if cohort[name].null_count() < cohort.height]
    ordered = cohort.select(present).sort([name for name in ("subject_id", "session") if name in present])
    for name in present:
        digest.update(name.encode() + b"\0")
        if name in _TEXT:
            digest.update(("\0".join(ordered[name].fill_null("")) + "\0").encode())
        else:
            # Adding zero turns -0.0 into 0.0.
            values = ordered[name].cast(pl.Float64).fill_null(float("nan")).to_numpy() + 0.0
            digest.update(np.where(np.isnan(values), np.nan, values).astype("<f8").tobytes())
    return digest.hexdigest()
