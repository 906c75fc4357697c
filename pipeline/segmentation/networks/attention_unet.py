"""Attention U-Net (Oktay et al. 2018, 10.48550/arXiv.1804.03999), plain or with residual stages."""

from collections.abc import Sequence

import keras
from keras import layers

from pipeline.segmentation.networks.blocks import (
    attention_gate,
    classify,
    conv_norm,
    double_conv,
    light_residual_block,
    residual_block,
    upsample,
)


def build_attention_unet(
    input_shape: tuple[int | None, int | None, int],
    classes: int = 3,
    width: int = 64,
    multipliers: Sequence[int] = (1, 2, 4, 8, 16),
    residual: bool = False,
    halved: bool = False,
) -> keras.Model:
    """Return an Attention U-Net.

    Parameters
    ----------
    input_shape : (height, width, channels); height and width divisible by 2 ** (levels - 1), twice that where
        ``halved``; or None for any such size
    classes : int, number of output classes
    width : int, channels of the first level; 64 is the study's size
    multipliers : channels of each level, in multiples of ``width``; their number sets the depth
    residual : bool, residual stages instead of plain double convolutions
    halved : bool, features of the first level on every other pixel and one convolution to a stage of the decoder, which
        takes six tenths of the time on a processor; classes are told for every pixel all the same. Needs ``residual``

    Returns
    -------
    keras.Model from (N, H, W, channels) to (N, H, W, classes) probabilities
    """
    if halved and not residual:
        raise ValueError("halved without residual: expected both")
    stage = residual_block if residual else double_conv
    decoder_stage = light_residual_block if halved else stage
    widths = [width * multiplier for multiplier in multipliers]
    inputs = layers.Input(input_shape)
    x, skips = conv_norm(inputs, width, kernel=4, stride=2) if halved else inputs, []
    for channels in widths[:-1]:
        x = stage(x, channels)
        skips.append(x)
        x = layers.MaxPooling2D()(x)
    x = stage(x, widths[-1])
    for channels, skip in zip(reversed(widths[:-1]), reversed(skips), strict=True):
        x = upsample(x, channels)
        x = decoder_stage(layers.Concatenate()([x, attention_gate(skip, x)]), channels)
    return keras.Model(inputs, classify(x, classes, 2 if halved else 1), name="attention_unet")
