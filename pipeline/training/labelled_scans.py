"""The labelled patients a network learns from, and the patient-level splits that keep testing honest.

The layout read is that of the study's repository: ``<folder>/<patient>/flair_prepared.nii.gz`` with
``three_class_manual.nii.gz`` (0 background, 32639 ventricle, 65535 WMH), optionally the raw ``FLAIR.nii.gz`` and
``brain_mask.nii.gz``. The first two share one grid in array order; their affines disagree for some patients, so
arrays are paired as they lie in memory and the raw scan is accepted only where it visibly matches.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from pipeline.errors import GeometryError, ImageMissing, TrainingError
from pipeline.segmentation.preprocessing import Recipe
from pipeline.segmentation.tissues import Tissue, allowed_code

MANUAL_VALUES = {32639: Tissue.VENTRICLE, 65535: Tissue.WMH}
STUDY_TEST = ("101228", "107130", "112776")
"""The patients the study held out; it trained on the other seven."""

_SAME_SCAN_CORRELATION = 0.9


@dataclass(frozen=True)
class LabelledScan:
    """One patient, ready for training.

    Attributes
    ----------
    patient : str
    images : volumes (256, 256, Z) of the same slices in different preparations, head units
    codes : (256, 256, Z) uint8 allowed sets (see ``pipeline.tissues``)
    truth : (X, Y, Z) uint8, manual labels in the original grid: 0, 1 ventricle, 2 WMH
    original : (X, Y, Z) float32, the volume in the original grid that ``images[0]`` was prepared from
    spacing_mm : voxel size along X, Y, Z, mm
    stacked : bool, True where neighbouring slices lie on each other and may be shown together
    stripped : (256, 256, Z) float32, the same slices without skull and scalp, or None where no brain mask is known
    raw : (X, Y, Z) float32, the scan as the scanner made it, on the same grid; None where no file matches
    """

    patient: str
    images: tuple[NDArray[np.float32], ...]
    codes: NDArray[np.uint8]
    truth: NDArray[np.uint8]
    original: NDArray[np.float32]
    spacing_mm: tuple[float, float, float]
    stacked: bool = True
    stripped: NDArray[np.float32] | None = None
    raw: NDArray[np.float32] | None = None

    def slices_with(self, tissue: Tissue) -> NDArray[np.intp]:
        """Return the indices of slices where the rater drew this tissue."""
        return np.flatnonzero((self.codes == allowed_code([tissue])).any((0, 1)))


def _read(path: Path) -> nib.Nifti1Image:
    if not path.is_file():
        raise ImageMissing(f"{path}: no such file; expected the layout <patient>/{path.name}")
    image: nib.Nifti1Image = nib.nifti1.load(path)
    return image


def _raw_like(prepared: NDArray[np.float32], folder: Path) -> tuple[NDArray[np.float32], NDArray[np.bool_]] | None:
    """Raw scan and brain mask in the prepared scan's array order, or None where no mirror of it matches."""
    paths = folder / "FLAIR.nii.gz", folder / "brain_mask.nii.gz"
    if not all(path.is_file() for path in paths):
        return None
    raw, mask = (np.asarray(nib.nifti1.load(path).dataobj, np.float32) for path in paths)
    if raw.shape != prepared.shape or mask.shape != prepared.shape:
        return None
    # A head is nearly symmetric: the wrong mirror correlates, too, only less.
    mirrors = (slice(None), slice(None, None, -1))
    found = {turn: np.corrcoef(raw[mirror].ravel(), prepared.ravel())[0, 1] for turn, mirror in enumerate(mirrors)}
    best = max(found, key=lambda turn: found[turn])
    if not found[best] > _SAME_SCAN_CORRELATION:
        return None
    return raw[mirrors[best]], mask[mirrors[best]] > 0


def load_patient(folder: Path, recipe: Recipe) -> LabelledScan:
    """Read one patient and prepare it by a recipe.

    Parameters
    ----------
    folder : Path holding at least flair_prepared.nii.gz and three_class_manual.nii.gz
    recipe : Recipe

    Raises
    ------
    ImageMissing : a file is absent.
    GeometryError : image and labels differ in shape.
    """
    flair = _read(folder / "flair_prepared.nii.gz")
    manual: NDArray[np.number] = np.asarray(_read(folder / "three_class_manual.nii.gz").dataobj)
    if flair.shape != manual.shape:
        raise GeometryError(f"{folder}: image {flair.shape} and labels {manual.shape} differ in shape")
    volume = flair.get_fdata(dtype=np.float32)
    x, y, z = (float(size) for size in flair.header.get_zooms()[:3])
    truth = np.zeros(manual.shape, np.uint8)
    for value, tissue in MANUAL_VALUES.items():
        truth[manual == value] = tissue
    codes = np.full(truth.shape, allowed_code([Tissue.BACKGROUND, Tissue.BRAIN, Tissue.RIM]), np.uint8)
    originals, stripped, raw = [volume], None, None
    if (match := _raw_like(volume, folder)) is not None:
        raw, brain = match
        originals.append(raw)
        stripped, _ = recipe.prepare(np.where(brain, raw, 0), (x, y))
        codes[brain] = allowed_code([Tissue.BRAIN, Tissue.RIM])
        codes[~brain] = allowed_code([Tissue.BACKGROUND])
    for tissue in (Tissue.VENTRICLE, Tissue.WMH):
        codes[truth == tissue] = allowed_code([tissue])
    prepared = [recipe.prepare(original, (x, y)) for original in originals]
    placed = prepared[0][1].apply(codes, order=0, fill=allowed_code([Tissue.BACKGROUND])).astype(np.uint8)
    images = tuple(image for image, _ in prepared)
    return LabelledScan(folder.name, images, placed, truth, volume, (x, y, z), stripped=stripped, raw=raw)


def find_patients(folder: Path) -> list[str]:
    """Return the patients of a folder, in order of name: subfolders that hold manual labels.

    Raises
    ------
    TrainingError : the folder holds no labelled patient.
    """
    names = sorted(path.parent.name for path in folder.glob("*/three_class_manual.nii.gz"))
    if not names:
        raise TrainingError(f"{folder}: no labelled patient; expected <patient>/three_class_manual.nii.gz, or MS3SEG")
    return names


def load_patients(folder: Path, recipe: Recipe, patients: Sequence[str] | None = None) -> list[LabelledScan]:
    """Read the patients named, or all folders that hold manual labels, in order of name.

    Raises
    ------
    TrainingError : the folder holds no labelled patient.
    """
    return [load_patient(folder / name, recipe) for name in patients or find_patients(folder)]


def study_split(patients: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the study's own (training, test) patients among those given."""
    return [p for p in patients if p not in STUDY_TEST], [p for p in patients if p in STUDY_TEST]


def balanced_folds(loads: dict[str, float], folds: int) -> list[list[str]]:
    """Deal patients into folds so that each fold holds high and low lesion loads.

    Patients are ranked by load and dealt back and forth, like sides picked for a game; no patient is in two folds.

    Parameters
    ----------
    loads : patient -> lesion load, any unit
    folds : int, 2 to the number of patients

    Raises
    ------
    TrainingError : more folds than patients, or fewer than two.

    Examples
    --------
    >>> balanced_folds({"a": 1, "b": 2, "c": 3, "d": 4}, 2)
    [['a', 'd'], ['b', 'c']]
    """
    if not 2 <= folds <= len(loads):
        raise TrainingError(f"{folds} folds of {len(loads)} patients: expected 2 to {len(loads)} folds")
    dealt: list[list[str]] = [[] for _ in range(folds)]
    for rank, patient in enumerate(sorted(loads, key=lambda name: (loads[name], name))):
        turn, seat = divmod(rank, folds)
        dealt[seat if turn % 2 == 0 else folds - 1 - seat].append(patient)
    return dealt
