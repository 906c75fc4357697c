"""A model is made of its trainings: the weights as trained, and a card that hides nobody it has seen."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import ModelError, OutputError

pytest.importorskip("keras", reason="needs Keras, which the extras cpu and gpu install")

import keras

from pipeline.segmentation.bundled_models import CARD_FILE, MODELS_FOLDER, list_models, load_model, read_card
from pipeline.segmentation.half_weights import export_half, import_half
from pipeline.segmentation.inference import Decision
from pipeline.segmentation.networks.registry import NetworkPreset, build_network
from pipeline.training.bundle import Description, write_bundle
from pipeline.training.weights import (
    CONFIG_FILE,
    HISTORY_FILE,
    SMALL_FILE,
    WEIGHTS_FILE,
    Weights,
    keep_small,
    read_trainings,
)

# Keras 3.15 hands NumPy arrays over in the way of NumPy 1 when it saves weights.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

TINY = NetworkPreset("tiny", "unet", settings={"width": 2})
ABOUT = Description("Tiny", "A test.", "MIT", Decision(0.6, 0.4, 5.0, 12.0), True)


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the tiny network be one that is known."""
    for module in ("segmentation.bundled_models", "training.bundle"):
        monkeypatch.setattr(f"pipeline.{module}.find_preset", lambda _: TINY)


def trained(
    folder: Path, seed: int, patients: list[str], before: tuple[str, ...] = (), recipe: str = "head"
) -> Weights:
    """Leave what a finished training leaves, and read it back."""
    folder.mkdir(parents=True)
    keras.utils.set_random_seed(seed)
    network = build_network(TINY, None)
    network.save_weights(folder / WEIGHTS_FILE)
    config = {"network": asdict(TINY), "preset": {"size": 64, "recipe": recipe}, "parameters": network.count_params()}
    config |= {"patients": patients, "validation": ["v"], "start": {"patients": before}}
    (folder / CONFIG_FILE).write_text(json.dumps(config))
    return read_trainings(folder)[0]


def test_a_bundle_predicts_as_its_trainings_and_names_whom_they_saw(tmp_path: Path) -> None:
    trainings = [trained(tmp_path / "a", 1, ["p1"], before=("old",)), trained(tmp_path / "b", 2, ["p2", "p1"])]
    card = write_bundle(trainings, tmp_path / "tiny-1", ABOUT)
    assert read_card(tmp_path / "tiny-1") == card
    assert card.trained_on == ("old", "p1", "p2", "v")
    assert (card.model_id, card.decision, len(card.members)) == ("tiny-1", ABOUT.decision, 2)
    loaded = load_model(card, tmp_path / "tiny-1", runtime="keras")
    image = np.random.default_rng(0).normal(size=(1, 64, 64, 1)).astype(np.float32)
    for network, training in zip(loaded.networks, trainings, strict=True):
        [original] = training.load()
        np.testing.assert_allclose(np.asarray(network(image)), np.asarray(original(image)), atol=2e-3)
    assert card.n_parameters == sum(network.count_params() for network in loaded.networks)


def test_the_same_trainings_give_the_same_bytes(tmp_path: Path) -> None:
    training = trained(tmp_path / "a", 1, ["p1"])
    first, again = (write_bundle([training], tmp_path / place / "m", ABOUT) for place in ("x", "y"))
    assert first == again


def test_what_cannot_be_a_model_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    training = trained(tmp_path / "a", 1, ["p1"])
    with pytest.raises(ModelError, match="with recipe 'study'; expected"):
        write_bundle([training, trained(tmp_path / "b", 1, ["p1"], recipe="study")], tmp_path / "m", ABOUT)
    with pytest.raises(ModelError, match="model name 'a b'"):
        write_bundle([training], tmp_path / "a b", ABOUT)
    with pytest.raises(OutputError, match="exists already"):
        write_bundle([training], tmp_path / "a", ABOUT)
    (tmp_path / "a" / WEIGHTS_FILE).unlink()
    with pytest.raises(ModelError, match="not trained to its end"):
        write_bundle([training], tmp_path / "m", ABOUT)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_weights_that_went_astray_are_not_shipped(tmp_path: Path) -> None:
    network = build_network(TINY, None)
    weights = network.get_weights()
    weights[0] = np.full_like(weights[0], 1e6)
    network.set_weights(weights)
    with pytest.raises(ModelError, match="too large for float16"):
        export_half(network, tmp_path / "a.npz")
    assert not list(tmp_path.iterdir())


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    export_half(build_network(TINY, None), tmp_path / "a.npz")
    other = build_network(NetworkPreset("other", "unet", settings={"width": 4}), None)
    with pytest.raises(ModelError, match="not weights of the network"):
        import_half(other, tmp_path / "a.npz")


def test_a_shipped_card_has_what_a_bundle_writes() -> None:
    for card in list_models():
        written = json.loads((MODELS_FOLDER / card.model_id / CARD_FILE).read_text(encoding="utf-8"))
        # A card may be older than a number of the decision.
        written["decision"] = asdict(Decision()) | written["decision"]
        assert written == json.loads(json.dumps(asdict(card)))


@pytest.mark.slow
def test_exporting_a_shipped_model_gives_its_weights_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    for card in list_models():
        for network, member in zip(load_model(card, runtime="keras").networks, card.members, strict=True):
            export_half(network, tmp_path / member.file)
            with (
                np.load(tmp_path / member.file) as again,
                np.load(MODELS_FOLDER / card.model_id / member.file) as shipped,
            ):
                assert again.files == shipped.files
                for name in shipped.files:
                    np.testing.assert_array_equal(again[name], shipped[name])


def test_a_training_kept_small_answers_as_it_did_and_is_known_by_its_digest(tmp_path: Path) -> None:
    training = trained(tmp_path / "a", 1, ["p1"], before=("old",))
    (tmp_path / "a" / HISTORY_FILE).write_text('{"epoch": 1, "loss": 0.5}\n')
    keep_small(training, tmp_path / "kept")
    [kept] = read_trainings(tmp_path / "kept")
    assert kept.finished
    assert (kept.seen, kept.history(), kept.sha256) == (
        training.seen,
        training.history(),
        kept.settings["weights_sha256"],
    )
    image = np.random.default_rng(0).normal(size=(1, 64, 64, 1)).astype(np.float32)
    [network], [original] = kept.load(), training.load()
    np.testing.assert_allclose(np.asarray(network(image)), np.asarray(original(image)), atol=2e-3)
    np.savez(tmp_path / "kept" / SMALL_FILE, np.zeros(3))
    with pytest.raises(ModelError, match="not weights of the network"):
        kept.load()
    with pytest.raises(OutputError, match="exists already"):
        keep_small(training, tmp_path / "kept")
