"""Attention U-Net (Oktay et al. 2018, 10.48550/arXiv.1804.03999), plain or with residual stages."""

from collections.abc import Sequence

import keras
from keras import layers

from pipeline.segmentation.networks.blocks import attention_gate, classify, double_conv, residual_block, upsample


def build_attention_unet(
    input_shape: tuple[int | None, int | None, int],
    classes: int = 3,
    width: int = 64,
    multipliers: Sequence[int] = (1, 2, 4, 8, 16),
    residual: bool = False,
) -> keras.Model:
    """Return an Attention U-Net.

    Parameters
    ----------
    input_shape : (height, width, channels); height and width divisible by 2 ** (levels - 1), or None for any such size
    classes : int, number of output classes
    width : int, channels of the first level; 64 is the study's size
    multipliers : channels of each level, in multiples of ``width``; their number sets the depth
    residual : bool, residual stages instead of plain double convolutions

    Returns
    -------
    keras.Model from (N, H, W, channels) to (N, H, W, classes) probabilities
    """
    stage = residual_block if residual else double_conv
    widths = [width * multiplier for multiplier in multipliers]
    inputs = layers.Input(input_shape)
    x, skips = inputs, []
    for channels in widths[:-1]:
        x = stage(x, channels)
        skips.append(x)
        x = layers.MaxPooling2D()(x)
    x = stage(x, widths[-1])
    for channels, skip in zip(reversed(widths[:-1]), reversed(skips), strict=True):
        x = upsample(x, channels)
        x = stage(layers.Concatenate()([x, attention_gate(skip, x)]), channels)
    return keras.Model(inputs, classify(x, classes), name="attention_unet")
