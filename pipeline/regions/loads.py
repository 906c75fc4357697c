"""Lesions by region: a load per region, and the region of every lesion.

Voxels of a lesion that lie in no region go to the nearest one of their hemisphere within 5 mm, and what is left stays
unassigned and is said. The parts add up to the whole exactly.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.errors import GeometryError
from pipeline.regions.parcellation import Parcellation

NEAREST_MM = 5.0
"""As far as a lesion may lie from a region to be counted there: an affine registration is off by a few millimetres."""
_CONNECTED = np.ones((3, 3, 3), bool)

LOAD_SCHEMA = pl.Schema(
    {
        "region": pl.String,
        "side": pl.String,
        "lesion_volume_ml": pl.Float64,
        "lesion_area_mm2": pl.Float64,
        "lesion_count": pl.Int32,
        "region_volume_ml": pl.Float64,
        "fraction_pct": pl.Float64,
    }
)


@dataclass(frozen=True)
class RegionalLoads:
    """Lesions of one scan by region.

    Attributes
    ----------
    loads : frame of ``LOAD_SCHEMA``, one row per region in the atlas' order. ``lesion_count`` counts the lesions whose
        largest part lies there; ``fraction_pct`` is how much of the region is lesion, null for one that the scan does
        not show.
    lesions : one row per 26-connected lesion: ``whole_lesion_number, region, side, volume_ml``; region null where most
        of it is unassigned
    unassigned_ml, unassigned_area_mm2, n_unassigned : lesion volume and area, and lesions, that belong to no region
    moved_ml : volume that lay in no region and was given to the nearest
    wmh_volume_ml : all lesions: the loads and ``unassigned_ml`` add up to it
    image : (X, Y, Z) uint16, region number of every lesion voxel, 0 elsewhere and where unassigned
    """

    loads: pl.DataFrame
    lesions: pl.DataFrame
    unassigned_ml: float
    unassigned_area_mm2: float
    n_unassigned: int
    moved_ml: float
    wmh_volume_ml: float
    image: NDArray[np.uint16]


def regional_loads(
    wmh: NDArray[np.bool_], white_matter: NDArray[np.bool_], parcellation: Parcellation, spacing_mm: Sequence[float]
) -> RegionalLoads:
    """Count a scan's lesions by region.

    Parameters
    ----------
    wmh : (X, Y, Z) bool, lesions
    white_matter : (X, Y, Z) bool, what counts as a region's volume; lesions always do
    parcellation : the scan's regions
    spacing_mm : voxel size, slice gap included, mm

    Raises
    ------
    GeometryError : the arrays differ in shape.
    """
    if not wmh.shape == white_matter.shape == parcellation.image.shape:
        raise GeometryError(
            f"lesions {wmh.shape}, white matter {white_matter.shape} and regions {parcellation.image.shape} "
            "differ in shape"
        )
    voxel_ml = float(np.prod(spacing_mm)) / 1000
    pixel_mm2 = float(spacing_mm[0] * spacing_mm[1])
    found, n_moved = _assigned(wmh, parcellation, spacing_mm)
    size = max(region.number for region in parcellation.regions) + 1
    voxels = np.bincount(found[wmh], minlength=size)
    region_voxels = np.bincount(
        np.where(white_matter | wmh, np.where(wmh, found, parcellation.image), 0).ravel(), minlength=size
    )
    number_of_lesion, lesions = _lesions(wmh, found, size)
    counts = np.bincount(number_of_lesion, minlength=size)
    rows = [
        (
            region.name,
            region.side,
            voxels[region.number] * voxel_ml,
            voxels[region.number] * pixel_mm2,
            int(counts[region.number]),
            region_voxels[region.number] * voxel_ml,
            100 * voxels[region.number] / region_voxels[region.number] if region_voxels[region.number] else None,
        )
        for region in parcellation.regions
    ]
    names = {region.number: (region.name, region.side) for region in parcellation.regions}
    lesion_rows = [
        (index, *names.get(int(number), (None, None)), int(volume) * voxel_ml)
        for index, (number, volume) in enumerate(zip(number_of_lesion, lesions, strict=True), 1)
    ]
    schema = {"whole_lesion_number": pl.Int32, "region": pl.String, "side": pl.String, "volume_ml": pl.Float64}
    return RegionalLoads(
        loads=pl.DataFrame(rows, schema=LOAD_SCHEMA, orient="row"),
        lesions=pl.DataFrame(lesion_rows, schema=schema, orient="row"),
        unassigned_ml=int(voxels[0]) * voxel_ml,
        unassigned_area_mm2=int(voxels[0]) * pixel_mm2,
        n_unassigned=int(counts[0]),
        moved_ml=n_moved * voxel_ml,
        wmh_volume_ml=int(wmh.sum()) * voxel_ml,
        image=np.where(wmh, found, 0).astype(np.uint16),
    )


def _assigned(
    wmh: NDArray[np.bool_], parcellation: Parcellation, spacing_mm: Sequence[float]
) -> tuple[NDArray[np.uint16], int]:
    """Return the region of every voxel, lesions moved to the nearest of their hemisphere, and how many were moved."""
    image = parcellation.image.copy()
    homeless = wmh & (image == 0)
    n_moved = 0
    for here, other in ((parcellation.left, "right"), (~parcellation.left, "left")):
        lost = homeless & here
        allowed = [region.number for region in parcellation.regions if region.side != other]
        candidates = np.isin(parcellation.image, allowed)
        if not lost.any() or not candidates.any():
            continue
        distance, nearest = ndimage.distance_transform_edt(~candidates, sampling=tuple(spacing_mm), return_indices=True)
        moved = lost & (distance <= NEAREST_MM)
        image[moved] = parcellation.image[tuple(index[moved] for index in nearest)]
        n_moved += int(moved.sum())
    return image, n_moved


def _lesions(wmh: NDArray[np.bool_], found: NDArray[np.uint16], size: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return for each 26-connected lesion the region that holds most of it, and its voxels."""
    lesions, n_lesions = ndimage.label(wmh, _CONNECTED)
    if not n_lesions:
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    pairs = (lesions[wmh].astype(np.intp) - 1) * size + found[wmh]
    table = np.bincount(pairs, minlength=n_lesions * size).reshape(n_lesions, size)
    return table.argmax(axis=1), table.sum(axis=1)
