"""UNETR: a transformer on patches of the image as the encoder, read at four depths by a U-Net decoder; in the plane."""

import keras
from keras import layers

from pipeline.segmentation.networks.blocks import Tensor, classify, double_conv, upsample
from pipeline.segmentation.networks.trans_unet import PositionEmbedding, transformer_layer

PATCH = 16


def build_unetr(
    input_shape: tuple[int, int, int], classes: int = 3, width: int = 64, depth: int = 12, heads: int = 12
) -> keras.Model:
    """Return a UNETR for slices.

    Parameters
    ----------
    input_shape : (height, width, channels), divisible by 16 and fixed, because positions are learned
    classes : int, number of output classes
    width : int, channels of the decoder's finest level; tokens have twelve times as many
    depth : int, number of transformer layers, a multiple of 4
    heads : int, attention heads, a divisor of ``12 * width``

    Returns
    -------
    keras.Model from (N, H, W, channels) to (N, H, W, classes) probabilities

    References
    ----------
    Hatamizadeh et al. 2022, 10.1109/WACV51458.2022.00181.
    """
    inputs = layers.Input(input_shape)
    channels = 12 * width
    x = layers.Conv2D(channels, PATCH, strides=PATCH)(inputs)
    rows, columns = x.shape[1], x.shape[2]
    tokens = PositionEmbedding()(layers.Reshape((rows * columns, channels))(x))
    seen: list[Tensor] = []
    for layer in range(1, depth + 1):
        tokens = transformer_layer(tokens, channels, heads)
        if layer % (depth // 4) == 0:
            seen.append(layers.Reshape((rows, columns, channels))(tokens))
    x = layers.LayerNormalization(epsilon=1e-6)(seen[3])
    for level in (3, 2, 1):  # an eighth, a quarter, half of the image's height
        skip = seen[level - 1]
        for step in range(4 - level):
            skip = double_conv(upsample(skip, width * 2 ** (3 - step)), width * 2 ** (3 - step))
        x = layers.Concatenate()([upsample(x, width * 2**level), skip])
        x = double_conv(x, width * 2**level)
    x = layers.Concatenate()([upsample(x, width), double_conv(inputs, width)])
    return keras.Model(inputs, classify(double_conv(x, width), classes), name="unetr")
