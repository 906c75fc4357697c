"""Age bands a reader may edit: '18-29, 30-39, 40+', kept in the URL; a wrong entry says what is wrong."""

import re

import streamlit as st

from analysis.age_bands import Bands, band_label, check_bands
from app.components import linked
from vocabulary.measures import AGE_BANDS

MAX_BANDS = 10
EXAMPLE = "18-29, 30-39, 40+"
_BAND = re.compile(r"(\d{1,3})\s*(?:-|–|to)\s*(\d{1,3})|(\d{1,3})\s*\+")


def parse_bands(text: str) -> Bands:
    """Read age bands as people write them; both ends are inclusive, in completed years.

    Raises
    ------
    ValueError : says which part cannot be read, or which bands are empty, overlap or are out of order.

    Examples
    --------
    >>> parse_bands("18-29, 30 to 39; 40+")
    [(18, 29), (30, 39), (40, None)]
    """
    parts = [part.strip() for part in re.split(r"[,;]", text) if part.strip()]
    bands: list[tuple[int, int | None]] = []
    for part in parts:
        match = _BAND.fullmatch(part)
        if match is None:
            raise ValueError(f"'{part[:20]}' is not an age band; write for example {EXAMPLE}")
        low, high, from_on = match.groups()
        bands.append((int(from_on), None) if from_on else (int(low), int(high)))
    if len(bands) > MAX_BANDS:
        raise ValueError(f"{len(bands)} age bands are too many to read; use at most {MAX_BANDS}")
    check_bands(bands)
    return bands


def write_bands(bands: Bands) -> str:
    """Write bands as `parse_bands` reads them.

    Examples
    --------
    >>> write_bands([(18, 29), (30, None)])
    '18-29, 30+'
    """
    return ", ".join(band_label(band) for band in bands)


def age_bands() -> Bands:
    """Draw the text field and return its bands; those of the study while the entry cannot be read."""
    text = linked.text_input(
        "Age bands (years)",
        value=write_bands(AGE_BANDS),
        key="bands",
        max_chars=120,
        width=330,
        help=f"Inclusive, in completed years, youngest first; for example {EXAMPLE}.",
    )
    try:
        return parse_bands(text or write_bands(AGE_BANDS))
    except ValueError as error:
        st.session_state["bands_problem"] = f"Age bands: {error}. Shown with {write_bands(AGE_BANDS)}."
        return AGE_BANDS
