"""Small FLAIR-like files and a stand-in for the network, so that many scans are measured in seconds.

Everything but the network is real: reading, preparing, labels, zones, measures, files, records.
"""

import sys
from pathlib import Path

import nibabel as nib
import numpy as np

from pipeline.ingest import measure_scan, scan_worker
from pipeline.segmentation.bundled_models import LoadedModel
from pipeline.segmentation.tissues import Tissue

AFFINE = np.array([[-0.9, 0, 0, 27], [0, 0.9, 0, -32], [0, 0, 7.0, -18], [0, 0, 0, 1]])
SHAPE = (60, 72, 6)


def small_volume(seed: int = 0) -> np.ndarray:
    """Return a head of 60 x 72 x 6 voxels: brain 280 to 320, ventricle 255, two lesions of 520."""
    x, y, z = np.meshgrid(*map(np.arange, SHAPE), indexing="ij")
    random = np.random.default_rng(seed)
    radius = np.hypot((x - 29.5) / 22, (y - 35.5) / 28)
    volume = np.where(radius < 1, 300 + random.uniform(-20, 20, SHAPE), 2 + random.random(SHAPE))
    volume[(np.hypot((x - 29.5) / 4, (y - 35.5) / 9) < 1) & (z >= 1) & (z <= 4)] = 255
    volume[(np.hypot(x - 42, y - 44) < 3) & (z == 2)] = 520
    volume[(np.hypot(x - 18, y - 28) < 2.5) & (z >= 3) & (z <= 4)] = 520
    return volume.astype(np.float32)


def write_small_scan(path: Path, seed: int = 0) -> Path:
    """Write a small head to a NIfTI file, whose folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nib.save(nib.Nifti1Image(np.round(small_volume(seed)).astype(np.int16), AFFINE), path)
    return path


class Thresholds:
    """A network that tells tissues apart by the grey level of the middle slice."""

    def predict_on_batch(self, stack: np.ndarray) -> np.ndarray:
        grey = stack[..., stack.shape[-1] // 2]
        tissue = np.select(
            [grey < -2.7, grey < -1.5, grey > 5], [Tissue.BACKGROUND, Tissue.VENTRICLE, Tissue.WMH], Tissue.BRAIN
        )
        return np.eye(len(Tissue), dtype=np.float32)[tissue]


def prepare_stand_in(*arguments):
    """Do as ``pipeline.ingest.scan_worker.prepare`` does, with thresholds for the network and nothing to register."""
    measure_scan.greedy_found = lambda: False
    scan_worker.load_model = lambda card, folder, **_: LoadedModel(card, (Thresholds(),))
    return scan_worker.prepare(*arguments)


def main() -> int:
    """Run the command line with the stand-in, for tests that kill it."""
    from app import cli
    from pipeline.ingest import ingest

    ingest.prepare = prepare_stand_in
    return cli.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
