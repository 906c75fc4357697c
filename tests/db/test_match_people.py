"""Rows of a table and the scans they speak of: the right person and visit, or nobody."""

import polars as pl

from db.match_people import Matched, match_people

PEOPLE = pl.DataFrame(
    {
        "scan_id": ["d/P07", "d/8_ses-1", "d/8_ses-2", "d/A-1", "d/a_1"],
        "subject_id": ["P07", "8", "8", "A-1", "a_1"],
        "session": [None, "1", "2", None, None],
    }
)


def matched(*rows: tuple[str, str | None]) -> Matched:
    frame = pl.DataFrame(
        {
            "row_number": range(2, 2 + len(rows)),
            "subject_id": [code for code, _ in rows],
            "session": pl.Series([session for _, session in rows], dtype=pl.String),
        }
    )
    return match_people(frame, PEOPLE)


def test_codes_are_matched_exactly_or_where_only_the_writing_differs() -> None:
    found = matched(("sub-P07", None), ("008", None), ("9", None))
    assert found.row_of == {"d/P07": 2, "d/8_ses-1": 3, "d/8_ses-2": 3}
    assert found.unmatched == ["9"]
    assert found.differs == [("008", "8")]


def test_a_row_of_a_visit_goes_before_that_of_the_person() -> None:
    found = matched(("8", None), ("8", "ses-02"), ("8", "3"))
    assert found.row_of == {"d/8_ses-1": 2, "d/8_ses-2": 3}
    assert found.unmatched == ["8, 3"], "the visit is not here"


def test_a_code_like_several_here_is_nobody() -> None:
    assert matched(("A1", None)).unmatched == ["A1"]
    assert matched(("A-1", None)).row_of == {"d/A-1": 2}


def test_two_rows_of_one_scan_are_found() -> None:
    assert matched(("P7", None), ("P07", None)).twice == {"d/P07": (2, 3)}
