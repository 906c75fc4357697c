"""What is written for ONNX Runtime gives what Keras gives, in operators that are computed sooner."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("keras", reason="needs Keras, which the extras cpu and gpu install")

import keras
import onnx
from keras import layers

from pipeline.segmentation.bundled_models import MODELS_FOLDER, list_models
from pipeline.segmentation.networks.attention_unet import build_attention_unet
from pipeline.segmentation.onnx_network import OnnxNetwork
from pipeline.training.export_onnx import export_onnx


def _operators(path: Path) -> Counter[str]:
    return Counter(node.op_type for node in onnx.load(path).graph.node)


def _same(network: keras.Model, path: Path, side: int) -> None:
    export_onnx(network, path)
    image = np.random.default_rng(1).normal(size=(3, side, side, network.input_shape[-1])).astype(np.float32)
    found = OnnxNetwork(path, threads=1).predict_on_batch(image)
    np.testing.assert_allclose(found, np.asarray(network.predict_on_batch(image)), atol=1e-5)


def test_every_upsampling_is_one_operator_and_the_classes_are_plain_planes(tmp_path: Path) -> None:
    keras.utils.set_random_seed(0)
    _same(build_attention_unet((None, None, 3), 5, width=4, multipliers=(1, 2, 3)), tmp_path / "m.onnx", 32)
    found = _operators(tmp_path / "m.onnx")
    assert (found["Resize"], found["Exp"]) == (2, 1)
    assert not {"Tile", "Reshape", "Softmax"} & found.keys()


def test_a_softmax_over_places_and_an_upsampling_of_one_axis_stay_as_they_are(tmp_path: Path) -> None:
    keras.utils.set_random_seed(0)
    inputs = layers.Input((16, 16, 2))
    tokens = layers.Reshape((64, 8))(inputs)
    mixed = layers.MultiHeadAttention(2, 4)(tokens, tokens)
    wide = layers.UpSampling2D((1, 2))(layers.Reshape((16, 16, 2))(mixed))
    _same(keras.Model(inputs, layers.Conv2D(3, (1, 2), (1, 2), activation="softmax")(wide)), tmp_path / "m.onnx", 16)
    found = _operators(tmp_path / "m.onnx")
    assert (found["Resize"], found["Softmax"], found["Exp"]) == (0, 1, 1)


def test_what_ships_is_written_so() -> None:
    for card in list_models():
        for member in card.members:
            found = _operators(MODELS_FOLDER / card.model_id / member.onnx)
            # The quick network's last step up is a convolution.
            assert found["Resize"] + found["ConvTranspose"] == 4
            assert not {"Tile", "Softmax"} & found.keys()
