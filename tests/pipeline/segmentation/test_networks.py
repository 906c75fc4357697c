"""The architectures: shapes, sizes, weights out and in, and the registry that names them."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.errors import RecipeError
from pipeline.segmentation.networks.registry import PRESETS, build_network, find_preset

# Keras 3.15 hands NumPy arrays over in the way of NumPy 1 when it saves weights.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

ARCHITECTURES = ("unet", "attention_unet", "trans_unet", "deeplab", "multi_res_unet", "unetr")


def test_the_registry_knows_the_architectures_without_loading_them():
    assert {preset.architecture for preset in PRESETS.values()} == set(ARCHITECTURES)
    with pytest.raises(RecipeError, match="attention_unet, compact"):
        find_preset("magic")


def test_a_fixed_size_network_says_so():
    with pytest.raises(RecipeError, match="fixed input size"):
        build_network(find_preset("deeplab"), size=None)
    with pytest.raises(RecipeError, match="architecture 'magic' is unknown"):
        build_network(replace(find_preset("unet"), architecture="magic"))


class TestBuilt:
    """Networks in a tiny width."""

    @pytest.fixture(autouse=True)
    def _keras(self):
        keras = pytest.importorskip("keras", reason="needs Keras, which the extras cpu and gpu install")
        keras.config.set_dtype_policy("float32")
        keras.utils.set_random_seed(0)

    @pytest.mark.parametrize("architecture", ARCHITECTURES)
    @pytest.mark.parametrize("channels", [1, 3])
    def test_probabilities_for_every_pixel(self, architecture, channels):
        preset = replace(find_preset(architecture), channels=channels, settings={"width": 8})
        model = build_network(preset, size=64)
        image = np.random.default_rng(0).normal(size=(2, 64, 64, channels)).astype(np.float32)
        output = np.asarray(model.predict_on_batch(image))
        assert output.shape == (2, 64, 64, 3)
        np.testing.assert_allclose(output.sum(-1), 1, atol=1e-5)
        assert output.std() > 0

    @pytest.mark.parametrize("architecture", ARCHITECTURES)
    def test_weights_round_trip(self, architecture, tmp_path):
        preset = replace(find_preset(architecture), settings={"width": 8})
        first, second = build_network(preset, size=64), build_network(preset, size=64)
        image = np.random.default_rng(0).normal(size=(1, 64, 64, 1)).astype(np.float32)
        assert np.abs(np.asarray(first(image)) - np.asarray(second(image))).max() > 0
        first.save_weights(tmp_path / "some.weights.h5")
        second.load_weights(tmp_path / "some.weights.h5")
        np.testing.assert_array_equal(np.asarray(first(image)), np.asarray(second(image)))

    @pytest.mark.parametrize("name", ["compact_attention_unet", "quick_attention_unet"])
    def test_the_compact_networks_take_any_size_and_are_small(self, name):
        model = build_network(find_preset(name), size=None)
        assert model.count_params() < 2_000_000
        assert np.asarray(model(np.zeros((1, 48, 80, 3), np.float32))).shape == (1, 48, 80, 5)

    def test_a_halved_network_tells_classes_of_single_pixels(self):
        model = build_network(find_preset("quick_attention_unet"), size=64)
        image = np.random.default_rng(0).normal(size=(1, 64, 64, 3)).astype(np.float32)
        answer = np.asarray(model(image))
        assert np.abs(answer[:, ::2] - answer[:, 1::2]).max() > 0
        with pytest.raises(ValueError, match="halved without residual"):
            build_network(replace(find_preset("attention_unet"), settings={"halved": True}), size=64)
