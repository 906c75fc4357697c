"""Phantoms: a head with a ventricle and lesions at known places, unequal axes, anisotropic voxels."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray


@dataclass(frozen=True)
class HeadPhantom:
    """A bright skull, a grey brain, a dark ventricle and two lesions; truth drawn with it."""

    volume: NDArray[np.float32]
    truth: NDArray[np.uint8]
    brain: NDArray[np.bool_]


@pytest.fixture(scope="module")
def head_phantom() -> HeadPhantom:
    """Return a phantom of 60 x 72 x 6 voxels, meant as 0.9 x 0.9 x 7 mm."""
    x, y, z = np.meshgrid(np.arange(60), np.arange(72), np.arange(6), indexing="ij")
    radius = np.hypot((x - 29.5) / 22, (y - 35.5) / 28)
    brain = radius < 1
    truth = np.zeros(brain.shape, np.uint8)
    truth[(np.hypot((x - 29.5) / 4, (y - 35.5) / 9) < 1) & (z >= 1) & (z <= 4)] = 1
    truth[(np.hypot(x - 42, y - 44) < 3) & (z == 2)] = 2
    truth[(np.hypot(x - 18, y - 28) < 2.5) & (z >= 3) & (z <= 4)] = 2
    texture = np.random.default_rng(7).normal(0, 12, brain.shape)
    volume = np.where(brain, 300 + texture, 2.0)
    volume[(radius >= 1) & (radius < 1.12)] = 700
    volume[truth == 1] = 90
    volume[truth == 2] = 520
    return HeadPhantom(volume.astype(np.float32), truth, brain)
