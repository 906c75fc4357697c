"""Validate every row of a cohort table at once: the sound rows, and every problem with its row number."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from db.tables.choices import TableChoices
from db.tables.columns import DERIVED, TableColumns, is_released
from db.tables.header_row import ROW_NUMBER
from db.tables.plausible import POSSIBLE
from db.tables.read_cells import CellsRead, parsed, read_cells
from vocabulary.extra_columns import ExtraColumn
from vocabulary.identifiers import ALLOWED, IDENTIFIER, LONGEST
from vocabulary.measures import ZONES
from vocabulary.people import OLDEST

_PROBLEMS = {ROW_NUMBER: pl.UInt32, "column_name": pl.String, "value": pl.String, "reason": pl.String}


@dataclass(frozen=True)
class Validated:
    """What validation found.

    Attributes
    ----------
    rows : sound rows: row_number, subject_id, group, sex, age_years, and the measures and further columns of the table
    problems : row_number, column_name (the table's own header), value, reason; by row
    n_rejected : rows with at least one problem
    extras : the further columns, in the table's order
    notes : how columns were read, where that needs saying, and what is not understood and left unknown
    unknown : (field, word, n) for every word for group or sex that is not understood
    """

    rows: pl.DataFrame
    problems: pl.DataFrame
    n_rejected: int
    extras: tuple[ExtraColumn, ...] = ()
    notes: tuple[str, ...] = ()
    unknown: tuple[tuple[str, str, int], ...] = ()


@dataclass(frozen=True)
class _Rule:
    """Cells of one field for which ``wrong`` holds have a problem; an unknown (NULL) ``wrong`` is none."""

    measure: str
    wrong: pl.Expr
    reason: pl.Expr


def validate(
    table: pl.DataFrame, mapped: TableColumns, choices: TableChoices | None = None, name: str = "the table"
) -> Validated:
    """Check types, codes, ranges and consistency of every row.

    Parameters
    ----------
    table : text columns and ``row_number``
    mapped : from `db.tables.columns.map_columns`
    name : the table's name, for messages

    Raises
    ------
    TableError : a whole column cannot be what it is called: numbers that may mean two things, magnitudes no head has,
        words of which none is understood. The message says the likely cause.

    Notes
    -----
    A missing value stays NULL and is counted. A word for group or sex that is not understood leaves the person unknown
    and is said. Zone areas must add up to the WMH area within half a pixel (0.5 mm2) or 0.1 %. Of people who share an
    identifier (and a visit), every row is a problem: nothing says which one is right.
    """
    read = read_cells(table, mapped, choices or TableChoices(), name, released=is_released(mapped.columns))
    numeric = [n for n in ("age_years", *read.measures) if n in read.cells.columns]
    rules = [*_identity_rules(read), *(rule for n in numeric for rule in _number_rules(n)), *_area_rules(read.measures)]
    problems = _problems(read.cells, rules, {what: header for header, what in mapped.columns.items()})
    rejected = problems[ROW_NUMBER].unique()
    as_written = ["subject_id", *(["session"] if "session" in read.cells.columns else [])]
    meant = ["group", "sex", "age_years", *read.measures, *(extra.name for extra in read.extras)]
    rows = read.cells.filter(~pl.col(ROW_NUMBER).is_in(rejected.implode())).select(
        ROW_NUMBER, *as_written, *(pl.col(parsed(n)).alias(n) for n in meant)
    )
    return Validated(rows, problems, rejected.len(), tuple(read.extras), tuple(read.notes), tuple(read.unknown))


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


def _value(name: str) -> pl.Expr:
    return pl.col(parsed(name))


def _identity_rules(read: CellsRead) -> Iterator[_Rule]:
    identifier = pl.col("subject_id")
    yield _Rule("subject_id", identifier.is_null(), pl.lit("missing; every row needs an identifier"))
    reason = (
        pl.when(identifier.str.contains(r"^[=+\-@]"))
        .then(pl.lit("begins like a spreadsheet formula; use letters, digits and . _ -"))
        .when(identifier.str.len_chars() > LONGEST)
        .then(pl.lit(f"longer than {LONGEST} characters"))
        .otherwise(pl.lit(f"not a pseudonymous code; use only {ALLOWED}, no names, no spaces"))
    )
    yield _Rule("subject_id", ~_is_identifier("subject_id"), reason)
    key = ["subject_id"]
    if "session" in read.cells.columns:
        key.append("session")
        yield _Rule(
            "session",
            ~_is_identifier("session"),
            pl.lit("not a code of a visit; use letters, digits and . _ -"),
        )
        for what in ("group", "sex"):
            several = _value(what).drop_nulls().n_unique().over("subject_id") > 1
            yield _Rule("subject_id", several, pl.lit(f"the visits of this person have different values of {what}"))
    first = pl.col(ROW_NUMBER).min().over(key)
    yield _Rule(
        "subject_id",
        pl.struct(key).is_duplicated() & identifier.is_not_null(),
        pl.format("this identifier appears more than once, first in row {}", first),
    )
    anything = [_value(n).is_not_null() for n in (*read.measures, *(extra.name for extra in read.extras))]
    if read.measures:
        yield _Rule("subject_id", ~pl.any_horizontal(anything), pl.lit("no measure is given in this row"))


def _is_identifier(name: str) -> pl.Expr:
    code = pl.col(name)
    return code.str.contains(f"^{IDENTIFIER.pattern}$") & ~code.str.contains("..", literal=True)


def _number_rules(name: str) -> Iterator[_Rule]:
    """Yield rules of which at most one holds for a cell."""
    text, number = pl.col(name), _value(name)
    yield _Rule(name, text.is_not_null() & number.is_null(), pl.lit("not a number"))
    yield _Rule(name, ~number.is_finite(), pl.lit("not a finite number"))
    finite = number.is_finite()
    if name == "age_years":
        yield _Rule(name, finite & ~number.is_between(0, OLDEST), pl.lit(f"outside 0-{OLDEST} years"))
        return
    yield _Rule(name, finite & (number < 0), pl.lit("negative"))
    if name == "intracranial_area_mm2":
        yield _Rule(name, number == 0, pl.lit("zero; everybody has an intracranial area"))
    if name in POSSIBLE:
        low, high = POSSIBLE[name]
        outside = ((number > 0) & (number < low)) | (number > high)
        yield _Rule(
            name, finite & outside, pl.lit(f"outside what a head can have, {low:,.0f} to {high:,.0f}; check the unit")
        )
    if name in DERIVED:
        yield _Rule(name, finite & (number > 100), pl.lit("more than 100 %"))
    if name == "lesion_count":
        yield _Rule(name, finite & (number != number.floor()), pl.lit("not a whole number"))


def _area_rules(given: list[str]) -> Iterator[_Rule]:
    if "intracranial_area_mm2" in given:
        whole = _value("intracranial_area_mm2")
        for name in ("ventricle_area_mm2", "wmh_area_mm2"):
            if name in given:
                # An infinite part, and a whole of 0 or less, are problems by themselves.
                larger = _value(name).is_finite() & (whole > 0) & (_value(name) > whole)
                yield _Rule(name, larger, pl.format("larger than the intracranial area {}", whole))
    for kind, unit, tolerated in (("area_mm2", "areas", 0.5), ("volume_ml", "volumes", 0.005)):
        total = f"wmh_{kind}"
        if {total, *(f"{zone}_{kind}" for zone in ZONES)} <= set(given):
            zones = pl.sum_horizontal((_value(f"{zone}_{kind}") for zone in ZONES), ignore_nulls=False)
            gap = (zones - _value(total)).abs()
            tolerance = pl.max_horizontal(pl.lit(tolerated), 0.001 * _value(total))
            yield _Rule(total, gap.is_finite() & (gap > tolerance), pl.format(f"the zone {unit} add up to {{}}", zones))
