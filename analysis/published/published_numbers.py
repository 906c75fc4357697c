"""The published numbers as facts, and whether a table is the one they were published with."""

import hashlib
from functools import cache
from importlib.resources import files

import polars as pl

from analysis.published.recompute import Key
from analysis.published.study_rules import AREAS

KEY_COLUMNS = ("source", "quantity", "group", "sex", "age_group")

PUBLISHED_AT = "github.com/Mahdi-Bashiri/MRI_MS_Insights"
SOURCES = f"{PUBLISHED_AT}, commit db0568d, and its README, commit d946551, as read in November 2026"
"""Which state of the study's repository the numbers were read off."""
RELEASED_ROWS = 1380
RELEASED_SHA256 = "6cc41bcb84f52ac2738652d6effbb97d532581d4c44b2fa980f0f6bceca32637"

PLACES = {
    "seed:": "Output files",
    "README+Article Table_1": "Table 1",
    "README": "README",
    "Article Table_1": "Table 1",
    "Article Table_5": "Table 5",
    "Article Figure_2": "Figure 2",
    "Article Figure_8": "Figure 8",
    "sib ": "Sibling repository",
}
"""How a source begins -> where a reader finds it."""


@cache
def published_numbers() -> dict[Key, str]:
    """Return every published number, as printed, by source, quantity, group, sex and age group.

    Read off the study's repository (output files, README, tables and figures); facts only.
    """
    table = pl.read_csv((files("analysis.published") / "numbers.csv").read_bytes(), infer_schema=False)
    return {(row[0], row[1], row[2], row[3], row[4]): row[5] for row in table.iter_rows()}


def place(source: str) -> str:
    """Return where a number was published, in words.

    Examples
    --------
    >>> place("seed:lesion_area_contributions.csv"), place("README+Article Table_1.docx")
    ('Output files', 'Table 1')
    """
    return next(words for start, words in PLACES.items() if source.startswith(start))


def content_sha256(frame: pl.DataFrame) -> str:
    """Return a fingerprint of what the study measured, whatever the order and the names of the people.

    Parameters
    ----------
    frame : polars.DataFrame
        cohort frame; group, sex, age and the six areas are used.
    """
    numbers = ("age_years", *AREAS)
    content = frame.select("group", "sex", *(pl.col(name).cast(pl.Float64) for name in numbers))
    text = content.sort(content.columns).write_csv(float_precision=6)
    return hashlib.sha256(text.encode()).hexdigest()


def is_released_table(frame: pl.DataFrame) -> bool:
    """Say whether a cohort frame holds the study's released table: 1,380 people, every value the same."""
    return frame.height == RELEASED_ROWS and content_sha256(frame) == RELEASED_SHA256
