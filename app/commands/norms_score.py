"""`mscohort norms score`: one person's values, or every row of a table, against a reference."""

import argparse
import math
import sys
from typing import Any

import polars as pl

from analysis.norms.bridge import score_bridged
from analysis.norms.reference import Reference
from analysis.norms.score import Score, score
from analysis.norms.values import HEAD, SCORED, BadValue, person_values
from app.export import csv_bytes
from app.references import Library, bridge_for
from app.sentences.norms import SAME_WAY, score_sentence
from db.errors import TableError
from db.tables.columns import RELEASED, is_released
from db.tables.files import Table, read_table
from vocabulary.acquisition import STUDY_HEAD
from vocabulary.files import write_whole
from vocabulary.measures import RESEARCH_ONLY
from vocabulary.people import age_of, identity_of, is_missing, sex_of

CONTRACT = (
    *("measure", "value", "unit", "group", "reference", "protocol", "age", "sex"),
    *("centile", "centile_low", "centile_high", "z", "n_reference", "n_near_age"),
    *("centile_below", "centile_at_or_below", "at_or_below_low", "at_or_below_high"),
    *("n_as_much", "any_pct", "any_low", "any_high", "most_of_sex", "widened", "refused"),
)


def run(args: argparse.Namespace, found: Library) -> dict[str, Any]:
    """Score one person or a table."""
    if args.table is not None:
        return _score_table(args, found)
    from app.cli import UsageError

    if args.age is None or args.sex is None or not args.measure or not args.protocol:
        raise UsageError("score needs a TABLE, or --age, --sex, --protocol and at least one --measure NAME=VALUE")
    given = _given(args.measure)
    study_head = given.pop(STUDY_HEAD.name, None)
    if study_head is not None:
        if not (math.isfinite(study_head) and study_head > 0):
            raise BadValue(f"{STUDY_HEAD.name} must be above 0")
        given = given or {HEAD: study_head}
    bridge = None if args.reference else bridge_for(found, args.protocol, args.group)
    reference = found.for_protocol(bridge.target_protocol) if bridge else _reference(args, found, args.protocol)
    person = person_values(args.age, args.sex, args.protocol, given, head_typical=reference.head_mm2)
    scores = score_bridged(bridge, reference, person, study_head) if bridge else score(reference, person)
    if all(s.refused for s in scores):
        reasons = {str(s.refused) for s in scores}
        raise BadValue(reasons.pop() if len(reasons) == 1 else "; ".join(f"{s.measure}: {s.refused}" for s in scores))
    return {
        "scores": [as_row(s) for s in scores],
        "answer": [score_sentence(s) for s in scores],
        "reference": reference.name,
        "reference_title": reference.title,
        "bridge": bridge.name if bridge else None,
        "synthetic": reference.synthetic,
        "citation": reference.citation,
    }


def as_row(one: Score) -> dict[str, Any]:
    """Return a score as the command's JSON gives it."""
    return {name: getattr(one, name) for name in CONTRACT} | {"note": one.note}


def show(result: dict[str, Any]) -> str:
    """Return the sentences, or what was written."""
    if "out" in result:
        lines = [
            f"{result['n_rows']:,} rows, {result['n_scores']:,} values scored, {result['n_refused']:,} refused: "
            f"{result['out']}"
        ]
        lines += [f"  {n:,} times: {reason}" for reason, n in result["refused"].items()]
        return "\n".join([*lines, RESEARCH_ONLY])
    notes = [s["note"] for s in result["scores"] if s["note"] and not s["refused"]]
    return "\n".join(
        [
            *result["answer"],
            *(f"  note: {note}" for note in dict.fromkeys(notes)),
            f"Reference: {result['reference_title']} ({result['reference']}), "
            f"{result['scores'][0]['n_reference']:,} people.",
            SAME_WAY,
            RESEARCH_ONLY,
        ]
    )


def _reference(args: argparse.Namespace, found: Library, protocol: str) -> Reference:
    return found.named(args.reference) if args.reference else found.for_protocol(protocol, args.group)


def _given(words: list[str]) -> dict[str, float]:
    given: dict[str, float] = {}
    for word in words:
        name, equals, text = word.partition("=")
        try:
            value = float(text)
        except ValueError:
            equals = ""
        if not equals:
            from app.cli import UsageError

            raise UsageError(f"--measure '{word}' is not NAME=VALUE, such as ventricle_ratio_pct=0.36")
        if name.strip() in given:
            raise BadValue(f"{name.strip()} is given twice")
        given[name.strip()] = value
    return given


def _score_table(args: argparse.Namespace, found: Library) -> dict[str, Any]:
    from app.cli import UsageError

    if args.out is None or not args.protocol:
        raise UsageError("score TABLE needs --protocol ID and --out FILE.csv")
    table = read_table(args.table)
    if args.out.exists() and args.out.resolve() == args.table.resolve():
        raise TableError(f"{args.out.name} is the table itself; write the scores to another file")
    reference = _reference(args, found, args.protocol)
    rows, refused = _scored_rows(table, reference, args.protocol)
    if not rows:
        raise TableError(f"{table.name}: no column holds a measure with a norm; expected one of {', '.join(SCORED)}")
    frame = pl.DataFrame(rows, infer_schema_length=None)
    write_whole(csv_bytes(frame, synthetic=reference.synthetic), args.out)
    for reason, n in refused.items():
        sys.stderr.write(f"{n:,} times: {reason}\n")
    return {
        "out": str(args.out),
        "n_rows": table.columns.height,
        "n_scores": sum(row["note"] == "" or row["refused"] is None for row in rows),
        "n_refused": sum(refused.values()),
        "refused": refused,
        "reference": reference.name,
    }


def _scored_rows(table: Table, reference: Reference, protocol: str) -> tuple[list[dict[str, Any]], dict[str, int]]:
    columns = _columns(table)
    zero_is_woman = is_released({header: name for name, header in columns.items()})
    rows: list[dict[str, Any]] = []
    refused: dict[str, int] = {}
    measures = [name for name in SCORED if name in columns]
    for record in table.columns.iter_rows(named=True) if measures else ():
        text = {name: record[header] for name, header in columns.items()}
        who = {"row_number": record["row_number"], "subject_id": text.get("subject_id")}
        for one in _row_scores(text, measures, reference, protocol, zero_is_woman=zero_is_woman):
            if one["refused"]:
                refused[one["refused"]] = refused.get(one["refused"], 0) + 1
            rows.append(who | one)
    return rows, refused


def _columns(table: Table) -> dict[str, str]:
    """Return identity or measure -> header.

    Raises
    ------
    TableError : no age or sex, or two columns mean the same
    """
    released = {header.casefold(): name for header, name in RELEASED.items()}
    columns: dict[str, str] = {}
    for header in table.headers:
        low = header.casefold()
        name = released.get(low) or (low if low in SCORED else identity_of(header))
        if name in columns:
            raise TableError(f"{table.name}: the columns {columns[name]} and {header} both mean {name}; remove one")
        if name is not None:
            columns[name] = header
    missing = [name for name in ("age_years", "sex") if name not in columns]
    if missing:
        raise TableError(
            f"{table.name}: no column for {', '.join(missing)}; the table has {', '.join(table.headers[:12])}"
        )
    return columns


def _row_scores(
    text: dict[str, str | None],
    measures: list[str],
    reference: Reference,
    protocol: str,
    *,
    zero_is_woman: bool,
) -> list[dict[str, Any]]:
    try:
        age, sex = _age(text["age_years"]), _sex(text["sex"], zero_is_woman=zero_is_woman)
        given = {name: _number(name, cell) for name in measures if (cell := text[name]) and not is_missing(cell)}
        if not given:
            raise BadValue("no value in this row")
        person = person_values(age, sex, protocol, given, head_typical=reference.head_mm2)
    except BadValue as error:
        blank = dict.fromkeys((*CONTRACT, "note")) | {"reference": reference.name, "protocol": protocol}
        return [blank | {"refused": str(error), "note": str(error)}]
    return [as_row(one) for one in score(reference, person)]


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise BadValue(f"{name} is not a number") from None


def _age(text: str | None) -> float:
    if text is None or is_missing(text):
        raise BadValue("age is missing")
    age = age_of(text)
    if age is None or age.at_least:
        raise BadValue("age is not a number of years" if age is None else "age gives only a lower limit")
    return age.years


def _sex(text: str | None, *, zero_is_woman: bool) -> str:
    if text is None or is_missing(text):
        raise BadValue("sex is missing")
    sex = {"0": "F", "1": "M"}.get(text) if zero_is_woman else None
    sex = sex or sex_of(text)
    if sex is None:
        raise BadValue("sex is not F or M")
    return sex
