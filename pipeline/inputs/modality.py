"""What is no magnetic resonance image at all, by its grey levels: refused before a network sees it."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import ImageError
from pipeline.inputs.nifti import Scan

FEWEST_GREY_LEVELS = 16
"""An image with fewer different values holds labels; FLAIR volumes have hundreds."""
FLAT_SHARE = 0.8
"""More neighbours than this are equal in labels alone: at least 0.94 in two brain atlases, at most 0.08 in 43 scans."""
CT_AIR = -500.0
"""Hounsfield units below this are air; no FLAIR has most of its background there."""
MOST_OF_ONE_VALUE = 0.97
"""A map of lesions or of a probability is nearly all zero; a brain fills a sixth of a field of view and more."""
LEAST_SMOOTHNESS = 0.3
"""Neighbouring pixels of noise have a correlation of 0, of any head above 0.8."""


def check_is_mri(scan: Scan) -> None:
    """Refuse label images and computed tomography given by mistake.

    T1 and T2 look like FLAIR to a histogram: see ``pipeline.measures.quality_flags`` for those.

    Raises
    ------
    ImageError : fewer than ``FEWEST_GREY_LEVELS`` distinct values, or areas of one value each; a tenth of the voxels
        as low as air is in CT; nearly all of it one value; or noise.
    """
    values, counts = np.unique(scan.data[::2, ::2], return_counts=True)
    if len(values) < FEWEST_GREY_LEVELS or flat_share(scan.data, float(values[counts.argmax()])) > FLAT_SHARE:
        levels = len(np.unique(scan.data))
        raise ImageError(f"{scan.path}: looks like a label image: {levels} distinct values; expected a FLAIR image")
    low = float(np.percentile(scan.data[::2, ::2], 10))
    if low < CT_AIR:
        raise ImageError(f"{scan.path}: looks like CT: a tenth of it lies below {low:.0f}, as air does; expected FLAIR")
    if counts.max() > MOST_OF_ONE_VALUE * counts.sum():
        share = counts.max() / counts.sum()
        raise ImageError(
            f"{scan.path}: {share:.1%} of it is {values[counts.argmax()]:g}, as in a map of lesions or probabilities; "
            "expected a FLAIR image"
        )
    if smoothness(scan.data) < LEAST_SMOOTHNESS:
        raise ImageError(f"{scan.path}: looks like noise: neighbouring pixels have nothing in common; expected FLAIR")


def smoothness(data: NDArray[np.floating]) -> float:
    """Return how alike neighbours in the plane are: the correlation of pixels beside each other, in the middle slices.

    Parameters
    ----------
    data : (X, Y, Z)

    Examples
    --------
    >>> noise = np.random.default_rng(0).random((40, 40, 9))
    >>> abs(smoothness(noise)) < 0.1, smoothness(np.cumsum(noise, 0)) > 0.9
    (True, True)
    """
    middle = data.shape[2] // 2
    slices = (np.asarray(data[:, :, z], np.float64) for z in range(max(0, middle - 2), min(data.shape[2], middle + 3)))
    found = [
        float(np.corrcoef(here.ravel(), beside.ravel())[0, 1])
        for plane in slices
        for here, beside in ((plane[1:], plane[:-1]), (plane[:, 1:], plane[:, :-1]))
        if here.std() > 0 and beside.std() > 0
    ]
    return max(found, default=0.0)


def flat_share(data: NDArray[np.floating], background: float) -> float:
    """Return the share of neighbours along the first axis that are equal, where both differ from the background.

    Parameters
    ----------
    data : (X, Y, Z)
    background : left out, for it is flat in many scans

    Examples
    --------
    >>> flat_share(np.array([[[0.0]], [[3.0]], [[3.0]], [[3.0]], [[4.0]], [[0.0]]]), 0.0)
    0.6666666666666666
    """
    equal = inside = 0
    for here, beside in pairwise(data):  # plane by plane, so that little memory is needed
        both = (here != background) & (beside != background)
        inside += int(both.sum())
        equal += int((here == beside)[both].sum())
    return equal / inside if inside else 0.0
