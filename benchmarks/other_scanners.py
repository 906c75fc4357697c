"""`python -m benchmarks.other_scanners`: a shipped model on scans of another centre, against its raters' outlines.

Two patients have two visits each and an outline of the lesions that changed between them; one scan without its skull
has an outline of all lesions (open_ms_data, Lesjak et al., CC BY). None of them took part in training. Not all that is
outlined stands out from its surroundings, so that is counted, too, and for comparison in the patients of the training.
"""

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from benchmarks.lesion_contrast import stands_out
from pipeline.evaluation.scores import lesions, overlap
from pipeline.ingest.measure_scan import ScanResult, measure_scan
from pipeline.inputs.nifti import read_scan
from pipeline.measures.zoning import DEFAULT_RULE, find_rule
from pipeline.segmentation.bundled_models import DEFAULT_MODEL, LoadedModel, find_model, load_model
from pipeline.segmentation.preprocessing import find_recipe
from pipeline.segmentation.runtime import start_runtime
from pipeline.segmentation.tissues import Tissue, allowed_code
from pipeline.training.labelled_scans import load_patient

Floats = NDArray[np.float64]

SMALLEST_MM3 = 30.0
"""Smaller changes are a few voxels of noise and registration as likely as lesions."""
_LPS = np.diag([-1.0, -1.0, 1.0])


def read_affine(path: Path) -> tuple[Floats, Floats]:
    """Return matrix (3, 3) and offset (3,) of an ITK affine file, in LPS mm: common space to the visit's own.

    Raises
    ------
    ValueError : the file is no 3D affine transform of ITK.
    """
    said = dict(line.split(":", 1) for line in path.read_text().splitlines() if ":" in line)
    numbers = np.array(said.get("Parameters", "").split(), float)
    centre = np.array(said.get("FixedParameters", "").split(), float)
    if numbers.size != 12 or centre.size != 3:
        raise ValueError(f"{path}: expected an ITK affine transform with 12 parameters and a centre")
    matrix = numbers[:9].reshape(3, 3)
    return matrix, numbers[9:] + centre - matrix @ centre


def in_common_space(
    volume: NDArray[Any], affine: Floats, transform: tuple[Floats, Floats], shape: Sequence[int], target: Floats
) -> NDArray[np.float32]:
    """Bring an image or a mask to another grid; of a mask, the share of each voxel that it fills.

    Parameters
    ----------
    volume : (X, Y, Z), with its affine, RAS mm
    transform : from ``read_affine``
    shape, target : grid to fill, and its affine, RAS mm
    """
    matrix, offset = transform
    voxels = np.indices(shape).reshape(3, -1).astype(float)
    there = _LPS @ (matrix @ (_LPS @ (target[:3, :3] @ voxels + target[:3, 3:])) + offset[:, None])
    back = np.linalg.inv(affine)
    values = ndimage.map_coordinates(volume.astype(np.float32), back[:3, :3] @ there + back[:3, 3:], order=1)
    return np.asarray(values.reshape(shape), np.float32)


def changed_lesions_found(
    truth: NDArray[np.bool_], found: NDArray[np.bool_], visible: NDArray[np.bool_], voxel_mm3: float
) -> dict[str, float]:
    """Count the outlined lesions above ``SMALLEST_MM3`` that are touched; and the share of all their volume covered.

    Parameters
    ----------
    truth : (X, Y, Z) bool, what was outlined
    found : what the model found on either visit
    visible : what of the outline stands out from its surroundings on either visit
    """
    labels, count = ndimage.label(truth, np.ones((3, 3, 3)))
    numbers = np.arange(1, count + 1)
    large = numbers[np.bincount(labels.ravel(), minlength=count + 1)[1:] * voxel_mm3 > SMALLEST_MM3]
    touched = np.unique(labels[found & truth])
    return {
        "outlined_ml": float(truth.sum()) * voxel_mm3 / 1000,
        "covered_share": float((truth & found).sum() / truth.sum()),
        "visible_share": float(visible.sum() / truth.sum()),
        "covered_share_of_visible": float((visible & found).sum() / visible.sum()) if visible.any() else float("nan"),
        "n_outlined": len(large),
        "n_found": int(np.isin(large, touched).sum()),
    }


def two_visits(folder: Path, model: LoadedModel) -> dict[str, Any]:
    """Measure both visits of a patient and look, in either, for the lesions that changed between them."""
    outlined = nib.load(folder / "lesion_change_gt_common_space.nii.gz")
    truth = np.asarray(outlined.dataobj) > 0
    grid, spacing_mm = (truth.shape, outlined.affine), outlined.header.get_zooms()[:3]
    brain = np.asarray(nib.load(folder / "brainmask_common_space.nii.gz").dataobj) > 0
    answer: dict[str, Any] = {"scan": folder.name}
    found, visible = np.zeros(truth.shape, bool), np.zeros(truth.shape, bool)
    for visit in ("study1", "study2"):
        result = _measure(folder / f"{visit}_FLAIR.nii.gz", model)
        answer[visit] = _values(result)
        transform = read_affine(folder / f"{visit}_FLAIR_to_common_space.txt")
        wmh = result.segmentation.labels == Tissue.WMH
        found |= in_common_space(wmh, result.scan.affine, transform, *grid) >= 0.5
        image = in_common_space(result.scan.data, result.scan.affine, transform, *grid)
        visible |= stands_out(image, truth, brain, spacing_mm)
    return answer | changed_lesions_found(truth, found, visible, float(np.prod(spacing_mm)))


def one_visit(folder: Path, model: LoadedModel) -> dict[str, Any]:
    """Measure a scan all of whose lesions are outlined, and score it."""
    result = _measure(folder / "flair_brain.nii.gz", model)
    truth, found = read_scan(folder / "lesions_gold.nii.gz").data > 0, result.segmentation.labels == Tissue.WMH
    scores = overlap(truth, found) | lesions(truth, found)
    outlined = float(truth.sum() * np.prod(result.scan.spacing_mm)) / 1000
    visible = stands_out(result.scan.data, truth, _brain(result), result.scan.spacing_mm)
    counts = {"outlined_ml": outlined, "visible_share": float(visible.sum() / truth.sum())}
    return (
        {"scan": folder.name, "study1": _values(result)} | counts | {name: value for name, (value, _) in scores.items()}
    )


def of_the_training(folder: Path) -> dict[str, Any]:
    """Say how much of the outline stands out in a patient whom the model learned from; no model takes part in this."""
    recipe = find_recipe("head")
    scan = load_patient(folder, recipe)
    truth, brain = (scan.codes == allowed_code([Tissue.WMH])), (scan.codes != allowed_code([Tissue.BACKGROUND]))
    visible = stands_out(scan.images[0], truth, brain, (recipe.pixel_mm, recipe.pixel_mm, scan.spacing_mm[2]))
    return {"scan": folder.name, "visible_share": float(visible.sum() / truth.sum())}


def _measure(path: Path, model: LoadedModel) -> ScanResult:
    return measure_scan(path, model, find_rule(DEFAULT_RULE))


def _brain(result: ScanResult) -> NDArray[np.bool_]:
    inside = result.segmentation.intracranial
    return np.ones(result.scan.data.shape, bool) if inside is None else inside


def _values(result: ScanResult) -> dict[str, Any]:
    values = result.quantities.values
    return {name: values[name] for name in ("ventricle_volume_ml", "wmh_volume_ml", "lesion_count")} | {
        "flags": [flag.name for flag in result.flags]
    }


def main() -> None:
    """Print one JSON line per patient."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reference", type=Path, default=Path(os.environ.get("MSCOHORT_REFERENCE", "reference")))
    parser.add_argument("--model", default=DEFAULT_MODEL, metavar="NAME")
    args = parser.parse_args()
    reference = args.reference
    folder = reference / "external"
    if not folder.is_dir():
        parser.error(f"{folder}: no such folder; name the one that holds 'external' with --reference")
    model = load_model(find_model(args.model), runtime=start_runtime())
    for patient in sorted(folder.glob("longitudinal_*")):
        print(json.dumps(two_visits(patient, model)), flush=True)
    for patient in sorted(folder.glob("cross_sectional_*")):
        print(json.dumps(one_visit(patient, model)), flush=True)
    for mask in sorted((reference / "mri").glob("*/brain_mask.nii.gz")):
        print(json.dumps(of_the_training(mask.parent)), flush=True)


if __name__ == "__main__":
    main()
