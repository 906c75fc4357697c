"""Run models over labelled patients they never saw, and collect every score as tidy tables."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.evaluation.calibration import Reliability
from pipeline.evaluation.confusion import CLASSES, Counts, confusion_counts
from pipeline.evaluation.held_out import Candidate, Trial
from pipeline.evaluation.scores import evaluate_patient
from pipeline.measures.quantification import ratios_and_shares
from pipeline.measures.zoned_labels import measure_labels, zone_labels
from pipeline.measures.zoning import DEFAULT_RULE, find_rule
from pipeline.segmentation.inference import WHOLE, decide, predict
from pipeline.segmentation.preprocessing import find_recipe
from pipeline.training.labelled_scans import LabelledScan
from pipeline.training.weights import Weights
from vocabulary.evaluation_contract import SCHEMAS

if TYPE_CHECKING:
    import keras

_SHARED = ("intracranial_area_mm2", "ventricle_ratio_pct", "wmh_ratio_pct")
"""Measures that would agree by more than the labels' merit: the same intracranial area is in both sides."""

Case = Callable[[Trial, LabelledScan, NDArray[np.uint8]], None]
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Evaluation:
    """Tables of ``SCHEMAS``; a score without a value is null and has its reason.

    ``measures`` holds each measure of the rater's labels (manual) and of the network's (found), or null.
    """

    models: pl.DataFrame
    scores: pl.DataFrame
    measures: pl.DataFrame
    curves: pl.DataFrame
    calibration: pl.DataFrame
    confusion: pl.DataFrame
    speed: pl.DataFrame

    def tables(self) -> dict[str, pl.DataFrame]:
        """Return the tables by name."""
        return {name: getattr(self, name) for name in SCHEMAS}


@dataclass(frozen=True)
class _Run:
    """Probabilities of ventricle and WMH, each (X, Y, Z), the space inside the skull, and the seconds it took."""

    probabilities: Sequence[NDArray[np.float32]]
    intracranial: NDArray[np.bool_] | None
    seconds: float


class _Runner:
    """Networks loaded once, however many patients and models they serve."""

    def __init__(self, flips: bool, window: str) -> None:
        self.flips, self.window = flips, window
        self._networks: dict[tuple[str, str], tuple[keras.Model, ...]] = {}

    def run(self, weights: Weights, scan: LabelledScan) -> "_Run":
        """Segment one patient; refuse one the network has seen."""
        if scan.patient in weights.seen:
            raise ValueError(f"{weights.name} learned from {scan.patient} and must not be tested on it")
        key = (weights.name, str(weights.folder))
        if key not in self._networks:
            self._networks[key] = weights.load()
        begun = time.perf_counter()
        probabilities, intracranial, _ = predict(
            scan.original,
            scan.spacing_mm,
            self._networks[key],
            find_recipe(weights.recipe),
            channels=weights.network.channels,
            flips=self.flips,
            window=self.window if weights.network.any_size else WHOLE,  # as scans are measured
        )
        return _Run(probabilities, intracranial, time.perf_counter() - begun)


def evaluate(
    candidates: Sequence[Candidate],
    scans: Sequence[LabelledScan],
    *,
    device: str | None = None,
    progress: Progress | None = None,
    on_case: Case | None = None,
) -> Evaluation:
    """Evaluate models on their splits.

    Parameters
    ----------
    candidates : from ``pipeline.evaluation.held_out.find_candidate``
    scans : the patients, whatever their recipe: networks see ``original``, prepared by their own recipe
    device : in words, to have the table of speeds filled; on a busy machine it would say little about the model
    progress : called with (done, total, what comes next)
    on_case : called with each trial, patient and its labels (X, Y, Z)

    Notes
    -----
    Seconds are of segmentation alone, prepared and restored, networks warm, one scan at a time. Peak memory is the
    process's, so it is given only where a single model was evaluated.
    """
    known = {scan.patient: scan for scan in scans}
    rows: dict[str, list[tuple[object, ...]]] = {name: [] for name in SCHEMAS}
    runners: dict[tuple[bool, str], _Runner] = {}
    total = sum(len(trial.patients) for candidate in candidates for trial in candidate.trials)
    done = 0
    for candidate in candidates:
        runner = runners.setdefault((candidate.flips, candidate.window), _Runner(candidate.flips, candidate.window))
        taken: list[float] = []
        for trial in candidate.trials:
            key, reliability = (trial.model_id, trial.split), Reliability()
            counts: Counts = np.zeros((len(CLASSES), len(CLASSES)), np.int64)
            for patient, members in trial.patients.items():
                if progress:
                    progress(done, total, f"{trial.model_id}, {trial.split}, patient {patient}")
                scan = known[patient]
                mean = _average(candidate, runner, members, scan)
                labels = decide(mean.probabilities, scan.spacing_mm, candidate.decision)
                taken.append(mean.seconds)
                for score in evaluate_patient(patient, scan.truth, labels, scan.spacing_mm):
                    value = None if math.isnan(score.value) else score.value
                    rows["scores"].append((*key, patient, score.tissue, score.metric, value, score.reason or None))
                rows["measures"] += [(*key, patient, *row) for row in _measures(scan, labels, mean.intracranial)]
                counts += confusion_counts(scan.truth, labels)
                reliability.add(scan.truth, mean.probabilities)
                if on_case:
                    on_case(trial, scan, labels)
                done += 1
            rows["confusion"] += [
                (*key, truth, found, int(counts[i, j]))
                for i, truth in enumerate(CLASSES)
                for j, found in enumerate(CLASSES)
            ]
            rows["calibration"] += [(*key, *asdict(one).values()) for one in reliability.bins()]
            rows["curves"] += [(*key, *row) for row in _curves(trial)]
        about = candidate.describe()
        rows["models"].append(tuple(about[column] for column in SCHEMAS["models"]))
        if taken and device:
            depth = [known[p].truth.shape[2] for trial in candidate.trials for p in trial.patients]
            memory = _peak_memory_mb() if len(candidates) == 1 else None
            row = (candidate.model_id, device, float(np.mean(taken)), memory, round(float(np.mean(depth))), len(taken))
            rows["speed"].append(row)
    if progress:
        progress(total, total, "done")
    return Evaluation(**{name: pl.DataFrame(rows[name], schema, orient="row") for name, schema in SCHEMAS.items()})


def _average(candidate: Candidate, runner: _Runner, members: Sequence[Weights], scan: LabelledScan) -> _Run:
    """Average the members' probabilities, adjusted to the scan's load where the decision asks for it.

    The space inside the skull is where most members see it, or None if one of them cannot tell.
    """
    runs = [runner.run(weights, scan) for weights in members]
    probabilities: Sequence[NDArray[np.float32]] = [
        np.asarray(np.mean(tissue, axis=0, dtype=np.float32))
        for tissue in zip(*(one.probabilities for one in runs), strict=True)
    ]
    probabilities = candidate.decision.adjusted(probabilities, scan.spacing_mm)
    masks = [one.intracranial for one in runs if one.intracranial is not None]
    intracranial = np.mean(masks, axis=0) >= 0.5 if len(masks) == len(runs) else None
    return _Run(probabilities, intracranial, sum(one.seconds for one in runs))


def _measures(
    scan: LabelledScan, labels: NDArray[np.uint8], intracranial: NDArray[np.bool_] | None
) -> list[tuple[str, float | None, float | None]]:
    """Rows (measure, manual, found); both sides share the found intracranial space, of which nobody drew an outline."""
    rule = find_rule(DEFAULT_RULE)
    sides = []
    for image in (scan.truth, labels):
        zoned = zone_labels(scan.original, image, intracranial, scan.spacing_mm, rule)
        values = measure_labels(image, intracranial, zoned, scan.spacing_mm).values
        sides.append({**values, **ratios_and_shares(values)})
    manual, found = sides
    return [(name, _float(manual[name]), _float(found[name])) for name in manual if name not in _SHARED]


def _float(value: float | None) -> float | None:
    return None if value is None else float(value)


def _curves(trial: Trial) -> list[tuple[int, int, str, float]]:
    """Rows (fold, epoch, metric, value) of all trainings; folds are numbered through the members of an ensemble."""
    return [
        (fold, int(line["epoch"]), metric, float(value))
        for fold, weights in enumerate(trial.trainings)
        for line in weights.history()
        for metric, value in line.items()
        if metric not in ("epoch", "seconds") and math.isfinite(value)
    ]


def _peak_memory_mb() -> float | None:
    try:
        import resource
    except ImportError:  # Windows does not tell
        return None
    import sys

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024.0**2 if sys.platform == "darwin" else 1024.0)
