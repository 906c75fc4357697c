"""What validation lets through, and that it never changes a number on the way."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.tables.choices import TableChoices
from db.tables.columns import IDENTITY, RELEASED, TableColumns, is_released, map_columns
from db.tables.files import as_text
from db.tables.validation import Validated, validate
from vocabulary.measures import AREA_MEASURES

REQUIRED = (*IDENTITY, *AREA_MEASURES)
PERSON = dict(zip(REQUIRED, ["P1", "44", "F", "MS", "116000", "560", "180", "23", "134", "23"], strict=True))


def check(*people: dict[str, str | None], **options: object) -> Validated:
    table = pl.DataFrame([PERSON | person for person in people], infer_schema_length=None).cast(pl.String)
    choices = TableChoices(**options)  # type: ignore[arg-type]
    return validate(as_text(table), map_columns(table.columns, choices, "t", ()), choices, "t")


def released(**cells: str) -> Validated:
    """Check one person of the released table."""
    headers = {measure: header for header, measure in RELEASED.items()}
    table = pl.DataFrame([{headers[name]: value for name, value in (PERSON | cells).items()}])
    return validate(as_text(table), map_columns(table.columns, TableChoices(), "t"))


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
    assert only(released(sex=written))["sex"] == sex


@pytest.mark.parametrize("written", [None, "", "NA", "n/a", "NaN", "null", ".", "-"])
def test_a_missing_age_stays_null(written: str | None) -> None:
    assert only(check({"age_years": written}))["age_years"] is None


@pytest.mark.parametrize(
    ("written", "age"), [("0", 0.0), ("120", 120.0), ("44.5", 44.5), ("4.4e1", 44.0), (" 44 ", 44.0)]
)
def test_ages(written: str, age: float) -> None:
    assert only(check({"age_years": written}))["age_years"] == age


def test_a_decimal_comma_is_read_where_a_comma_cannot_separate_columns() -> None:
    validated = check({"age_years": "44,5"}, {"subject_id": "P2", "age_years": "1,234"})
    assert validated.rows["age_years"].to_list() == [44.5, 1.234], "44,5 shows that a comma is decimal here"
    assert "age_years: 44,5 read as 44.5" in validated.notes


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
    table = pl.DataFrame([PERSON | {"age_years": "x", "wmh_area_mm2": "?x"}, PERSON | {"subject_id": "P 2"}]).rename(
        {"wmh_area_mm2": "Area!"}
    )
    headers = {("Area!" if name == "wmh_area_mm2" else name): name for name in REQUIRED}
    validated = validate(as_text(table), TableColumns(headers, {}, {}))
    assert validated.problems.select("row_number", "column_name", "value").rows() == [
        (2, "age_years", "x"),
        (2, "Area!", "?x"),
        (3, "subject_id", "P 2"),
    ]
    assert validated.rows.is_empty()


@settings(deadline=None, max_examples=60)
@given(st.floats(min_value=3e3, max_value=5e6), st.floats(min_value=0, max_value=1))
def test_numbers_come_through_to_the_last_bit(whole: float, part: float) -> None:
    ventricles = min(max(20.0, part * whole), 1e6, whole)
    typed = pl.DataFrame(
        [PERSON | {"intracranial_area_mm2": whole, "ventricle_area_mm2": ventricles}],
        schema_overrides={"intracranial_area_mm2": pl.Float64, "ventricle_area_mm2": pl.Float64},
    ).with_columns(pl.lit("0").alias(name) for name in REQUIRED[-4:])
    row = only(validate(as_text(typed), map_columns(list(REQUIRED), TableChoices(), "t")))
    assert (row["intracranial_area_mm2"], row["ventricle_area_mm2"]) == (whole, ventricles)


def test_headers_are_known_in_any_case_and_a_mapping_goes_first() -> None:
    assert is_released(map_columns([name.upper() for name in RELEASED], TableChoices(), "t").columns)
    headers = [*RELEASED, "Alter"]
    mapped = map_columns(headers, TableChoices(columns={"Alter": "age_years"}), "t").columns
    assert mapped["Alter"] == "age_years"
    assert "PatientAge" not in mapped
    assert not is_released(mapped)
