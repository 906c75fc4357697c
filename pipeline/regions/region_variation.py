"""Heads turned, stretched and cut otherwise: more people to learn regions from than were registered.

A whole scan is moved at once, in space, and what the network is told of the place is measured again on what came of it,
as it would be on such a person's scan.
"""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.regions.network_slices import PIXEL_MM, SHAPE, Stack, with_places
from pipeline.training.augmentation import Variation, vary_intensity

TURN_DEG = (4.0, 4.0, 8.0)
"""Largest turn about the axes to the right, to the front and upward."""
STRETCH = 0.10
"""Largest stretch or shrinkage of each axis, logarithm."""
ELASTIC_MM = 2.0
"""Standard deviation of a smooth displacement within the slices."""
MOST_CUT = 4
"""So many of the lowest slices may be missing: scans begin at different heights."""
LOOKS = Variation(flip_chance=0.0, lone_chance=0.0)
MISPLACED = 0.02
"""Standard deviation of the error of the places told, in the units of each."""


def moved(rng: Generator, image: Stack, labels: NDArray[np.uint8], slice_mm: float) -> tuple[Stack, NDArray[np.uint8]]:
    """Return another head made of this one, and its labels.

    Parameters
    ----------
    image : (Z, 64, 80, 7) as of ``network_slices.CHANNELS``
    labels : (Z, 64, 80)
    slice_mm : distance between slices
    """
    if len(image) > 2 * MOST_CUT:
        lowest = int(rng.integers(MOST_CUT + 1))
        image, labels = image[lowest:], labels[lowest:]
    size = np.array([slice_mm, PIXEL_MM, PIXEL_MM])
    middle = (np.array(labels.shape) - 1) / 2
    angles = np.deg2rad(rng.uniform(-1, 1, 3) * TURN_DEG)
    turn = np.eye(3)
    for angle, (i, j) in zip(angles, ((0, 2), (0, 1), (1, 2)), strict=True):
        plane = np.eye(3)
        plane[[i, i, j, j], [i, j, i, j]] = np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)
        turn = turn @ plane
    stretch = np.exp(rng.uniform(-STRETCH, STRETCH, 3))
    matrix = turn / stretch * size / size[:, None]
    grid = np.indices(labels.shape).reshape(3, -1) - middle[:, None]
    where = (matrix @ grid + middle[:, None]).reshape(3, *labels.shape)
    knots = rng.standard_normal((2, 3, 4, 4)) * ELASTIC_MM / PIXEL_MM
    zoom = [length / n for length, n in zip(labels.shape, (3, 4, 4), strict=True)]
    for axis, part in enumerate(knots, 1):
        where[axis] += ndimage.zoom(part, zoom, order=3, grid_mode=True, mode="nearest")
    # What lies above or below the scan is not known: the last slice is repeated.
    where[0] = where[0].clip(0, len(labels) - 1)
    flair, brain, ventricle = (
        ndimage.map_coordinates(image[..., channel], where, order=1, mode="nearest") for channel in range(3)
    )
    found = ndimage.map_coordinates(labels, where, order=0, mode="constant")
    shown = np.flatnonzero((brain > 0.5).any((1, 2)))
    some = slice(shown[0], shown[-1] + 1) if shown.size else slice(None)
    return with_places(flair[some], brain[some], ventricle[some], slice_mm), found[some]


def looking_otherwise(rng: Generator, image: Stack) -> Stack:
    """Return one slice, (64, 80, 7), as another scanner might give it, its place told with a small error."""
    brain = image[..., 1:2] > 0.5
    side = max(SHAPE)
    square = np.full((side, side, 1), -3.0, np.float32)
    square[: SHAPE[0], : SHAPE[1]] = image[..., :1]
    flair = vary_intensity(rng, square, LOOKS)[: SHAPE[0], : SHAPE[1]]
    flair = np.where(brain, np.clip(flair, -3, 3), -3)
    places = image[..., 3:] + rng.normal(0, MISPLACED, 4).astype(np.float32)
    return np.concatenate([flair, image[..., 1:3], places], axis=-1).astype(np.float32)
