"""Validate every row of a cohort table at once: the sound rows, and every problem with its row number."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from db.tables.columns import OPTIONAL, REQUIRED
from db.tables.files import ROW_NUMBER
from vocabulary.identifiers import ALLOWED, IDENTIFIER, LONGEST
from vocabulary.measures import AREA_MEASURES, ZONES

AGE_LIMITS = (0, 120)
_MISSING = ("", "na", "n/a", "nan", "null", "none", ".", "-")
_GROUPS = {"ms": "MS", "hc": "HC", "control": "HC", "controls": "HC", "healthy": "HC", "healthy control": "HC"}
_SEXES = {"f": "F", "female": "F", "m": "M", "male": "M"}
_RELEASED_SEXES = {**_SEXES, "0": "F", "1": "M", "0.0": "F", "1.0": "M"}
_PROBLEMS = {ROW_NUMBER: pl.UInt32, "column_name": pl.String, "value": pl.String, "reason": pl.String}


@dataclass(frozen=True)
class Validated:
    """What validation found.

    Attributes
    ----------
    rows : sound rows: row_number, subject_id, group, sex, age_years, areas, and what else was mapped
    problems : row_number, column_name (the table's own header), value, reason; by row
    n_rejected : rows with at least one problem
    """

    rows: pl.DataFrame
    problems: pl.DataFrame
    n_rejected: int


@dataclass(frozen=True)
class _Rule:
    """Cells of one measure for which ``wrong`` holds have a problem; an unknown (NULL) ``wrong`` is none."""

    measure: str
    wrong: pl.Expr
    reason: pl.Expr


def validate(
    table: pl.DataFrame, headers: Mapping[str, str], *, decimal_comma: bool = False, released: bool = False
) -> Validated:
    """Check types, codes, ranges and consistency of every row.

    Parameters
    ----------
    table : text columns and ``row_number``
    headers : column -> measure, from `db.tables.columns.map_headers`
    decimal_comma : 44,5 may be written for 44.5
    released : the table has the released headers, where sex 0 = F and 1 = M

    Notes
    -----
    A missing age is allowed and stays NULL, and so do the optional measures; any other missing value is a
    problem. Zone areas must add up to the WMH area within half a pixel (0.5 mm2) or 0.1 %. Of people who share
    an identifier, every row is a problem: nothing says which one is right.
    """
    column_of = {measure: column for column, measure in headers.items()}
    # An optional column without any value is no column: nobody set out to measure it.
    given = [name for name in OPTIONAL if name in column_of and table[column_of[name]].null_count() < table.height]
    measures = [*REQUIRED, *given]
    numbers = [name for name in measures if name in ("age_years", *AREA_MEASURES, *given)]
    codes = {"group": _GROUPS, "sex": _RELEASED_SEXES if released else _SEXES}
    cells = table.select(ROW_NUMBER, *(_text(column_of[name]).alias(name) for name in measures)).with_columns(
        *(_code(name, known).alias(_parsed(name)) for name, known in codes.items()),
        *(_number(name, decimal_comma).alias(_parsed(name)) for name in numbers),
    )
    rules = [*_identity_rules(released), *(rule for name in numbers for rule in _number_rules(name)), *_area_rules()]
    problems = _problems(cells, rules, column_of)
    rejected = problems[ROW_NUMBER].unique()
    values = [pl.col(_parsed(name) if name in (*codes, *numbers) else name).alias(name) for name in measures]
    rows = cells.filter(~pl.col(ROW_NUMBER).is_in(rejected.implode())).select(ROW_NUMBER, *values)
    return Validated(rows, problems, rejected.len())


def _problems(cells: pl.DataFrame, rules: list[_Rule], column_of: Mapping[str, str]) -> pl.DataFrame:
    flags = cells.select(rule.wrong.fill_null(False).alias(str(index)) for index, rule in enumerate(rules))
    found = [
        cells.filter(flag).select(
            ROW_NUMBER,
            pl.lit(column_of[rule.measure]).alias("column_name"),
            pl.col(rule.measure).fill_null("").str.slice(0, 80).alias("value"),
            rule.reason.alias("reason"),
        )
        for rule, flag in zip(rules, flags.iter_columns(), strict=True)
        if flag.any()
    ]
    return pl.concat(found).sort(ROW_NUMBER, maintain_order=True) if found else pl.DataFrame(schema=_PROBLEMS)


def _parsed(name: str) -> str:
    return f"{name} parsed"


def _value(name: str) -> pl.Expr:
    return pl.col(_parsed(name))


def _text(column: str) -> pl.Expr:
    cell = pl.col(column).str.strip_chars()
    return pl.when(~cell.str.to_lowercase().is_in(_MISSING)).then(cell)


def _code(name: str, known: Mapping[str, str]) -> pl.Expr:
    return pl.col(name).str.to_lowercase().replace_strict(known, default=None, return_dtype=pl.String)


def _number(name: str, decimal_comma: bool) -> pl.Expr:
    cell = pl.col(name)
    if decimal_comma:
        # 116,268 alone may mean thousands; a comma is decimal if the column shows one that cannot be that.
        proven = cell.str.contains(r"^[+-]?\d+,(\d{1,2}|\d{4,})$").any()
        plain = cell.str.contains(r"^[+-]?\d+,\d+$")
        cell = pl.when(proven & plain).then(cell.str.replace(",", ".", literal=True)).otherwise(cell)
    return cell.cast(pl.Float64, strict=False)


def _identity_rules(released: bool) -> Iterator[_Rule]:
    identifier, group, sex = (pl.col(name) for name in ("subject_id", "group", "sex"))
    for name in REQUIRED:
        if name != "age_years":
            yield _Rule(name, pl.col(name).is_null(), pl.lit("missing; only the age may be empty"))
    reason = (
        pl.when(identifier.str.contains(r"^[=+\-@]"))
        .then(pl.lit("begins like a spreadsheet formula; use letters, digits and . _ -"))
        .when(identifier.str.len_chars() > LONGEST)
        .then(pl.lit(f"longer than {LONGEST} characters"))
        .otherwise(pl.lit(f"not a pseudonymous code; use only {ALLOWED}, no names, no spaces"))
    )
    plain = identifier.str.contains(f"^{IDENTIFIER.pattern}$") & ~identifier.str.contains("..", literal=True)
    yield _Rule("subject_id", ~plain, reason)
    first = pl.col(ROW_NUMBER).min().over("subject_id")
    yield _Rule(
        "subject_id",
        identifier.is_duplicated() & identifier.is_not_null(),
        pl.format("this identifier appears more than once, first in row {}", first),
    )
    yield _Rule("group", group.is_not_null() & _value("group").is_null(), pl.lit("unknown group; expected MS or HC"))
    unknown = sex.is_not_null() & _value("sex").is_null()
    digits = sex.str.contains(r"^[0-9.]+$")
    expected = "F or M, or 0 (F) or 1 (M) as released" if released else "F or M"
    yield _Rule(
        "sex",
        unknown,
        pl.when(digits & pl.lit(not released))
        .then(pl.lit("a number does not say which sex; recode as F or M"))
        .otherwise(pl.lit(f"unknown sex; expected {expected}")),
    )


def _number_rules(name: str) -> Iterator[_Rule]:
    """Yield rules of which at most one holds for a cell."""
    text, number = pl.col(name), _value(name)
    thousands = text.str.contains(r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$")
    reason = (
        pl.when(thousands)
        .then(pl.lit("the comma may mean thousands or decimals; write the number without thousands separators"))
        .otherwise(pl.lit("not a number"))
    )
    yield _Rule(name, text.is_not_null() & number.is_null(), reason)
    yield _Rule(name, ~number.is_finite(), pl.lit("not a finite number"))
    finite = number.is_finite()
    if name == "age_years":
        outside = ~number.is_between(*AGE_LIMITS)
        yield _Rule(name, finite & outside, pl.lit(f"outside {AGE_LIMITS[0]}-{AGE_LIMITS[1]} years"))
        return
    yield _Rule(name, finite & (number < 0), pl.lit("negative"))
    if name == "intracranial_area_mm2":
        yield _Rule(name, number == 0, pl.lit("zero; everybody has an intracranial area"))
    if name == "lesion_count":
        yield _Rule(name, finite & (number != number.floor()), pl.lit("not a whole number"))


def _area_rules() -> Iterator[_Rule]:
    whole = _value("intracranial_area_mm2")
    for name in ("ventricle_area_mm2", "wmh_area_mm2"):
        # An infinite part, and a whole of 0 or less, are problems by themselves.
        larger = _value(name).is_finite() & (whole > 0) & (_value(name) > whole)
        yield _Rule(name, larger, pl.format("larger than the intracranial area {}", whole))
    zones = pl.sum_horizontal((_value(f"{zone}_area_mm2") for zone in ZONES), ignore_nulls=False)
    wmh = _value("wmh_area_mm2")
    gap = (zones - wmh).abs()
    tolerance = pl.max_horizontal(pl.lit(0.5), 0.001 * wmh)
    yield _Rule("wmh_area_mm2", gap.is_finite() & (gap > tolerance), pl.format("the zone areas add up to {}", zones))
