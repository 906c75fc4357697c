"""What a person says about a table on the command line: --map, --value, --unit, --extra, --sheet, --decimal."""

import argparse

from db.tables.choices import ExtraChoice, TableChoices
from db.tables.units import UNITS
from vocabulary.extra_columns import EXTRA_KINDS, ExtraKind
from vocabulary.measures import GROUPS, SEXES
from vocabulary.people import is_missing

_CODES = {"group": GROUPS, "sex": SEXES}


def add_choice_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say how a table is to be read."""
    parser.add_argument(
        "--map", action="append", default=[], metavar="COLUMN=MEASURE", help="say what a column holds; repeatable"
    )
    parser.add_argument(
        "--value",
        action="append",
        default=[],
        metavar="FIELD:WORD=CODE",
        help="say what a word means, such as group:patient=MS or sex:1=M; * stands for every other word; repeatable",
    )
    parser.add_argument(
        "--unit",
        action="append",
        default=[],
        metavar="COLUMN=UNIT",
        help=f"say the unit of a column; one of {', '.join(UNITS).replace('%', '%%')}; repeatable",
    )
    add_extra_argument(parser)
    parser.add_argument("--sheet", metavar="NAME", help="sheet of a workbook; default: the one whose headers say most")
    parser.add_argument(
        "--decimal", choices=("point", "comma"), help="the decimal mark; default: what the columns show"
    )


def add_extra_argument(parser: argparse.ArgumentParser) -> None:
    """Add the argument that says which further columns to keep."""
    parser.add_argument(
        "--extra",
        action="append",
        default=[],
        metavar="COLUMN[:KIND[:UNIT]]",
        help="keep a further column, such as EDSS:number or scanner:category; '*' keeps all; repeatable",
    )


def choices_from(args: argparse.Namespace) -> TableChoices:
    """Return what the arguments say.

    Raises
    ------
    app.cli.UsageError : an argument is not of its form, or says two things about one column or word.
    """
    return TableChoices(
        columns=_pairs("--map", args.map, "COLUMN=MEASURE, such as --map Age=age_years"),
        values=_values(args.value),
        units=_pairs("--unit", args.unit, "COLUMN=UNIT, such as --unit WMH=mm3"),
        extras=tuple(extra_choice(text) for text in args.extra),
        sheet=args.sheet,
        decimal={"point": ".", "comma": ",", None: None}[args.decimal],
    )


def _pairs(option: str, texts: list[str], form: str) -> dict[str, str]:
    from app.cli import UsageError

    said: dict[str, str] = {}
    for text in texts:
        column, equals, value = text.rpartition("=")
        if not equals or not column or not value:
            raise UsageError(f"{option} '{text}': expected {form}")
        if column in said:
            raise UsageError(f"{option} names the column '{column}' twice")
        said[column] = value
    return said


def _values(texts: list[str]) -> dict[str, dict[str, str | None]]:
    from app.cli import UsageError

    said: dict[str, dict[str, str | None]] = {}
    for text, code in _pairs("--value", texts, "FIELD:WORD=CODE, such as --value group:patient=MS").items():
        field, colon, word = text.partition(":")
        if not colon or not word or field not in _CODES:
            raise UsageError(
                f"--value '{text}={code}': expected group:WORD=MS, group:WORD=HC, sex:WORD=F or sex:WORD=M"
            )
        if code.upper() not in _CODES[field] and not is_missing(code):
            expected = " or ".join(_CODES[field])
            raise UsageError(f"--value '{text}={code}': {field} is {expected}, or n/a where it is not known")
        said.setdefault(field, {})[word] = None if is_missing(code) else code.upper()
    return said


def extra_choice(text: str) -> ExtraChoice:
    """Return what an ``--extra`` says.

    Raises
    ------
    app.cli.UsageError : it names no column.
    """
    from app.cli import UsageError

    parts = text.rsplit(":", 2)
    places: list[tuple[str, ExtraKind | None, str | None]] = [(text, None, None)]
    for kind in EXTRA_KINDS:
        if len(parts) >= 2 and parts[-1] == kind:
            places.append((text[: -len(kind) - 1], kind, None))
        if len(parts) == 3 and parts[1] == kind:
            places.append((parts[0], kind, parts[2]))
    header, said, unit = places[-1]
    if not header:
        raise UsageError(f"--extra '{text}': expected COLUMN, COLUMN:number, COLUMN:number:UNIT or COLUMN:category")
    return ExtraChoice(header, said, unit=unit)
