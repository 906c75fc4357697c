"""Image files to the scans of ``tests.db.fake_run``: a grey disc with a ventricle and one lesion per zone."""

from pathlib import Path

import nibabel
import numpy as np

SHAPE = (60, 80, 20)
LESION_SLICE = 8


def volumes() -> dict[str, np.ndarray]:
    """Return display image, tissue and zones, (60, 80, 20), axes to the right, anterior and superior.

    In slice 8 (from 0): a ventricle of 900 voxels at x 30-59, a periventricular lesion of 10 voxels at x 4-5 and
    y 10-14, and a paraventricular one of 4 at x 10-11 and y 60-61.
    """
    x, y, _ = np.mgrid[: SHAPE[0], : SHAPE[1], : SHAPE[2]]
    image = np.where((x - 30) ** 2 + (y - 40) ** 2 < 28**2, 120, 5).astype(np.uint8)
    tissue = np.zeros(SHAPE, np.uint8)
    tissue[30:60, 20:50, LESION_SLICE] = 1
    zones = np.zeros(SHAPE, np.uint8)
    zones[4:6, 10:15, LESION_SLICE] = 1
    zones[10:12, 60:62, LESION_SLICE] = 2
    tissue[zones > 0] = 2
    return {
        "desc-display_FLAIR.nii.gz": image,
        "desc-tissue_dseg.nii.gz": tissue,
        "desc-zones_dseg.nii.gz": zones,
    }


def write_files(folder: Path, stem: str, affine: np.ndarray | None = None) -> None:
    """Write the files of one scan; with an affine of mirrored axes the arrays are mirrored, too."""
    folder.mkdir(parents=True, exist_ok=True)
    affine = np.diag([1.0, 1.0, 6.0, 1.0]) if affine is None else affine
    mirrors = tuple(slice(None, None, -1 if affine[axis, axis] < 0 else 1) for axis in range(3))
    for ending, volume in volumes().items():
        nibabel.save(nibabel.Nifti1Image(volume[mirrors], affine), folder / f"{stem}_{ending}")
