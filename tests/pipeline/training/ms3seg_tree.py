"""Made-up patients in the layouts of the MS3SEG dataset."""

from pathlib import Path

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from tests.pipeline.conftest import HeadPhantom

AFFINE = np.diag([-0.9, 0.9, 7.0, 1.0])


def _save(path: Path, values: NDArray[np.generic]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nib.save(nib.Nifti1Image(values, AFFINE), path)


def _normal(head: HeadPhantom) -> NDArray[np.bool_]:
    """Return six voxels of normal WMH beside the ventricle."""
    normal = np.zeros(head.truth.shape, bool)
    normal[28:31, 47:49, 2] = True
    return normal & (head.truth == 0)


def write_separate(folder: Path, number: int, head: HeadPhantom, flair: NDArray[np.floating] | None = None) -> None:
    """Write a patient with one mask per tissue; normal and abnormal WMH share a voxel, which is abnormal."""
    name = f"{number:03}"
    image = head.volume if flair is None else flair
    _save(folder / "MS_100_patient_preprocessed" / name / f"{name}_FLAIR.nii.gz", image.astype(np.float32))
    normal = _normal(head)
    normal[tuple(np.argwhere(head.truth == 2)[0])] = True
    for kind, mask in (("Vent", head.truth == 1), ("nWMH", normal), ("abWMH", head.truth == 2)):
        path = folder / "MS_100_patient_masks" / f"{kind}_Masks" / name / f"{name}_{kind}_Mask.nii.gz"
        _save(path, mask.astype(np.uint8))


def write_joint(folder: Path, number: int, head: HeadPhantom) -> None:
    """Write a patient with one mask of all tissues."""
    name = f"{number:03}"
    path = folder / "preprocessed_nifti" / f"patient_{name}" / f"{name}_FLAIR_preprocessed.nii.gz"
    _save(path, head.volume.astype(np.float32))
    mask = np.array([0, 1, 3], np.uint8)[head.truth]
    mask[_normal(head)] = 2
    _save(folder / "masks" / f"patient_{name}" / f"{name}_mask.nii.gz", mask)
