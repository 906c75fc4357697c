"""Trans-U-Net: a convolutional encoder, transformer layers at the bottom, a U-Net decoder (Chen et al. 2021)."""

import keras
from keras import layers

from pipeline.segmentation.networks.blocks import classify, double_conv, residual_block, upsample


@keras.saving.register_keras_serializable("mscohort")
class PositionEmbedding(layers.Layer):
    """Add a learned vector to each position of a token sequence of fixed length."""

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create one vector per position, (tokens, channels)."""
        self.embedding = self.add_weight(shape=tuple(input_shape[1:]), initializer="random_normal", name="embedding")

    def call(self, tokens: keras.KerasTensor) -> keras.KerasTensor:
        """Return tokens (N, tokens, channels) with their positions added."""
        return tokens + self.embedding


def transformer_layer(tokens: keras.KerasTensor, channels: int, heads: int) -> keras.KerasTensor:
    """Pre-norm self-attention and a two-layer perceptron, each around a shortcut."""
    y = layers.LayerNormalization(epsilon=1e-6)(tokens)
    tokens = layers.Add()([tokens, layers.MultiHeadAttention(heads, channels // heads, dropout=0.1)(y, y)])
    y = layers.LayerNormalization(epsilon=1e-6)(tokens)
    y = layers.Dense(channels)(layers.Dense(4 * channels, activation="gelu")(y))
    return layers.Add()([tokens, layers.Dropout(0.1)(y)])


def build_trans_unet(
    input_shape: tuple[int, int, int], classes: int = 3, width: int = 64, depth: int = 4, heads: int = 8
) -> keras.Model:
    """Return a Trans-U-Net.

    Parameters
    ----------
    input_shape : (height, width, channels), divisible by 16 and fixed, because positions are learned
    classes : int, number of output classes
    width : int, channels of the first level, a multiple of ``heads`` / 8
    depth : int, number of transformer layers
    heads : int, attention heads

    Returns
    -------
    keras.Model from (N, H, W, channels) to (N, H, W, classes) probabilities

    References
    ----------
    Chen et al. 2021, 10.48550/arXiv.2102.04306.
    """
    inputs = layers.Input(input_shape)
    x, skips = inputs, []
    for level in range(4):
        x = residual_block(x, width * 2**level)
        skips.append(x)
        x = layers.MaxPooling2D()(x)
    rows, columns, channels = x.shape[1], x.shape[2], width * 8
    tokens = PositionEmbedding()(layers.Reshape((rows * columns, channels))(x))
    for _ in range(depth):
        tokens = transformer_layer(tokens, channels, heads)
    tokens = layers.LayerNormalization(epsilon=1e-6)(tokens)
    x = layers.Reshape((rows, columns, channels))(tokens)
    for level in reversed(range(4)):
        x = layers.Concatenate()([upsample(x, width * 2**level), skips[level]])
        x = double_conv(x, width * 2**level)
    return keras.Model(inputs, classify(x, classes), name="trans_unet")
