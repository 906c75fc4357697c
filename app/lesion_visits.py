"""Lesions that are new, enlarged or gone between two scans of the store: candidates, and what a reader says of them."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import polars as pl

from analysis.change import not_comparable
from app.scan_images import WMH, ScanFilesMissing
from db.review_lesions import KINDS, LESION_VERDICTS, LesionVerdict
from pipeline.measures.lesion_change import LesionCandidate
from pipeline.measures.visits_compared import Comparison, compare_visits
from pipeline.registration.visits import Visit

CENTRE = ("centroid_x_mm", "centroid_y_mm", "centroid_z_mm")
SAME_PLACE_MM = 2.0
"""A candidate whose centre lies so near to one that was judged is the same."""
FILES = ("desc-display_FLAIR.nii.gz", "desc-brain_mask.nii.gz", "desc-tissue_dseg.nii.gz")


@dataclass(frozen=True)
class ComparedVisits:
    """Two scans of a person and what differs.

    Attributes
    ----------
    earlier, later : images and lesions, RAS+
    comparison : how they lie on each other, and the candidates
    """

    earlier: Visit
    later: Visit
    comparison: Comparison

    @property
    def candidates(self) -> list[LesionCandidate]:
        """The lesions that differ, new ones first; a candidate's number counts from 1 in this order."""
        return self.comparison.candidates


def compared(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> ComparedVisits:
    """Lay two scans on each other and compare their lesions.

    Parameters
    ----------
    earlier, later : rows of `db.snapshot.Snapshot.scans` that `analysis.change.not_comparable` lets pass

    Raises
    ------
    RegistrationError : the registration program is not installed or fails
    ScanFilesMissing : files of a visit were moved or deleted
    """
    one, other = _visit(earlier), _visit(later)
    return ComparedVisits(one, other, compare_visits(one, other))


def candidates_between(
    earlier: Mapping[str, Any], later: Mapping[str, Any], reviews: pl.DataFrame | None = None
) -> dict[str, Any]:
    """Return the candidates of two visits, or why they were not compared.

    Parameters
    ----------
    earlier, later : rows of `db.snapshot.Snapshot.scans`
    reviews : rows of `db.snapshot.Snapshot.lesion_reviews`

    Returns
    -------
    dict : from_session, to_session, refused (or None), counts (by kind), n_not_compared (lesions that the other scan
        does not show), candidates (rows, each with its number and a reader's verdict or None), verdicts (see
        ``verdict_counts``)

    Raises
    ------
    RegistrationError : the registration program is not installed or fails
    ScanFilesMissing : files of a visit were moved or deleted
    """
    answer: dict[str, Any] = {"from_session": earlier["session"], "to_session": later["session"]}
    reason = not_comparable(earlier, later)
    if reason is not None:
        return answer | {"refused": reason, "counts": {}, "n_not_compared": 0, "candidates": [], "verdicts": {}}
    found = compared(earlier, later)
    said = verdicts_on(found.candidates, reviews, earlier, later)
    rows = [
        {
            "number": number,
            "kind": one.kind,
            "before_ml": one.before_ml,
            "after_ml": one.after_ml,
            "centroid_mm": list(one.centroid_mm),
            "slice_index": one.slice_index,
            "verdict": verdict,
        }
        for number, (one, verdict) in enumerate(zip(found.candidates, said, strict=True), 1)
    ]
    return answer | {
        "refused": None,
        "counts": {kind: sum(c.kind == kind for c in found.candidates) for kind in KINDS},
        "n_not_compared": found.comparison.n_not_compared,
        "candidates": rows,
        "verdicts": verdict_counts(found.candidates, said),
    }


def verdicts_on(
    candidates: Sequence[LesionCandidate],
    reviews: pl.DataFrame | None,
    earlier: Mapping[str, Any],
    later: Mapping[str, Any],
) -> list[str | None]:
    """Return the verdict that counts on each candidate, None where no reader looked."""
    rows = _judged_before(candidates, reviews, earlier, later)
    return [str(row["verdict"]) if row is not None and row["current"] else None for row in rows]


def verdicts_for(
    candidates: Sequence[LesionCandidate],
    answers: Mapping[int, str],
    reviews: pl.DataFrame | None,
    earlier: Mapping[str, Any],
    later: Mapping[str, Any],
) -> list[LesionVerdict]:
    """Return answers to candidates as the store takes them; one that was judged before keeps its place there.

    Parameters
    ----------
    answers : index of the candidate, from 0 -> yes, no or unsure
    """
    before = _judged_before(candidates, reviews, earlier, later)
    found = []
    for index, answer in answers.items():
        one, row = candidates[index], before[index]
        centre = one.centroid_mm if row is None else (row["centroid_x_mm"], row["centroid_y_mm"], row["centroid_z_mm"])
        found.append(LesionVerdict(one.kind, centre, one.slice_index, one.before_ml, one.after_ml, answer))
    return found


def _judged_before(
    candidates: Sequence[LesionCandidate],
    reviews: pl.DataFrame | None,
    earlier: Mapping[str, Any],
    later: Mapping[str, Any],
) -> list[dict[str, Any] | None]:
    """Return the last verdict on each candidate: of its kind, and the nearest within reach.

    Registration repeats itself to a tenth of a millimetre, not to the last digit.
    """
    if reviews is None or reviews.is_empty():
        return [None for _ in candidates]
    rows = (
        reviews.filter(
            (pl.col("earlier_scan_id") == earlier["scan_id"])
            & (pl.col("later_scan_id") == later["scan_id"])
            & (pl.col("protocol_id") == later["protocol_id"])
        )
        .sort("review_number", descending=True)
        .unique(["kind", *CENTRE], keep="first", maintain_order=True)
        .sort("current", descending=True, maintain_order=True)
        .to_dicts()
    )
    taken: set[int] = set()
    found: list[dict[str, Any] | None] = []
    for one in candidates:
        away = {
            i: math.dist(one.centroid_mm, [row[name] for name in CENTRE])
            for i, row in enumerate(rows)
            if row["kind"] == one.kind and i not in taken
        }
        near = [i for i, distance in away.items() if distance <= SAME_PLACE_MM]
        nearest = min(near, key=lambda i: (not rows[i]["current"], away[i])) if near else None
        if nearest is not None:
            taken.add(nearest)
        found.append(None if nearest is None else rows[nearest])
    return found


def verdict_counts(candidates: Iterable[LesionCandidate], said: Iterable[str | None]) -> dict[str, dict[str, int]]:
    """Count the verdicts on each kind: yes, no, unsure, and those no reader looked at.

    Returns
    -------
    dict : kind -> {'yes', 'no', 'unsure', 'not_looked_at'} -> number
    """
    names = (*LESION_VERDICTS, "not_looked_at")
    counts = {kind: dict.fromkeys(names, 0) for kind in KINDS}
    for one, verdict in zip(candidates, said, strict=True):
        counts[one.kind][verdict or "not_looked_at"] += 1
    return counts


def _visit(row: Mapping[str, Any]) -> Visit:
    volumes = []
    for ending in FILES:
        path = Path(row["derivatives"]) / f"{row['stem']}_{ending}"
        try:
            volumes.append(nibabel.as_closest_canonical(nibabel.load(path)))
        except (OSError, nibabel.filebasedimages.ImageFileError) as error:
            raise ScanFilesMissing(f"{path.name} is missing or cannot be read; ingest the scan again") from error
    try:
        image, brain, tissue = (np.asarray(volume.dataobj) for volume in volumes)
    except (OSError, EOFError, ValueError) as error:
        raise ScanFilesMissing(f"a file of {row['stem']} is cut short; ingest the scan again") from error
    return Visit(image.astype(np.float32), brain > 0, tissue == WMH, np.asarray(volumes[0].affine, np.float64))
