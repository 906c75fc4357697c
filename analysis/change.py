"""Change between two visits of a person: the ratio, and whether it exceeds what measuring again alone would give."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

FOLLOWED = ("wmh_volume_ml", "ventricle_volume_ml")
"""Measures that are followed. No brain volume: thick FLAIR carries none."""

PROCESSED_TWICE = {"wmh_volume_ml": 0.21, "ventricle_volume_ml": 0.04}
"""Within-person SD of the logarithm that processing the same scan twice gives (as the scanner made it, and prepared). A
new scan of an unchanged person adds its own noise, so this is a lower bound; a site's own rescans replace it."""
LEAST_RESCANS = 5

GEOMETRY = {"pixel_mm_x": 0.02, "pixel_mm_y": 0.02, "slice_spacing_mm": 0.02}
"""Column -> largest relative difference between two visits measured alike."""
SAME = ("protocol_id", "model_id", "zone_rule")


@dataclass(frozen=True)
class Within:
    """Within-person SD of the logarithm of a measure, and where it comes from."""

    sd: float
    source: str
    n: int | None = None

    @property
    def factor(self) -> float:
        """Factor that a change must exceed to be larger than 95 of 100 repeats without change."""
        return math.exp(1.96 * math.sqrt(2) * self.sd)


LOWER_BOUND = {
    name: Within(sd, "the same scan processed twice: a lower bound, so smaller changes than the true limit may pass")
    for name, sd in PROCESSED_TWICE.items()
}


def changes(visits: Sequence[Mapping[str, Any]], within: Mapping[str, Within] = LOWER_BOUND) -> pl.DataFrame:
    """Compare each visit with the one before.

    Parameters
    ----------
    visits : rows of `db.snapshot.Snapshot.scans` of one person, in the order of the visits
    within : measure -> within-person SD

    Returns
    -------
    polars.DataFrame, one row per pair of visits and measure: from_session, to_session, measure, first, second, ratio,
        bound_factor, beyond_bound, refused (why there is no ratio, else null)

    References
    ----------
    Bland and Altman 1999, doi:10.1177/096228029900800204 (repeatability coefficient), on logarithms.
    """
    rows = []
    for before, after in itertools.pairwise(visits):
        reason = not_comparable(before, after)
        for measure, known in within.items():
            rows.append(_row(before, after, measure, known, reason))
    schema = {
        **dict.fromkeys(("from_session", "to_session", "measure"), pl.String),
        **dict.fromkeys(("first", "second", "ratio", "bound_factor"), pl.Float64),
        "beyond_bound": pl.Boolean,
        "refused": pl.String,
    }
    return pl.DataFrame(rows, schema=schema)


def not_comparable(before: Mapping[str, Any], after: Mapping[str, Any]) -> str | None:
    """Say why two scans cannot be compared, or return None.

    The scanner's name is not kept; voxels and slices stand for it, and a change of scanner with the same geometry is
    not noticed.
    """
    for column in SAME:
        if before[column] != after[column]:
            what = {"protocol_id": "protocol", "model_id": "model", "zone_rule": "zone rule"}[column]
            return f"another {what}: {before[column]} and {after[column]}"
    for column, most in GEOMETRY.items():
        one, other = before[column], after[column]
        if one is None or other is None:
            return "the geometry of a scan is not known"
        if abs(one - other) > most * one:
            what = "slices" if column == "slice_spacing_mm" else "pixels"
            return f"another scanner or geometry: {what} of {one:.2f} and {other:.2f} mm"
    return None


def within_of_rescans(pairs: pl.DataFrame) -> dict[str, Within]:
    """Return the within-person SD from a site's rescans: people scanned twice without change in between.

    Parameters
    ----------
    pairs : rows of ``scans``: subject_id, session, the measures; the first two sessions of each person count

    Raises
    ------
    ValueError : fewer than five people have two values of any measure
    """
    found = {}
    for measure in FOLLOWED:
        logs = []
        for _, person in pairs.filter(pl.col(measure) > 0).sort("session").group_by("subject_id", maintain_order=True):
            if person.height >= 2 and not_comparable(person.row(0, named=True), person.row(1, named=True)) is None:
                logs.append(math.log(person[measure][1] / person[measure][0]))
        if len(logs) >= LEAST_RESCANS:
            sd = math.sqrt(float(np.mean(np.square(logs))) / 2)
            found[measure] = Within(sd, f"{len(logs)} people scanned twice", len(logs))
    if not found:
        raise ValueError(f"fewer than {LEAST_RESCANS} people were scanned twice in the same geometry")
    return found


def _row(
    before: Mapping[str, Any], after: Mapping[str, Any], measure: str, known: Within, reason: str | None
) -> dict[str, Any]:
    first, second = before[measure], after[measure]
    row: dict[str, Any] = {
        "from_session": before["session"],
        "to_session": after["session"],
        "measure": measure,
        "first": first,
        "second": second,
        "ratio": None,
        "bound_factor": known.factor,
        "beyond_bound": None,
        "refused": reason,
    }
    if reason is None:
        if first is None or second is None:
            row["refused"] = "not measured at both visits"
        elif first <= 0 or second <= 0:
            row["refused"] = "none at one of the visits, so there is no ratio"
        else:
            row["ratio"] = second / first
            row["beyond_bound"] = abs(math.log(second / first)) > math.log(known.factor)
    return row
