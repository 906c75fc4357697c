"""Synthetic FLAIR scans with their exact truth: for the demonstration, for tests, and to measure how things scale.

Each scan is the average head of ``pipeline.synthetic_anatomy``, bent to a person, its ventricles widened with age and
disease, with lesions put where their zone says, seen through thick slices, a bias field and noise. No real person is
shown, and how a network does on these says little of how it does on patients.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.registration.icbm152 import ORIGIN
from pipeline.synthetic.anatomy import anatomy, smooth_shift
from pipeline.synthetic.lesions import lesion_counts, put_lesions
from vocabulary.measures import ZONES

SPACING_MM = (0.9, 0.9, 6.9)
SHAPE = (240, 256, 20)
_THICKNESS_MM = 5.5
_SUBSLICES = 3
_LOWEST_MM = -48.0
"""Height of the lowest slice in template coordinates; the cerebellum begins above."""
AFFINE = np.diag([*SPACING_MM, 1.0])
"""Voxel to world of every scan, mm."""
AFFINE[:3, 3] = [-(SHAPE[0] - 1) / 2 * SPACING_MM[0], -(SHAPE[1] - 1) / 2 * SPACING_MM[1] - 18, _LOWEST_MM]
_LESION = 1.65
_RIM = 0.45


@dataclass(frozen=True)
class SyntheticScan:
    """A scan of nobody, and what is true of it.

    Attributes
    ----------
    data : (X, Y, Z) float32, axes to the right, anterior and superior
    affine : (4, 4) voxel to world, mm
    labels : (X, Y, Z) uint8; 0 background, 1 ventricle, 2 WMH
    brain : (X, Y, Z) bool, inside the skull
    zones : (X, Y, Z) uint8; 0, then the zone a lesion was put in, in the order of ``vocabulary.measures.ZONES``
    lesions : one row per lesion put in: zone, volume_ml on this grid (0 where it fell between slices)
    numbers : (X, Y, Z) int32; 0, then the row of ``lesions``, from 1
    """

    data: NDArray[np.float32]
    affine: NDArray[np.float64]
    labels: NDArray[np.uint8]
    brain: NDArray[np.bool_]
    zones: NDArray[np.uint8]
    lesions: pl.DataFrame
    numbers: NDArray[np.int32]


def synthetic_scan(
    seed: int, *, group: str = "MS", sex: str = "F", age_years: float = 35.0, lesions: dict[str, int] | None = None
) -> SyntheticScan:
    """Draw one scan; the same arguments give the same scan.

    Parameters
    ----------
    seed : int
    group, sex, age_years : decide, with chance, head size, ventricle size and lesion load
    lesions : number of lesions by zone; drawn by group where not given

    Raises
    ------
    ValueError : an unknown zone.
    """
    rng = np.random.default_rng((2026, seed))
    head = anatomy()
    counts = lesion_counts(rng, group, age_years) if lesions is None else lesions
    if unknown := set(counts) - set(ZONES):
        raise ValueError(f"unknown zones {', '.join(sorted(unknown))}; expected {', '.join(ZONES)}")
    owner, rows = put_lesions(rng, head, counts)
    return scanned(rng, owner, rows, person_of(rng, group, sex, age_years))


@dataclass(frozen=True)
class Person:
    """How one head differs from the average one.

    Attributes
    ----------
    to_average : (3, 3) turn and size
    shift : (3, x, y, z) displacement of every fourth voxel of the template's grid, mm
    """

    to_average: NDArray[np.float64]
    shift: NDArray[np.float64]


def person_of(rng: np.random.Generator, group: str, sex: str, age_years: float) -> Person:
    """Draw a head: its size, how it lies, folds, and ventricles widened with age and disease."""
    head = anatomy()
    # The average head is larger than most people's: men then have about 1,550 mL inside the skull, women 1,430.
    size = (0.91 if sex == "M" else 0.875) * np.exp(rng.normal(0, 0.02, 3))
    angles = np.deg2rad(rng.normal(0, 3, 3))
    turn = np.eye(3)
    for axis, angle in enumerate(angles):
        i, j = (axis + 1) % 3, (axis + 2) % 3
        plane = np.eye(3)
        plane[[i, i, j, j], [i, j, i, j]] = np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)
        turn = turn @ plane
    widening = np.clip(0.8 + 0.04 * (age_years - 20) + (1.8 if group == "MS" else 0) + rng.normal(0, 0.8), -0.8, 7.0)
    reach = np.exp(-np.clip(head.to_ventricle[2::4, 2::4, 2::4], 0, None) / 12)
    # Walls move outward: what is shown here was nearer to the ventricle in the average head.
    widen = -widening * reach * head.outward[:, 2::4, 2::4, 2::4]
    folds = smooth_shift(rng, widen.shape[1:], 15, 0.9) * head.brain[2::4, 2::4, 2::4]
    bend = smooth_shift(rng, widen.shape[1:], 4, 2.0) + folds
    return Person(turn / size, np.asarray(bend + widen, np.float64))


def scanned(
    rng: np.random.Generator,
    owner: NDArray[np.int32],
    zones: list[str],
    person: Person,
    pose: NDArray[np.float64] | None = None,
) -> SyntheticScan:
    """Draw a scan of a person.

    Parameters
    ----------
    owner : number of the lesion at every voxel of the template's grid, 0 for none
    zones : of each lesion
    pose : (4, 4) this scan's world to that of a scan without one, mm, rigid: how the head lies another time
    """
    head = anatomy()
    sources = _sources(person, np.eye(4) if pose is None else pose)
    brightness = head.brightness.copy()
    brightness += head.rim * _RIM * rng.uniform(0.4, 1.3)
    soft = ndimage.gaussian_filter((owner > 0).astype(np.float32), 0.9)
    level = _LESION * rng.uniform(0.95, 1.1)
    brightness += np.clip(level - brightness, 0, None) * soft * (brightness > 0.6)
    image = _slab(brightness, sources)
    ventricle, brain = _mostly(head.ventricle, sources), _mostly(head.brain, sources)
    lesion = _mostly((owner > 0).astype(np.float32), sources) & ~ventricle & brain
    which = ndimage.map_coordinates(owner, sources[:, :, :, :, _SUBSLICES // 2], order=0)
    which = _nearest(which, lesion)
    labels = np.where(ventricle, 1, np.where(lesion, 2, 0)).astype(np.uint8)
    zone_of = np.array([0, *(ZONES.index(zone) + 1 for zone in zones)], np.uint8)
    voxel_ml = float(np.prod(SPACING_MM)) / 1000
    volumes = np.bincount(which[lesion], minlength=len(zones) + 1)[1:] * voxel_ml
    table = pl.DataFrame({"zone": zones, "volume_ml": volumes}, schema={"zone": pl.String, "volume_ml": pl.Float64})
    return SyntheticScan(
        _as_scanned(rng, image), AFFINE.copy(), labels, brain, zone_of[which] * lesion, table, which * lesion
    )


def true_places(person: Person, part: int = _SUBSLICES // 2) -> NDArray[np.float32]:
    """Return where every voxel of a person's scan truly lies in ICBM152, (X, Y, Z, 3), mm.

    Parameters
    ----------
    person : Person
    part : of the slice's thickness, from 0, the lowest third, to 2; its middle is meant. The middle third by default
    """
    return np.asarray(np.moveaxis(_sources(person, np.eye(4))[..., part], 0, -1) - ORIGIN, np.float32)


def _sources(person: Person, pose: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return where every point of the scan's slices lies in the template, (3, X, Y, Z, subslices), voxels."""
    x, y = ((np.arange(size) - (size - 1) / 2) * mm for size, mm in zip(SHAPE[:2], SPACING_MM[:2], strict=True))
    z = _LOWEST_MM + np.arange(SHAPE[2]) * SPACING_MM[2]
    z = z[:, None] + np.linspace(-0.5, 0.5, _SUBSLICES) * _THICKNESS_MM * (_SUBSLICES - 1) / _SUBSLICES
    points = np.stack(np.broadcast_arrays(x[:, None, None, None], y[None, :, None, None] - 18, z[None, None]))
    flat = pose[:3, :3] @ points.reshape(3, -1) + pose[:3, 3:]
    bent = person.to_average @ flat + ORIGIN[:, None]
    moved = [ndimage.map_coordinates(part, (bent - 2) / 4, order=1, mode="nearest") for part in person.shift]
    return np.asarray((bent + np.stack(moved)).reshape(points.shape), np.float32)


def _slab(volume: NDArray[np.float32], sources: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (X, Y, Z): the mean over each slice's thickness."""
    parts = [ndimage.map_coordinates(volume, sources[..., k], order=1, mode="nearest") for k in range(_SUBSLICES)]
    return np.asarray(np.mean(parts, axis=0, dtype=np.float32))


def _mostly(mask: NDArray[np.float32], sources: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Tell where a mask fills more than half of a slice's thickness; only points near the mask are looked up.

    Beyond the template is none of it.
    """
    filled = np.zeros(sources.shape[1:-1], bool)
    found = ndimage.find_objects((mask > 0).view(np.uint8))
    if found:
        beside = [(p > box.start - 1) & (p < box.stop) for p, box in zip(sources, found[0], strict=True)]
        near = np.logical_and.reduce(beside).any(axis=-1)
        filled[near] = _slab(mask, sources[:, near]) > 0.5
    return filled


def _nearest(numbers: NDArray[np.int32], lesion: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Give every lesion voxel a number, that of the nearest voxel that has one."""
    if not (numbers > 0).any():
        return np.zeros_like(numbers)
    nearest = ndimage.distance_transform_edt(numbers == 0, SPACING_MM, return_distances=False, return_indices=True)
    return np.where(lesion, numbers[tuple(nearest)], 0)


def _as_scanned(rng: np.random.Generator, image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the image as a scanner would give it: uneven coil, unequal slices, Rician noise, its own scale."""
    knots, zoom = rng.standard_normal((3, 3, 3)), [size / 3 for size in SHAPE]
    bias = ndimage.zoom(knots, zoom, order=3, grid_mode=True, mode="nearest")
    texture = 0.1 * ndimage.gaussian_filter(rng.standard_normal(SHAPE), (0.9, 0.9, 0))
    seen = image * np.exp(0.12 * bias + texture) * np.exp(0.015 * rng.standard_normal(SHAPE[2]))
    noise = rng.standard_normal((2, *SHAPE)) * rng.uniform(0.02, 0.04)
    return np.asarray(300 * np.hypot(seen + noise[0], noise[1]), np.float32)
