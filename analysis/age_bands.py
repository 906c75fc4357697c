"""Age bands: inclusive limits in completed years, editable, named as a table shows them."""

import re
from collections.abc import Sequence

import polars as pl

from vocabulary.measures import AGE_BANDS

Bands = Sequence[tuple[int, int | None]]


def band_label(band: tuple[int, int | None]) -> str:
    """Name a band.

    Examples
    --------
    >>> band_label((18, 29)), band_label((60, None))
    ('18-29', '60+')
    """
    low, high = band
    return f"{low}+" if high is None else f"{low}-{high}"


def with_age_band(frame: pl.DataFrame, bands: Bands = AGE_BANDS) -> pl.DataFrame:
    """Add the column age_band (text); null for an unknown age or one in no band.

    A band holds the ages from its lower limit up to, not including, the year after its upper limit, so
    that 29.5 is still in 18-29.

    Parameters
    ----------
    frame : with a column age_years
    bands : (low, high) in completed years, both inclusive; None for no upper limit

    Raises
    ------
    ValueError : bands that are empty, out of order or overlap.
    """
    check_bands(bands)
    place = pl.lit(None, dtype=pl.UInt32)
    for number, band in enumerate(bands):
        place = pl.when(_inside(band)).then(pl.lit(number, dtype=pl.UInt32)).otherwise(place)
    # Numbers first: of a million people a column of text for every band takes four times as long.
    labels = pl.Series([band_label(band) for band in bands], dtype=pl.String)
    return frame.with_columns(pl.lit(labels).gather(place).alias("age_band"))


def in_a_band(bands: Bands = AGE_BANDS) -> pl.Expr:
    """Return whether a person is in any of the bands: those whom ``with_age_band`` gives one; null for an unknown age.

    Examples
    --------
    >>> pl.DataFrame({"age_years": [17.0, 29.5]}).select(in_a_band()).to_series().to_list()
    [False, True]
    """
    return pl.any_horizontal([_inside(band) for band in bands])


def _inside(band: tuple[int, int | None]) -> pl.Expr:
    low, high = band
    age = pl.col("age_years")
    return age >= low if high is None else (age >= low) & (age < high + 1)


def parse_bands(text: str) -> list[tuple[int, int | None]]:
    """Read bands as ``band_label`` writes them, separated by commas.

    Raises
    ------
    ValueError : not a list of bands, or bands that are empty, out of order or overlap.

    Examples
    --------
    >>> parse_bands("18-39,40-59,60+")
    [(18, 39), (40, 59), (60, None)]
    """
    bands: list[tuple[int, int | None]] = []
    for part in text.split(","):
        found = re.fullmatch(r"\s*(\d{1,3})\s*(?:\+|-\s*(\d{1,3}))\s*", part)
        if not found:
            raise ValueError(f"'{part.strip()}' is not an age band such as 18-39 or 60+")
        bands.append((int(found[1]), int(found[2]) if found[2] else None))
    check_bands(bands)
    return bands


def check_bands(bands: Bands) -> None:
    """Refuse bands that are empty, out of order or overlap.

    Raises
    ------
    ValueError : names the first band that is wrong.
    """
    if not bands:
        raise ValueError("no age band given; for instance 18-39,40-59,60+")
    for i, (low, high) in enumerate(bands):
        if low < 0 or (high is not None and high < low):
            raise ValueError(f"age band {band_label((low, high))} is empty")
        if high is None and i < len(bands) - 1:
            raise ValueError(f"age band {band_label((low, high))} has no upper limit, so it must be the last")
        if i and low <= (bands[i - 1][1] or 0):
            before = band_label(bands[i - 1])
            raise ValueError(f"age bands {before} and {band_label((low, high))} overlap or are out of order")
