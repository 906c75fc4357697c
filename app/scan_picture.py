"""A measured scan at a glance: a few slices with ventricles and zones in their colours."""

from pathlib import Path

import nibabel
import numpy as np
from numpy.typing import NDArray

from app.figures.palette import VENTRICLE_COLOUR, ZONE_COLOURS
from vocabulary import ZONES

GLANCES = 3
_OPACITY = 0.6


def glance(folder: Path, stem: str, slices: int = GLANCES) -> NDArray[np.uint8] | None:
    """Return a few slices side by side, the front of the head on top, the person's left on the left.

    Parameters
    ----------
    folder, stem : where the scan's files are and how their names begin
    slices : how many, spread over those with ventricle or lesion

    Returns
    -------
    (H, W, 3) uint8, or None where a file is missing or cannot be read
    """
    try:
        image, tissue, zones = (
            _volume(folder / f"{stem}_{ending}")
            for ending in ("desc-display_FLAIR.nii.gz", "desc-tissue_dseg.nii.gz", "desc-zones_dseg.nii.gz")
        )
    except (OSError, nibabel.filebasedimages.ImageFileError):
        return None
    volume, mm = image
    labels, parts = tissue[0], zones[0]
    marked = np.flatnonzero((labels > 0).any((0, 1)))
    pool = marked if marked.size else np.arange(volume.shape[2])
    picks = pool[np.linspace(0, pool.size - 1, min(slices, pool.size) + 2).round().astype(int)[1:-1]]
    return np.hstack([_tile(volume[..., k], labels[..., k], parts[..., k], mm) for k in picks])


def _volume(path: Path) -> tuple[NDArray[np.uint8], tuple[float, float]]:
    """Read a file in RAS+ with its pixel size in mm."""
    image = nibabel.as_closest_canonical(nibabel.load(path))
    return np.asarray(image.dataobj, dtype=np.uint8), image.header.get_zooms()[:2]


def _tile(
    plane: NDArray[np.uint8], labels: NDArray[np.uint8], zones: NDArray[np.uint8], mm: tuple[float, float]
) -> NDArray[np.uint8]:
    colours = [(labels == 1, VENTRICLE_COLOUR)] + [(zones == n, ZONE_COLOURS[z]) for n, z in enumerate(ZONES, 1)]
    tile = np.repeat(plane[..., None].astype(float), 3, axis=2)
    for mask, colour in colours:
        rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
        tile[mask] = (1 - _OPACITY) * tile[mask] + _OPACITY * rgb
    upright = tile.astype(np.uint8).transpose(1, 0, 2)[::-1]
    # Square pixels, by nearest neighbour: one image pixel per finest in-plane step.
    step = min(mm)
    rows, columns = (np.arange(int(n * size / step)) for n, size in zip(upright.shape, (mm[1], mm[0]), strict=False))
    return upright[(rows * step / mm[1]).astype(int)][:, (columns * step / mm[0]).astype(int)]
