"""One rule for codes, in every door through which a code comes."""

from pathlib import Path

import polars as pl
import pytest

from app.uploads.scans import Arrival, problem
from db.errors import ImportConflict
from db.publish_table import check_slug
from db.tables.choices import TableChoices
from db.tables.columns import map_columns
from db.tables.validation import validate
from pipeline.inputs.scan_names import Name, problem_of
from vocabulary.identifiers import is_identifier

HOSTILE = ("", " ", "Anna B", "Müller", "../x", "a..b", "a/b", "a\\b", ".a", "-a", "=1+1", "a\nb", "a\x00", "x" * 65)
PLAIN = ("1", "sub-01", "P_7.b", "x" * 64)


def accepted_by_a_table(code: str) -> bool:
    frame = pl.DataFrame(
        {"row_number": pl.Series([2], dtype=pl.UInt32), "subject_id": [code], "group": ["MS"], "sex": ["F"]}
        | {"age_years": ["30"], "intracranial_area_mm2": ["9000"], "ventricle_area_mm2": ["90"], "wmh_area_mm2": ["0"]}
        | {f"{zone}_area_mm2": ["0"] for zone in ("periventricular", "paraventricular", "juxtacortical")}
    )
    headers = [name for name in frame.columns if name != "row_number"]
    return validate(frame, map_columns(headers, TableChoices(), "t")).rows.height == 1


@pytest.mark.parametrize("code", [*HOSTILE, *PLAIN])
def test_every_door_takes_the_same_codes(code: str) -> None:
    expected = code in PLAIN
    assert is_identifier(code) is expected
    if code.strip() == code:  # a table's cells are stripped
        assert accepted_by_a_table(code) is expected
    assert (problem_of(Name(code, None)) is None) is expected
    assert (problem_of(Name("1", code)) is None) is expected
    if "_" not in code:  # parts the entities of a BIDS name
        assert (problem(Arrival("a.nii", bytes, code)) == "") is expected
    try:
        check_slug("dataset", code)
    except ImportConflict:
        assert not expected
    else:
        assert expected


def test_an_identifier_is_one_part_of_a_path() -> None:
    for code in PLAIN:
        assert Path(code).name == code
