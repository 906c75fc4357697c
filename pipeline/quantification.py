"""From a label image to the numbers of the cohort table: areas summed over slices, volumes, the number of lesions.

A number that could not be measured is None and carries a reason; it is never 0.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import GeometryError
from pipeline.tissues import Tissue
from pipeline.zoning import LesionPart
from vocabulary import ZONES

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Quantities:
    """What was measured on one scan.

    Attributes
    ----------
    values : measure name (``vocabulary.MEASURES``) -> number, or None where it could not be measured
    reasons : measure name -> why it is None
    """

    values: dict[str, float | None]
    reasons: dict[str, str]


def quantify(
    labels: NDArray[np.uint8],
    brain: Mask,
    parts: Sequence[LesionPart],
    zones: Sequence[str],
    spacing_mm: Sequence[float],
) -> Quantities:
    """Measure one segmented scan.

    Parameters
    ----------
    labels : (X, Y, Z) uint8, RAS+: 0 background, 1 ventricle, 2 WMH
    brain : (X, Y, Z) bool, intracranial mask
    parts, zones : answers of ``pipeline.zoning`` for these labels, one zone per part
    spacing_mm : voxel size along X, Y, Z, mm; the third includes the gap between slices, so volumes do too

    Returns
    -------
    Quantities. Areas are sums over all slices (mm2), volumes area times slice spacing (mL). No lesion is a load of 0;
    no ventricle or no brain is a failure of the segmentation, so that number is None.

    Raises
    ------
    GeometryError : the arrays differ in shape, or parts and zones in number.
    """
    if labels.shape != brain.shape:
        raise GeometryError(f"labels have shape {labels.shape}, the brain mask {brain.shape}")
    if len(parts) != len(zones):
        raise GeometryError(f"{len(parts)} lesion parts but {len(zones)} zones")
    pixel = math.prod(spacing_mm[:2])
    per_area = spacing_mm[2] / 1000
    areas = {
        "intracranial": float(brain.sum()) * pixel,
        "ventricle": float((labels == Tissue.VENTRICLE).sum()) * pixel,
        "wmh": float((labels == Tissue.WMH).sum()) * pixel,
    }
    for zone in ZONES:
        areas[zone] = sum((part.area_mm2 for part, its in zip(parts, zones, strict=True) if its == zone), 0.0)
    values: dict[str, float | None] = {f"{name}_area_mm2": area for name, area in areas.items()}
    values |= {f"{name}_volume_ml": area * per_area for name, area in areas.items() if name != "intracranial"}
    values["lesion_count"] = len({part.lesion for part in parts})
    reasons = {}
    for name, what in (("intracranial", "brain"), ("ventricle", "ventricle")):
        if areas[name] == 0:
            for measure in (f"{name}_area_mm2", f"{name}_volume_ml"):
                if measure in values:
                    values[measure] = None
                    reasons[measure] = f"the segmentation found no {what}"
    return Quantities(values, reasons)
