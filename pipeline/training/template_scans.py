"""Training scans of nobody: the average head with real lesion shapes, as many scanners might show it.

Every scan has a head of its own (bent, other ventricles), its own slice distance and thickness, and lesions of one of
the people in ``lesion_shapes``, some of them left out. Intensities follow the order of FLAIR (fluid, white matter, grey
matter, lesion) but are otherwise random, as Billot et al. 2023 (10.1016/j.media.2023.102789) do for all contrasts.
Bright things that are no lesions are shown as what they are: caps and bands of the ventricles, choroid plexus, and
spots between brain and skull.
"""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.registration.icbm152 import ORIGIN
from pipeline.segmentation.preprocessing import CANVAS, Recipe, find_recipe
from pipeline.segmentation.tissues import Tissue, allowed_code
from pipeline.synthetic.anatomy import GM, WM, Anatomy, anatomy, smooth_shift
from pipeline.training.labelled_scans import LabelledScan
from pipeline.training.lesion_shapes import HEAD_SIZE, PIXEL_MM, LesionShape

Map = NDArray[np.float32]

_SUBSLICES = 3
_LOWEST_MM, _HIGHEST_MM = -50.0, 80.0
_FLUID, _FAT, _BRIGHTEST = 0.15, 2.3, 4.0
_CERTAIN_RIM, _NO_RIM = 0.5, 0.12


def template_scans(
    seed: int,
    shapes: Sequence[LesionShape],
    recipe: Recipe,
    *,
    count: int,
    thinnest: float = 0.5,
    contrasts: int = 2,
    workers: int = 0,
) -> list[LabelledScan]:
    """Make scans; the same arguments give the same ones.

    Parameters
    ----------
    seed : int
    shapes : from ``lesion_shapes.load_lesion_shapes``
    recipe : Recipe that scales intensities as networks see them
    count : number of heads
    thinnest : least thickness of slices, share of their distance: thin ones far apart are how networks see thin scans
    contrasts : number of images of each head, all with other intensities
    workers : processes to share the work; 0 makes one head after the other

    Returns
    -------
    Scans named "template-0" and on; ``truth`` and ``original`` lie on the canvas
    """
    one = partial(_scan, seed, shapes, recipe.name, contrasts, thinnest)
    if not workers:
        return [one(number) for number in range(count)]
    with ProcessPoolExecutor(min(workers, count), get_context("spawn")) as pool:
        return list(pool.map(one, range(count)))


def _scan(
    seed: int, shapes: Sequence[LesionShape], recipe_name: str, contrasts: int, thinnest: float, number: int
) -> LabelledScan:
    rng, recipe, name = np.random.default_rng((seed, number)), find_recipe(recipe_name), f"template-{number}"
    people = sorted({shape.person for shape in shapes})
    head = anatomy()
    person = people[int(rng.integers(len(people)))]
    share = rng.uniform(0.05, 1.0)
    chosen = [shape for shape in shapes if shape.person == person and rng.random() < share]
    placed = _placed(rng, head, chosen)
    distance = float(rng.choice([rng.uniform(2.5, 5.0), rng.uniform(5.0, 8.5)]))
    depth = int((_HIGHEST_MM - _LOWEST_MM) * HEAD_SIZE / distance)
    where = _sources(rng, head, distance, distance * rng.uniform(thinnest, 1.0), depth)
    slabs = {
        key: _slab(volume, where)
        for key, volume in (
            ("brightness", head.brightness),
            ("ventricle", head.ventricle),
            ("brain", head.brain),
            ("rim", head.rim),
        )
    }
    images, lesion = [], np.zeros(slabs["rim"].shape, np.float32)
    for _ in range(contrasts):
        image, lesion = _image(rng, slabs, placed, where, len(chosen))
        prepared, _ = recipe.prepare(image, (recipe.pixel_mm, recipe.pixel_mm))
        images.append(prepared)
    codes = _codes(slabs, lesion)
    truth = np.zeros(codes.shape, np.uint8)
    for tissue in (Tissue.VENTRICLE, Tissue.WMH):
        truth[codes == allowed_code([tissue])] = tissue
    return LabelledScan(name, tuple(images), codes, truth, images[0], (PIXEL_MM, PIXEL_MM, distance))


def _placed(rng: Generator, head: Anatomy, shapes: Sequence[LesionShape]) -> NDArray[np.int32]:
    """Return the template's grid with each lesion's number, a little off its place and mirrored all or none."""
    number = np.zeros(head.white.shape, np.int32)
    mirrored = rng.random() < 0.5
    for index, shape in enumerate(shapes, start=1):
        mask = shape.mask[::-1] if mirrored else shape.mask
        x = -shape.corner_mm[0] - mask.shape[0] + 1 if mirrored else shape.corner_mm[0]
        corner = np.rint(np.array([x, *shape.corner_mm[1:]]) + ORIGIN + rng.normal(0, 2, 3)).astype(int)
        if (corner < 0).any() or (corner + mask.shape > np.array(number.shape)).any():
            continue
        box = tuple(slice(low, low + size) for low, size in zip(corner, mask.shape, strict=True))
        number[box][mask & (head.white[box] > 0.15) & (head.ventricle[box] < 0.5)] = index
    return number


def _sources(rng: Generator, head: Anatomy, distance: float, thickness: float, depth: int) -> Map:
    """Return where every point of the slices lies in the template, (3, X, Y, Z, subslices), voxels."""
    pixel = PIXEL_MM
    steps = (np.arange(CANVAS) - (CANVAS - 1) / 2) * pixel
    z = _LOWEST_MM * HEAD_SIZE + rng.uniform(-3, 3) + np.arange(depth) * distance
    z = z[:, None] + np.linspace(-1 / 3, 1 / 3, _SUBSLICES) * thickness
    points = np.stack(np.broadcast_arrays(steps[:, None, None, None], steps[None, :, None, None] - 18, z[None, None]))
    size = HEAD_SIZE * np.exp(rng.normal(0, 0.04, 3))
    turn = np.eye(3)
    for axis, angle in enumerate(np.deg2rad(rng.normal(0, 4, 3))):
        i, j = (axis + 1) % 3, (axis + 2) % 3
        plane = np.eye(3)
        plane[[i, i, j, j], [i, j, i, j]] = np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)
        turn = turn @ plane
    bent = np.tensordot(turn / size, points, axes=1).reshape(3, -1) + ORIGIN[:, None]
    widening = rng.uniform(-1.0, 7.0)
    reach = np.exp(-np.clip(head.to_ventricle[2::4, 2::4, 2::4], 0, None) / 12)
    widen = -widening * reach * head.outward[:, 2::4, 2::4, 2::4]
    folds = smooth_shift(rng, widen.shape[1:], 15, 1.0) * head.brain[2::4, 2::4, 2::4]
    shift = widen + smooth_shift(rng, widen.shape[1:], 4, 2.5) + folds
    moved = [ndimage.map_coordinates(part, (bent - 2) / 4, order=1, mode="nearest") for part in shift]
    return np.asarray((bent + np.stack(moved)).reshape(points.shape), np.float32)


def _slab(volume: Map, where: Map) -> Map:
    """Return (X, Y, Z): the mean over each slice's thickness."""
    parts = [ndimage.map_coordinates(volume, where[..., k], order=1, mode="nearest") for k in range(_SUBSLICES)]
    return np.asarray(np.mean(parts, axis=0, dtype=np.float32))


def _image(
    rng: Generator, slabs: dict[str, Map], number: NDArray[np.int32], where: Map, lesions: int
) -> tuple[Map, Map]:
    """Return an image of random intensities, and how far lesions fill each of its pixels."""
    fluid, white = rng.uniform(0.05, 0.45), 1.0
    grey = white + rng.uniform(0.05, 0.45)
    known = (0.0, _FLUID, WM, GM, _FAT, _BRIGHTEST)
    drawn = (rng.uniform(0, 0.05), fluid, white, grey, grey + rng.uniform(0.2, 2.5), grey + rng.uniform(2.6, 4.0))
    image = np.interp(slabs["brightness"], known, drawn).astype(np.float32)
    brain = slabs["brain"] > 0.5
    quartiles = np.percentile(image[brain], (25, 75))
    unit = max(float(quartiles[1] - quartiles[0]), 0.08)
    image += slabs["rim"] * unit * rng.uniform(0.2, 2.0)
    image += slabs["ventricle"] * _spots(rng, image.shape, 0.03) * rng.uniform(0.3, 1.2)  # choroid plexus
    shell = np.clip(slabs["brain"], 0, 1) * (slabs["brightness"] < 0.6) * (slabs["ventricle"] < 0.1)
    image += shell * _spots(rng, image.shape, 0.02) * rng.uniform(0.3, 1.2)  # sinuses, tentorium, inflow
    contrast = np.concatenate([[0.0], rng.uniform(0.4, 2.2, lesions)]).astype(np.float32) * unit
    parts = [ndimage.map_coordinates(number, where[..., k], order=0, mode="nearest") for k in range(_SUBSLICES)]
    lesion: Map = np.mean([part > 0 for part in parts], axis=0, dtype=np.float32)
    image += np.mean([contrast[part] for part in parts], axis=0, dtype=np.float32)
    texture = ndimage.gaussian_filter(rng.standard_normal(image.shape).astype(np.float32), (1.0, 1.0, 0))
    image *= np.exp(rng.uniform(0.03, 0.2) * texture)
    image *= np.exp(0.02 * rng.standard_normal(image.shape[2])).astype(np.float32)
    width = rng.uniform(0.3, 1.2)
    image = ndimage.gaussian_filter(image, (width, width, 0))
    if rng.random() < 0.25:
        image = image * brain
    noise = rng.standard_normal((2, *image.shape)).astype(np.float32) * rng.uniform(0.01, 0.07)
    return np.hypot(image + noise[0], noise[1]) * 300, lesion


def _spots(rng: Generator, shape: tuple[int, ...], share: float) -> Map:
    """Return blobs of random place, 0 to 1, that fill about this share."""
    field = ndimage.gaussian_filter(rng.standard_normal(shape).astype(np.float32), (2.5, 2.5, 0.6))
    spots: Map = np.clip((field - np.quantile(field[::2, ::2], 1 - share)) / field.std() * 2, 0, 1)
    return spots


def _codes(slabs: dict[str, Map], lesion: Map) -> NDArray[np.uint8]:
    """Return allowed sets; where a rim or a lesion is neither clear nor absent, more than one tissue is allowed."""
    codes = np.full(lesion.shape, allowed_code([Tissue.BACKGROUND]), np.uint8)
    brain, rim = slabs["brain"] > 0.5, slabs["rim"]
    codes[brain] = allowed_code([Tissue.BRAIN])
    codes[brain & (rim > _NO_RIM)] = allowed_code([Tissue.BRAIN, Tissue.RIM])
    codes[brain & (rim > _CERTAIN_RIM)] = allowed_code([Tissue.RIM])
    codes[brain & (lesion > 0.2)] = allowed_code([Tissue.BRAIN, Tissue.RIM, Tissue.WMH])
    codes[brain & (lesion >= 0.45)] = allowed_code([Tissue.WMH])
    codes[slabs["ventricle"] > 0.5] = allowed_code([Tissue.VENTRICLE])
    return codes
