"""The content hash: the same for the same people, another for any other."""

import hashlib
import struct

import polars as pl
import pytest

from db.content_hash import content_sha256

FRAME = pl.DataFrame(
    {
        "subject_id": ["P1", "P2", "P3"],
        "group": ["MS", "HC", "HC"],
        "sex": ["F", "M", "F"],
        "age_years": [44.0, None, 30.5],
        "wmh_area_mm2": [180.0, 0.0, 3.0],
    }
)


def test_the_hash_is_what_its_note_says_for_ever() -> None:
    """It is cited: a change of library or version must not change it."""
    said = b"p\0"
    said += b"subject_id\0" + b"P1\0P2\0P3\0" + b"group\0" + b"MS\0HC\0HC\0" + b"sex\0" + b"F\0M\0F\0"
    said += (
        b"age_years\0" + struct.pack("<3d", 44, float("nan"), 30.5) + b"wmh_area_mm2\0" + struct.pack("<3d", 180, 0, 3)
    )
    assert content_sha256(FRAME, "p") == hashlib.sha256(said).hexdigest()
    assert content_sha256(FRAME, "p").startswith("61e3ba174abb24aa")


@pytest.mark.parametrize(
    "same",
    [
        FRAME.reverse(),
        FRAME.select(reversed(FRAME.columns)),
        FRAME.with_columns(pl.lit(None, pl.Float64).alias("wmh_volume_ml")),
        FRAME.with_columns(pl.lit("any").alias("run_id"), pl.lit("tabriz/P1").alias("scan_id")),
        FRAME.with_columns(pl.col("wmh_area_mm2").cast(pl.Int32)),
        FRAME.with_columns(pl.col("wmh_area_mm2").replace(0.0, -0.0)),
    ],
    ids=["row order", "column order", "an empty column", "the store's own columns", "whole numbers", "minus zero"],
)
def test_the_same_people_have_the_same_hash(same: pl.DataFrame) -> None:
    assert content_sha256(same, "p") == content_sha256(FRAME, "p")


@pytest.mark.parametrize(
    "other",
    [
        FRAME.head(2),
        FRAME.with_columns(pl.col("age_years").fill_null(0)),
        FRAME.with_columns(pl.col("wmh_area_mm2") + 1e-9),
        FRAME.with_columns(pl.col("wmh_area_mm2").reverse()),
        FRAME.with_columns(pl.col("sex").reverse().shift(1).fill_null("M")),
        FRAME.rename({"wmh_area_mm2": "ventricle_area_mm2"}),
        FRAME.with_columns(pl.col("subject_id").replace({"P1": "P1P", "P2": "2"})),
    ],
    ids=["fewer", "an age", "a trace", "another's", "a sex", "another measure", "identifiers that join alike"],
)
def test_other_people_have_another_hash(other: pl.DataFrame) -> None:
    assert content_sha256(other, "p") != content_sha256(FRAME, "p")


def test_the_protocol_is_part_of_what_is_said() -> None:
    assert content_sha256(FRAME, "p") != content_sha256(FRAME, "q")
