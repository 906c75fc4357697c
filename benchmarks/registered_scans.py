"""Scans for the benchmarks of regions: the reference patients as the shipped network draws them, and heads of nobody.

Of a synthetic head the place of every voxel in ICBM152 is known, so a registration can be judged by the truth.
"""

import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from pipeline.errors import ImageError, ImageMissing
from pipeline.inputs.nifti import Scan, read_scan
from pipeline.measures.cortex import cortical_border
from pipeline.regions.atlas import Atlas, read_atlas
from pipeline.regions.bullseye import bullseye
from pipeline.regions.parcellation import Parcellation
from pipeline.registration.affine import Registration, judged
from pipeline.registration.icbm152 import icbm152
from pipeline.segmentation.bundled_models import DEFAULT_MODEL, LoadedModel, find_model, load_model
from pipeline.segmentation.inference import WHOLE, segment
from pipeline.segmentation.networks.registry import find_preset
from pipeline.segmentation.preprocessing import find_recipe
from pipeline.segmentation.runtime import start_runtime
from pipeline.synthetic.anatomy import anatomy
from pipeline.synthetic.flair import person_of, scanned, true_places
from pipeline.synthetic.lesions import lesion_counts, put_lesions

JHU = {
    "labels": "36_labels_merged.nii.gz",
    "table": "refined_atlas_labels.txt",
    "template": "JHU_MNI_SS_T1_brain.nii.gz",
}
JHU_SPACE = "JHU-MNI-ss"
JHU_FURTHER = {35: "other white matter left", 36: "other white matter right"}
"""What the study's table of names leaves out."""


@dataclass(frozen=True)
class SegmentedScan:
    """One scan with its labels: ``name``, whose it is or its seed, and where a synthetic one truly lies: ``truth``, the
    middle of its slices, and ``thirds``, places of the lowest, middle and highest third of their thickness.
    """

    name: str
    scan: Scan
    labels: NDArray[np.uint8]
    brain: NDArray[np.bool_]
    seconds: float
    truth: Registration | None = None
    thirds: tuple[NDArray[np.float32], ...] = ()

    def true_places(self) -> NDArray[np.float64]:
        """Return where each voxel truly lies in ICBM152, (X, Y, Z, 3), mm; ValueError of a patient's scan."""
        if self.truth is None:
            raise ValueError(f"nobody knows the truth of {self.name}")
        return self.truth.coordinates()


def reference_folder() -> Path | None:
    """Return where the reference data lie, or None, which is said."""
    named = os.environ.get("MSCOHORT_REFERENCE")
    if not named:
        sys.stderr.write("left out, needs the reference data: set MSCOHORT_REFERENCE to their folder\n")
        return None
    return Path(named)


def shipped_network() -> LoadedModel:
    """Return the network that ships, ready."""
    return load_model(find_model(DEFAULT_MODEL), runtime=start_runtime())


def reference_scans(folder: Path, model: LoadedModel, *, external: bool = False) -> Iterator[SegmentedScan]:
    """Yield the ten patients (raw where there is a scan of theirs, else prepared), and those of another scanner."""
    for patient in sorted(path.parent for path in folder.glob("mri/*/three_class_manual.nii.gz")):
        raw = patient / "FLAIR.nii.gz"
        yield segmented(patient.name, raw if raw.is_file() else patient / "flair_prepared.nii.gz", model)
    for path in sorted(folder.glob("external/*/*flair*.nii.gz") if external else ()):
        yield segmented(path.parent.name, path, model)
    for path in sorted(folder.glob("external/*/study?_FLAIR.nii.gz") if external else ()):
        yield segmented(f"{path.parent.name} {path.name.partition('_')[0]}", path, model)


def segmented(name: str, path: Path, model: LoadedModel) -> SegmentedScan:
    """Return a scan as the network draws it."""
    try:
        scan = read_scan(path)
    except (ImageError, ImageMissing) as error:
        raise SystemExit(str(error)) from error
    begun = time.process_time()
    preset = find_preset(model.card.network)
    found = segment(
        scan.data, scan.spacing_mm, model.networks, find_recipe(model.card.recipe), channels=preset.channels,
        decision=model.card.decision, flips=model.card.flips, window=model.card.window if preset.any_size else WHOLE,
    )  # fmt: skip
    if found.intracranial is None:
        raise SystemExit("the model tells no brain")
    return SegmentedScan(name, scan, found.labels, found.intracranial, time.process_time() - begun)


def synthetic_head(seed: int) -> SegmentedScan:
    """Return ``synthetic_scan(seed)``, a woman of 35 with MS, and where each of her voxels truly lies in ICBM152."""
    rng = np.random.default_rng((2026, seed))
    owner, zones = put_lesions(rng, anatomy(), lesion_counts(rng, "MS", 35.0))
    person = person_of(rng, "MS", "F", 35.0)
    drawn = scanned(rng, owner, zones, person)
    x, y, z = (float(mm) for mm in np.linalg.norm(drawn.affine[:3, :3], axis=0))
    image = nib.Nifti1Image(drawn.data, drawn.affine)
    scan = Scan(Path(f"synthetic-{seed}.nii"), drawn.data, (x, y, z), drawn.affine, image)
    thirds = tuple(true_places(person, part) for part in range(3))
    laid = judged(np.eye(4), drawn.brain, drawn.affine, icbm152())
    return SegmentedScan(
        f"synthetic {seed}", scan, drawn.labels, drawn.brain, 0.0, replace(laid, places=thirds[1]), thirds
    )


def bullseye_of(one: SegmentedScan, registration: Registration) -> Parcellation:
    """Return the bullseye of a scan by a registration, or by the truth of a synthetic head."""
    ventricle = one.labels == 1
    cortex = cortical_border(one.scan.data, one.brain, ventricle, one.scan.spacing_mm, wmh=one.labels == 2)
    return bullseye(registration, one.brain, ventricle, cortex, one.scan.spacing_mm)


def true_bullseye(one: SegmentedScan) -> Parcellation:
    """Return the true regions of a synthetic head; ValueError of a patient's scan."""
    if one.truth is None:
        raise ValueError(f"nobody knows the truth of {one.name}")
    return bullseye_of(one, one.truth)


def regions_within_slices(one: SegmentedScan) -> NDArray[np.uint16]:
    """Return the true regions of a synthetic head in each third of its slices' thickness, (3, X, Y, Z)."""
    if one.truth is None:
        raise ValueError(f"nobody knows the truth of {one.name}")
    return np.stack([bullseye_of(one, replace(one.truth, places=places)).image for places in one.thirds])


def jhu_atlas(folder: Path) -> Atlas:
    """Return the study's 34 regions, and the white matter beside them, as an atlas of a user's own is read."""
    labels, table, template = (folder / "atlas" / JHU[role] for role in ("labels", "table", "template"))
    return read_atlas("jhu34", labels, table, template, space=JHU_SPACE, names=JHU_FURTHER)
