"""From a label image to the numbers of the cohort table: areas summed over slices, volumes, the number of lesions.

A number that could not be measured is None and carries a reason; it is never 0.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import GeometryError
from pipeline.measures.zoning import LesionPart
from pipeline.segmentation.tissues import Tissue
from vocabulary.measures import ZONES

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Quantities:
    """What was measured on one scan.

    Attributes
    ----------
    values : measure name (``vocabulary.measures.MEASURES``) -> number, or None where it could not be measured
    reasons : measure name -> why it is None
    """

    values: dict[str, float | None]
    reasons: dict[str, str]


def quantify(
    labels: NDArray[np.uint8],
    brain: Mask | None,
    parts: Sequence[LesionPart],
    zones: Sequence[str | None],
    spacing_mm: Sequence[float],
    *,
    no_zone: str = "",
) -> Quantities:
    """Measure one segmented scan.

    Parameters
    ----------
    labels : (X, Y, Z) uint8, RAS+: 0 background, 1 ventricle, 2 WMH
    brain : (X, Y, Z) bool, intracranial mask; None where the network tells none
    parts, zones : answers of ``pipeline.zoning`` for these labels, one zone per part; None where it is undecided
    no_zone : why a zone could not be decided; needed where one is None
    spacing_mm : voxel size along X, Y, Z, mm; the third includes the gap between slices, so volumes do too

    Returns
    -------
    Quantities. Areas are sums over all slices (mm2), volumes area times slice spacing (mL). No lesion is a load of 0;
    no ventricle or no brain is a failure of the segmentation, so that number is None. One lesion without a zone leaves
    all zones unmeasured, because their sum would no longer be the load.

    Raises
    ------
    GeometryError : the arrays differ in shape, or parts and zones in number.
    """
    if brain is not None and labels.shape != brain.shape:
        raise GeometryError(f"labels have shape {labels.shape}, the brain mask {brain.shape}")
    if len(parts) != len(zones):
        raise GeometryError(f"{len(parts)} lesion parts but {len(zones)} zones")
    undecided = any(zone is None for zone in zones)
    if undecided and not no_zone:
        raise ValueError("a lesion part has no zone; say why in no_zone")
    pixel = math.prod(spacing_mm[:2])
    per_area = spacing_mm[2] / 1000
    areas = {
        "intracranial": 0.0 if brain is None else float(brain.sum()) * pixel,
        "ventricle": float((labels == Tissue.VENTRICLE).sum()) * pixel,
        "wmh": float((labels == Tissue.WMH).sum()) * pixel,
    }
    for zone in ZONES:
        areas[zone] = sum((part.area_mm2 for part, its in zip(parts, zones, strict=True) if its == zone), 0.0)
    values: dict[str, float | None] = {f"{name}_area_mm2": area for name, area in areas.items()}
    values |= {f"{name}_volume_ml": area * per_area for name, area in areas.items() if name != "intracranial"}
    values["lesion_count"] = len({part.lesion for part in parts})
    reasons = {}
    if brain is None:
        reasons["intracranial_area_mm2"] = "the model has no brain class"
    elif areas["intracranial"] == 0:
        reasons["intracranial_area_mm2"] = "the segmentation found no brain"
    if areas["ventricle"] == 0:
        reasons |= dict.fromkeys(("ventricle_area_mm2", "ventricle_volume_ml"), "the segmentation found no ventricle")
    if undecided:
        reasons |= {f"{zone}_{unit}": no_zone for zone in ZONES for unit in ("area_mm2", "volume_ml")}
    return Quantities(values | dict.fromkeys(reasons), reasons)


def ratios_and_shares(values: Mapping[str, float | None]) -> dict[str, float | None]:
    """Return the ratios and shares (%) that follow from the areas; None where a part or the whole is unknown or 0.

    Examples
    --------
    >>> ratios_and_shares({"wmh_area_mm2": 5.0, "intracranial_area_mm2": 1000.0})["wmh_ratio_pct"]
    0.5
    """
    wholes = dict.fromkeys((f"{name}_ratio_pct" for name in ("ventricle", "wmh")), "intracranial_area_mm2")
    wholes |= dict.fromkeys((f"{zone}_share_pct" for zone in ZONES), "wmh_area_mm2")
    answer: dict[str, float | None] = {}
    for name, whole_name in wholes.items():
        part, whole = values.get(f"{name.split('_')[0]}_area_mm2"), values.get(whole_name)
        answer[name] = 100 * part / whole if part is not None and whole else None
    return answer
