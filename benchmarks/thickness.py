"""`python -m benchmarks.thickness SCAN`: the same scan averaged to thicker slices, and what the volumes make of it.

Every so many slices become one, their mean; those left over at the top, fewer than that, are dropped.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from pipeline.ingest.measure_scan import measure_scan
from pipeline.measures.zoning import DEFAULT_RULE, find_rule
from pipeline.segmentation.bundled_models import DEFAULT_MODEL, find_model, load_model


def main() -> None:
    """Average, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.thickness", description=__doc__)
    parser.add_argument("scan", type=Path, metavar="SCAN", help="FLAIR NIfTI of thin slices")
    parser.add_argument("--every", type=int, nargs="+", default=[1, 2, 3, 5, 7], metavar="N", help="slices averaged")
    parser.add_argument("--model", default=DEFAULT_MODEL, metavar="NAME")
    args = parser.parse_args()
    model, rule = load_model(find_model(args.model)), find_rule(DEFAULT_RULE)
    scan = nib.as_closest_canonical(nib.load(args.scan))
    told = []
    with tempfile.TemporaryDirectory() as folder:
        for every in args.every:
            path = Path(folder) / f"{every}.nii.gz"
            nib.save(averaged(scan.get_fdata(dtype=np.float32), scan.affine, every), path)
            result = measure_scan(path, model, rule)
            told.append(
                {
                    "slices_mm": round(float(result.scan.spacing_mm[2]), 2),
                    "ventricle_ml": round(result.quantities.values["ventricle_volume_ml"], 2),
                    "wmh_ml": round(result.quantities.values["wmh_volume_ml"], 2),
                    "flags": [flag.name for flag in result.flags],
                }
            )
    for line in told:
        line |= {
            f"{name}_change_pct": _change(line[f"{name}_ml"], told[0][f"{name}_ml"]) for name in ("ventricle", "wmh")
        }
    sys.stdout.write(json.dumps({"scan": args.scan.name, "slices": scan.shape[2], "averages": told}) + "\n")


def averaged(data: NDArray[np.float32], affine: NDArray[np.float64], every: int) -> nib.Nifti1Image:
    """Return an image of (X, Y, Z / every): means of ``every`` neighbouring slices, each where their middle lay."""
    x, y = data.shape[:2]
    z = data.shape[2] // every * every
    thick = data[:, :, :z].reshape(x, y, z // every, every).mean(axis=3)
    placed = affine.copy()
    placed[:3, 3] += affine[:3, 2] * (every - 1) / 2
    placed[:3, 2] *= every
    return nib.Nifti1Image(thick, placed)


def _change(now: float, before: float) -> float | None:
    return round(100 * (now / before - 1), 1) if before else None


if __name__ == "__main__":
    main()
