"""`mscohort evaluate`: from patients and weights to tables, pictures and an honest account of who is left out."""

import csv
import json

import nibabel as nib
import numpy as np
import pytest

from app import cli
from db.store import Store
from pipeline.segmentation.device import Device
from pipeline.training.weights import Weights
from tests.pipeline.conftest import HeadPhantom, head_phantom  # noqa: F401

PATIENTS = ["101", "102", "103", "104"]


class BrightIsLesion:
    """A network that calls the brightest a lesion and the darkest a ventricle."""

    def predict_on_batch(self, stack):
        middle = stack[..., stack.shape[-1] // 2]
        lesion, ventricle = (0.9 * (middle > 4), 0.8 * (middle < -2))
        return np.stack([1 - lesion - ventricle, ventricle, lesion], axis=-1)


@pytest.fixture
def data(tmp_path, head_phantom: HeadPhantom):  # noqa: F811
    """Return a folder of four labelled patients."""
    values = np.array([0, 32639, 65535], np.uint16)[head_phantom.truth]
    affine = np.diag([0.9, 0.9, 7.0, 1.0])
    for number, patient in enumerate(PATIENTS):
        folder = tmp_path / "data" / patient
        folder.mkdir(parents=True)
        volume = np.roll(np.where(head_phantom.volume == 700, 2, head_phantom.volume), number, axis=1)  # no skull
        nib.save(nib.Nifti1Image(volume, affine), folder / "flair_prepared.nii.gz")
        nib.save(nib.Nifti1Image(np.roll(values, number, axis=1), affine), folder / "three_class_manual.nii.gz")
    return tmp_path / "data"


@pytest.fixture
def trainings(tmp_path, monkeypatch):
    """Return a folder of two folds; every network of it is ``BrightIsLesion``."""
    monkeypatch.setattr(Weights, "load", lambda _: (BrightIsLesion(),))
    monkeypatch.setattr("pipeline.segmentation.keras_start.cpu_build", lambda: None)
    monkeypatch.setattr(
        "pipeline.segmentation.keras_start.find_device",
        lambda **_: Device("cpu", "x86_64", "the only one", "tensorflow", "2.21.0", "3.15.1"),
    )
    network = {"name": "tiny", "architecture": "unet", "channels": 3, "classes": 5, "settings": {}, "any_size": True}
    for number, held in enumerate((PATIENTS[:2], PATIENTS[2:])):
        folder = tmp_path / "folds" / f"fold{number}"
        folder.mkdir(parents=True)
        config = {"network": network, "preset": {"recipe": "head", "size": 128}, "parameters": 7, "validation": []}
        seen = [patient for patient in PATIENTS if patient not in held]
        (folder / "config.json").write_text(json.dumps({**config, "patients": seen}))
        (folder / "history.jsonl").write_text('{"epoch": 1, "seconds": 2, "loss": 0.5}\n')
        (folder / "weights.weights.h5").write_bytes(b"weights")
    return tmp_path / "folds"


def _evaluate(capsys, *words):
    assert cli.main(["evaluate", *map(str, words), "--no-store", "--json"]) == 0
    said = capsys.readouterr()
    return json.loads(said.out), said.err


def test_every_patient_is_scored_by_the_fold_that_did_not_see_it(data, trainings, capsys):
    answer, progress = _evaluate(capsys, data, "--model", trainings)
    [model] = answer["models"]
    [split] = model["splits"]
    assert (model["model_id"], split["split"], split["n_patients"]) == ("folds", "cv2", 4)
    scores = {(row["class"], row["metric"]): row for row in split["summary"]}
    assert scores["wmh", "dice"]["mean"] > 0.8
    assert scores["wmh", "dice"]["n"] == 4
    assert [row["tissue"] for row in split["pooled"]] == ["ventricle", "wmh"]
    [_, wmh] = split["agreement"]
    assert wmh["limit_low"] <= wmh["bias"] <= wmh["limit_high"]
    assert [icc["name"] for icc in wmh["icc"]] == ["ICC(2,1)", "ICC(3,1)"]
    assert answer["left_out"] == answer["paired"] == []
    assert "networks run on" in progress
    assert "3 of 4 patients evaluated" in progress


def test_tables_are_written_and_other_models_kept(data, trainings, capsys, tmp_path):
    out = tmp_path / "out"
    _evaluate(capsys, data, "--model", f"first={trainings}", "--out", out)
    _evaluate(capsys, data, "--model", f"second={trainings}", "--out", out)
    _evaluate(capsys, data, "--model", f"second={trainings}", "--out", out)
    with (out / "scores.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {row["model_id"] for row in rows} == {"first", "second"}
    keys = [(row["model_id"], row["split"], row["subject_id"], row["class"], row["metric"]) for row in rows]
    assert len(keys) == len(set(keys))
    assert all((row["value"] == "") == (row["missing_reason"] != "") for row in rows)
    assert sorted(path.name for path in out.iterdir()) == [
        "calibration.csv",
        "confusion.csv",
        "curves.csv",
        "measures.csv",
        "models.csv",
        "scores.csv",
        "speed.csv",
    ]


def test_two_models_are_compared_on_the_same_patients(data, trainings, capsys):
    answer, _ = _evaluate(capsys, data, "--model", f"one={trainings}", f"other={trainings}+{trainings}")
    assert {(row["model"], row["other"]) for row in answer["paired"]} == {("one", "other")}
    assert all(row["difference"] == 0 and row["p_value"] is None for row in answer["paired"])


def test_raw_scans_are_shown_and_who_has_none_is_named(data, trainings, capsys):
    for patient in PATIENTS[:3]:
        (data / patient / "FLAIR.nii.gz").write_bytes((data / patient / "flair_prepared.nii.gz").read_bytes())
        labels = nib.load(data / patient / "three_class_manual.nii.gz")
        nib.save(nib.Nifti1Image(np.ones(labels.shape, np.uint8), labels.affine), data / patient / "brain_mask.nii.gz")
    answer, progress = _evaluate(capsys, data, "--model", trainings, "--raw")
    [split] = answer["models"][0]["splits"]
    assert (split["split"], split["n_patients"]) == ("cv2-raw", 3)
    assert f"not judged on {PATIENTS[3]}: has no raw scan" in progress
    assert {row["subject_id"] for row in split["measures"]["patients"]} == set(PATIENTS[:3])


def test_the_yardstick_judges_prepared_and_raw_at_three_loads_by_a_rule_chosen_on_others(
    data, trainings, capsys, tmp_path
):
    for patient in PATIENTS[:3]:
        image = nib.load(data / patient / "flair_prepared.nii.gz")
        nib.save(nib.Nifti1Image(2 * image.get_fdata(), image.affine), data / patient / "FLAIR.nii.gz")
        nib.save(nib.Nifti1Image(np.ones(image.shape, np.uint8), image.affine), data / patient / "brain_mask.nii.gz")
    answer, _ = _evaluate(capsys, data, "--model", trainings, "--nested", "--out", tmp_path / "out")
    [model] = answer["nested"]
    counts = {(row["kind"], row["load"]): row["n"] for row in model["summary"] if row["metric"] == "dice"}
    assert counts == {
        (kind, load): n for load in ("full", "quarter", "few") for kind, n in (("prepared", 4), ("raw", 3))
    }
    assert {row["patient"]: row["fold"] for row in model["rules"]} == {
        patient: f"folds/fold{number // 2}" for number, patient in enumerate(PATIENTS)
    }
    assert {row["rule"] for row in model["summary"]} == {"nested"}
    with (tmp_path / "out" / "yardstick.csv").open() as file:
        assert len(list(csv.DictReader(file))) == len(model["summary"])
    assert cli.main(["evaluate", str(data), "--model", str(trainings), "--nested"]) == 0
    assert "95 % of next patients" in capsys.readouterr().out


def test_the_yardstick_needs_a_cross_validation(data, trainings, capsys):
    one = str(trainings / "fold0")
    assert cli.main(["evaluate", str(data), "--model", one, "--nested"]) == 1
    assert "needs a cross-validation" in capsys.readouterr().err


def test_without_a_raw_scan_nobody_is_judged(data, trainings, capsys):
    assert cli.main(["evaluate", str(data), "--model", str(trainings), "--raw", "--no-store"]) == 1
    assert "no patient" in capsys.readouterr().err


def test_pictures_stay_in_the_stores_folder(data, trainings, capsys, tmp_path):
    answer, _ = _evaluate(capsys, data, "--model", trainings, "--overlays", "--store", tmp_path / "store")
    folder = tmp_path / "store" / "evaluations" / "folds" / "cv2"
    assert sorted(path.name for path in folder.iterdir()) == [f"{patient}.png" for patient in PATIENTS]
    assert sorted(answer["pictures"]) == sorted(str(path) for path in folder.iterdir())


def test_patients_a_model_learned_from_are_left_out_and_named(data, trainings, capsys):
    answer, progress = _evaluate(capsys, data, "--model", trainings / "fold0")
    assert answer["models"][0]["splits"][0]["n_patients"] == 2
    assert [gone["patient"] for gone in answer["left_out"]] == PATIENTS[2:]
    assert "fold0: not judged on 103, 104: learned from this patient" in progress


def test_nothing_left_to_judge_is_an_error(data, trainings, capsys):
    config = json.loads((trainings / "fold0" / "config.json").read_text())
    (trainings / "fold0" / "config.json").write_text(json.dumps({**config, "patients": PATIENTS}))
    assert cli.main(["evaluate", str(data), "--model", str(trainings / "fold0"), "--no-store"]) == 1
    assert "folder of a cross-validation" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("model", "reason"), [("nobody", "neither a shipped model nor a folder"), ("{0}", "two models are called")]
)
def test_wrong_models_are_told_in_one_line(data, trainings, capsys, model, reason):
    words = [model.format(trainings)] * 2
    assert cli.main(["evaluate", str(data), "--model", *words, "--no-store"]) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("mscohort evaluate: ")
    assert reason in last


def test_the_store_holds_the_scores_of_the_last_evaluation(data, trainings, capsys, tmp_path):
    words = ["evaluate", str(data), "--model", str(trainings), "--speed", "--store", str(tmp_path / "store"), "--json"]
    assert cli.main(words) == 0
    assert json.loads(capsys.readouterr().out)["changed"] is True
    with Store(tmp_path / "store").read() as snapshot:
        scores, speed = snapshot.model_scores(), snapshot.model_speed()
        assert set(snapshot.models()["model_id"]) == {"folds"}
        assert snapshot.model_confusion()["n_pixels"].sum() == 4 * 60 * 72 * 6
        assert snapshot.model_curves()["value"].to_list() == [0.5, 0.5]
        assert not snapshot.model_calibration().is_empty()
        assert set(snapshot.model_measures()["subject_id"]) == set(PATIENTS)
    assert set(scores["subject_id"]) == set(PATIENTS)
    assert set(scores["split"]) == {"cv2"}
    assert speed["n_scans"].to_list() == [4]


def test_a_person_reads_the_table(data, trainings, capsys):
    assert cli.main(["evaluate", str(data), "--model", str(trainings), "--no-store"]) == 0
    shown = capsys.readouterr().out
    assert "4 patients, none of them seen in training" in shown
    assert "all pixels pooled as in the study" in shown
    assert "limits of agreement" in shown
