"""Which column of a table is which measure: known headers, a person's own mapping, and the further columns to keep."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from db.errors import TableError
from db.tables.choices import EVERYBODY, ExtraChoice, TableChoices
from db.tables.units import factor, label, own_unit, quantity, split_header, unit_of
from vocabulary.extra_columns import ExtraColumn, column_name
from vocabulary.measures import AREA_MEASURES, MEASURES, ZONES
from vocabulary.messages import printable
from vocabulary.people import identity_of

IDENTITY = ("subject_id", "age_years", "sex", "group")
VISIT = "session"
DERIVED: Mapping[str, tuple[str, str]] = {
    "ventricle_ratio_pct": ("ventricle_area_mm2", "intracranial_area_mm2"),
    "wmh_ratio_pct": ("wmh_area_mm2", "intracranial_area_mm2"),
    **{f"{zone}_share_pct": (f"{zone}_area_mm2", "wmh_area_mm2") for zone in ZONES},
}
"""Measure -> the areas it is derived from; a table's own is taken only where it does not have these."""

FIELDS = (*IDENTITY, VISIT, *AREA_MEASURES, *(name for name in MEASURES if name not in AREA_MEASURES))
"""Everything a column can be."""

RELEASED = {
    "PatientID": "subject_id",
    "PatientAge": "age_years",
    "PatientSex": "sex",
    "StudyGroup": "group",
    "TotalIntracranialArea": "intracranial_area_mm2",
    "TotalVentricleArea": "ventricle_area_mm2",
    "TotalWMHArea": "wmh_area_mm2",
    "TotalPeriArea": "periventricular_area_mm2",
    "TotalParaArea": "paraventricular_area_mm2",
    "TotalJuxtArea": "juxtacortical_area_mm2",
}
"""Headers of the released table of the Tabriz study; there, and only there, sex 0 = F and 1 = M."""

# What other programs call a quantity; taken only with a unit in the header, for without one it may be mm3 or mL.
_WITH_UNIT = {
    "wmh": ("wmh", "lesion", "lesions", "total lesion", "wmh load", "lesion load", "white matter hyperintensities"),
    "ventricle": ("ventricle", "ventricles", "lateral ventricles", "lateral ventricle total"),
    "intracranial": ("intracranial",),
}
_ENDINGS = {"an area": "_area_mm2", "a volume": "_volume_ml"}


@dataclass(frozen=True)
class TableColumns:
    """What the columns of a table are.

    Attributes
    ----------
    columns : header -> one of ``FIELDS``; columns in neither this nor ``extras`` are not imported
    extras : header -> further column; its kind is None while it has to be read off the cells
    factors : header -> what its numbers are multiplied by
    notes : what a person should know
    """

    columns: dict[str, str]
    extras: dict[str, ExtraChoice]
    factors: dict[str, float]
    notes: tuple[str, ...] = ()


def is_released(mapped: Mapping[str, str]) -> bool:
    """Say whether a mapping, column -> measure, is that of the released Tabriz table."""
    folded = {header.casefold(): measure for header, measure in mapped.items()}
    return all(folded.get(header.casefold()) == measure for header, measure in RELEASED.items())


def recognised(header: str) -> str | None:
    """Return what a header says by itself: one of ``FIELDS``, or None.

    Examples
    --------
    >>> recognised("TotalWMHArea"), recognised("WMH area (cm2)"), recognised("Lesions [ml]"), recognised("EDSS")
    ('wmh_area_mm2', 'wmh_area_mm2', 'wmh_volume_ml', None)
    """
    exact = {name.casefold(): measure for name, measure in RELEASED.items()} | {name: name for name in FIELDS}
    if header.strip().casefold() in exact:
        return exact[header.strip().casefold()]
    words, unit = split_header(header)
    for name, measure in MEASURES.items():
        if words in (split_header(name)[0], measure.label.casefold()):
            return name
    if unit is not None:
        ending = _ENDINGS.get(quantity(unit), "")
        for what, names in _WITH_UNIT.items():
            if words.removesuffix(" volume").removesuffix(" area") in names and what + ending in MEASURES:
                return what + ending
    return identity_of(header)


def map_columns(headers: Sequence[str], choices: TableChoices, name: str, empty: Collection[str] = ()) -> TableColumns:
    """Decide which column holds what.

    Parameters
    ----------
    headers : the table's columns
    choices : what a person said; it goes before what the headers say by themselves
    name : the table's name, for messages
    empty : columns without any value; a ratio is not derived from such an area

    Raises
    ------
    TableError : a column or measure that was named does not exist, two columns mean the same, a unit does not fit, or
        there is no identifier, no group or sex, or nothing measured.

    Examples
    --------
    >>> map_columns(list(RELEASED), TableChoices(), "table").columns["TotalParaArea"]
    'paraventricular_area_mm2'
    """
    mapped = said_columns(headers, choices.columns, name)
    notes = []
    for header in headers:
        found = recognised(header)
        if header not in mapped and found is not None and found not in choices.columns.values():
            mapped[header] = found
    for header in [header for header, field in mapped.items() if field in DERIVED]:
        if set(DERIVED[mapped[header]]) <= {field for h, field in mapped.items() if h not in empty}:
            if header in choices.columns:
                what = f"'{printable(header, 40)}' to '{mapped[header]}'"
                raise TableError(f"{name}: --map gives {what}, which is derived from the areas")
            notes.append(f"{printable(header, 40)}: not read, it is derived from the areas")
            del mapped[header]
    _refuse_twice(mapped, name)
    extras = further_columns(headers, mapped, choices.extras, name)
    _refuse_incomplete(headers, mapped, bool(extras), choices, name)
    factors, said = unit_factors(mapped, extras, choices.units, headers, name)
    return TableColumns(mapped, extras, factors, (*notes, *said))


def extra_column(choice: ExtraChoice, kind: str, header: str) -> ExtraColumn:
    """Return the column a choice becomes once its kind is known; label and unit come from the header where not said."""
    bracketed = re.fullmatch(r"(.+?)\s*[(\[]([^()\[\]]{1,16})[)\]]\s*", header)
    label, unit = (bracketed[1], bracketed[2]) if bracketed and kind == "number" else (header, "")
    return ExtraColumn(
        column_name(header),
        "number" if kind == "number" else "category",
        printable(choice.label or label.strip(), 80),
        printable(unit if choice.unit is None else choice.unit, 40) if kind == "number" else "",
    )


def said_columns(headers: Sequence[str], column_map: Mapping[str, str], name: str) -> dict[str, str]:
    """Return what a person said of columns; raise TableError for a column or field that does not exist."""
    for header, field in column_map.items():
        if header not in headers:
            raise TableError(f"{name}: --map names the column '{header}', but the table has {_some(headers)}")
        if field not in FIELDS:
            raise TableError(f"{name}: --map gives '{header}' to '{field}'; expected one of {', '.join(FIELDS)}")
    return dict(column_map)


def _refuse_twice(mapped: Mapping[str, str], name: str) -> None:
    columns: dict[str, list[str]] = {}
    for header, field in mapped.items():
        columns.setdefault(field, []).append(header)
    twice = next(((field, found) for field, found in columns.items() if len(found) > 1), None)
    if twice:
        found = " and ".join(printable(header, 40) for header in twice[1])
        raise TableError(f"{name}: the columns {found} both mean {twice[0]}; remove one, or choose one with --map")


def _refuse_incomplete(
    headers: Sequence[str], mapped: Mapping[str, str], extras: bool, choices: TableChoices, name: str
) -> None:
    """Refuse a table without identifiers, without group or sex where nobody said what they are, or without a number."""
    present = set(mapped.values())
    lacking = [
        field
        for field in ("subject_id", "sex", "group")
        if field not in present and EVERYBODY not in choices.values.get(field, {})
    ]
    measured = extras or bool(present & set(MEASURES))
    if not lacking and measured:
        return
    named = ", ".join([*lacking, *([] if measured else ["any measure"])])
    first = lacking[0] if lacking else "wmh_area_mm2"
    advice = f"say which is which with --map column={first}"
    if lacking and lacking != ["subject_id"]:
        field = next(field for field in lacking if field != "subject_id")
        code = "MS" if field == "group" else "F"
        advice += f", or give everybody one with --value '{field}:*={code}' ('{field}:*=n/a' where nobody's is known)"
    raise TableError(f"{name}: no column for {named}; the table has {_some(headers)}; {advice}")


def further_columns(
    headers: Sequence[str], mapped: Mapping[str, str], chosen: Sequence[ExtraChoice], name: str
) -> dict[str, ExtraChoice]:
    """Return header -> further column, of those a person chose.

    Parameters
    ----------
    mapped : header -> what else it holds; "*" takes none of these

    Raises
    ------
    TableError : a column that was named is not there, means something else, or would be named as another one.
    """
    folded = {header.casefold(): header for header in headers}
    extras: dict[str, ExtraChoice] = {}
    for choice in chosen:
        if choice.header == EVERYBODY:
            continue
        header = folded.get(choice.header.casefold())
        if header is None:
            raise TableError(
                f"{name}: --extra names the column '{printable(choice.header, 40)}', but the table has {_some(headers)}"
            )
        if header in mapped:
            raise TableError(
                f"{name}: --extra names the column '{printable(header, 40)}', which already means {mapped[header]}"
            )
        extras[header] = choice
    for choice in chosen:
        if choice.header == EVERYBODY:
            extras |= {h: choice for h in headers if h not in mapped and h not in extras}
    names: dict[str, str] = {}
    for header in extras:
        made = column_name(header)
        taken = names.get(made) or (made if made in (*FIELDS, *_FRAME) else None)
        if taken:
            raise TableError(
                f"{name}: the further column '{printable(header, 40)}' would be named {made}, which "
                f"{printable(taken, 40)} is; rename it in the table"
            )
        names[made] = header
    return extras


_FRAME = (
    "dataset_id",
    "protocol_id",
    "scan_id",
    "run_id",
    "model_id",
    "zone_rule",
    "row_number",
    "data_note",
    "n",
    "age_band",
)


def unit_factors(
    mapped: Mapping[str, str],
    extras: Mapping[str, ExtraChoice],
    units: Mapping[str, str],
    headers: Sequence[str],
    name: str,
) -> tuple[dict[str, float], list[str]]:
    """Return header -> factor for every column whose unit is not the store's, and what to say about it."""
    for header in units:
        if header not in mapped:
            where = "is not used as a measure" if header in headers else f"is none; the table has {_some(headers)}"
            raise TableError(f"{name}: --unit names the column '{printable(header, 40)}', which {where}")
    factors, notes = {}, []
    for header, field in mapped.items():
        written = units.get(header)
        unit = split_header(header)[1] if written is None else unit_of(written)
        if written is not None and unit is None:
            raise TableError(f"{name}: --unit gives '{printable(header, 40)}' the unit '{written}', which is not known")
        own = own_unit(field)
        if unit is None or (own is None and written is None):
            continue
        size = factor(unit, field)
        if size is None:
            is_what = quantity(own) if own else "no quantity with a unit"
            fitting = ", ".join(n for n in MEASURES if factor(unit, n) is not None)
            raise TableError(
                f"{name}: the column '{printable(header, 40)}' is in {unit}, {quantity(unit)}, but {field} is "
                f"{is_what}; choose another with --map (in {unit}: {fitting or 'none'})"
            )
        if size != 1:
            factors[header] = size
            notes.append(f"{printable(header, 40)}: read in {label(unit)}, kept in {label(own or unit)} (x {size:.6g})")
    return factors, notes


def _some(headers: Sequence[str]) -> str:
    shown = ", ".join(printable(header, 40) for header in headers[:12])
    return f"{shown}, ... ({len(headers)} columns)" if len(headers) > 12 else shown
