"""The regions of one segmented scan, from registration to loads."""

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.errors import RegistrationError
from pipeline.inputs.nifti import Scan
from pipeline.measures.cortex import cortical_border
from pipeline.regions.atlas import Atlas, parcellate
from pipeline.regions.bullseye import bullseye
from pipeline.regions.lesion_map import LesionMap, lesion_map
from pipeline.regions.loads import RegionalLoads, regional_loads
from pipeline.regions.parcellation import Region
from pipeline.registration.affine import Registration, register
from pipeline.registration.deformable import refine
from pipeline.registration.icbm152 import icbm152
from vocabulary.lesion_grid import SPACE

CORTEX_MM = 2.5
"""Thickness of the cortex beneath its fluid (Fischl and Dale 2000, doi:10.1073/pnas.200033797)."""


@dataclass(frozen=True)
class ScanRegions:
    """Regions of one scan.

    Attributes
    ----------
    registration : of the atlas' template to the scan
    regions : of the atlas, in its order
    loads : lesions by region
    lesion_map : lesions on the common grid; None with an atlas in another space
    seconds : how long each step took
    """

    registration: Registration
    regions: tuple[Region, ...]
    loads: RegionalLoads
    lesion_map: LesionMap | None
    seconds: dict[str, float]


def scan_regions(
    scan: Scan,
    labels: NDArray[np.uint8],
    brain: NDArray[np.bool_],
    atlas: Atlas | None = None,
    *,
    deformable: bool = False,
    threads: int = 1,
) -> ScanRegions:
    """Find the regions of a segmented scan and count its lesions by them.

    Parameters
    ----------
    scan : the FLAIR
    labels : (X, Y, Z), 0 background, 1 ventricle, 2 WMH, on its grid
    brain : (X, Y, Z) bool, intracranial mask
    atlas : a user's atlas, or None for the built-in bullseye
    deformable : bend the template to the person after the affine registration; ICBM152 alone
    threads : for the registration program; one gives the same transform every time

    Raises
    ------
    RegistrationError : there is no brain, or the template does not lie on it: no region may be reported.
    """
    if not brain.any():
        raise RegistrationError("no brain was found in this scan, so no region can be told")
    ventricle, wmh = labels == 1, labels == 2
    begun = time.perf_counter()
    template = icbm152() if atlas is None else atlas.template
    registration = register(scan.data, brain, scan.affine, template, ventricle=ventricle, threads=threads)
    registration.check()
    if deformable:
        registration = refine(registration, scan.data, brain, labels, threads=threads)
        registration.check()
    registered = time.perf_counter()
    cortex = cortical_border(scan.data, brain, ventricle, scan.spacing_mm, wmh=wmh)
    if atlas is None:
        regions = bullseye(registration, brain, ventricle, cortex, scan.spacing_mm)
    else:
        regions = parcellate(atlas, registration, brain)
    white = white_matter(brain, ventricle, cortex, scan.spacing_mm)
    loads = regional_loads(wmh, white, regions, scan.spacing_mm)
    common = lesion_map(registration, wmh) if template.space == SPACE else None
    ended = time.perf_counter()
    seconds = {"register": registered - begun, "regions": ended - registered}
    return ScanRegions(registration, regions.regions, loads, common, seconds)


def white_matter(
    brain: NDArray[np.bool_],
    ventricle: NDArray[np.bool_],
    cortex: NDArray[np.bool_],
    spacing_mm: tuple[float, float, float],
) -> NDArray[np.bool_]:
    """Return what is left of the brain without ventricles, fluid and the band of cortex beneath it.

    FLAIR alone tells no more: deep grey matter counts as white. Distances lie within the slice, as slices are thick.

    Parameters
    ----------
    brain, ventricle, cortex : (X, Y, Z) bool; ``cortex`` from ``pipeline.measures.cortex``
    spacing_mm : voxel size, mm
    """
    deep = np.zeros_like(brain)
    for z in np.flatnonzero(brain.any((0, 1))):
        inside = brain[:, :, z] & ~cortex[:, :, z]
        deep[:, :, z] = (
            ndimage.distance_transform_edt(np.pad(inside, 1), sampling=spacing_mm[:2])[1:-1, 1:-1] > CORTEX_MM
        )
    return deep & ~ventricle
