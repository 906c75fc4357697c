"""The yardstick: what a recipe promises for a patient nobody has seen, at any load, in prepared and raw images.

Each patient is segmented by the network of the fold that left the patient out. How labels are decided is chosen, fold
by fold, on the other folds' patients (nested), so neither weights nor rule know whom they are judged on.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.evaluation.familiarity_fit import fit_familiarity, left_out_unlike
from pipeline.evaluation.lesion_chance_fit import (
    SURE,
    FoundLesion,
    fit_lesion_chance,
    left_out_chances,
    lesions_and_truth,
)
from pipeline.evaluation.load_error import FEWEST, fit_load_error, left_out_covered
from pipeline.evaluation.low_load import copies
from pipeline.evaluation.rule_choice import Case, choose, rules, scores, usual_load
from pipeline.evaluation.scores import evaluate_patient
from pipeline.segmentation.expected_load import LoadError
from pipeline.segmentation.familiarity import Familiarity
from pipeline.segmentation.image_properties import image_properties
from pipeline.segmentation.inference import BRAIN, WHOLE, Decision, decide, predict
from pipeline.segmentation.lesion_chance import LesionChance
from pipeline.segmentation.preprocessing import find_recipe
from pipeline.segmentation.tissues import Tissue
from pipeline.training.labelled_scans import LabelledScan
from pipeline.training.weights import Weights

if TYPE_CHECKING:
    import keras

SIZES = {"3-7": (3, 7), "8-15": (8, 15), "16-50": (16, 50), "51-": (51, 10**9)}
"""Lesions by number of voxels (of the thick slices the reference has); smaller ones are not classed."""
NESTED, FIXED = "nested", "fixed"
_TOUCHING = np.ones((3, 3, 3))


@dataclass(frozen=True)
class Yardstick:
    """What came out.

    Attributes
    ----------
    patients : model_id, rule, kind, load, patient, class, metric, value
    sizes : rule, kind, load, size (voxels), n_true, found, n_predicted, right, recall, precision, f1: over all patients
    rules : patient, then the decision that was chosen without the patient
    calibration : kind, load, scaled (temperature applied), error: expected calibration error, WMH
    decision : the rule chosen on all patients, for a model trained on all of them; no score of it is reported
    load_error : how far the load by hand is from that found, of all patients; None where there are fewer than four
    covered : kind, load, n, covered: images whose load by hand lies in the range learned without their patient
    familiarity : what images like these are like; None where there are fewer than four patients
    unlike : kind, load, n, outside: images outside the limits learned without their patient
    lesion_chance : how sure a found lesion is; None where nothing can be learned
    certainty : kind, load, sure, n, right: lesions by the chance learned without their fold, and those drawn, too
    """

    patients: pl.DataFrame
    sizes: pl.DataFrame
    rules: pl.DataFrame
    calibration: pl.DataFrame
    decision: Decision
    load_error: LoadError | None
    covered: pl.DataFrame
    familiarity: Familiarity | None
    unlike: pl.DataFrame
    lesion_chance: LesionChance | None
    certainty: pl.DataFrame


def predict_cases(
    assignment: dict[str, tuple[Weights, ...]],
    scans: Sequence[LabelledScan],
    *,
    flips: bool = True,
    window: str = BRAIN,
    progress: Callable[[int, int, str], None] | None = None,
) -> list[Case]:
    """Run every patient's copies through the networks that never saw the patient.

    Parameters
    ----------
    assignment : patient -> weights, one per member
    scans : the patients
    flips, window : as in ``pipeline.segmentation.inference.predict``, for networks that take any image size

    Raises
    ------
    ValueError : weights have seen the patient they are to be judged on.
    """
    networks: dict[tuple[str, str], tuple[keras.Model, ...]] = {}
    cases = []
    mine = [scan for scan in scans if scan.patient in assignment]
    for done, scan in enumerate(mine):
        if progress:
            progress(done, len(mine), f"copies of patient {scan.patient}")
        for copy in copies(scan):
            outputs, insides, apart = [], [], []
            for weights in assignment[scan.patient]:
                if scan.patient in weights.seen:
                    raise ValueError(f"{weights.name} learned from {scan.patient} and must not be tested on it")
                key = (weights.name, str(weights.folder))
                if key not in networks:
                    networks[key] = weights.load()
                probabilities, inside, disagreement = predict(
                    copy.image,
                    scan.spacing_mm,
                    networks[key],
                    find_recipe(weights.recipe),
                    channels=weights.network.channels,
                    flips=flips,
                    window=window if weights.network.any_size else WHOLE,
                )
                outputs.append(probabilities)
                apart.append(disagreement)
                insides.append(np.ones(copy.truth.shape, bool) if inside is None else inside)
            ventricle, wmh = (np.asarray(np.mean(one, axis=0, dtype=np.float32)) for one in zip(*outputs, strict=True))
            within = np.mean(insides, axis=0) >= 0.5
            known = [one for one in apart if one is not None]
            properties = image_properties(
                copy.image,
                decide((ventricle, wmh), scan.spacing_mm),
                within,
                scan.spacing_mm,
                float(np.mean(known)) if known else None,
            )
            box = _box(within | (copy.truth > 0) | (wmh > 0))
            cases.append(
                Case(
                    scan.patient,
                    copy.kind,
                    copy.load,
                    copy.truth[box],
                    ventricle[box],
                    wmh[box],
                    within[box],
                    scan.spacing_mm,
                    properties,
                )
            )
    return cases


def _box(mask: NDArray[np.bool_]) -> tuple[slice, ...]:
    """Return the box around a mask, and a voxel more where the image goes on."""
    boxes = ndimage.find_objects(mask.astype(np.uint8))
    return tuple(slice(max(edge.start - 1, 0), edge.stop + 1) for edge in boxes[0]) if boxes else (slice(None),) * 3


def judge(model_id: str, cases: Sequence[Case], folds: dict[str, str], fixed: Decision | None = None) -> Yardstick:
    """Choose rules without the patients they are applied to, and score.

    Parameters
    ----------
    cases : from ``predict_cases``
    folds : patient -> fold; a patient's rule is chosen on the patients of other folds
    fixed : a rule to be judged beside, as it is

    Raises
    ------
    ValueError : fewer than two folds.
    """
    names = sorted(set(folds.values()))
    if len(names) < 2:
        raise ValueError("one fold only: no rule can be chosen without the patients it is judged on")
    # Chosen without looking at truth, but without the held-out patients all the same.
    chosen: dict[str, Decision] = {}
    for name in [*names, ""]:
        others = [case for case in cases if folds[case.patient] != name]
        grid = rules(usual_load(others))
        table = np.array([scores(case, grid) for case in others])
        chosen[name] = choose(others, table, grid)
    patients, sizes, calibration = [], [], []
    lesions: list[FoundLesion] = []
    for rule_name in (NESTED, *((FIXED,) if fixed else ())):
        counts: dict[tuple[str, str, str], NDArray[np.int64]] = {}
        for case in cases:
            decision = chosen[folds[case.patient]] if rule_name == NESTED or fixed is None else fixed
            probabilities = decision.adjusted((case.ventricle, case.wmh), case.spacing_mm)
            labels = decide(probabilities, case.spacing_mm, decision)
            if rule_name == NESTED:
                whose = (case.patient, folds[case.patient], case.kind, case.load)
                lesions += [
                    FoundLesion(*whose, *one) for one in lesions_and_truth(labels, probabilities[1], case.truth)
                ]
            key = (rule_name, case.kind, case.load)
            patients += [
                (*key, case.patient, score.tissue, score.metric, None if math.isnan(score.value) else score.value)
                for score in evaluate_patient(case.patient, case.truth, labels, case.spacing_mm)
            ]
            for size, found in _by_size(case.truth == Tissue.WMH, labels == Tissue.WMH).items():
                where = (case.kind, case.load, size)
                counts[where] = counts.get(where, np.zeros(4, np.int64)) + found
        sizes += [_size_row(rule_name, *where, *map(int, found)) for where, found in counts.items()]
    for kind, load in dict.fromkeys((case.kind, case.load) for case in cases):
        group = [case for case in cases if (case.kind, case.load) == (kind, load)]
        plain = [(case, 1.0) for case in group]
        scaled = [(case, chosen[folds[case.patient]].temperature) for case in group]
        calibration += [(kind, load, False, _calibration_error(plain)), (kind, load, True, _calibration_error(scaled))]
    error, covered = _loads(patients)
    familiarity, unlike = _familiarity(cases)
    lesion_chance = fit_lesion_chance(lesions)
    told = pl.DataFrame(patients, ["rule", "kind", "load", "patient", "class", "metric", "value"], orient="row")
    columns = ["rule", "kind", "load", "size", "n_true", "found", "n_predicted", "right", "recall", "precision", "f1"]
    return Yardstick(
        told.select(pl.lit(model_id).alias("model_id"), pl.all()),
        pl.DataFrame(sizes, columns, orient="row").select(pl.lit(model_id).alias("model_id"), pl.all()),
        pl.DataFrame([{"patient": p, "fold": f, **asdict(chosen[f])} for p, f in sorted(folds.items())]),
        pl.DataFrame(calibration, ["kind", "load", "scaled", "error"], orient="row"),
        chosen[""],
        error,
        covered,
        familiarity,
        unlike,
        lesion_chance,
        _certainty(lesions if lesion_chance else []),
    )


def _familiarity(cases: Sequence[Case]) -> tuple[Familiarity | None, pl.DataFrame]:
    """Return what the images are like, and how many lie outside the limits learned without their patient."""
    columns = {"kind": pl.String, "load": pl.String, "n": pl.Int64, "outside": pl.Int64}
    patients = [case.patient for case in cases]
    properties = [case.properties for case in cases]
    if len(set(patients)) <= FEWEST or not all(properties):
        return None, pl.DataFrame(schema=columns)
    counts: dict[tuple[str, str], list[bool]] = {}
    for case, score in zip(cases, left_out_unlike(properties, patients), strict=True):
        counts.setdefault((case.kind, case.load), []).append(bool(score > 1))
    rows = [(*group, len(outside), sum(outside)) for group, outside in counts.items()]
    return fit_familiarity(properties, patients), pl.DataFrame(rows, columns, orient="row")


def _certainty(lesions: Sequence[FoundLesion]) -> pl.DataFrame:
    """Count lesions that are sure and unsure by the chance learned without their fold, and those that are right."""
    columns = {"kind": pl.String, "load": pl.String, "sure": pl.Boolean, "n": pl.Int64, "right": pl.Int64}
    if not lesions:
        return pl.DataFrame(schema=columns)
    counts: dict[tuple[str, str, bool], list[bool]] = {}
    for one, chance in zip(lesions, left_out_chances(list(lesions)), strict=True):
        counts.setdefault((one.kind, one.load, bool(chance >= SURE)), []).append(one.right)
    rows = [(*group, len(right), sum(right)) for group, right in counts.items()]
    return pl.DataFrame(rows, columns, orient="row")


def _loads(rows: Sequence[tuple[str | float | None, ...]]) -> tuple[LoadError | None, pl.DataFrame]:
    """Return the error of the loads that the nested rules find, and how often its range holds for those left out."""
    loads: dict[tuple[str, str, str], dict[str, float]] = {}
    for rule, kind, load, patient, tissue, metric, value in rows:
        if rule == NESTED and tissue == "wmh" and metric in ("volume_found_ml", "volume_manual_ml"):
            loads.setdefault((str(kind), str(load), str(patient)), {})[str(metric)] = float(value or 0.0)
    columns = {"kind": pl.String, "load": pl.String, "n": pl.Int64, "covered": pl.Int64}
    patients = [patient for _, _, patient in loads]
    if len(set(patients)) <= FEWEST:
        return None, pl.DataFrame(schema=columns)
    found, drawn = (
        np.array([values[name] for values in loads.values()]) for name in ("volume_found_ml", "volume_manual_ml")
    )
    held = left_out_covered(found, drawn, patients)
    groups: dict[tuple[str, str], list[bool]] = {}
    for (kind, load, _), inside in zip(loads, held, strict=True):
        groups.setdefault((kind, load), []).append(bool(inside))
    counts = [(kind, load, len(inside), sum(inside)) for (kind, load), inside in groups.items()]
    return fit_load_error(found, drawn, len(set(patients))), pl.DataFrame(counts, columns, orient="row")


def _by_size(truth: NDArray[np.bool_], found: NDArray[np.bool_]) -> dict[str, NDArray[np.int64]]:
    """Count per size class: lesions drawn, of these touched, lesions found, of these touching a drawn one."""
    answer = {}
    both = truth & found
    labelled = [ndimage.label(mask, _TOUCHING)[0] for mask in (truth, found)]
    sizes = [np.bincount(numbers.ravel())[1:] for numbers in labelled]
    touched = [
        np.isin(np.arange(1, size.size + 1), numbers[both]) for numbers, size in zip(labelled, sizes, strict=True)
    ]
    for name, (least, most) in SIZES.items():
        classed = [(size >= least) & (size <= most) for size in sizes]
        answer[name] = np.array(
            [n for mine, hit in zip(classed, touched, strict=True) for n in (mine.sum(), (mine & hit).sum())], np.int64
        )
    return answer


def _size_row(
    rule: str, kind: str, load: str, size: str, n_true: int, found: int, n_predicted: int, right: int
) -> tuple[str | float | None, ...]:
    recall = found / n_true if n_true else None
    precision = right / n_predicted if n_predicted else None
    f1 = None
    if recall is not None and precision is not None:
        f1 = 2 * recall * precision / (recall + precision) if recall + precision else 0.0
    return rule, kind, load, size, n_true, found, n_predicted, right, recall, precision, f1


def _calibration_error(cases: Sequence[tuple[Case, float]], bins: int = 10) -> float:
    """Return the expected calibration error of WMH over pixels given 1 % or more before scaling."""
    sums = np.zeros((bins, 3))
    for case, heat in cases:
        counted = case.inside & (case.wmh >= 0.01)
        chance = scaled_probability(case.wmh[counted], heat)
        number = np.minimum((chance * bins).astype(int), bins - 1)
        for column, weights in enumerate((chance, case.truth[counted] == Tissue.WMH, None)):
            sums[:, column] += np.bincount(number, weights, minlength=bins)
    return float(np.abs(sums[:, 0] - sums[:, 1]).sum() / max(sums[:, 2].sum(), 1))


def scaled_probability(wmh: NDArray[np.floating], heat: float) -> NDArray[np.float64]:
    """Return probabilities with their logits divided by a temperature.

    Examples
    --------
    >>> scaled_probability(np.array([0.5, 0.9]), 2.0).round(2)
    array([0.5 , 0.75])
    """
    chance = np.clip(wmh.astype(np.float64), 1e-6, 1 - 1e-6)
    return 1 / (1 + np.exp(-np.log(chance / (1 - chance)) / heat))
