"""Lesions of one patient pasted into another, so that few patients show many constellations.

A lesion is carried as what it *adds* to the tissue around it, so it takes on the brightness and texture of its new
place. It lands near where it came from (scans of one protocol are centred alike) and only inside brain tissue.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.segmentation.preprocessing import neighbour_indices
from pipeline.segmentation.tissues import Tissue, allowed_code
from pipeline.training.labelled_scans import LabelledScan

_WMH = allowed_code([Tissue.WMH])
_MAY_BE_BRAIN = 1 << Tissue.BRAIN
_CSF_BELOW = -0.6
"""Head units (median 0, interquartile range 1); pixels darker than this are CSF, where no lesion can lie."""


@dataclass(frozen=True)
class PastableLesion:
    """One lesion's cross-section in a slice and its neighbours.

    Attributes
    ----------
    corner : row and column of the patch in its own slice
    height : position of the slice in its scan, 0 (bottom) to 1 (top)
    added : (h, w, channels) float32, brightness over the surrounding tissue, faded out at the rim
    mask : (h, w) bool, the lesion in the middle slice
    """

    corner: tuple[int, int]
    height: float
    added: NDArray[np.float32]
    mask: NDArray[np.bool_]


def collect_lesions(scans: Sequence[LabelledScan], channels: int, margin: int = 4) -> list[PastableLesion]:
    """Cut every lesion cross-section of at least 4 pixels out of every preparation of every scan.

    Parameters
    ----------
    scans : the *training* patients; test patients must not lend their lesions
    channels : int, odd, slices per sample
    margin : int, pixels of surround kept
    """
    lesions = []
    for scan in scans:
        depth = scan.codes.shape[2]
        for index in scan.slices_with(Tissue.WMH):
            found, _ = ndimage.label(scan.codes[:, :, index] == _WMH, np.ones((3, 3)))
            for number, box in enumerate(ndimage.find_objects(found), start=1):
                rows, columns = (slice(max(edge.start - margin, 0), edge.stop + margin) for edge in box)
                mask = found[rows, columns] == number
                if mask.sum() < 4:
                    continue
                levels = neighbour_indices(int(index), depth, channels)
                for image in scan.images:
                    added = _added(image[rows, columns][..., levels], scan.codes[rows, columns][..., levels], mask)
                    lesions.append(PastableLesion((rows.start, columns.start), index / depth, added, mask))
    return lesions


def _added(image: NDArray[np.float32], codes: NDArray[np.uint8], mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Brightness over the surround, per channel, where that channel shows the same lesion."""
    added = np.zeros_like(image)
    near = ndimage.binary_dilation(mask, iterations=3)
    for channel in range(image.shape[-1]):
        same = (codes[..., channel] == _WMH) & near
        around = (codes[..., channel] & _MAY_BE_BRAIN).astype(bool) & (image[..., channel] > _CSF_BELOW)
        if not same.any() or not around.any():
            continue
        over = image[..., channel] - np.median(image[..., channel][around])
        added[..., channel] = over * ndimage.gaussian_filter(same.astype(np.float32), 0.7)
    return added


def paste_lesions(
    rng: Generator,
    image: NDArray[np.float32],
    codes: NDArray[np.uint8],
    *,
    height: float,
    lesions: Sequence[PastableLesion],
    most: int = 4,
    jitter_px: float = 8.0,
    strength: tuple[float, float] = (0.6, 1.1),
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Paste up to ``most`` lesions into one slice.

    Parameters
    ----------
    image : (H, W, channels) float32, head units
    codes : (H, W) uint8 allowed sets of the middle slice
    height : position of the slice in its scan, 0-1; lesions come from within 0.12 of it
    lesions : the bank made by ``collect_lesions``
    most : int, upper limit; positions that are not brain tissue are skipped, so fewer may land
    jitter_px : standard deviation of the shift from the lesion's own position
    strength : range of the factor by which what a lesion adds is multiplied

    Returns
    -------
    New image and codes; the inputs are unchanged.
    """
    image, codes = image.copy(), codes.copy()
    for _ in range(int(rng.integers(1, most + 1))):
        lesion = lesions[int(rng.integers(len(lesions)))]
        if abs(lesion.height - height) > 0.12:
            continue
        mirrored = rng.random() < 0.5
        added, mask = (lesion.added[::-1], lesion.mask[::-1]) if mirrored else (lesion.added, lesion.mask)
        row = image.shape[0] - lesion.corner[0] - mask.shape[0] if mirrored else lesion.corner[0]
        shift = np.rint(rng.normal(0, jitter_px, 2)).astype(int)
        top, left = row + shift[0], lesion.corner[1] + shift[1]
        if min(top, left) < 0 or top + mask.shape[0] > image.shape[0] or left + mask.shape[1] > image.shape[1]:
            continue
        place = np.s_[top : top + mask.shape[0], left : left + mask.shape[1]]
        middle = image[place][..., image.shape[-1] // 2]
        fits = (codes[place] & _MAY_BE_BRAIN).astype(bool) & (middle > _CSF_BELOW)
        if fits[mask].mean() < 0.95:
            continue
        image[place] += (rng.uniform(*strength) * added).astype(np.float32)
        codes[place] = np.where(mask, np.uint8(_WMH), codes[place])
    return image, codes
