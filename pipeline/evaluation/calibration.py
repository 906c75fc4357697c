"""Reliability: of the pixels given a probability of 70 %, are 70 % really of that tissue?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.segmentation.tissues import CONTRACT, Tissue

BINS = 10
LEAST = 0.01
"""Pixels given less than this are left out: nearly all are air or plain brain, and would drown the rest."""


@dataclass(frozen=True)
class Bin:
    """One bin of probability: its mean prediction, and the share of its pixels that a rater marked."""

    tissue: str
    number: int
    predicted: float
    observed: float
    n_pixels: int


class Reliability:
    """Sums per bin over patients.

    Whether a pixel counts depends on its probability alone, never on the truth, which would bend the curve.
    """

    def __init__(self) -> None:
        self._sums = np.zeros((len(CONTRACT), BINS, 3))

    def add(self, truth: NDArray[np.uint8], probabilities: Sequence[NDArray[np.float32]]) -> None:
        """Add one patient.

        Parameters
        ----------
        truth : (X, Y, Z) labels
        probabilities : ventricle and WMH, each (X, Y, Z), those the labels were decided by
        """
        for tissue, chance in zip((Tissue.VENTRICLE, Tissue.WMH), probabilities, strict=True):
            counted = chance >= LEAST
            values, marked = chance[counted].astype(np.float64), truth[counted] == tissue
            number = np.minimum((values * BINS).astype(np.intp), BINS - 1)
            for column, weights in enumerate((values, marked, None)):
                self._sums[tissue, :, column] += np.bincount(number, weights, minlength=BINS)

    def bins(self) -> Iterator[Bin]:
        """Yield the bins that hold pixels; bin 0 is 1-10 %, bin 9 90-100 %."""
        for tissue in (Tissue.VENTRICLE, Tissue.WMH):
            for number, (predicted, observed, n) in enumerate(self._sums[tissue]):
                if n:
                    yield Bin(tissue.name.lower(), number, predicted / n, observed / n, int(n))
