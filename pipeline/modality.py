"""What is no magnetic resonance image at all, by its grey levels: refused before a network sees it."""

import numpy as np

from pipeline.errors import ImageError
from pipeline.reading import Scan

FEWEST_GREY_LEVELS = 16
"""An image with fewer different values holds labels; FLAIR volumes have hundreds."""
CT_AIR = -500.0
"""Hounsfield units below this are air; no FLAIR has most of its background there."""


def check_is_mri(scan: Scan) -> None:
    """Refuse label images and computed tomography given by mistake.

    T1 and T2 look like FLAIR to a histogram: see `pipeline.quality` for those.

    Raises
    ------
    ImageError : fewer than ``FEWEST_GREY_LEVELS`` distinct values, or a tenth of the voxels as low as air is in CT.
    """
    sample = scan.data[::2, ::2]
    if len(np.unique(sample)) < FEWEST_GREY_LEVELS:
        levels = len(np.unique(scan.data))
        if levels < FEWEST_GREY_LEVELS:
            raise ImageError(f"{scan.path}: looks like a label image: {levels} distinct values; expected a FLAIR image")
    low = float(np.percentile(sample, 10))
    if low < CT_AIR:
        raise ImageError(f"{scan.path}: looks like CT: a tenth of it lies below {low:.0f}, as air does; expected FLAIR")
