"""Which trainings a split asks for, and whom each learns from: whole patients only, never single slices."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.errors import TrainingError
from pipeline.segmentation.tissues import Tissue
from pipeline.training.labelled_scans import LabelledScan, balanced_folds, study_split

SPLITS = ("study", "folds", "all", "template")


@dataclass(frozen=True)
class Job:
    """One training.

    Attributes
    ----------
    name : of its folder: "fold0" and so on, "study", "all"
    patients : to learn from
    validation : that steer the training and are not learned from
    held_out : left for testing, seen by nothing in this training
    """

    name: str
    patients: tuple[str, ...]
    validation: tuple[str, ...]
    held_out: tuple[str, ...]


def plan_jobs(
    scans: Sequence[LabelledScan], split: str, *, folds: int = 5, fold: int | None = None, validation: int = 0
) -> list[Job]:
    """Return the trainings of a split.

    Parameters
    ----------
    scans : labelled patients
    split : "study" holds out the study's test patients; "folds" leaves each patient out once, lesion loads balanced
        between the folds; "all" holds out nobody, so that only other patients can test it; "template" learns from no
        patient, so that every patient can
    folds : number of folds
    fold : int, counted from 0: this one only
    validation : patients, of those not held out, that steer the training instead of being learned from; the ones in the
        middle of the range of lesion loads

    Raises
    ------
    TrainingError : the split cannot be made of these patients, or leaves nobody to learn from.
    """
    if split == "template":
        return [Job("template", (), (), ())]
    loads = {scan.patient: float((scan.truth == Tissue.WMH).sum()) for scan in scans}
    everybody = list(loads)
    if split == "study":
        _, tested = study_split(everybody)
        if not tested:
            raise TrainingError("none of the study's test patients is among the data; choose another split")
        held = {"study": tested}
    elif split == "folds":
        held = {f"fold{number}": members for number, members in enumerate(balanced_folds(loads, folds))}
    elif split == "all":
        held = {"all": []}
    else:
        raise TrainingError(f"split {split!r} is unknown: choose one of {', '.join(SPLITS)}")
    if fold is not None:
        name = f"fold{fold}"
        if name not in held:
            raise TrainingError(f"there is no fold {fold}: expected a number from 0 to {folds - 1} and the split folds")
        held = {name: held[name]}
    return [_job(name, gone, loads, validation) for name, gone in held.items()]


def _job(name: str, held_out: Sequence[str], loads: dict[str, float], validation: int) -> Job:
    rest = sorted((patient for patient in loads if patient not in held_out), key=lambda who: (loads[who], who))
    if not 0 <= validation < len(rest):
        raise TrainingError(f"{name}: {validation} of {len(rest)} patients for validation leaves nobody to learn from")
    places = np.linspace(0, len(rest) - 1, validation + 2).round().astype(int)[1:-1]
    steering = {rest[place] for place in places}
    return Job(
        name,
        tuple(patient for patient in loads if patient in rest and patient not in steering),
        tuple(sorted(steering)),
        tuple(sorted(held_out)),
    )
