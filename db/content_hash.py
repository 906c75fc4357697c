"""A hash of what a dataset says, whatever file said it: the thing to cite."""

import hashlib
from collections.abc import Sequence

import numpy as np
import polars as pl

from db.tables.columns import DERIVED
from vocabulary.extra_columns import ExtraColumn
from vocabulary.measures import AREA_MEASURES, MEASURES

_TEXT = ("subject_id", "session", "group", "sex")
_NUMBERS = ("age_years", *AREA_MEASURES, *(name for name, measure in MEASURES.items() if measure.from_images))


def content_sha256(cohort: pl.DataFrame, protocol_id: str, extras: Sequence[ExtraColumn] = ()) -> str:
    """Hash the rows of a cohort under a protocol.

    Independent of row order, file format and of columns that are empty throughout, so that two people
    holding the same data find the same hash, and can check it against `db.snapshot.Snapshot.cohort`.

    Parameters
    ----------
    cohort : one row per scan; identifiers, group, sex, age (years), measures; absent columns count as empty
    extras : further columns of the cohort that belong to it, by name

    Returns
    -------
    str : 64 hexadecimal digits

    Notes
    -----
    SHA-256 over the protocol and, column by column in a fixed order, its name and its values in the order of
    the identifiers: text as UTF-8 ended by a zero byte, numbers as little-endian doubles, NULL as one NaN. A ratio or
    share counts only where the areas it is derived from are not there. Further columns follow by name, with their kind
    and unit.

    Examples
    --------
    >>> a = pl.DataFrame({"subject_id": ["1", "2"], "age_years": [30.0, None]})
    >>> content_sha256(a, "p") == content_sha256(a.reverse(), "p")
    True
    """
    digest = hashlib.sha256(protocol_id.encode() + b"\0")
    filled = {name for name in cohort.columns if cohort[name].null_count() < cohort.height}
    own = [name for name, areas in DERIVED.items() if not filled.issuperset(areas)]
    described = {extra.name: f"{extra.name}\0{extra.kind}\0{extra.unit}" for extra in extras}
    present = [name for name in (*_TEXT, *_NUMBERS, *own, *sorted(described)) if name in filled]
    text = {*_TEXT, *(extra.name for extra in extras if extra.kind == "category")}
    ordered = cohort.select(present).sort([name for name in ("subject_id", "session") if name in present])
    for name in present:
        digest.update(described.get(name, name).encode() + b"\0")
        if name in text:
            digest.update(("\0".join(ordered[name].fill_null("")) + "\0").encode())
        else:
            # Adding zero turns -0.0 into 0.0.
            values = ordered[name].cast(pl.Float64).fill_null(float("nan")).to_numpy() + 0.0
            digest.update(np.where(np.isnan(values), np.nan, values).astype("<f8").tobytes())
    return digest.hexdigest()
