"""The words everyone shares: groups, sexes, zones, measures and their units. Imports nothing of ours."""

from dataclasses import dataclass
from typing import Literal

Nature = Literal["size", "load", "share", "count"]

GROUPS = ("HC", "MS")
GROUP_LABELS = {"HC": "Healthy controls", "MS": "Multiple sclerosis"}
SEXES = ("F", "M")
SEX_LABELS = {"F": "Women", "M": "Men"}
ZONES = ("periventricular", "paraventricular", "juxtacortical")
ZONE_LABELS = {
    "periventricular": "Periventricular",
    "paraventricular": "Paraventricular",
    "juxtacortical": "Juxtacortical",
}
AGE_BANDS = ((18, 29), (30, 39), (40, 49), (50, 59), (60, None))
"""Inclusive age bands in completed years; None means no upper end."""

RESEARCH_ONLY = "Research use only. Not a medical device; not for diagnosis."
SYNTHETIC_NOTICE = "Synthetic demonstration data: no real person is shown."
ZONE_NOTICE = "Distance zones, not a McDonald dissemination-in-space assessment."


@dataclass(frozen=True)
class Measure:
    """One number measured per scan.

    ``nature`` decides which statistics are headlined: a ``size`` is positive for everybody, a ``load``
    is zero for people without lesions, a ``share`` is a part of a load and undefined without one, a
    ``count`` counts lesions. ``whole`` names the measure this one is a part of.
    """

    name: str
    label: str
    short: str
    unit: str
    nature: Nature
    definition: str
    zone: str | None = None
    whole: str | None = None
    from_images: bool = False

    @property
    def axis_title(self) -> str:
        """Label with its unit, as an axis shows it."""
        return f"{self.label} ({self.unit})" if self.unit else self.label


def _zone_measures() -> list[Measure]:
    measures = []
    for zone in ZONES:
        name = ZONE_LABELS[zone]
        measures.append(
            Measure(
                f"{zone}_area_mm2",
                f"{name} WMH area",
                f"{name} area",
                "mm²",
                "load",
                f"Area of white matter hyperintensities in the {zone} zone, summed over the protocol's slices.",
                zone=zone,
                whole="wmh_area_mm2",
            )
        )
    for zone in ZONES:
        name = ZONE_LABELS[zone]
        measures.append(
            Measure(
                f"{zone}_share_pct",
                f"{name} share of WMH",
                f"{name} share",
                "%",
                "share",
                f"{name} area / WMH area x 100; undefined (missing) for a person without lesions.",
                zone=zone,
                whole="wmh_area_mm2",
            )
        )
    for zone in ZONES:
        name = ZONE_LABELS[zone]
        measures.append(
            Measure(
                f"{zone}_volume_ml",
                f"{name} WMH volume",
                f"{name} volume",
                "mL",
                "load",
                f"Volume of white matter hyperintensities in the {zone} zone, slice spacing included.",
                zone=zone,
                whole="wmh_volume_ml",
                from_images=True,
            )
        )
    return measures


MEASURES: dict[str, Measure] = {
    m.name: m
    for m in [
        Measure(
            "ventricle_ratio_pct",
            "Ventricle ratio",
            "Ventricles",
            "% of intracranial area",
            "size",
            "Ventricle area / intracranial area x 100.",
            whole="intracranial_area_mm2",
        ),
        Measure(
            "wmh_ratio_pct",
            "WMH ratio",
            "WMH",
            "% of intracranial area",
            "load",
            "White matter hyperintensity area / intracranial area x 100.",
            whole="intracranial_area_mm2",
        ),
        Measure(
            "ventricle_area_mm2",
            "Ventricle area",
            "Ventricle area",
            "mm²",
            "size",
            "Ventricle area summed over the protocol's slices.",
            whole="intracranial_area_mm2",
        ),
        Measure(
            "wmh_area_mm2",
            "WMH area",
            "WMH area",
            "mm²",
            "load",
            "White matter hyperintensity area summed over the protocol's slices.",
            whole="intracranial_area_mm2",
        ),
        Measure(
            "intracranial_area_mm2",
            "Intracranial area",
            "Intracranial",
            "mm²",
            "size",
            "Intracranial area summed over the protocol's slices.",
        ),
        *_zone_measures(),
        Measure(
            "ventricle_volume_ml",
            "Ventricle volume",
            "Ventricle volume",
            "mL",
            "size",
            "Ventricle volume, slice spacing included.",
            from_images=True,
        ),
        Measure(
            "wmh_volume_ml",
            "WMH volume",
            "WMH volume",
            "mL",
            "load",
            "White matter hyperintensity volume, slice spacing included.",
            from_images=True,
        ),
        Measure(
            "lesion_count",
            "Lesion count",
            "Lesions",
            "",
            "count",
            "Number of connected lesions (26-connected).",
            from_images=True,
        ),
    ]
}

AREA_MEASURES = (
    "intracranial_area_mm2",
    "ventricle_area_mm2",
    "wmh_area_mm2",
    "periventricular_area_mm2",
    "paraventricular_area_mm2",
    "juxtacortical_area_mm2",
)
"""What a cohort table must carry; ratios and shares are derived from these by the store."""

PUBLISHED_PROTOCOL = "tabriz-2026-published"


def measure(name: str) -> Measure:
    """Look a measure up by name.

    Raises
    ------
    ValueError : the name is not a measure; the message lists the names that are.
    """
    try:
        return MEASURES[name]
    except KeyError:
        raise ValueError(f"unknown measure '{name}'; expected one of: {', '.join(MEASURES)}") from None
