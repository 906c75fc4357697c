"""Evaluation with networks that answer as they are told: scores, averages, and whom they are never asked about."""

import numpy as np
import polars as pl
import pytest

from pipeline.evaluation.evaluate import evaluate
from pipeline.evaluation.held_out import Candidate, Trial
from pipeline.segmentation.inference import Decision
from pipeline.segmentation.networks.registry import NetworkPreset
from pipeline.training.labelled_scans import LabelledScan
from pipeline.training.weights import Weights
from vocabulary.evaluation_contract import SCHEMAS

NETWORK = NetworkPreset("fake", "unet", 1, 3)


class BrightIsLesion:
    """A network that calls whatever is bright a lesion, as surely as it is told to be."""

    def __init__(self, surety):
        self.surety = surety

    def predict_on_batch(self, stack):
        chance = np.where(stack[..., 0] > 4, self.surety, 0.0)
        return np.stack([1 - chance, np.zeros_like(chance), chance], axis=-1)


@pytest.fixture
def networks(monkeypatch):
    """Give weights the network named by the last letter of their name: a is sure, b is not, c is never asked."""
    surety = {"a": 0.95, "b": 0.3}
    loaded = []

    def load(weights):
        loaded.append(weights.name)
        return (BrightIsLesion(surety[weights.name[-1]]),)

    monkeypatch.setattr(Weights, "load", load)
    monkeypatch.setattr(Weights, "sha256", "0" * 64)
    return loaded


def _weights(name, seen, tmp_path):
    return Weights(name, NETWORK, "head", frozenset(seen), tmp_path, {"parameters": 5})


def _candidate(model_id, patients, decision=None):
    trial = Trial(model_id, "held-out", patients)
    return Candidate(model_id, decision or Decision(), True, (trial,), ())


@pytest.fixture
def scan(head_phantom):
    """Return a patient whose lesions are the only bright thing."""
    truth = np.where(head_phantom.truth == 2, 2, 0).astype(np.uint8)
    volume = np.where(head_phantom.brain, 300.0, 0.0).astype(np.float32)
    volume += np.random.default_rng(0).normal(0, 5, volume.shape).astype(np.float32) * head_phantom.brain
    volume[truth == 2] = 600
    return LabelledScan("p", (volume,), truth, truth, volume, (0.9, 0.9, 7.0))


def test_scores_counts_and_speed(scan, networks, tmp_path):
    candidate = _candidate("sure", {"p": (_weights("a", ["q"], tmp_path),)})
    said, cases = [], []
    result = evaluate(
        [candidate],
        [scan],
        device="a test",
        progress=lambda done, total, what: said.append((done, total)),
        on_case=lambda trial, case, labels: cases.append((trial.model_id, case.patient, labels.shape)),
    )
    for name, table in result.tables().items():
        assert dict(table.schema) == SCHEMAS[name]
    values = {(row["class"], row["metric"]): row for row in result.scores.to_dicts()}
    assert values["wmh", "dice"]["value"] == 1
    assert values["wmh", "lesion_f1"]["value"] == 1
    assert values["ventricle", "dice"]["value"] is None
    assert values["ventricle", "dice"]["missing_reason"] == "both masks are empty"
    assert result.confusion["n_pixels"].sum() == scan.truth.size
    bins = result.calibration.to_dicts()
    assert [(row["class"], row["bin"]) for row in bins if row["n_pixels"] > 20] == [("wmh", 9)]
    assert result.speed.row(0)[:2] == ("sure", "a test")
    assert result.speed["n_slices"].item() == 6
    assert said == [(0, 1), (1, 1)]
    assert cases == [("sure", "p", scan.truth.shape)]


def test_members_are_averaged_before_the_decision(scan, networks, tmp_path):
    sure, unsure = _weights("a", [], tmp_path), _weights("b", [], tmp_path)
    models = [
        _candidate("sure", {"p": (sure,)}),
        _candidate("unsure", {"p": (unsure,)}),
        _candidate("both", {"p": (sure, unsure)}),
        _candidate("strict", {"p": (sure, unsure)}, Decision(wmh_threshold=0.7)),
    ]
    result = evaluate(models, [scan], device="a test")
    found = result.scores.filter((pl.col("metric") == "volume_found_ml") & (pl.col("class") == "wmh"))
    volume = dict(found.select("model_id", "value").iter_rows())
    assert volume["unsure"] == volume["strict"] == 0
    assert volume["sure"] == volume["both"] > 0
    assert networks == ["a", "b"]  # each loaded once
    assert result.speed["peak_memory_mb"].null_count() == 4  # one process, several models: nobody's own
    assert evaluate(models[:1], [scan]).speed.is_empty()


def test_measures_of_both_labels_are_taken_the_same_way(scan, networks, tmp_path):
    scan.truth[16:24, 24:36, 2:4] = 1  # a ventricle that the network does not see
    both = [_candidate("sure", {"p": (_weights("a", [], tmp_path),)})]
    rows = {row["measure"]: row for row in evaluate(both, [scan]).measures.to_dicts()}
    pixel = 0.9 * 0.9
    assert rows["wmh_area_mm2"]["manual"] == pytest.approx((scan.truth == 2).sum() * pixel)
    assert rows["ventricle_area_mm2"] == {
        **{"model_id": "sure", "split": "held-out", "subject_id": "p", "measure": "ventricle_area_mm2"},
        **{"manual": pytest.approx((scan.truth == 1).sum() * pixel), "found": None},
    }
    assert rows["periventricular_share_pct"]["found"] is None  # no brain class: no cortical border, no zone
    assert "intracranial_area_mm2" not in rows  # both sides would share it


def test_weights_are_never_run_on_a_patient_they_saw(scan, networks, tmp_path):
    candidate = _candidate("leak", {"p": (_weights("c", ["p"], tmp_path),)})
    with pytest.raises(ValueError, match="learned from p"):
        evaluate([candidate], [scan], device="a test")
    assert networks == []


def test_curves_number_the_trainings_of_an_ensemble(scan, networks, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "history.jsonl").write_text('{"epoch": 1, "seconds": 9, "loss": 0.5, "val_loss": NaN}\n')
    members = tuple(_weights(name, [], tmp_path / name) for name in ("a", "b"))
    result = evaluate([_candidate("both", {"p": members})], [scan], device="a test")
    assert result.curves.select("fold", "epoch", "metric", "value").rows() == [
        (0, 1, "loss", 0.5),
        (1, 1, "loss", 0.5),
    ]
