"""The labelled patients with most of their lesions taken out: what a model does where there is little to find.

Ten patients with many lesions say little about the people most scans come from. Of every patient two copies are made in
which whole lesions are painted over with tissue from nearby; the rest, drawn by hand, is the truth of the copy.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.segmentation.tissues import Tissue
from pipeline.training.labelled_scans import LabelledScan
from pipeline.training.lesion_removal import choose_lesions, remove_lesions

LOADS = ("full", "quarter", "few")
"""As drawn; a quarter of the patient's own load at most; 1 mL at most. One lesion stays in any case."""
KINDS = ("prepared", "raw")
_FEW_ML = 1.0


@dataclass(frozen=True)
class Copy:
    """One image of one patient.

    Attributes
    ----------
    kind, load : of ``KINDS`` and ``LOADS``
    image : (X, Y, Z) float32
    truth : (X, Y, Z) uint8; 0, 1 ventricle, 2 WMH that was left in
    """

    kind: str
    load: str
    image: NDArray[np.float32]
    truth: NDArray[np.uint8]


def copies(scan: LabelledScan, seed: int = 0) -> Iterator[Copy]:
    """Yield a patient's prepared and, where there is one, raw image at every load; lesions taken out are the same.

    Parameters
    ----------
    scan : LabelledScan
    seed : int; with the patient's name it decides which lesions stay
    """
    wmh = scan.truth == Tissue.WMH
    voxel_ml = float(np.prod(scan.spacing_mm)) / 1000
    images = {"prepared": scan.original, "raw": scan.raw}
    for number, load in enumerate(LOADS):
        rng = np.random.default_rng((seed, number, *scan.patient.encode()))
        kept_ml = {"full": np.inf, "quarter": wmh.sum() * voxel_ml / 4, "few": _FEW_ML}[load]
        gone = choose_lesions(rng, wmh, float(kept_ml), voxel_ml)
        truth = np.where(gone, np.uint8(Tissue.BACKGROUND), scan.truth)
        for kind in KINDS:
            image = images[kind]
            if image is None:
                continue
            tissue = (image > 0.1 * np.percentile(image, 99)) & (scan.truth == Tissue.BACKGROUND)
            painted = remove_lesions(rng, image, gone, tissue, spared=truth > 0, texture=True)
            yield Copy(kind, load, painted, truth)
