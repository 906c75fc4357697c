"""MultiResUNet: stages that see several scales at once, shortcuts with convolutions of their own."""

import keras
from keras import layers

from pipeline.segmentation.networks.blocks import Tensor, classify, conv_norm, upsample

WIDENING = 5 / 3
"""A stage has so many times the channels of the U-Net it replaces, which costs about as many weights."""


def _stage(x: Tensor, width: int) -> Tensor:
    """Three 3x3 convolutions in a row, all three kept: they see as far as kernels of 3, 5 and 7."""
    width = max(int(width * WIDENING), 6)
    first = conv_norm(x, width // 6)
    second = conv_norm(first, width // 3)
    third = conv_norm(second, width // 2)
    kept = layers.BatchNormalization()(layers.Concatenate()([first, second, third]))
    shortcut = conv_norm(x, kept.shape[-1], kernel=1, activate=False)
    return layers.BatchNormalization()(layers.Activation("relu")(layers.Add()([shortcut, kept])))


def _path(x: Tensor, width: int, length: int) -> Tensor:
    """Residual convolutions on a skip connection: what the encoder saw first needs most of them."""
    for _ in range(length):
        shortcut = conv_norm(x, width, kernel=1, activate=False)
        x = layers.BatchNormalization()(layers.Activation("relu")(layers.Add()([shortcut, conv_norm(x, width)])))
    return x


def build_multi_res_unet(
    input_shape: tuple[int | None, int | None, int], classes: int = 3, width: int = 64
) -> keras.Model:
    """Return a MultiResUNet of five levels.

    Parameters
    ----------
    input_shape : (height, width, channels); height and width divisible by 16, or None for any such size
    classes : int, number of output classes
    width : int, channels of the first level of the U-Net that has about as many weights

    Returns
    -------
    keras.Model from (N, H, W, channels) to (N, H, W, classes) probabilities

    References
    ----------
    Ibtehaz and Rahman 2020, 10.1016/j.neunet.2019.08.025.
    """
    inputs = layers.Input(input_shape)
    x, skips = inputs, []
    for level in range(4):
        x = _stage(x, width * 2**level)
        skips.append(_path(x, width * 2**level, 4 - level))
        x = layers.MaxPooling2D()(x)
    x = _stage(x, width * 16)
    for level in reversed(range(4)):
        x = layers.Concatenate()([upsample(x, width * 2**level), skips[level]])
        x = _stage(x, width * 2**level)
    return keras.Model(inputs, classify(x, classes), name="multi_res_unet")
