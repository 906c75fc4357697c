"""`mscohort train`: who is learned from, what is said meanwhile, and how it stops."""

import json
from dataclasses import asdict, replace

import nibabel as nib
import numpy as np
import pytest

pytest.importorskip("keras", reason="needs Keras, which the extras cpu and gpu install")

from app import cli
from pipeline.segmentation.device import Device
from pipeline.segmentation.networks.registry import find_preset
from pipeline.training.presets import TRAINING_PRESETS
from tests.pipeline.conftest import HeadPhantom, head_phantom  # noqa: F401
from tests.pipeline.training.ms3seg_tree import write_separate

PATIENTS = ["101228", "101627", "102313", "104670"]


@pytest.fixture
def data(tmp_path, head_phantom: HeadPhantom):  # noqa: F811
    """Return a folder of four labelled patients, with more and more lesion."""
    for number, patient in enumerate(PATIENTS):
        folder = tmp_path / "data" / patient
        folder.mkdir(parents=True)
        truth = head_phantom.truth.copy()
        truth[20:40, 20 : 20 + number, 5] = 2
        affine = np.diag([0.9, 0.9, 7.0, 1.0])
        nib.save(nib.Nifti1Image(head_phantom.volume, affine), folder / "flair_prepared.nii.gz")
        values = np.array([0, 32639, 65535], np.uint16)[truth]
        nib.save(nib.Nifti1Image(values, affine), folder / "three_class_manual.nii.gz")
    return tmp_path / "data"


@pytest.fixture
def used():
    """Return the numbers of drawing processes that trainings were called with."""
    return []


@pytest.fixture
def pooled():
    """Return the pools and teachers that trainings were called with."""
    return []


@pytest.fixture
def calls(monkeypatch, used, pooled):
    """Replace the training by one that writes what a training writes; return how it was called."""
    made = []

    def train(network, preset, scans, out, *, validation, seed, start_from, progress, workers, **shown):
        pooled.append((shown["pool"], shown["teachers"]))
        learned, steering = ([scan.patient for scan in group] for group in (scans, validation))
        made.append((out.name, preset, learned, steering, seed, start_from))
        used.append(workers)
        for epoch in range(1, preset.epochs + 1):
            for batch in range(1, 3):
                progress(epoch, preset.epochs, batch, 2, 0.5)
        out.mkdir(parents=True)
        config = {"network": {"name": network, "architecture": "unet", "settings": {}}, "preset": {"recipe": "head"}}
        (out / "config.json").write_text(json.dumps({**config, "patients": [], "validation": []}))
        (out / "history.jsonl").write_text('{"epoch": 1, "loss": 0.5}\n')

    monkeypatch.setattr("pipeline.training.train.train", train)
    device = Device("cpu", "x86_64", "the only one", "tensorflow", "2.21.0", "3.15.1")
    monkeypatch.setattr("pipeline.segmentation.keras_start.cpu_build", lambda: None)
    monkeypatch.setattr("pipeline.segmentation.keras_start.find_device", lambda **_: device)
    return made


def _train(data, tmp_path, *words):
    network = () if "--architecture" in words else ("--architecture", "compact_unet")
    return cli.main(["train", str(data), "--out", str(tmp_path / "out"), *network, *words, "--json"])


def test_the_public_dataset_is_trained_from_by_the_same_command(tmp_path, head_phantom, calls, capsys):  # noqa: F811
    for number in range(1, 5):
        write_separate(tmp_path / "ms3seg", number, head_phantom)
    assert _train(tmp_path / "ms3seg", tmp_path, "--folds", "2", "--epochs", "1") == 0
    said = capsys.readouterr()
    held_out = [name for row in json.loads(said.out)["trainings"] for name in row["held_out"]]
    assert sorted(held_out) == ["ms3seg-001", "ms3seg-002", "ms3seg-003", "ms3seg-004"]
    assert "MS3SEG: 4 of 100 patients" in said.err
    (tmp_path / "ms3seg/MS_100_patient_masks/nWMH_Masks/003/003_nWMH_Mask.nii.gz").unlink()
    assert _train(tmp_path / "ms3seg", tmp_path, "--folds", "2", "--epochs", "1") == 1
    [line] = [text for text in capsys.readouterr().err.splitlines() if "lack a file" in text]
    assert "1 of 4 patients" in line


def test_folds_leave_each_patient_out_once(data, tmp_path, calls, capsys):
    assert _train(data, tmp_path, "--folds", "2", "--epochs", "1", "--seed", "7") == 0
    said = capsys.readouterr()
    answer = json.loads(said.out)
    assert [row["held_out"] for row in answer["trainings"]] == [["101228", "104670"], ["101627", "102313"]]
    for (name, preset, learned, steering, seed, _), row in zip(calls, answer["trainings"], strict=True):
        assert name == row["name"]
        assert not set(learned) & set(row["held_out"])
        assert (sorted(learned), steering) == (sorted(set(PATIENTS) - set(row["held_out"])), [])
        assert (preset.epochs, seed) == (1, 7 + int(name[-1]))
    assert "networks run on" in said.err
    assert "the only one" in said.err
    assert "fold0 (1 of 2): epoch 1 of 1, batch 2 of 2, loss 0.500" in said.err
    assert "left" in said.err


def test_going_on_needs_finished_trainings_that_held_out_the_same_patients(data, tmp_path, calls, capsys):
    def begun(network="compact_unet", learned=("101627", "102313"), finished=True):
        for number in range(2):
            folder = tmp_path / "before" / f"fold{number}"
            folder.mkdir(parents=True, exist_ok=True)
            preset = asdict(find_preset(network))
            config = {"network": preset, "preset": {"recipe": "head"}, "patients": learned, "validation": []}
            (folder / "config.json").write_text(json.dumps(config))
            (folder / "weights.weights.h5").unlink(missing_ok=True)
            if finished:
                (folder / "weights.weights.h5").write_bytes(b"weights")
        return "--fold", "0", "--folds", "2", "--start-from", str(tmp_path / "before")

    assert _train(data, tmp_path, *begun(learned=["101627", "104670"])) == 1
    assert "learned from 104670, whom fold0 holds out" in capsys.readouterr().err
    assert _train(data, tmp_path, *begun(network="compact_deeplab")) == 1
    assert "expected those of compact_unet" in capsys.readouterr().err
    assert _train(data, tmp_path, *begun(finished=False)) == 1
    assert "not finished" in capsys.readouterr().err
    assert not calls
    assert _train(data, tmp_path, *begun()) == 0
    [(_, *_, start)] = calls
    assert start.folder == tmp_path / "before" / "fold0"


def test_the_shipped_model_is_gone_on_from_but_never_for_whom_it_has_seen(data, tmp_path, calls, capsys):
    words = ("--architecture", "compact_attention_unet", "--start-from", "mscohort-1")
    assert _train(data, tmp_path, *words, "--folds", "2") == 1
    assert "mscohort-1 learned from 101228, 104670, whom fold0 holds out" in capsys.readouterr().err
    assert _train(data, tmp_path, *words[:1], "compact_unet", *words[2:], "--split", "all") == 1
    assert "mscohort-1: weights of compact_attention_unet; expected those of compact_unet" in capsys.readouterr().err
    assert not calls
    assert _train(data, tmp_path, *words, "--split", "all") == 0
    [(_, *_, start)] = calls
    assert start.card.model_id == "mscohort-1"


@pytest.fixture
def small(monkeypatch):
    """Make few patches and no head, so that the presets of teachers and pupils take a moment."""
    few = {
        name: replace(preset, pool=24, size=32, epochs=1, template_scans=0, template_share=0.0, shape_chance=0.0)
        for name, preset in TRAINING_PRESETS.items()
        if name in ("teacher", "pupil")
    }
    monkeypatch.setattr("pipeline.training.presets.TRAINING_PRESETS", {**TRAINING_PRESETS, **few})


def test_teacher_and_pupil_are_shown_the_same_patches_of_the_same_patients(
    data, tmp_path, calls, pooled, small, capsys
):
    pool = ("--pool", str(tmp_path / "pool"), "--folds", "2", "--fold", "0")
    assert _train(data, tmp_path / "first", *pool, "--preset", "teacher") == 0
    config = tmp_path / "first" / "out" / "fold0" / "config.json"

    def taught_by(learned=("101627", "102313"), channels=3):
        network = {**asdict(find_preset("compact_unet")), "channels": channels}
        said = {"network": network, "preset": {"recipe": "head"}, "patients": learned, "validation": []}
        config.write_text(json.dumps(said))
        config.with_name("weights.weights.h5").write_bytes(b"weights")
        return ("--preset", "pupil", "--teacher", str(tmp_path / "first" / "out"))

    assert _train(data, tmp_path, *pool, *taught_by(learned=["101627", "104670"])) == 1
    assert "learned from 104670, whom fold0 holds out" in capsys.readouterr().err
    assert _train(data, tmp_path, *pool, *taught_by(channels=1)) == 1
    assert "sees 1 slices and tells 5 classes; expected a teacher of 3 and 5" in capsys.readouterr().err
    assert _train(data, tmp_path, *pool, *taught_by()) == 0
    (first, none), (second, [teacher]) = pooled
    assert none == []
    assert teacher.folder == tmp_path / "first" / "out" / "fold0"
    np.testing.assert_array_equal(first.images, second.images)
    assert sorted(set(first.owners)) == PATIENTS


def test_the_studys_split_and_preset_take_a_patient_for_steering(data, tmp_path, calls, capsys):
    assert _train(data, tmp_path, "--split", "study", "--preset", "study") == 0
    [(name, preset, learned, steering, *_)] = calls
    assert (name, preset.recipe) == ("study", "study")
    assert steering == ["102313"]
    assert learned == ["101627", "104670"]


def test_batches_are_drawn_ahead_beside_a_card_or_where_asked(data, tmp_path, calls, used, capsys, monkeypatch):
    assert _train(data, tmp_path, "--split", "all") == 0
    assert _train(data, tmp_path / "asked", "--split", "all", "--workers", "3") == 0
    card = Device("gpu", "NVIDIA H200", "found and usable", "jax", "0.11.2", "3.15.1")
    monkeypatch.setattr("pipeline.segmentation.keras_start.find_device", lambda **_: card)
    monkeypatch.setattr("os.cpu_count", lambda: 16)
    assert _train(data, tmp_path / "card", "--split", "all") == 0
    assert used == [0, 3, 8]
    assert _train(data, tmp_path / "few", "--split", "all", "--workers", "-1") == 2
    assert "--workers -1: expected 0 or more" in capsys.readouterr().err


def test_one_fold_is_trained_as_among_all(data, tmp_path, calls, capsys):
    assert _train(data, tmp_path, "--folds", "2", "--fold", "1") == 0
    assert [(call[0], call[4]) for call in calls] == [("fold1", 1)]


def test_a_network_of_fixed_size_sees_whole_slices(data, tmp_path, calls, capsys):
    assert _train(data, tmp_path, "--split", "all", "--architecture", "compact_deeplab") == 0
    [(name, preset, learned, *_)] = calls
    assert (name, preset.size, preset.batch, learned) == ("all", 256, 2, PATIENTS)


def test_stopping_says_how_to_go_on(data, tmp_path, calls, capsys, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("pipeline.training.train.train", stop)
    assert _train(data, tmp_path, "--folds", "2") == 1
    assert "run the same command again to go on" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (("--epochs", "0"), 2, "expected 1 or more"),
        (("--split", "study", "--fold", "1"), 2, "--fold goes with"),
        (("--folds", "9"), 1, "9 folds of 4 patients"),
        (("--preset", "magic"), 1, "one of compact, comparison, mixed, pupil, quiet, refine, refine_wide, study"),
        (("--preset", "pupil"), 2, "--preset pupil learns from teachers: name their trainings with --teacher"),
        (("--teacher", "first"), 2, "--preset compact learns from no teacher: --teacher goes with --preset pupil"),
        (("--pool", "pool"), 2, "--preset compact keeps no pool: --pool goes with --preset teacher and pupil"),
        (("--device", "gpu"), 1, "the only one"),
    ],
)
def test_what_cannot_be_trained_is_told_in_one_line(data, tmp_path, calls, capsys, words, code, reason):
    assert _train(data, tmp_path, *words) == code
    assert reason in capsys.readouterr().err.splitlines()[-1]
    assert calls == []
