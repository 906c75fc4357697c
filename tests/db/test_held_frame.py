"""What is held of a frame gives back the very same frame, in less memory."""

import gc
import math
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from db.held_frame import HeldFrame
from db.store import Store


def test_of_the_cohort_less_than_two_thirds_are_held_and_all_is_handed_out(demo_store: Path) -> None:
    with Store(demo_store).read() as opened:
        people = opened.cohort("demo")
    held = HeldFrame(people)
    before = people.clone()
    del people
    gc.collect()
    assert_frame_equal(held.frame(), before, check_exact=True)
    assert held.estimated_size() < before.estimated_size() * 2 / 3


def test_what_is_the_same_for_everybody_stays_one_value_in_what_is_handed_out(demo_store: Path) -> None:
    with Store(demo_store).read() as opened:
        people = opened.cohort("demo")
        size = people.estimated_size()
    held = HeldFrame(people)
    del people
    frame = held.frame()
    assert frame.estimated_size() == size
    # Looked at, a constant column is written out; what is held is not.
    assert frame["run_id"].len() == frame.height
    before = held.estimated_size()
    del frame
    assert held.estimated_size() == before


@pytest.mark.parametrize(
    "column",
    [
        pl.Series("c", [30.0, None, 2.0**24]),
        pl.Series("c", [30.0, 2.0**24 + 1, 1.0]),
        pl.Series("c", [0.1, 0.2, 0.3]),
        pl.Series("c", [0.5, math.nan, -0.0]),
        pl.Series("c", [1e300, math.inf, 1.0]),
        pl.Series("c", ["F", None, "M"]),
        pl.Series("c", ["F", None, "F"]),
        pl.Series("c", ["", " ", "\N{LATIN SMALL LETTER E WITH ACUTE}"]),
        pl.Series("c", [None, None, None], dtype=pl.Float64),
        pl.Series("c", [None, None, None], dtype=pl.String),
        pl.Series("c", [1, None, 3], dtype=pl.Int32),
        pl.Series("c", [True, False, None]),
    ],
)
@pytest.mark.parametrize("rows", [3, 1, 0])
def test_every_value_comes_back(column: pl.Series, rows: int) -> None:
    frame = pl.DataFrame([pl.Series("n", [1, 2, 3]), column]).head(rows)
    again = HeldFrame(frame.clone()).frame()
    assert_frame_equal(again, frame, check_exact=True)
    if rows and column.dtype == pl.Float64:
        signs = [None if value is None else math.copysign(1, value) for value in frame["c"]]
        assert [None if value is None else math.copysign(1, value) for value in again["c"]] == signs


@pytest.mark.parametrize(
    ("scans", "is_held"),
    [
        (["demo/a", "demo/b", "demo/ab"], False),
        (["a", "b", "ab"], False),
        (["demo/a", "other/b", "demo/ab"], True),
        (["demo/a/ses-1", "demo/b/ses-1", "demo/ab/ses-1"], True),
    ],
)
def test_codes_of_scans_are_held_only_where_persons_do_not_tell_them(scans: list[str], is_held: bool) -> None:
    frame = pl.DataFrame({"scan_id": scans, "subject_id": ["a", "b", "ab"], "age_years": [1.5, 2.1, 3.3]})
    held = HeldFrame(frame.clone())
    assert_frame_equal(held.frame(), frame, check_exact=True)
    assert ("scan_id" in held._held.columns) is is_held


def test_more_texts_than_a_byte_tells_apart_are_held_as_they_are() -> None:
    frame = pl.DataFrame({"word": [f"word {n}" for n in range(300)], "sex": ["F", "M", None] * 100})
    held = HeldFrame(frame.clone())
    assert held._held.schema == {"word": pl.String, "sex": pl.UInt8}
    assert_frame_equal(held.frame(), frame, check_exact=True)
