"""A network of two convolutions: enough to follow the training loop, and TensorFlow builds it in a moment."""

import keras

from pipeline.segmentation.networks.registry import NetworkPreset

TINY_NETWORK = NetworkPreset("tiny", "tiny")
BUILDER = ("tests.pipeline.training.tiny_network", "build_tiny")


def build_tiny(input_shape: tuple[int | None, int | None, int], classes: int = 3) -> keras.Model:
    """Return the network; like the real ones it normalises batches and ends in probabilities."""
    image = keras.Input(input_shape)
    features = keras.layers.Conv2D(4, 3, padding="same", activation="relu")(image)
    features = keras.layers.BatchNormalization()(features)
    return keras.Model(image, keras.layers.Conv2D(classes, 1, activation="softmax", dtype="float32")(features))
