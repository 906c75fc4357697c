"""Nobody is tested on a patient it learned from."""

import json

import pytest

from pipeline.errors import ModelError
from pipeline.evaluation.held_out import find_candidate
from pipeline.segmentation.bundled_models import ModelCard
from pipeline.segmentation.inference import Decision
from pipeline.training.weights import read_trainings

PATIENTS = ["101228", "101627", "107130", "112776"]
NETWORK = {"name": "tiny", "architecture": "unet", "channels": 3, "classes": 5, "settings": {"multipliers": [1, 2]}}


def write_training(folder, seen, *, validation=(), finished=True, losses=(2.0, 1.0)):
    folder.mkdir(parents=True)
    preset = {"recipe": "head", "size": 128}
    config = {"network": {**NETWORK, "any_size": True}, "preset": preset, "seed": 0, "parameters": 10}
    (folder / "config.json").write_text(json.dumps({**config, "patients": seen, "validation": list(validation)}))
    lines = [json.dumps({"epoch": n, "seconds": 1.0, "loss": loss}) for n, loss in enumerate(losses, start=1)]
    (folder / "history.jsonl").write_text("\n".join(lines) + "\n")
    if finished:
        (folder / "weights.weights.h5").write_bytes(b"weights of " + folder.name.encode())


def write_folds(folder, finished=True):
    for number, held in enumerate((PATIENTS[:2], PATIENTS[2:])):
        seen = [patient for patient in PATIENTS if patient not in held]
        write_training(folder / f"fold{number}", seen, finished=finished or number == 0)


def _assigned(candidate):
    return {
        (trial.split, patient): [weights.name for weights in members]
        for trial in candidate.trials
        for patient, members in trial.patients.items()
    }


def test_each_patient_goes_to_the_fold_that_did_not_see_it(tmp_path) -> None:
    write_folds(tmp_path / "A")
    candidate = find_candidate(str(tmp_path / "A"), PATIENTS)
    assert candidate.model_id == "A"
    assert candidate.left_out == ()
    assert candidate.decision == Decision()
    assert _assigned(candidate) == {
        ("cv2", "101228"): ["A/fold0"],
        ("cv2", "101627"): ["A/fold0"],
        ("cv2", "107130"): ["A/fold1"],
        ("cv2", "112776"): ["A/fold1"],
    }
    for trial in candidate.trials:
        for patient, members in trial.patients.items():
            assert all(patient not in weights.seen for weights in members)


def test_members_of_an_ensemble_each_left_the_patient_out(tmp_path) -> None:
    write_folds(tmp_path / "A")
    write_folds(tmp_path / "B")
    candidate = find_candidate(f"both={tmp_path / 'A'}+{tmp_path / 'B'}", PATIENTS)
    assert candidate.model_id == "both"
    assert _assigned(candidate)["cv2", "107130"] == ["A/fold1", "B/fold1"]
    assert [weights.name for weights in candidate.trials[0].trainings] == ["A/fold0", "A/fold1", "B/fold0", "B/fold1"]
    assert candidate.describe()["n_parameters"] == 20


def test_the_studys_split_and_the_training_on_everybody(tmp_path) -> None:
    write_folds(tmp_path / "A")
    write_training(tmp_path / "A" / "study", ["101627"])
    write_training(tmp_path / "A" / "all", PATIENTS)
    splits = {trial.split: sorted(trial.patients) for trial in find_candidate(str(tmp_path / "A"), PATIENTS).trials}
    assert splits == {"cv2": PATIENTS, "study": ["101228", "107130", "112776"]}


def test_patients_that_steered_a_training_are_left_out_too(tmp_path) -> None:
    write_training(tmp_path / "one", ["101228"], validation=["101627"])
    candidate = find_candidate(str(tmp_path / "one"), PATIENTS)
    assert [(gone.patient, gone.reason) for gone in candidate.left_out] == [
        ("101228", "learned from this patient"),
        ("101627", "learned from this patient"),
    ]
    assert [(trial.split, list(trial.patients)) for trial in candidate.trials] == [("held-out", ["107130", "112776"])]


def test_what_the_starting_weights_saw_counts_as_seen(tmp_path) -> None:
    write_training(tmp_path / "A", PATIENTS[2:])
    config = json.loads((tmp_path / "A" / "config.json").read_text())
    config["start"] = {"sha256": "0" * 64, "patients": [PATIENTS[0]]}
    (tmp_path / "A" / "config.json").write_text(json.dumps(config))
    [weights] = read_trainings(tmp_path / "A")
    assert weights.seen == {PATIENTS[0], *PATIENTS[2:]}
    candidate = find_candidate(str(tmp_path / "A"), PATIENTS)
    assert [patient for trial in candidate.trials for patient in trial.patients] == [PATIENTS[1]]


def test_a_training_on_everybody_is_tested_on_nobody(tmp_path) -> None:
    write_training(tmp_path / "all", PATIENTS)
    candidate = find_candidate(str(tmp_path / "all"), PATIENTS)
    assert candidate.trials == ()
    assert [gone.patient for gone in candidate.left_out] == PATIENTS


def test_an_unfinished_fold_is_said_not_hidden(tmp_path) -> None:
    write_folds(tmp_path / "A", finished=False)
    candidate = find_candidate(str(tmp_path / "A"), PATIENTS)
    assert {gone.reason for gone in candidate.left_out} == {"A/fold1 is not trained to its end"}
    assert list(candidate.trials[0].patients) == PATIENTS[:2]


def test_missing_and_overlapping_folds_are_refused(tmp_path) -> None:
    write_training(tmp_path / "A" / "fold0", PATIENTS[1:])
    write_training(tmp_path / "A" / "fold1", [PATIENTS[0], *PATIENTS[2:]])
    with pytest.raises(ModelError, match="none of them 107130, 112776"):
        find_candidate(str(tmp_path / "A"), PATIENTS)
    write_training(tmp_path / "A" / "fold2", PATIENTS[1:])
    with pytest.raises(ModelError, match="left out 101228"):
        find_candidate(str(tmp_path / "A"), PATIENTS)


def test_a_shipped_model_is_tested_on_others_only(monkeypatch, tmp_path) -> None:
    decision = Decision(0.4, 0.5, 6.0, 12.0)
    card = ModelCard("ship", "t", "compact_unet", (), "head", decision, False, 10, "MIT", "d", tuple(PATIENTS[:3]))
    monkeypatch.setattr("pipeline.evaluation.held_out.list_models", lambda: (card,))
    monkeypatch.setattr("pipeline.training.weights.check_weights", lambda _: [])
    candidate = find_candidate("ship", PATIENTS)
    assert _assigned(candidate) == {("held-out", "112776"): ["ship"]}
    assert (candidate.decision, candidate.flips) == (decision, False)
    write_folds(tmp_path / "A")
    spoken_for = find_candidate(f"ship={tmp_path / 'A'}", PATIENTS)
    assert (spoken_for.model_id, spoken_for.decision, spoken_for.flips) == ("ship", decision, False)
    assert spoken_for.describe()["licence"] == "MIT"
    assert len(_assigned(spoken_for)) == 4


def test_what_is_no_model_is_refused(tmp_path) -> None:
    with pytest.raises(ModelError, match="neither a shipped model nor a folder"):
        find_candidate(str(tmp_path / "nowhere"), PATIENTS)
    with pytest.raises(ModelError, match="no training"):
        find_candidate(str(tmp_path), PATIENTS)
    with pytest.raises(ModelError, match="expected letters"):
        find_candidate(f"a b={tmp_path}", PATIENTS)
    (tmp_path / "config.json").write_text('{"network": {}}')
    with pytest.raises(ModelError, match="not a training's configuration"):
        find_candidate(str(tmp_path), PATIENTS)


def test_members_without_a_split_in_common_are_refused(tmp_path) -> None:
    write_folds(tmp_path / "A")
    write_training(tmp_path / "S", ["101627"])
    with pytest.raises(ModelError, match="share no split"):
        find_candidate(f"{tmp_path / 'A'}+{tmp_path / 'S'}", PATIENTS)


def test_an_epoch_done_twice_counts_as_done_last(tmp_path) -> None:
    write_training(tmp_path / "one", ["101228"])
    with (tmp_path / "one" / "history.jsonl").open("a") as file:
        file.write(json.dumps({"epoch": 2, "seconds": 1.0, "loss": 0.5}) + "\n")
    [weights] = read_trainings(tmp_path / "one")
    assert [(line["epoch"], line["loss"]) for line in weights.history()] == [(1, 2.0), (2, 0.5)]
