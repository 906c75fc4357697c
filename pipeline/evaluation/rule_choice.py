"""Choose how probabilities become labels, on patients that are not reported on.

A rule is a threshold, the least peak and volume of a lesion, and whether odds are adjusted to the scan's load. Every
rule of a small grid is scored on the given cases; the best mean wins, the simpler one where two are equal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, optimize

from pipeline.segmentation.inference import Decision
from pipeline.segmentation.tissues import Tissue

THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
CORES = (0.0, 0.6, 0.7, 0.8, 0.9, 0.95)
SMALLEST_MM3 = (0.0, 10.0, 20.0, 40.0)
_VOLUME_WEIGHT = 0.1
_TOUCHING = np.ones((3, 3, 3))


@dataclass(frozen=True)
class Case:
    """One image's probabilities and truth, cut to the box that holds the brain.

    Attributes
    ----------
    patient, kind, load : whose, and of what copy (see ``low_load``)
    truth : (X, Y, Z) uint8 labels
    ventricle, wmh : (X, Y, Z) float32 probabilities
    inside : (X, Y, Z) bool, inside the skull
    spacing_mm : voxel size, mm
    properties : of the image, from ``pipeline.segmentation.image_properties``
    """

    patient: str
    kind: str
    load: str
    truth: NDArray[np.uint8]
    ventricle: NDArray[np.float32]
    wmh: NDArray[np.float32]
    inside: NDArray[np.bool_]
    spacing_mm: tuple[float, float, float]
    properties: Mapping[str, float] = field(default_factory=dict)


def rules(usual_wmh_ml: float) -> list[Decision]:
    """Return the grid, simple rules first.

    Parameters
    ----------
    usual_wmh_ml : load by which odds are adjusted in one half of the rules; 0 makes no such half
    """
    usual = (0.0, usual_wmh_ml) if usual_wmh_ml else (0.0,)
    return [
        Decision(wmh_threshold=threshold, usual_wmh_ml=load, smallest_lesion_mm3=smallest, core=core)
        for load, smallest, core, threshold in product(usual, SMALLEST_MM3, CORES, THRESHOLDS)
        if core == 0.0 or core > threshold
    ]


def usual_load(cases: Sequence[Case]) -> float:
    """Return the geometric mean of the loads that the networks expect in the full copies, mL."""
    loads = [float(c.wmh.sum()) * float(np.prod(c.spacing_mm)) / 1000 for c in cases if c.load == "full"]
    return float(np.exp(np.mean(np.log(np.maximum(loads, 1e-3)))))


def scores(case: Case, grid: Sequence[Decision]) -> NDArray[np.float64]:
    """Return one score per rule: the mean of WMH Dice and lesion F1, less a tenth of the volume error (1 at most)."""
    truth = case.truth == Tissue.WMH
    numbered, n_true = ndimage.label(truth, _TOUCHING)
    pixel_mm3 = float(np.prod(case.spacing_mm))
    answers = np.zeros(len(grid))
    for places in _grouped(grid):
        alike = grid[places[0]]
        ventricle, wmh = alike.adjusted((case.ventricle, case.wmh), case.spacing_mm)
        lesion = (wmh >= alike.wmh_threshold) & (wmh > ventricle)
        found, count = ndimage.label(lesion, _TOUCHING)
        where = found > 0
        numbers = found[where]
        size = np.bincount(numbers, minlength=count + 1)[1:]
        hit = np.bincount(numbers, truth[where], minlength=count + 1)[1:]
        peak = np.zeros(count + 1, np.float32)
        np.maximum.at(peak, numbers, wmh[where])
        both = where & truth
        pairs = np.unique(np.stack([found[both], numbered[both]]), axis=1)
        for place in places:
            rule = grid[place]
            kept = (size * pixel_mm3 >= rule.smallest_lesion_mm3) & (peak[1:] >= rule.core)
            total, right = int(size[kept].sum()), float(hit[kept].sum())
            dice = 2 * right / (total + truth.sum()) if total + truth.sum() else 1.0
            touched = np.unique(pairs[1][kept[pairs[0] - 1]]).size
            precise = int((hit[kept] > 0).sum())
            n_found = int(kept.sum())
            recall = touched / n_true if n_true else 1.0
            precision = precise / n_found if n_found else 1.0
            f1 = 2 * recall * precision / (recall + precision) if recall + precision else 0.0
            error = abs(total - truth.sum()) / truth.sum() if truth.any() else float(total > 0)
            answers[place] = (dice + f1) / 2 - _VOLUME_WEIGHT * min(error, 1.0)
    return answers


def _grouped(grid: Sequence[Decision]) -> list[list[int]]:
    """Return the places of rules that find the same, before lesions are dropped."""
    groups: dict[tuple[float, float], list[int]] = {}
    for place, rule in enumerate(grid):
        groups.setdefault((rule.usual_wmh_ml, rule.wmh_threshold), []).append(place)
    return list(groups.values())


def ventricle_threshold(cases: Sequence[Case]) -> float:
    """Return the threshold with the highest mean ventricle Dice."""
    choices = np.array([0.35, 0.4, 0.45, 0.5, 0.55, 0.6])
    means = []
    for threshold in choices:
        dice = []
        for case in cases:
            drawn = case.truth == Tissue.VENTRICLE
            found = (case.ventricle >= threshold) & (case.ventricle >= case.wmh)
            dice.append(2 * (drawn & found).sum() / max(int(drawn.sum() + found.sum()), 1))
        means.append(np.mean(dice))
    return float(choices[int(np.argmax(means))])


def temperature(cases: Sequence[Case]) -> float:
    """Return the temperature by which WMH logits must be divided to be believed (Guo et al. 2017, arXiv:1706.04599).

    Pixels inside the skull that are given less than 1 % are left out, as everywhere in calibration; each case counts
    alike, whatever its load.
    """
    parts = []
    for case in cases:
        counted = case.inside & (case.wmh >= 0.01)
        chance = np.clip(case.wmh[counted].astype(np.float64), 1e-6, 1 - 1e-6)
        parts.append((np.log(chance / (1 - chance)), case.truth[counted] == Tissue.WMH))

    def loss(log_temperature: float) -> float:
        total = 0.0
        for logit, marked in parts:
            scaled = logit / np.exp(log_temperature)
            total += float(np.mean(np.logaddexp(0, scaled) - scaled * marked)) if scaled.size else 0.0
        return total

    best = optimize.minimize_scalar(loss, bounds=(-1.5, 2.0), method="bounded")
    return float(np.exp(best.x))


def choose(cases: Sequence[Case], table: NDArray[np.float64], grid: Sequence[Decision]) -> Decision:
    """Return the best rule of the grid for these cases.

    Parameters
    ----------
    table : (cases, rules) scores, from ``scores``
    """
    from dataclasses import replace

    best = grid[int(np.argmax(table.mean(0)))]
    return replace(best, ventricle_threshold=ventricle_threshold(cases), temperature=round(temperature(cases), 3))
