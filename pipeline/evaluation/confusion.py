"""What the pixels of each tissue were taken for, and the pooled-pixel figures that follow from the counts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import GeometryError
from pipeline.segmentation.tissues import CONTRACT

Counts = NDArray[np.int64]

CLASSES = tuple(tissue.name.lower() for tissue in CONTRACT)
"""background, ventricle, wmh: the order of rows and columns."""


@dataclass(frozen=True)
class Pooled:
    """Figures over the pixels of all patients together, as the study reports them; NaN where nothing can be divided.

    Large loads rule them: they are higher than the mean over patients, and say less about the next patient.
    """

    tissue: str
    dice: float
    precision: float
    recall: float
    specificity: float
    accuracy: float


def confusion_counts(truth: NDArray[np.uint8], predicted: NDArray[np.uint8]) -> Counts:
    """Count voxels by manual and predicted class.

    Parameters
    ----------
    truth, predicted : label arrays of one shape, 0 background, 1 ventricle, 2 WMH

    Returns
    -------
    (3, 3) int array, manual classes in rows, predicted ones in columns

    Raises
    ------
    GeometryError : the shapes differ.

    Examples
    --------
    >>> confusion_counts(np.array([0, 1, 2, 2], np.uint8), np.array([0, 1, 2, 0], np.uint8))
    array([[1, 0, 0],
           [0, 1, 0],
           [1, 0, 1]])
    """
    if truth.shape != predicted.shape:
        raise GeometryError(f"manual labels {truth.shape} and prediction {predicted.shape} differ in shape")
    size = len(CONTRACT)
    pairs = truth.astype(np.int64) * size + predicted
    return np.bincount(pairs.ravel(), minlength=size * size).reshape(size, size)


def pooled(counts: Counts) -> list[Pooled]:
    """Return pooled figures of ventricle and WMH from counts summed over patients.

    Examples
    --------
    >>> [ventricle, wmh] = pooled(np.array([[90, 0, 2], [0, 4, 0], [2, 0, 2]]))
    >>> ventricle.dice, wmh.dice, wmh.recall
    (1.0, 0.5, 0.5)
    """
    figures = []
    for index, name in enumerate(CLASSES[1:], start=1):
        hit = int(counts[index, index])
        drawn, found, everything = int(counts[index].sum()), int(counts[:, index].sum()), int(counts.sum())
        neither = everything - drawn - found + hit
        figures.append(
            Pooled(
                name,
                _share(2 * hit, drawn + found),
                _share(hit, found),
                _share(hit, drawn),
                _share(neither, everything - drawn),
                _share(hit + neither, everything),
            )
        )
    return figures


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
