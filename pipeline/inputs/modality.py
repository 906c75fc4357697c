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


def check_is_mri(scan: Scan) -> None:
    """Refuse label images and computed tomography given by mistake.

    T1 and T2 look like FLAIR to a histogram: see `pipeline.quality` for those.

    Raises
    ------
    ImageError : fewer than ``FEWEST_GREY_LEVELS`` distinct values, or areas of one value each; or a tenth of the voxels
        as low as air is in CT.
    """
    values, counts = np.unique(scan.data[::2, ::2], return_counts=True)
    if len(values) < FEWEST_GREY_LEVELS or flat_share(scan.data, float(values[counts.argmax()])) > FLAT_SHARE:
        levels = len(np.unique(scan.data))
        raise ImageError(f"{scan.path}: looks like a label image: {levels} distinct values; expected a FLAIR image")
    low = float(np.percentile(scan.data[::2, ::2], 10))
    if low < CT_AIR:
        raise ImageError(f"{scan.path}: looks like CT: a tenth of it lies below {low:.0f}, as air does; expected FLAIR")


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
