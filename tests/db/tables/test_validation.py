"""What validation lets through, and that it never changes a number on the way."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.tables.columns import RELEASED, REQUIRED, is_released, map_headers
from db.tables.files import as_text
from db.tables.validation import Validated, validate

PERSON = dict(zip(REQUIRED, ["P1", "44", "F", "MS", "116000", "560", "180", "23", "134", "23"], strict=True))


def check(*people: dict[str, str | None], **options: bool) -> Validated:
    table = pl.DataFrame([PERSON | person for person in people], infer_schema_length=None).cast(pl.String)
    return validate(as_text(table), {name: name for name in table.columns}, **options)


def only(validated: Validated) -> dict[str, object]:
    assert validated.problems.is_empty(), validated.problems.to_dicts()
    return validated.rows.row(0, named=True)


@pytest.mark.parametrize("written", ["MS", "ms", " Ms "])
def test_groups_for_patients(written: str) -> None:
    assert only(check({"group": written}))["group"] == "MS"


@pytest.mark.parametrize("written", ["HC", "hc", "control", "Controls", "Healthy", "healthy control"])
def test_groups_for_controls(written: str) -> None:
    assert only(check({"group": written}))["group"] == "HC"


@pytest.mark.parametrize(("written", "sex"), [("F", "F"), ("female", "F"), ("m", "M"), ("Male", "M")])
def test_sexes(written: str, sex: str) -> None:
    assert only(check({"sex": written}))["sex"] == sex


@pytest.mark.parametrize(("written", "sex"), [("0", "F"), ("1", "M"), ("0.0", "F"), ("F", "F"), ("male", "M")])
def test_sexes_of_the_released_table(written: str, sex: str) -> None:
    assert only(check({"sex": written}, released=True))["sex"] == sex


@pytest.mark.parametrize("written", [None, "", "NA", "n/a", "NaN", "null", ".", "-"])
def test_a_missing_age_stays_null(written: str | None) -> None:
    assert only(check({"age_years": written}))["age_years"] is None


@pytest.mark.parametrize(
    ("written", "age"), [("0", 0.0), ("120", 120.0), ("44.5", 44.5), ("4.4e1", 44.0), (" 44 ", 44.0)]
)
def test_ages(written: str, age: float) -> None:
    assert only(check({"age_years": written}))["age_years"] == age


def test_a_decimal_comma_is_read_where_a_comma_cannot_separate_columns() -> None:
    validated = check({"age_years": "44,5"}, {"subject_id": "P2", "age_years": "1,234"}, decimal_comma=True)
    assert validated.rows["age_years"].to_list() == [44.5, 1.234], "44,5 shows that a comma is decimal here"
    assert check({"age_years": "44,5"}).problems["reason"].to_list() == ["not a number"]


@pytest.mark.parametrize(
    ("wmh", "zones", "sound"),
    [
        ("180", ("23", "134", "23.5"), True),
        ("180", ("23", "134", "23.6"), False),
        ("10000", ("9990", "0", "0"), True),
        ("10000", ("9989", "0", "0"), False),
        ("0", ("0", "0", "0"), True),
        ("0", ("0.5", "0", "0"), True),
        ("0", ("1", "0", "0"), False),
    ],
)
def test_zones_add_up_within_half_a_pixel_or_a_thousandth(wmh: str, zones: tuple[str, str, str], sound: bool) -> None:
    areas = dict(zip(REQUIRED[-3:], zones, strict=True))
    assert check({"wmh_area_mm2": wmh, **areas}).problems.is_empty() is sound


def test_optional_measures_may_be_missing_but_not_wrong() -> None:
    validated = check(
        {"lesion_count": "3", "wmh_volume_ml": None},
        {"subject_id": "P2", "lesion_count": "2.5", "wmh_volume_ml": "-1"},
    )
    assert validated.rows.select("lesion_count", "wmh_volume_ml").row(0) == (3.0, None)
    assert validated.problems["reason"].to_list() == ["negative", "not a whole number"]
    assert validated.n_rejected == 1


def test_problems_are_sorted_by_row_under_the_table_s_own_headers() -> None:
    table = pl.DataFrame([PERSON | {"age_years": "x", "sex": "?"}, PERSON | {"subject_id": "P 2"}]).rename(
        {"sex": "Sex!"}
    )
    headers = {("Sex!" if name == "sex" else name): name for name in REQUIRED}
    validated = validate(as_text(table), headers)
    assert validated.problems.select("row_number", "column_name", "value").rows() == [
        (2, "Sex!", "?"),
        (2, "age_years", "x"),
        (3, "subject_id", "P 2"),
    ]
    assert validated.rows.is_empty()


@settings(deadline=None, max_examples=60)
@given(st.floats(min_value=1e-3, max_value=1e6), st.floats(min_value=0, max_value=1))
def test_numbers_come_through_to_the_last_bit(whole: float, part: float) -> None:
    ventricles = min(part * whole, whole)
    typed = pl.DataFrame(
        [PERSON | {"intracranial_area_mm2": whole, "ventricle_area_mm2": ventricles}],
        schema_overrides={"intracranial_area_mm2": pl.Float64, "ventricle_area_mm2": pl.Float64},
    ).with_columns(pl.lit("0").alias(name) for name in REQUIRED[-4:])
    row = only(validate(as_text(typed), {name: name for name in REQUIRED}))
    assert (row["intracranial_area_mm2"], row["ventricle_area_mm2"]) == (whole, ventricles)


def test_headers_are_known_in_any_case_and_a_mapping_goes_first() -> None:
    assert is_released(map_headers([name.upper() for name in RELEASED], None, "t"))
    headers = [*RELEASED, "Alter"]
    mapped = map_headers(headers, {"Alter": "age_years"}, "t")
    assert mapped["Alter"] == "age_years"
    assert "PatientAge" not in mapped
    assert not is_released(mapped)
