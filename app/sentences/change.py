"""Change between visits in words, never called activity."""

from collections.abc import Mapping
from typing import Any

from app.sentences.formatting import format_number, format_ratio
from vocabulary.measures import MEASURES


def change_sentence(row: Mapping[str, Any]) -> str:
    """Say what happened to a measure between two visits.

    Examples
    --------
    >>> row = {"from_session": "1", "to_session": "2", "measure": "wmh_volume_ml", "first": 4.0, "second": 5.0,
    ...        "ratio": 1.25, "bound_factor": 1.79, "beyond_bound": False, "refused": None}
    >>> change_sentence(row)
    'WMH volume, visit 1 to 2: 4 to 5 mL, a ratio of 1.25; within what measuring again gives (up to a factor of 1.79).'
    """
    measure = MEASURES[row["measure"]]
    what = f"{measure.label}, visit {row['from_session'] or '–'} to {row['to_session'] or '–'}"
    if row["refused"]:
        return f"{what}: not compared. {row['refused'][0].upper()}{row['refused'][1:]}."
    values = f"{format_number(row['first'])} to {format_number(row['second'])} {measure.unit}"
    bound = format_ratio(row["bound_factor"])
    verdict = (
        f"more than measuring again gives (a factor of {bound})"
        if row["beyond_bound"]
        else f"within what measuring again gives (up to a factor of {bound})"
    )
    return f"{what}: {values}, a ratio of {format_ratio(row['ratio'])}; {verdict}."
