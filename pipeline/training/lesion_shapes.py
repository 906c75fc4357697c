"""Real lesion shapes and places of other people, known from masks alone, to be painted into training slices.

The masks lie in the ICBM152 space at 1 mm, one file per person. No image goes with them, so how bright a lesion is and
how sharp is drawn at random when it is painted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nibabel as nib
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.errors import GeometryError, TrainingError
from pipeline.segmentation.preprocessing import CANVAS
from pipeline.training.lesion_paste import PastableLesion

PIXEL_MM = 0.9
"""Of the canvas that recipe "head" makes."""
HEAD_SIZE = 0.89
"""People's heads are smaller than the template's."""
_ANTERIOR_MM = 18.0
"""The anterior commissure lies so far in front of the middle of a scan."""
_LOWEST_MM, _COVERED_MM = -52.0, 138.0
"""Height of the lowest slice over the anterior commissure, and how much a scan covers."""
_SMALLEST_MM3, _LARGEST_MM3 = 8, 1500
_VISIBLE = 0.4
"""Share of a slice's thickness a lesion must fill to be outlined by a rater."""
_MARGIN = 4
_USUAL_MM3 = (30, 300)
"""Five to fifty voxels of thick slices: the lesions that networks miss."""


@dataclass(frozen=True)
class LesionShape:
    """One lesion.

    Attributes
    ----------
    person : file it comes from
    mask : (X, Y, Z) bool box at 1 mm, RAS
    corner_mm : template coordinates of the box's first voxel, mm
    """

    person: str
    mask: NDArray[np.bool_]
    corner_mm: tuple[float, float, float]


def load_lesion_shapes(folder: Path) -> list[LesionShape]:
    """Return the lesions of all masks in a folder, in order of file name and place.

    Raises
    ------
    TrainingError : the folder holds no mask.
    GeometryError : a mask is not at 1 mm.
    """
    shapes = []
    for path in sorted(folder.glob("*.nii.gz")):
        image = nib.as_closest_canonical(nib.load(path))
        if not np.allclose(image.header.get_zooms()[:3], 1.0, atol=0.01):
            raise GeometryError(f"{path}: voxels of {image.header.get_zooms()[:3]} mm; expected a mask at 1 mm")
        found, _ = ndimage.label(np.asarray(image.dataobj) > 0, np.ones((3, 3, 3)))
        for number, box in enumerate(ndimage.find_objects(found), start=1):
            mask = found[box] == number
            if _SMALLEST_MM3 <= mask.sum() <= _LARGEST_MM3:
                corner = image.affine[:3, 3] + [float(edge.start) for edge in box]
                shapes.append(LesionShape(path.name, mask, (float(corner[0]), float(corner[1]), float(corner[2]))))
    if not shapes:
        raise TrainingError(f"{folder}: no lesion mask; expected <person>.nii.gz in the template's space at 1 mm")
    return shapes


def weight(shape: LesionShape) -> float:
    """Return how often a lesion of its size should be shown: those of usual size three times as often."""
    return 3.0 if _USUAL_MM3[0] <= shape.mask.sum() <= _USUAL_MM3[1] else 1.0


def paintable(
    rng: Generator, shapes: Sequence[LesionShape], channels: int, *, wanted: int = 600
) -> list[PastableLesion]:
    """Cut slices through lesions as a thick-slice scan would, with what its neighbours then show of them.

    Parameters
    ----------
    shapes : from ``load_lesion_shapes``
    channels : int, odd, slices per sample
    wanted : int, how many to draw

    Returns
    -------
    Lesions that add 1 where they fill their slice, to be scaled when they are pasted
    """
    chances = np.array([weight(shape) for shape in shapes])
    lesions: list[PastableLesion] = []
    while len(lesions) < wanted:
        shape = shapes[int(rng.choice(len(shapes), p=chances / chances.sum()))]
        lesion = _cut(rng, shape, channels)
        if lesion is not None:
            lesions.append(lesion)
    return lesions


def _cut(rng: Generator, shape: LesionShape, channels: int) -> PastableLesion | None:
    scale = HEAD_SIZE / PIXEL_MM * float(np.exp(rng.normal(0, 0.1)))
    distance, thickness = rng.uniform(3.0, 8.5), rng.uniform(2.0, 6.5)
    middle = shape.corner_mm[2] + rng.uniform(0, shape.mask.shape[2])
    levels = shape.corner_mm[2] + np.arange(shape.mask.shape[2]) + 0.5
    planes = []
    for offset in np.arange(channels) - channels // 2:
        near = np.abs(levels - (middle + offset * distance)) <= thickness / 2
        fill = shape.mask[:, :, near].sum(2) / max(thickness, 1.0)
        padded = np.pad(np.clip(fill, 0, 1).astype(np.float32), _MARGIN)
        planes.append(ndimage.gaussian_filter(ndimage.zoom(padded, scale, order=1), rng.uniform(0.4, 0.9)))
    added = np.stack(planes, -1)
    mask = added[..., channels // 2] > _VISIBLE * max(float(added[..., channels // 2].max()), 0.5)
    if mask.sum() < 3:
        return None
    x, y = (shape.corner_mm[axis] * HEAD_SIZE - _MARGIN for axis in (0, 1))
    corner = (round(CANVAS / 2 + x / PIXEL_MM), round(CANVAS / 2 + (y + _ANTERIOR_MM) / PIXEL_MM))
    height = (middle * HEAD_SIZE - _LOWEST_MM) / _COVERED_MM
    return PastableLesion(corner, float(height), added.astype(np.float32), mask)
