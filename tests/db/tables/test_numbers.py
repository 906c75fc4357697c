"""Numbers as spreadsheets of any country write them: what a column, a file and the size of a head tell about a mark."""

from functools import partial

import polars as pl
import pytest

from db.tables.numbers import Mark, Reading, read_numbers
from db.tables.plausible import cause, typical


def read(decimal: Mark | None = None, **columns: list[str | None]) -> dict[str, Reading]:
    cells = {name: pl.Series(values, dtype=pl.String) for name, values in columns.items()}
    return read_numbers(cells, {name: partial(typical, name) for name in columns}, decimal)


def numbers(readings: dict[str, Reading]) -> dict[str, list[float | None]]:
    assert not [reading.doubt for reading in readings.values() if reading.doubt]
    return {name: reading.numbers.to_list() for name, reading in readings.items()}


def test_plain_numbers_come_through_and_nothing_is_said() -> None:
    found = read(age_years=["44", "44.5", "4.4e1", None], wmh_volume_ml=["0", "1.234", "-0.5", ".5"])
    assert numbers(found)["age_years"] == [44.0, 44.5, 44.0, None]
    assert numbers(found)["wmh_volume_ml"] == [0.0, 1.234, -0.5, 0.5]
    assert [reading.note for reading in found.values()] == [None, None]


def test_one_column_tells_how_the_file_writes_numbers() -> None:
    found = read(age_years=["20,5", "31"], intracranial_area_mm2=["121.234", "98.750"], wmh_area_mm2=["6.000", "999"])
    assert numbers(found)["intracranial_area_mm2"] == [121234.0, 98750.0]
    assert numbers(found)["wmh_area_mm2"] == [6000.0, 999.0]
    assert found["wmh_area_mm2"].note == "6.000 read as 6,000"


def test_the_size_of_a_head_tells_it_where_no_column_does() -> None:
    found = read(age_years=["20"], intracranial_area_mm2=["121.234"], wmh_area_mm2=["6.000"])
    assert numbers(found) == {"age_years": [20.0], "intracranial_area_mm2": [121234.0], "wmh_area_mm2": [6000.0]}


def test_english_thousands_in_quotes() -> None:
    found = read(age_years=["20.5"], intracranial_area_mm2=["121,234"], wmh_area_mm2=["1,234,567.5"])
    assert numbers(found) == {"age_years": [20.5], "intracranial_area_mm2": [121234.0], "wmh_area_mm2": [1234567.5]}


@pytest.mark.parametrize("cell", ["121 234,5", "121'234.5", "121’234.5", "121\u00a0234,5", "121\u202f234.5"])
def test_blanks_and_apostrophes_part_thousands(cell: str) -> None:
    found = read(intracranial_area_mm2=[cell])
    assert numbers(found) == {"intracranial_area_mm2": [121234.5]}
    assert found["intracranial_area_mm2"].note == f"{cell} read as 121,234.5"


def test_volumes_with_three_decimals_are_no_thousands() -> None:
    assert numbers(read(wmh_volume_ml=["1.234", "12.345"]))["wmh_volume_ml"] == [1.234, 12.345]
    assert numbers(read(wmh_volume_ml=["1,234", "12,345"], age_years=["44,5", "50"]))["wmh_volume_ml"] == [
        1.234,
        12.345,
    ]


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"age_years": ["20.5"], "intracranial_area_mm2": ["121.234"]}, "the file's decimal mark elsewhere"),
        ({"intracranial_area_mm2": ["129,000", "116000"]}, "nothing tells which"),
        ({"wmh_area_mm2": ["1,180"]}, "nothing tells which"),
    ],
)
def test_what_nothing_settles_is_a_doubt_and_no_guess(columns: dict[str, list[str]], why: str) -> None:
    doubts = [reading.doubt for reading in read(**columns).values() if reading.doubt]
    assert len(doubts) == 1
    assert why in doubts[0]
    assert "--decimal point or comma" in doubts[0]


def test_a_person_may_say_the_mark() -> None:
    assert numbers(read(",", wmh_area_mm2=["1,180"])) == {"wmh_area_mm2": [1.18]}
    assert numbers(read(".", wmh_area_mm2=["1,180"])) == {"wmh_area_mm2": [1180.0]}
    assert numbers(read(",", intracranial_area_mm2=["121.234"])) == {"intracranial_area_mm2": [121234.0]}


def test_two_ways_in_one_column_leave_cells_that_are_no_numbers() -> None:
    assert numbers(read(wmh_area_mm2=["1.5", "1,5", "x"])) == {"wmh_area_mm2": [1.5, None, None]}


@pytest.mark.parametrize(
    ("measure", "values", "hint"),
    [
        ("intracranial_area_mm2", [1160.0, 1200.0], "cm²"),
        ("ventricle_volume_ml", [18000.0, 25000.0, 9000.0], "mm³"),
        ("wmh_volume_ml", [4500.0, 0.0, 900.0], "mm³"),
        ("ventricle_ratio_pct", [0.0043, 0.009], "fractions of 1"),
        ("age_years", [528.0, 411.0], "months"),
        ("periventricular_share_pct", [0.5, 0.25, 1.0, 0.0, 0.4], "fractions of 1"),
        ("intracranial_area_mm2", [0.001], "the right column"),
    ],
)
def test_magnitudes_no_head_has_name_the_likely_cause(measure: str, values: list[float], hint: str) -> None:
    said = cause(measure, pl.Series(values))
    assert said is not None
    assert hint in said


@pytest.mark.parametrize(
    "measure", ["intracranial_area_mm2", "wmh_volume_ml", "periventricular_share_pct", "age_years"]
)
def test_nothing_and_zeros_are_no_reason_to_stop(measure: str) -> None:
    assert cause(measure, pl.Series([0.0, None])) is None
    assert cause(measure, pl.Series([], dtype=pl.Float64)) is None
