"""From a label image to lesions, their zones and the measures: one way for a network's labels and for a rater's."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.measures.cortex import cortical_border
from pipeline.measures.quantification import Quantities, quantify
from pipeline.measures.zoning import LesionPart, ZoneRule, lesion_parts, zone_image, zone_of
from pipeline.segmentation.tissues import Tissue


@dataclass(frozen=True)
class ZonedLesions:
    """The lesions of one label image.

    Attributes
    ----------
    parts, zones : every slice's part of every lesion, and its zone; None where no zone could be decided
    image : (X, Y, Z) uint8; 0 no lesion or no zone, 1 periventricular, 2 paraventricular, 3 juxtacortical
    no_zone : why there can be no zone; "" where there can
    """

    parts: list[LesionPart]
    zones: list[str | None]
    image: NDArray[np.uint8]
    no_zone: str


def zone_labels(
    data: NDArray[np.floating],
    labels: NDArray[np.uint8],
    brain: NDArray[np.bool_] | None,
    spacing_mm: Sequence[float],
    rule: ZoneRule,
) -> ZonedLesions:
    """Find the lesions of a label image and the zone of each.

    Parameters
    ----------
    data : (X, Y, Z) FLAIR, RAS+; the fluid in its sulci shows where the cortex is
    labels : (X, Y, Z) 0 background, 1 ventricle, 2 WMH
    brain : (X, Y, Z) intracranial mask, None or empty where the network tells none
    spacing_mm : voxel size along X, Y, Z, mm
    """
    ventricle, wmh = labels == Tissue.VENTRICLE, labels == Tissue.WMH
    no_zone = "" if ventricle.any() else "the segmentation found no ventricle, so there is no distance to it"
    cortex = None
    if brain is not None and brain.any():
        cortex = cortical_border(data, brain, ventricle, spacing_mm, wmh=wmh, how=rule.fluid)
    else:
        # With the whole image as brain the distance to its border is unknown, not short.
        brain, no_zone = np.ones(labels.shape, bool), "the segmentation tells no brain, so there is no cortical border"
    parts, image = lesion_parts(wmh, ventricle, brain, spacing_mm, cortex)
    if no_zone:
        return ZonedLesions(parts, [None] * len(parts), np.zeros(image.shape, np.uint8), no_zone)
    zones = [zone_of(part, rule) for part in parts]
    return ZonedLesions(parts, [*zones], zone_image(image, zones), "")


def measure_labels(
    labels: NDArray[np.uint8], brain: NDArray[np.bool_] | None, zoned: ZonedLesions, spacing_mm: Sequence[float]
) -> Quantities:
    """Return the measures of a label image whose lesions have their zones; see ``measures.quantification``."""
    return quantify(labels, brain, zoned.parts, zoned.zones, spacing_mm, no_zone=zoned.no_zone)
