"""The public MS3SEG dataset: a hundred patients of the study's centre whose normal and abnormal WMH are told apart.

Bashiri et al. 2025, doi:10.6084/m9.figshare.30393475, CC BY 4.0. Two layouts are known, that of the files its authors'
programs read and that of their README; either is checked before anything is trained:

    MS_100_patient_preprocessed/001/001_FLAIR.nii.gz
    MS_100_patient_masks/Vent_Masks/001/001_Vent_Mask.nii.gz
    MS_100_patient_masks/nWMH_Masks/001/001_nWMH_Mask.nii.gz
    MS_100_patient_masks/abWMH_Masks/001/001_abWMH_Mask.nii.gz

    preprocessed_nifti/patient_001/001_FLAIR_preprocessed.nii.gz
    masks/patient_001/001_mask.nii.gz    (0, 1 ventricle, 2 normal WMH, 3 abnormal WMH)

The first has three masks of two values each, and where they overlap the lesion counts. The images were not at hand when
this was written; what does not fit is refused in one line.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from pipeline.errors import GeometryError, ImageError, TrainingError
from pipeline.segmentation.preprocessing import Recipe
from pipeline.segmentation.tissues import Tissue, allowed_code
from pipeline.training.labelled_scans import LabelledScan

PATIENTS = 100
PREFIX = "ms3seg-"
"""Before the dataset's own numbers: what a network learned from says of which dataset."""
_SEPARATE = ("MS_100_patient_preprocessed", "MS_100_patient_masks")
_JOINT = ("preprocessed_nifti", "masks")
_KINDS = (("Vent", Tissue.VENTRICLE), ("nWMH", Tissue.RIM), ("abWMH", Tissue.WMH))
"""Masks in the order in which they are painted: the later one counts where they overlap."""
_JOINT_VALUES = {1: Tissue.VENTRICLE, 2: Tissue.RIM, 3: Tissue.WMH}
_NUMBER = re.compile(r"(?:patient_)?(\d{1,4})")
_MOST_OVERLAP = 0.02
"""Of a mask; the published masks share 238 of 373,085 WMH voxels, so more is a mistake of files."""
_SAME_PLACE_MM = 1e-2
_EXTRACTED = 0.3
"""Share of voxels that are exactly 0 from which on the brain was extracted: nothing is known of what lay outside."""


@dataclass(frozen=True)
class Ms3segPatient:
    """Where one patient's files lie.

    Attributes
    ----------
    name : the dataset's number with ``PREFIX``
    flair : the preprocessed FLAIR
    masks : three files (ventricle, normal and abnormal WMH), or one with all values
    """

    name: str
    flair: Path
    masks: tuple[Path, ...]


def is_ms3seg(folder: Path) -> bool:
    """Tell whether a folder has a folder of MS3SEG's layouts."""
    return any((folder / name).is_dir() for name in (_SEPARATE[0], _SEPARATE[1], _JOINT[0]))


def find_ms3seg(folder: Path) -> list[Ms3segPatient]:
    """Return the dataset's patients, in order of number, after checking that each has all its files.

    Raises
    ------
    TrainingError : a folder or a patient's file is absent, or there are two of one kind; the message says how many
        patients are concerned and names the first.
    """
    images, masks = _SEPARATE if any((folder / name).is_dir() for name in _SEPARATE) else _JOINT
    for name in (images, masks):
        if not (folder / name).is_dir():
            raise TrainingError(f"{folder}: looks like MS3SEG but has no folder {name}; unpack the whole dataset")
    numbers = {}
    for path in sorted((folder / images).iterdir()):
        match = _NUMBER.fullmatch(path.name) if path.is_dir() else None
        if match:
            numbers[path.name] = match[1]
    if not numbers:
        raise TrainingError(f"{folder / images}: no patient; expected folders 001 to {PATIENTS}")
    found, faults = [], []
    for place, number in numbers.items():
        if images == _SEPARATE[0]:
            wanted = [(folder / images / place, f"{number}_FLAIR")]
            wanted += [(folder / masks / f"{kind}_Masks" / place, f"{number}_{kind}_Mask") for kind, _ in _KINDS]
        else:
            wanted = [(folder / images / place, f"{number}_FLAIR_preprocessed")]
            wanted += [(folder / masks / place, f"{number}_mask")]
        files = [[where / f"{name}{ending}" for ending in (".nii.gz", ".nii")] for where, name in wanted]
        there = [[path for path in choices if path.is_file()] for choices in files]
        wrong = [choices[0] for choices, paths in zip(files, there, strict=True) if len(paths) != 1]
        if wrong:
            faults.append(f"{wrong[0].relative_to(folder)}")
        else:
            flair, *others = (paths[0] for paths in there)
            found.append(Ms3segPatient(f"{PREFIX}{number}", flair, tuple(others)))
    if faults:
        raise TrainingError(
            f"{folder}: {len(faults)} of {len(numbers)} patients of MS3SEG lack a file or have it twice, the first "
            f"{faults[0]}; unpack the whole dataset"
        )
    return found


def load_ms3seg(patient: Ms3segPatient, recipe: Recipe) -> LabelledScan:
    """Read one patient and prepare it by a recipe.

    Abnormal WMH is WMH, normal WMH is the rim, a class of its own, so everything else is neither.

    Raises
    ------
    ImageError : a file cannot be read, holds other values than its kind may, or voxels that are not numbers.
    GeometryError : image and masks do not lie on one grid.
    TrainingError : masks overlap by more than rounding would.
    """
    image = _read(patient.flair)
    volume = np.asarray(image.dataobj, np.float32)
    if volume.ndim != 3 or min(volume.shape) < 2:
        raise GeometryError(f"{patient.flair}: has shape {volume.shape}; expected a volume of slices")
    if not np.isfinite(volume).all():
        raise ImageError(f"{patient.flair}: {int((~np.isfinite(volume)).sum()):,} voxels are not numbers")
    truth = np.full(volume.shape, Tissue.BACKGROUND, np.uint8)
    for mask in _masks(patient, image):
        for tissue, drawn in mask.items():
            truth[drawn] = tissue
    if not (truth == Tissue.VENTRICLE).any():
        raise ImageError(f"{patient.masks[0]}: no ventricle is drawn; every patient has ventricles")
    x, y, z = (float(size) for size in image.header.get_zooms()[:3])
    codes = np.full(truth.shape, allowed_code([Tissue.BACKGROUND, Tissue.BRAIN]), np.uint8)
    if (volume == 0).mean() >= _EXTRACTED:
        codes[volume == 0] = allowed_code([Tissue.BACKGROUND])
    for tissue in _JOINT_VALUES.values():
        codes[truth == tissue] = allowed_code([tissue])
    prepared, placement = recipe.prepare(volume, (x, y))
    placed = placement.apply(codes, order=0, fill=allowed_code([Tissue.BACKGROUND])).astype(np.uint8)
    truth[truth == Tissue.RIM] = Tissue.BACKGROUND
    return LabelledScan(patient.name, (prepared,), placed, truth, volume, (x, y, z))


def _masks(patient: Ms3segPatient, image: nib.Nifti1Image) -> list[dict[Tissue, NDArray[np.bool_]]]:
    """Return what is drawn, in the order in which it is painted."""
    values = [_values(path, image) for path in patient.masks]
    if len(values) == 1:
        odd = sorted(set(np.unique(values[0]).tolist()) - {0, *_JOINT_VALUES})
        if odd:
            raise ImageError(f"{patient.masks[0]}: holds the value {odd[0]:g}; expected 0, 1, 2 and 3")
        return [{tissue: values[0] == number} for number, tissue in _JOINT_VALUES.items()]
    drawn = []
    for path, value in zip(patient.masks, values, strict=True):
        levels = np.unique(value)
        if levels.size > 2 or (levels < 0).any() or 0 not in levels:
            raise ImageError(f"{path}: holds {levels.size} values, the largest {levels[-1]:g}; expected 0 and one more")
        drawn.append(value > 0)
    for (path, mask), other in [((patient.masks[at], drawn[at]), drawn[2]) for at in (0, 1)]:
        shared = int((mask & other).sum())
        if shared > _MOST_OVERLAP * max(min(int(mask.sum()), int(other.sum())), 100):
            raise TrainingError(f"{path}: shares {shared:,} voxels with the mask of abnormal WMH; are files mixed up?")
    return [{tissue: mask} for (_, tissue), mask in zip(_KINDS, drawn, strict=True)]


def _values(path: Path, image: nib.Nifti1Image) -> NDArray[np.floating]:
    mask = _read(path)
    if mask.shape != image.shape:
        raise GeometryError(f"{path}: has shape {mask.shape}, the FLAIR {image.shape}")
    if np.abs(mask.affine - image.affine).max() > _SAME_PLACE_MM:
        raise GeometryError(f"{path}: does not lie where the FLAIR lies; their affines differ")
    return np.asarray(mask.dataobj, np.float64)


def _read(path: Path) -> nib.Nifti1Image:
    try:
        image: nib.Nifti1Image = nib.nifti1.load(path)
        np.asarray(image.dataobj)
    except (OSError, EOFError, ValueError, nib.filebasedimages.ImageFileError) as error:
        raise ImageError(f"{path}: cannot be read as NIfTI ({' '.join(str(error).split())[:80]})") from error
    return image


def load_all(patients: Sequence[Ms3segPatient], recipe: Recipe) -> list[LabelledScan]:
    """Read several patients; see ``load_ms3seg``."""
    return [load_ms3seg(patient, recipe) for patient in patients]
