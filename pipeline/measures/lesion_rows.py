"""Lesions as rows: what each slice shows of a lesion.

The row is the lesion's part in one slice, because zones are decided slice by slice (see ``pipeline.zoning``). It keeps
every distance a rule may ask about, so that thresholds can be moved later without the images. Lesions are counted in
space: parts that touch across slices, by a corner at least, share a number.
"""

import math
from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.measures.zoning import LesionPart, ZoneRule
from pipeline.segmentation.lesion_chance import LesionChance
from vocabulary.run_contract import LESION_COLUMNS


def lesion_rows(
    parts: Sequence[LesionPart],
    zones: Sequence[str | None],
    affine: NDArray[np.floating],
    log_odds: NDArray[np.floating] | None = None,
    chance: LesionChance | None = None,
) -> pl.DataFrame:
    """Return one row per part, in the order given, centroids in world coordinates.

    Parameters
    ----------
    parts : from ``pipeline.measures.zoning.lesion_parts``
    zones : zone of each part; None where it could not be decided
    affine : (4, 4) voxel to RAS+ mm, of the grid the parts were measured on
    log_odds : mean log odds of every whole lesion, in order of number
    chance : what makes chances of them; without either, chances are null

    Returns
    -------
    Frame of ``vocabulary.run_contract.LESION_COLUMNS``. ``lesion_number`` numbers the rows from 1 (part 1 is value 1 of
    the part image), ``whole_lesion_number`` the 26-connected lesions. A distance is null in a slice that holds no
    ventricle, or no cortical border.

    Raises
    ------
    ValueError : not one zone per part.
    """
    centroids = np.array([part.centroid for part in parts], float).reshape(-1, 3)
    world = centroids @ np.asarray(affine, float)[:3, :3].T + np.asarray(affine, float)[:3, 3]
    rows = [
        (
            number,
            part.lesion,
            part.slice_index,
            zone,
            part.area_mm2,
            part.volume_ml,
            _finite(part.to_ventricle_mm),
            _finite(part.centroid_to_ventricle_mm),
            _finite(part.to_cortex_mm),
            part.touches_ventricle,
            part.touches_cortex,
            *map(float, place),
            *_certainty(part.lesion, log_odds, chance),
        )
        for number, (part, zone, place) in enumerate(zip(parts, zones, world, strict=True), 1)
    ]
    return pl.DataFrame(rows, schema=LESION_COLUMNS, orient="row")


def _certainty(
    lesion: int, log_odds: NDArray[np.floating] | None, chance: LesionChance | None
) -> tuple[float | None, bool | None]:
    if log_odds is None or chance is None:
        return None, None
    likely = chance.chance(float(log_odds[lesion - 1]))
    return likely, likely >= chance.sure


def zone_expression(rule: ZoneRule) -> pl.Expr:
    """Return a rule as an expression over stored rows, for moving its limits on a whole cohort at once.

    The same decision as ``pipeline.measures.zoning.zone_of``: a distance that is null counts as far away.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from pipeline.measures.zoning import find_rule
    >>> wider = replace(find_rule("study-readme"), name="wider", ventricle_mm=10.0)
    >>> part = LesionPart(1, 0, 12.0, 0.1, 8.0, 9.0, 30.0, False, False, (0, 0, 0))
    >>> rows = lesion_rows([part], ["paraventricular"], np.eye(4))
    >>> rows.select(zone_expression(wider).alias("zone")).item()
    'periventricular'
    """
    near = _within("distance_to_ventricle_mm", rule.ventricle_mm, "touches_ventricle")
    if rule.centroid_mm is not None:
        near |= _within("centroid_to_ventricle_mm", rule.centroid_mm, "")
    cortical = _within("distance_to_cortex_mm", rule.cortex_mm, "touches_cortex")
    if rule.cortex_area_mm2 is not None:
        cortical &= pl.col("area_mm2") <= rule.cortex_area_mm2
    return (
        pl.when(near)
        .then(pl.lit("periventricular"))
        .when(cortical)
        .then(pl.lit("juxtacortical"))
        .otherwise(pl.lit("paraventricular"))
    )


def _within(distance: str, limit: float | None, touching: str) -> pl.Expr:
    return pl.col(touching) if limit is None else (pl.col(distance) <= limit).fill_null(value=False)


def _finite(distance: float) -> float | None:
    return distance if math.isfinite(distance) else None
