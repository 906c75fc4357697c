"""Which column of a table is which measure: known headers, and a person's own mapping."""

from collections.abc import Mapping, Sequence

from db.errors import TableError
from vocabulary.measures import AREA_MEASURES, MEASURES
from vocabulary.messages import printable

IDENTITY = ("subject_id", "age_years", "sex", "group")
REQUIRED = (*IDENTITY, *AREA_MEASURES)
OPTIONAL = tuple(name for name, measure in MEASURES.items() if measure.from_images)

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


def is_released(mapped: Mapping[str, str]) -> bool:
    """Say whether a mapping, column -> measure, is that of the released Tabriz table."""
    folded = {header.casefold(): measure for header, measure in mapped.items()}
    return all(folded.get(header.casefold()) == measure for header, measure in RELEASED.items())


def map_headers(headers: Sequence[str], column_map: Mapping[str, str] | None, name: str) -> dict[str, str]:
    """Decide which column holds what.

    Parameters
    ----------
    headers : the table's columns
    column_map : column -> measure, said by a person; it goes before what the headers say by themselves
    name : the table's name, for messages

    Returns
    -------
    dict : column -> one of ``REQUIRED`` or ``OPTIONAL``; columns not in it are not imported

    Raises
    ------
    TableError : a mapped column or measure does not exist, two columns mean the same, or one is missing.

    Examples
    --------
    >>> map_headers(list(RELEASED), None, "table")["TotalParaArea"]
    'paraventricular_area_mm2'
    """
    mapped = _said(headers, column_map or {}, name)
    known = {header.casefold(): measure for header, measure in RELEASED.items()}
    known |= {measure: measure for measure in (*REQUIRED, *OPTIONAL)}
    for header in headers:
        measure = known.get(header.casefold())
        if header not in mapped and measure is not None and measure not in (column_map or {}).values():
            mapped[header] = measure
    columns: dict[str, list[str]] = {}
    for header, measure in mapped.items():
        columns.setdefault(measure, []).append(header)
    twice = next(((measure, found) for measure, found in columns.items() if len(found) > 1), None)
    if twice:
        found = " and ".join(printable(header, 40) for header in twice[1])
        raise TableError(f"{name}: the columns {found} both mean {twice[0]}; remove one, or choose one with --map")
    missing = [measure for measure in REQUIRED if measure not in columns]
    if missing:
        raise TableError(
            f"{name}: no column for {', '.join(missing)}; the table has {_some(headers)}; say which is which with "
            f"--map column={missing[0]}"
        )
    return mapped


def _said(headers: Sequence[str], column_map: Mapping[str, str], name: str) -> dict[str, str]:
    for header, measure in column_map.items():
        if header not in headers:
            raise TableError(f"{name}: --map names the column '{header}', but the table has {_some(headers)}")
        if measure not in (*REQUIRED, *OPTIONAL):
            derived = ", which is derived from the areas" if measure in MEASURES else ""
            expected = ", ".join((*REQUIRED, *OPTIONAL))
            raise TableError(f"{name}: --map gives '{header}' to '{measure}'{derived}; expected one of {expected}")
    return dict(column_map)


def _some(headers: Sequence[str]) -> str:
    shown = ", ".join(printable(header, 40) for header in headers[:12])
    return f"{shown}, ... ({len(headers)} columns)" if len(headers) > 12 else shown
