"""Two visits of one synthetic person: the head laid differently, lesions added, grown and gone, and the truth of it."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial.transform import Rotation

from pipeline.synthetic.anatomy import anatomy
from pipeline.synthetic.flair import SyntheticScan, person_of, scanned
from pipeline.synthetic.lesions import put_lesions
from vocabulary.measures import ZONES

TURN_DEGREES, SHIFT_MM = 3.0, 4.0
"""Standard deviations of how differently a head lies at another visit."""
CLEAR_MM = 8
"""New lesions keep so far from all others: touching one, they would be growth."""
_SMALLEST_MM3 = 60
"""A lesion that changes is at least so large: smaller ones fall between thick slices."""


@dataclass(frozen=True)
class SyntheticVisits:
    """Two scans of nobody.

    Attributes
    ----------
    changes : one row per planted change: kind (new, enlarged, vanished), number (of the lesion in ``numbers`` of
        both scans), zone, before_ml, after_ml (of the scans' labels)
    n_stayed : lesions that are as they were
    pose : (4, 4) the later scan's world to the earlier one's, mm, rigid
    """

    earlier: SyntheticScan
    later: SyntheticScan
    changes: pl.DataFrame
    n_stayed: int
    pose: NDArray[np.float64]


def synthetic_visits(
    seed: int, *, new: int = 2, enlarged: int = 2, vanished: int = 2, growth: float = 3.0, lesions: int = 14
) -> SyntheticVisits:
    """Draw two visits of one woman of 38 years; the same arguments give the same scans.

    Parameters
    ----------
    new, enlarged, vanished : lesions that change; fewer grow or vanish where the person has fewer
    growth : volume of an enlarged lesion at the later visit, as a multiple of the earlier one
    lesions : at the earlier visit, half of them periventricular
    """
    rng = np.random.default_rng((2026, 12, seed))
    head = anatomy()
    halves = (lesions // 2, lesions // 4, lesions - lesions // 2 - lesions // 4)
    before, zones = put_lesions(rng, head, dict(zip(ZONES, halves, strict=True)))
    sizes = np.bincount(before.ravel(), minlength=len(zones) + 1)
    changed = rng.permutation(np.flatnonzero(sizes[1:] >= _SMALLEST_MM3) + 1)[: enlarged + vanished]
    grown, gone = changed[:enlarged], changed[enlarged:]
    after = np.where(np.isin(before, gone), 0, before)
    for number in grown:
        _grow(after, int(number), round(growth * sizes[number]), head.white)
    clear = ndimage.binary_dilation((before > 0) | (after > 0), iterations=CLEAR_MM)
    for _ in range(new):
        zones.append(_add(rng, after, clear, len(zones) + 1))
    person = person_of(rng, "MS", "F", 38.0)
    pose = np.eye(4)
    pose[:3, :3] = Rotation.from_euler("xyz", rng.normal(0, TURN_DEGREES, 3), degrees=True).as_matrix()
    pose[:3, 3] = rng.normal(0, SHIFT_MM, 3)
    scans = scanned(rng, before, zones, person), scanned(rng, after, zones, person, pose)
    fresh = range(len(zones) - new + 1, len(zones) + 1)
    kinds = [(kind, int(n)) for kind, some in (("new", fresh), ("enlarged", grown), ("vanished", gone)) for n in some]
    volumes = [scan.lesions["volume_ml"] for scan in scans]
    rows = [(kind, n, zones[n - 1], volumes[0][n - 1], volumes[1][n - 1]) for kind, n in kinds]
    schema = {"kind": pl.String, "number": pl.Int32, "zone": pl.String, "before_ml": pl.Float64, "after_ml": pl.Float64}
    return SyntheticVisits(*scans, pl.DataFrame(rows, schema, orient="row"), len(zones) - len(kinds), pose)


def _grow(owner: NDArray[np.int32], number: int, size: int, white: NDArray[np.float32]) -> None:
    """Let a lesion grow outward to so many voxels, within white matter and where no other lesion is."""
    away = ndimage.distance_transform_edt(owner != number)
    free = (away > 0) & (owner == 0) & (white > 0.35)
    missing = size - int((owner == number).sum())
    if missing > 0 and free.any():
        order = np.argsort(away[free])[:missing]
        owner[tuple(place[order] for place in np.nonzero(free))] = number


def _add(rng: np.random.Generator, owner: NDArray[np.int32], taken: NDArray[np.bool_], number: int) -> str:
    """Put one more lesion where nothing is taken, and return its zone."""
    while True:
        zone = str(rng.choice(ZONES, p=(0.4, 0.3, 0.3)))
        one, _ = put_lesions(rng, anatomy(), {zone: 1})
        place = one > 0
        if place.sum() >= _SMALLEST_MM3 and not (place & taken).any():
            owner[place] = number
            taken |= ndimage.binary_dilation(place, iterations=CLEAR_MM)
            return zone
