"""The classes a network may tell apart, and label images that admit not knowing.

The contract of every model is three classes: background, ventricle, WMH. The shipped model learns two more,
because they carry information the three do not: the brain (so the intracranial mask costs nothing extra) and
the normal bright rim around the ventricles (so that it is not called a lesion).

Not every patient is labelled with all of them. A training target is therefore an *allowed set* per voxel, stored
as the bits of one byte: ``{VENTRICLE}`` where the rater drew a ventricle, ``{BRAIN, RIM}`` where it is known that the
voxel is brain and no lesion but not whether it is a rim. The losses in ``pipeline.losses`` understand such sets.
"""

from collections.abc import Iterable
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class Tissue(IntEnum):
    """Tissue classes in the order of a network's output channels; the first three are the contract."""

    BACKGROUND = 0
    VENTRICLE = 1
    WMH = 2
    BRAIN = 3
    RIM = 4


CONTRACT = (Tissue.BACKGROUND, Tissue.VENTRICLE, Tissue.WMH)
"""The label values of a written segmentation: 0 background, 1 ventricle, 2 WMH."""


def allowed_code(tissues: Iterable[Tissue]) -> int:
    """Return the byte that stands for "one of these tissues".

    Examples
    --------
    >>> allowed_code([Tissue.BRAIN, Tissue.RIM])
    24
    """
    code = 0
    for tissue in tissues:
        code |= 1 << tissue
    return code


def allowed_planes(codes: NDArray[np.uint8], classes: int) -> NDArray[np.float32]:
    """Expand allowed-set bytes into one 0/1 plane per class, the last axis.

    Classes beyond the network's ``classes`` are folded into background: a three-class network sees brain and rim as
    background, so one data set serves every architecture.

    Parameters
    ----------
    codes : (...) uint8 array of allowed sets
    classes : int, the network's number of output channels, 3 to 5

    Returns
    -------
    (..., classes) float32 array; every voxel has at least one 1

    Examples
    --------
    >>> allowed_planes(np.array([2, 24], np.uint8), 3)
    array([[0., 1., 0.],
           [1., 0., 0.]], dtype=float32)
    """
    every = np.arange(1 << len(Tissue), dtype=np.uint8)  # looked up: a batch has half a million voxels
    bits = (every[:, None] >> np.arange(len(Tissue), dtype=np.uint8)) & 1
    planes = bits[:, :classes].astype(np.float32)
    planes[:, Tissue.BACKGROUND] = np.maximum(planes[:, Tissue.BACKGROUND], bits[:, classes:].max(-1, initial=0))
    return planes[codes]
