"""Where lesions lie: distances to the ventricle and the cortical border, and the named rules that make zones of them.

A lesion is judged slice by slice, as the study does and as a reader of thick slices would: with 6 to 8 mm between
slices a three-dimensional lesion can begin at the ventricle and end at the cortex, and one zone for all of it would
misplace most of it. The distances of every part are kept, so a threshold can be moved without the images.

Distance zones are not a McDonald dissemination-in-space assessment. The cortex itself is not segmented: its border is
the fluid on it (``pipeline.cortex``) and the edge of the brain mask; ``docs/methods.md`` says what that can tell.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial.distance import cdist

from pipeline.errors import GeometryError, RecipeError
from pipeline.measures.cortex import SHARP, SMOOTHED, FluidRule
from pipeline.plane_masks import tight_box
from vocabulary.measures import ZONES

Mask = NDArray[np.bool_]

_IN_PLANE = np.zeros((3, 3, 3), bool)
_IN_PLANE[:, :, 1] = True
"""8-connectivity within a slice, none across slices."""
_IN_SPACE = np.ones((3, 3, 3), bool)

CORTEX_MM = 2.5
"""Mean thickness of the human cortex; it varies from 1 to 4.5 mm (Fischl & Dale 2000, doi:10.1073/pnas.200033797)."""


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
    cortex_mm : nearest point to the cortical border; None: touching the cortex
    cortex_area_mm2 : and at most this large, None: any size
    fluid : what counts as fluid on the cortex
    """

    name: str
    version: int
    source: str
    ventricle_mm: float | None
    centroid_mm: float | None
    cortex_mm: float | None
    cortex_area_mm2: float | None
    fluid: FluidRule = SMOOTHED


# Version 1 took the edge of the brain mask alone for the cortical border, version 2 fluid as sharp as the image is.
ZONE_RULES = MappingProxyType(
    {
        rule.name: rule
        for rule in (
            ZoneRule("study-code", 3, "the code of the Tabriz study", 7.5, 15.0, 6.0, math.pi * 6**2 / 4),
            ZoneRule("study-readme", 3, "the text of the Tabriz study", 3.0, None, 3.0, 20.0),
            ZoneRule("contact", 3, "Filippi et al. 2016, doi:10.1016/S1474-4422(15)00393-2", None, None, None, None),
        )
    }
)


OLDER_RULES = MappingProxyType(
    {f"{rule.name}@2": replace(rule, version=2, fluid=SHARP) for rule in ZONE_RULES.values()}
)
"""Rules as they were, for datasets that were measured with them; named with their version."""


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
    to_cortex_mm : nearest pixel centre of the cortical border (fluid, or outside the brain mask) to the part's nearest
        pixel centre; 0 on or beyond it, infinite in a slice without border
    touches_ventricle : an 8-neighbour of the part is ventricle
    touches_cortex : an 8-neighbour of the part is no more than the thickness of the cortex (2.5 mm) from its border
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


DEFAULT_RULE = "study-code"
RULE_NAMES = (*ZONE_RULES, *OLDER_RULES)


def find_rule(name: str) -> ZoneRule:
    """Return a rule by name, an older version of it by ``NAME@VERSION``.

    Raises
    ------
    RecipeError : no such rule; the message lists them.
    """
    try:
        return {**ZONE_RULES, **OLDER_RULES}[name]
    except KeyError:
        raise RecipeError(f"no zone rule '{name}'; expected one of: {', '.join(RULE_NAMES)}") from None


def lesion_parts(
    wmh: Mask, ventricle: Mask, brain: Mask, spacing_mm: Sequence[float], cortex: Mask | None = None
) -> tuple[list[LesionPart], NDArray[np.int32]]:
    """Measure every slice's part of every lesion, whatever the rule.

    Parameters
    ----------
    wmh, ventricle, brain : (X, Y, Z) bool arrays on one grid, RAS+, Z across the slices
    spacing_mm : voxel size along X, Y, Z, mm, slice gap included
    cortex : (X, Y, Z) bool, fluid on the cortex within the brain mask, from ``measures.cortex.cortical_border``.
        Without it only the edge of the brain mask is cortical border, and lesions under a sulcus are missed

    Returns
    -------
    parts, and an (X, Y, Z) int32 image that holds each part's place in the list plus one; 0 is no lesion

    Raises
    ------
    GeometryError : the masks differ in shape.
    """
    border = ~brain if cortex is None else ~brain | cortex
    if not wmh.shape == ventricle.shape == brain.shape == border.shape:
        raise GeometryError(f"masks differ in shape: WMH {wmh.shape}, ventricle {ventricle.shape}, brain {brain.shape}")
    if not wmh.any():
        return [], np.zeros(wmh.shape, np.int32)
    # Air is most of a slice, and nothing is nearer there than at the window's rim.
    window, corner = _window(wmh | ventricle | brain)
    wmh, ventricle, border = wmh[window], ventricle[window], border[window]
    # Everything below looks at lesion pixels only, ordered by part: each part is one run of them.
    [box] = tight_box(wmh)
    inside = np.array(np.nonzero(wmh[box]))
    lesions = ndimage.label(wmh[box], _IN_SPACE)[0][tuple(inside)]
    everything = np.zeros(brain.shape, np.int32)
    image = everything[window][box]
    ndimage.label(wmh[box], _IN_PLANE, output=image)
    order = np.argsort(image[tuple(inside)], kind="stable")
    inside, lesions = inside[:, order], lesions[order]
    starts = np.flatnonzero(np.diff(image[tuple(inside)], prepend=0))
    where = inside + np.array([[span.start] for span in box])
    sizes = np.diff(starts, append=where.shape[1])
    centroids = (np.add.reduceat(where, starts, axis=1) / sizes).T
    slices = where[2, starts]
    in_plane = tuple(spacing_mm[:2])
    from_ventricle, from_border = np.empty((2, where.shape[1]))
    by_ventricle, by_cortex = np.empty((2, where.shape[1]), bool)
    ventricles = {}
    for z in np.unique(slices):
        here = where[2] == z
        x, y = where[:2, here]
        near_ventricle = _distances(ventricle[:, :, z], x, y, in_plane)
        near_border = _distances(border[:, :, z], x, y, in_plane)
        from_ventricle[here], from_border[here] = near_ventricle[x, y], near_border[x, y]
        by_ventricle[here] = _touched(ventricle[:, :, z], x, y, beyond=False)
        by_cortex[here] = _touched(near_border <= CORTEX_MM, x, y, beyond=True)
        ventricles[z] = np.argwhere(ventricle[:, :, z]) * in_plane
    to_ventricle, to_cortex = (np.minimum.reduceat(mm, starts) for mm in (from_ventricle, from_border))
    touches_ventricle, touches_cortex = (np.maximum.reduceat(mask, starts) for mask in (by_ventricle, by_cortex))
    area = sizes * math.prod(in_plane)
    to_centroid = [
        _nearest(centroid[:2] * in_plane, ventricles[z]) for centroid, z in zip(centroids, slices, strict=True)
    ]
    centroids += corner
    parts = [
        LesionPart(
            lesion=int(lesions[start]),
            slice_index=int(slices[i]),
            area_mm2=float(area[i]),
            volume_ml=float(area[i] * spacing_mm[2] / 1000),
            to_ventricle_mm=float(to_ventricle[i]),
            centroid_to_ventricle_mm=to_centroid[i],
            to_cortex_mm=float(to_cortex[i]),
            touches_ventricle=bool(touches_ventricle[i]),
            touches_cortex=bool(touches_cortex[i]),
            centroid=(float(centroids[i, 0]), float(centroids[i, 1]), float(centroids[i, 2])),
        )
        for i, start in enumerate(starts)
    ]
    return parts, everything


def zone_of(part: LesionPart, rule: ZoneRule) -> str:
    """Return the zone a rule gives a part: one of ``vocabulary.measures.ZONES``."""
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


def _window(content: Mask) -> tuple[tuple[slice, slice, slice], tuple[int, int, int]]:
    """Return the box in the slice plane that holds the content and, where the image goes on, one pixel around it."""
    spans = [np.flatnonzero(content.any(axis)) for axis in ((1, 2), (0, 2))]
    x, y = (slice(max(int(span[0]) - 1, 0), int(span[-1]) + 2) for span in spans)
    return (x, y, slice(None)), (x.start, y.start, 0)


def _distances(
    target: Mask, x: NDArray[np.intp], y: NDArray[np.intp], in_plane: tuple[float, ...]
) -> NDArray[np.float64]:
    """Return a slice's distances in mm to the nearest pixel of the target; infinite without one.

    They hold at the pixels asked for, and beside these wherever a target is within ``CORTEX_MM``; elsewhere they may be
    infinite.
    """
    distances = np.full(target.shape, np.inf)
    if not target.any():
        return distances
    # By streets no way is shorter than as the crow flies, and they are counted in an eighth of the time.
    furthest_mm = max(int(ndimage.distance_transform_cdt(~target, "taxicab")[x, y].max()) * max(in_plane), CORTEX_MM)
    box = tuple(
        slice(max(int(places.min()) - reach, 0), int(places.max()) + reach + 1)
        for places, reach in zip((x, y), (int(furthest_mm / mm) + 2 for mm in in_plane), strict=True)
    )
    distances[box] = ndimage.distance_transform_edt(~target[box], sampling=in_plane)
    return distances


def _touched(mask: Mask, x: NDArray[np.intp], y: NDArray[np.intp], *, beyond: bool) -> Mask:
    """Tell for each pixel whether it or an 8-neighbour is in the mask; ``beyond`` is what lies outside the image."""
    padded = np.pad(mask, 1, constant_values=beyond)
    touched: Mask = np.any([padded[x + i, y + j] for i in range(3) for j in range(3)], axis=0)
    return touched


def _nearest(point_mm: NDArray[np.floating], others_mm: NDArray[np.floating]) -> float:
    return float(cdist(point_mm[None], others_mm).min()) if len(others_mm) else math.inf
