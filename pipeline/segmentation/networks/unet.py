"""U-Net (Ronneberger et al. 2015, 10.1007/978-3-319-24574-4_28)."""

import keras
from keras import layers

from pipeline.segmentation.networks.blocks import classify, double_conv, upsample


def build_unet(input_shape: tuple[int | None, int | None, int], classes: int = 3, width: int = 64) -> keras.Model:
    """Return a U-Net of five levels.

    Parameters
    ----------
    input_shape : (height, width, channels); height and width divisible by 16, or None for any such size
    classes : int, number of output classes
    width : int, channels of the first level; each level below doubles them. 64 is the study's size

    Returns
    -------
    keras.Model from (N, H, W, channels) to (N, H, W, classes) probabilities
    """
    inputs = layers.Input(input_shape)
    x, skips = inputs, []
    for level in range(4):
        x = double_conv(x, width * 2**level)
        skips.append(x)
        x = layers.MaxPooling2D()(x)
    x = double_conv(x, width * 16)
    for level in reversed(range(4)):
        x = layers.Concatenate()([upsample(x, width * 2**level), skips[level]])
        x = double_conv(x, width * 2**level)
    return keras.Model(inputs, classify(x, classes), name="unet")
