"""Training on a phantom: it learns, it resumes to the same weights, and its small files hold what it learnt."""

import json
from dataclasses import replace

import numpy as np
import pytest

from pipeline.errors import RecipeError, TrainingError
from pipeline.segmentation.preprocessing import find_recipe
from pipeline.segmentation.tissues import CONTRACT, allowed_code

pytest.importorskip("keras", reason="needs Keras, which the extras cpu and gpu install")

import keras

from pipeline.segmentation.bundled_models import find_model, load_model
from pipeline.segmentation.networks import registry
from pipeline.segmentation.networks.registry import build_network, find_preset
from pipeline.training.augmentation import NONE
from pipeline.training.labelled_scans import LabelledScan
from pipeline.training.patches import PatchBatches
from pipeline.training.presets import TrainingPreset, find_training_preset
from pipeline.training.train import train
from pipeline.training.weights import read_trainings, shipped_weights
from tests.pipeline.training.tiny_network import BUILDER, TINY_NETWORK

# Keras 3.15 hands NumPy arrays over in the way of NumPy 1 when it saves weights.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

TINY = TrainingPreset("tiny", epochs=4, steps=6, batch=4, size=64, ema=0.8, variation=NONE, precision="float32")


@pytest.fixture(scope="module", autouse=True)
def tiny_network():
    """Register a network small enough for a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "_BUILDERS", {**registry._BUILDERS, "tiny": BUILDER})
        patch.setattr("pipeline.training.train.find_preset", lambda _: TINY_NETWORK)
        yield TINY_NETWORK


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, labelled):
    """Return the folder of a training that nothing disturbed, and its weights."""
    out = tmp_path_factory.mktemp("undisturbed")
    return out, train("tiny", TINY, [labelled], out, seed=3).get_weights()


@pytest.fixture(scope="module")
def labelled(head_phantom):
    """Return the phantom as a labelled scan on the canvas."""
    image, placement = find_recipe("head").prepare(head_phantom.volume, (0.9, 0.9))
    lookup = np.array([allowed_code([tissue]) for tissue in CONTRACT], np.uint8)
    codes = placement.apply(lookup[head_phantom.truth], order=0, fill=1).astype(np.uint8)
    return LabelledScan("p", (image,), codes, head_phantom.truth, head_phantom.volume, (0.9, 0.9, 7.0))


def _losses(out):
    return [json.loads(line)["loss"] for line in (out / "history.jsonl").read_text().splitlines()]


def test_the_loss_falls_and_everything_is_written(undisturbed):
    out, _ = undisturbed
    losses = _losses(out)
    assert len(losses) == 4
    assert losses[-1] < losses[0]
    config = json.loads((out / "config.json").read_text())
    assert config["patients"] == ["p"]
    assert config["seed"] == 3
    assert config["preset"]["steps"] == 6


@pytest.mark.parametrize("second_loss", ["", "unified_focal"])
def test_a_killed_training_ends_where_an_undisturbed_one_does(
    tmp_path, labelled, undisturbed, monkeypatch, second_loss
):
    preset, (_, expected) = TINY, undisturbed
    if second_loss:
        preset = replace(TINY, second_loss=second_loss, ema=0.0)
        expected = train("tiny", preset, [labelled], tmp_path / "whole", seed=3).get_weights()
    original = PatchBatches.__getitem__

    def dies_in_the_last_epoch(self, index):
        if self.epoch == 3 and index == 2:
            raise RuntimeError("the power went")
        return original(self, index)

    with monkeypatch.context() as patch:
        patch.setattr(PatchBatches, "__getitem__", dies_in_the_last_epoch)
        with pytest.raises(Exception, match="the power went"):
            train("tiny", preset, [labelled], tmp_path / "killed", seed=3)
    assert not (tmp_path / "killed" / "weights.weights.h5").exists()
    assert len(_losses(tmp_path / "killed")) == 3
    resumed = train("tiny", preset, [labelled], tmp_path / "killed", seed=3).get_weights()
    assert len(_losses(tmp_path / "killed")) == 4
    for one, other in zip(expected, resumed, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_a_kill_while_the_state_is_written_costs_one_epoch(tmp_path, labelled, undisturbed, monkeypatch):
    original = keras.Model.save_weights

    def dies_halfway(self, path, **settings):
        original(self, path, **settings)
        if (tmp_path / "killed" / "state" / "epoch-00002.weights.h5").exists():
            path.write_bytes(path.read_bytes()[:100])
            raise RuntimeError("the power went")

    with monkeypatch.context() as patch:
        patch.setattr(keras.Model, "save_weights", dies_halfway)
        with pytest.raises(RuntimeError, match="the power went"):
            train("tiny", TINY, [labelled], tmp_path / "killed", seed=3)
    resumed = train("tiny", TINY, [labelled], tmp_path / "killed", seed=3).get_weights()
    for one, other in zip(undisturbed[1], resumed, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    assert sorted(path.name for path in (tmp_path / "killed").iterdir()) == [
        "config.json",
        "history.jsonl",
        "weights.weights.h5",
    ]


def test_a_finished_training_is_not_repeated(tmp_path, labelled):
    first = train("tiny", replace(TINY, epochs=1), [labelled], tmp_path).get_weights()
    again = train("tiny", replace(TINY, epochs=1), [labelled], tmp_path).get_weights()
    assert len(_losses(tmp_path)) == 1
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_studys_schedule_switches_its_loss_and_watches_validation(tmp_path, labelled):
    study = replace(find_training_preset("study"), epochs=2, steps=2, batch=2, size=64)
    train("tiny", study, [labelled], tmp_path, validation=[labelled])
    lines = [json.loads(line) for line in (tmp_path / "history.jsonl").read_text().splitlines()]
    assert [line["epoch"] for line in lines] == [1, 2]
    assert all(np.isfinite(line["val_loss"]) for line in lines)


def test_an_unknown_preset_names_those_there_are():
    with pytest.raises(RecipeError, match="compact, comparison, mixed, pupil, quiet, refine, refine_wide, study"):
        find_training_preset("magic")


def test_a_folder_with_another_training_is_not_mixed_up_with_this_one(tmp_path, labelled):
    preset = replace(TINY, epochs=1, steps=1)
    train("tiny", preset, [labelled], tmp_path)
    with pytest.raises(TrainingError, match="another rate, seed"):
        train("tiny", replace(preset, rate=0.5), [labelled], tmp_path, seed=1)


def test_progress_is_told_after_every_batch(tmp_path, labelled):
    told = []
    train("tiny", replace(TINY, epochs=2, steps=3), [labelled], tmp_path, progress=lambda *said: told.append(said))
    assert [said[:4] for said in told] == [(epoch, 2, batch, 3) for epoch in (1, 2) for batch in (1, 2, 3)]
    assert all(np.isfinite(said[4]) for said in told)


def test_going_on_starts_from_the_weights_and_remembers_whom_they_saw(labelled, tmp_path):
    train("tiny", replace(TINY, epochs=1), [labelled], tmp_path / "first")
    [first] = read_trainings(tmp_path / "first")
    still = replace(TINY, epochs=1, steps=1, rate=0.0, weight_decay=0.0)
    other = replace(labelled, patient="q")
    again = train("tiny", still, [other], tmp_path / "second", seed=5, start_from=first)
    for weight, before in zip(again.trainable_weights, _load(first).trainable_weights, strict=True):
        np.testing.assert_allclose(weight, before, atol=1e-6)
    assert read_trainings(tmp_path / "second")[0].seen == {labelled.patient, "q"}


@pytest.mark.slow
def test_a_shipped_models_weights_are_those_gone_on_from():
    card = find_model()
    network = build_network(find_preset(card.network), None)
    shipped_weights(card).copy_into(network)
    [shipped] = load_model(card, runtime="keras").networks
    for weight, expected in zip(network.get_weights(), shipped.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, expected)


def _load(weights):
    model = build_network(weights.network, None)
    model.load_weights(weights.folder / "weights.weights.h5")
    return model
