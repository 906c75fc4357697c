"""Folders of labelled patients, of whichever layout: the study's repository or the public MS3SEG dataset."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.errors import TrainingError
from pipeline.segmentation.preprocessing import Recipe
from pipeline.training import labelled_scans, ms3seg
from pipeline.training.labelled_scans import LabelledScan


def find_patients(folder: Path) -> list[str]:
    """Return the patients of a folder, in order of name, after checking what can be checked without reading images.

    Raises
    ------
    TrainingError : the folder holds no labelled patient, or patients of MS3SEG lack a file.
    """
    if ms3seg.is_ms3seg(folder):
        return [patient.name for patient in ms3seg.find_ms3seg(folder)]
    return labelled_scans.find_patients(folder)


def load_patients(folder: Path, recipe: Recipe, patients: Sequence[str] | None = None) -> list[LabelledScan]:
    """Read the patients named, or all of them, in order of name.

    Raises
    ------
    TrainingError : the folder holds no labelled patient, or not those named.
    ImageError, GeometryError : an image or its labels cannot be used.
    """
    if not ms3seg.is_ms3seg(folder):
        return labelled_scans.load_patients(folder, recipe, patients)
    known = {patient.name: patient for patient in ms3seg.find_ms3seg(folder)}
    names = list(known) if patients is None else list(patients)
    strangers = [name for name in names if name not in known]
    if strangers:
        raise TrainingError(f"{folder}: has no patient {strangers[0]}")
    return ms3seg.load_all([known[name] for name in names], recipe)


def what_it_is(folder: Path, patients: Sequence[str]) -> str:
    """Return a line on a known dataset to be told before training; "" for a folder of the study's layout."""
    if not ms3seg.is_ms3seg(folder):
        return ""
    missing = "" if len(patients) == ms3seg.PATIENTS else f" of {ms3seg.PATIENTS}"
    return (
        f"MS3SEG: {len(patients)}{missing} patients, normal WMH as a class of its own; the patients of the study's "
        "repository are of the same centre and may be among them, so neither judges what learned from the other"
    )
