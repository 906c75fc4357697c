"""A head of known place: the average brain laid into a thick-slice scan by a known affine."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from pipeline.registration.icbm152 import icbm152, template_map
from pipeline.registration.placement import placed_on

SHAPE = (168, 200, 22)
AFFINE = np.array([[1.1, 0, 0, -88.0], [0, 1.1, 0, -124.0], [0, 0.4, 7.0, -58.0], [0, 0, 0, 1]])
"""Voxels of 1.1 x 1.1 x 7 mm, slices slightly tilted."""


@dataclass(frozen=True)
class Head:
    """One scan of the average head: FLAIR-like image, masks, and the transform that laid it there."""

    image: NDArray[np.float32]
    brain: NDArray[np.bool_]
    ventricle: NDArray[np.bool_]
    to_template: NDArray[np.float64]


def known_transform() -> NDArray[np.float64]:
    """Return a person's world to ICBM152: 8 % smaller, turned by 6, -3 and 4 degrees, shifted by up to 9 mm."""
    matrix = np.eye(4)
    turn = Rotation.from_euler("xyz", [6, -3, 4], degrees=True).as_matrix()
    matrix[:3, :3] = np.diag([1.08, 1.05, 1.1]) @ turn
    matrix[:3, 3] = [3, -9, 5]
    return matrix


@lru_cache(maxsize=1)
def head() -> Head:
    """Return the head, fluid dark, grey matter brighter than white, as FLAIR shows them."""
    template, to_template = icbm152(), known_transform()

    def laid(volume: NDArray) -> NDArray:
        return placed_on(volume.astype(np.float32), to_template, AFFINE, SHAPE, template, order=1)

    grey, white, brain = laid(template_map("gm")), laid(template_map("wm")), laid(template.brain) > 0.5
    noise = np.random.default_rng(1).normal(0, 8, SHAPE)
    image = np.where(brain, 60 + 230 * grey + 180 * white + noise, np.abs(noise)).astype(np.float32)
    return Head(image, brain, laid(template.ventricle) > 0.5, to_template)
