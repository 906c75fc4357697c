"""Where lesions lie: distances to the ventricle and the cortical border, and the named rules that make zones of them.

A lesion is judged slice by slice, as the study does and as a reader of thick slices would: with 6 to 8 mm between
slices a three-dimensional lesion can begin at the ventricle and end at the cortex, and one zone for all of it would
misplace most of it. The distances of every part are kept, so a threshold can be moved without the images.

Distance zones are not a McDonald dissemination-in-space assessment. The cortical border is taken to be the edge of the
brain mask, which sees nothing of the sulci: with manual masks of ten patients the study's rule gives its released
periventricular share when pooled (67 against 66 %), but hardly any juxtacortical lesion (0.1 against 9 %).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial.distance import cdist

from pipeline.errors import GeometryError, RecipeError
from vocabulary import ZONES

Mask = NDArray[np.bool_]

_IN_PLANE = np.zeros((3, 3, 3), bool)
_IN_PLANE[:, :, 1] = True
"""8-connectivity within a slice, none across slices."""
_IN_SPACE = np.ones((3, 3, 3), bool)


@dataclass(frozen=True)
class ZoneRule:
    """A named, versioned reading of "near the ventricle" and "near the cortex".

    Periventricular is decided first, then juxtacortical; what is left is paraventricular. Limits are inclusive.

    Attributes
    ----------
    name, version : as recorded with every run; the version rises when a rule of this name decides differently
    source : where the rule comes from
    ventricle_mm : nearest point of the part to the ventricle; None: touching (8-neighbours)
    centroid_mm : or its centroid this near, None: not asked
    cortex_mm : nearest point to the cortical border; None: touching
    cortex_area_mm2 : and at most this large, None: any size
    """

    name: str
    version: int
    source: str
    ventricle_mm: float | None
    centroid_mm: float | None
    cortex_mm: float | None
    cortex_area_mm2: float | None


ZONE_RULES = MappingProxyType(
    {
        rule.name: rule
        for rule in (
            ZoneRule("study-code", 1, "the code of the Tabriz study", 7.5, 15.0, 6.0, math.pi * 6**2 / 4),
            ZoneRule("study-readme", 1, "the text of the Tabriz study", 3.0, None, 3.0, 20.0),
            ZoneRule("contact", 1, "Filippi et al. 2016, doi:10.1016/S1474-4422(15)00393-2", None, None, None, None),
        )
    }
)


@dataclass(frozen=True)
class LesionPart:
    """What one slice shows of one lesion.

    Attributes
    ----------
    lesion : number of the lesion in space (26-connected), from 1
    slice_index : along Z, from 0
    area_mm2, volume_ml : of the part; the volume counts the slice spacing
    to_ventricle_mm, centroid_to_ventricle_mm : in the slice plane, nearest pixel centre of the ventricle to the part's
        nearest pixel centre and to its centroid; infinite in a slice without ventricle
    to_cortex_mm : nearest pixel centre outside the brain mask to the part's nearest pixel centre; 0 on or beyond it
    touches_ventricle, touches_cortex : an 8-neighbour of the part is ventricle, or outside the brain
    centroid : voxel coordinates (x, y, z)
    """

    lesion: int
    slice_index: int
    area_mm2: float
    volume_ml: float
    to_ventricle_mm: float
    centroid_to_ventricle_mm: float
    to_cortex_mm: float
    touches_ventricle: bool
    touches_cortex: bool
    centroid: tuple[float, float, float]


def find_rule(name: str) -> ZoneRule:
    """Return a rule by name.

    Raises
    ------
    RecipeError : no such rule; the message lists them.
    """
    try:
        return ZONE_RULES[name]
    except KeyError:
        raise RecipeError(f"no zone rule '{name}'; expected one of: {', '.join(ZONE_RULES)}") from None


def lesion_parts(
    wmh: Mask, ventricle: Mask, brain: Mask, spacing_mm: Sequence[float]
) -> tuple[list[LesionPart], NDArray[np.int32]]:
    """Measure every slice's part of every lesion, whatever the rule.

    Parameters
    ----------
    wmh, ventricle, brain : (X, Y, Z) bool arrays on one grid, RAS+, Z across the slices; the edge of ``brain`` stands
        for the cortical border
    spacing_mm : voxel size along X, Y, Z, mm, slice gap included

    Returns
    -------
    parts, and an (X, Y, Z) int32 image that holds each part's place in the list plus one; 0 is no lesion

    Raises
    ------
    GeometryError : the masks differ in shape.
    """
    if not wmh.shape == ventricle.shape == brain.shape:
        raise GeometryError(f"masks differ in shape: WMH {wmh.shape}, ventricle {ventricle.shape}, brain {brain.shape}")
    image, count = ndimage.label(wmh, _IN_PLANE, output=np.int32)
    lesions, _ = ndimage.label(wmh, _IN_SPACE)
    if not count:
        return [], image
    # Everything below looks at lesion pixels only, ordered by part: each part is one run of them.
    where = np.array(np.nonzero(wmh))
    where = where[:, np.argsort(image[tuple(where)], kind="stable")]
    pixels = tuple(where)
    starts = np.flatnonzero(np.diff(image[pixels], prepend=0))
    sizes = np.diff(starts, append=where.shape[1])
    centroids = (np.add.reduceat(where, starts, axis=1) / sizes).T
    slices = where[2, starts]
    in_plane = tuple(spacing_mm[:2])
    lit = np.unique(slices)
    to_ventricle = np.minimum.reduceat(_distances(~ventricle, lit, in_plane)[pixels], starts)
    to_cortex = np.minimum.reduceat(_distances(brain, lit, in_plane)[pixels], starts)
    touches_ventricle = np.maximum.reduceat(_touched(ventricle, where, beyond=False), starts)
    touches_cortex = np.maximum.reduceat(_touched(~brain, where, beyond=True), starts)
    area = sizes * math.prod(in_plane)
    parts = [
        LesionPart(
            lesion=int(lesions[tuple(where[:, start])]),
            slice_index=int(slices[i]),
            area_mm2=float(area[i]),
            volume_ml=float(area[i] * spacing_mm[2] / 1000),
            to_ventricle_mm=float(to_ventricle[i]),
            centroid_to_ventricle_mm=_nearest(centroids[i], ventricle[:, :, slices[i]], in_plane),
            to_cortex_mm=float(to_cortex[i]),
            touches_ventricle=bool(touches_ventricle[i]),
            touches_cortex=bool(touches_cortex[i]),
            centroid=(float(centroids[i, 0]), float(centroids[i, 1]), float(centroids[i, 2])),
        )
        for i, start in enumerate(starts)
    ]
    return parts, image


def zone_of(part: LesionPart, rule: ZoneRule) -> str:
    """Return the zone a rule gives a part: one of ``vocabulary.ZONES``."""
    near = part.touches_ventricle if rule.ventricle_mm is None else part.to_ventricle_mm <= rule.ventricle_mm
    if near or (rule.centroid_mm is not None and part.centroid_to_ventricle_mm <= rule.centroid_mm):
        return "periventricular"
    near_cortex = part.touches_cortex if rule.cortex_mm is None else part.to_cortex_mm <= rule.cortex_mm
    small = rule.cortex_area_mm2 is None or part.area_mm2 <= rule.cortex_area_mm2
    return "juxtacortical" if near_cortex and small else "paraventricular"


def zone_image(part_image: NDArray[np.int32], zones: Sequence[str]) -> NDArray[np.uint8]:
    """Paint the zones: 0 no lesion, 1 periventricular, 2 paraventricular, 3 juxtacortical.

    Parameters
    ----------
    part_image : (X, Y, Z), from ``lesion_parts``
    zones : one per part, in the same order
    """
    values = np.array([0, *(ZONES.index(zone) + 1 for zone in zones)], np.uint8)
    return values[part_image]


def _distances(inside: Mask, slices: NDArray[np.intp], in_plane: tuple[float, ...]) -> NDArray[np.float64]:
    """Distance in mm, in the slices asked for, to the nearest pixel that is not ``inside``; infinite without one."""
    distances = np.full(inside.shape, np.inf)
    for z in slices:
        if not inside[:, :, z].all():
            distances[:, :, z] = ndimage.distance_transform_edt(inside[:, :, z], sampling=in_plane)
    return distances


def _touched(mask: Mask, where: NDArray[np.intp], *, beyond: bool) -> Mask:
    """Tell for each pixel whether it or an 8-neighbour is in the mask; ``beyond`` is what lies outside the image."""
    padded = np.pad(mask, ((1, 1), (1, 1), (0, 0)), constant_values=beyond)
    shifts = ((i, j) for i in range(3) for j in range(3))
    return np.any([padded[where[0] + i, where[1] + j, where[2]] for i, j in shifts], axis=0)


def _nearest(centroid: NDArray[np.float64], mask: NDArray[np.bool_], in_plane: tuple[float, ...]) -> float:
    pixels = np.argwhere(mask)
    if not len(pixels):
        return math.inf
    return float(cdist(centroid[None, :2] * in_plane, pixels * in_plane).min())
