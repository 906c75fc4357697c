"""Cards and weights of the models that come with the software."""

import hashlib
import json

import numpy as np
import pytest

from pipeline.errors import ModelError
from pipeline.segmentation.bundled_models import (
    CARD_FILE,
    DEFAULT_MODEL,
    check_weights,
    find_model,
    list_models,
    load_model,
    read_card,
)


@pytest.fixture
def folder(tmp_path):
    weights = tmp_path / "member-1.npz"
    weights.write_bytes(b"weights")
    card = {
        "model_id": "m",
        "title": "M",
        "network": "compact_unet",
        "members": [{"file": weights.name, "sha256": hashlib.sha256(b"weights").hexdigest()}],
        "recipe": "head",
        "decision": {"wmh_threshold": 0.4},
        "flips": True,
        "n_parameters": 7,
        "licence": "MIT",
        "description": "",
        "trained_on": ["1", "2"],
    }
    (tmp_path / CARD_FILE).write_text(json.dumps(card))
    return tmp_path


def test_a_card_is_read(folder):
    card = read_card(folder)
    assert (card.architecture, card.decision.wmh_threshold, card.trained_on) == ("unet", 0.4, ("1", "2"))
    assert check_weights(card, folder) == [folder / "member-1.npz"]


def test_changed_weights_are_refused(folder):
    (folder / "member-1.npz").write_bytes(b"weightt")
    with pytest.raises(ModelError, match="damaged"):
        check_weights(read_card(folder), folder)


def test_missing_weights_are_named(folder):
    (folder / "member-1.npz").unlink()
    with pytest.raises(ModelError, match=r"member-1\.npz.*missing"):
        check_weights(read_card(folder), folder)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"members": 3}', "\xff"])
def test_what_is_no_card_is_refused(tmp_path, content):
    (tmp_path / CARD_FILE).write_text(content, encoding="latin-1")
    with pytest.raises(ModelError, match="not a model card"):
        read_card(tmp_path)


def test_an_unknown_model_names_those_there_are():
    with pytest.raises(ModelError, match=DEFAULT_MODEL):
        find_model("none-such")


def test_every_shipped_model_has_its_weights_and_they_are_small():
    cards = list_models()
    assert cards[0].model_id == DEFAULT_MODEL
    for card in cards:
        assert card.trained_on
        for path in check_weights(card):
            assert path.stat().st_size <= 25_000_000


def test_the_default_model_loads_and_tells_tissues_apart():
    pytest.importorskip("keras")
    loaded = load_model(find_model(), runtime="keras")
    image = np.random.default_rng(0).normal(size=(1, 64, 64, 3)).astype(np.float32)
    for network in loaded.networks:
        found = np.asarray(network(image))
        assert found.shape == (1, 64, 64, 5)
        assert found.sum(-1) == pytest.approx(1.0, abs=1e-5)
    assert loaded.card.n_parameters == sum(network.count_params() for network in loaded.networks)
