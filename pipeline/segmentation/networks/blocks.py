"""Building blocks that the networks share."""

from typing import Any

from keras import layers

Tensor = Any


def conv_norm(
    x: Tensor, width: int, *, kernel: int = 3, stride: int = 1, dilation: int = 1, activate: bool = True
) -> Tensor:
    """Convolution, batch normalisation and, unless told otherwise, ReLU."""
    x = layers.Conv2D(width, kernel, strides=stride, dilation_rate=dilation, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    return layers.Activation("relu")(x) if activate else x


def double_conv(x: Tensor, width: int) -> Tensor:
    """Two 3x3 convolutions, the classic U-Net stage."""
    return conv_norm(conv_norm(x, width), width)


def residual_block(x: Tensor, width: int) -> Tensor:
    """Two 3x3 convolutions around a shortcut, 1x1 where the width changes (He et al. 2016, 10.1109/CVPR.2016.90)."""
    shortcut = x if x.shape[-1] == width else layers.Conv2D(width, 1, use_bias=False)(x)
    y = conv_norm(conv_norm(x, width), width, activate=False)
    return layers.Activation("relu")(layers.Add()([y, shortcut]))


def light_residual_block(x: Tensor, width: int) -> Tensor:
    """One 3x3 convolution beside a shortcut, 1x1 where the width changes: half the work of ``residual_block``."""
    shortcut = x if x.shape[-1] == width else layers.Conv2D(width, 1, use_bias=False)(x)
    return layers.Activation("relu")(layers.Add()([conv_norm(x, width, activate=False), shortcut]))


def bottleneck_block(x: Tensor, width: int, stride: int = 1, dilation: int = 1) -> Tensor:
    """ResNet-50 bottleneck: 1x1, 3x3, 1x1 to four times the width, around a shortcut."""
    shortcut = x
    if stride != 1 or x.shape[-1] != 4 * width:
        shortcut = conv_norm(x, 4 * width, kernel=1, stride=stride, activate=False)
    y = conv_norm(x, width, kernel=1)
    y = conv_norm(y, width, stride=stride, dilation=dilation)
    y = conv_norm(y, 4 * width, kernel=1, activate=False)
    return layers.Activation("relu")(layers.Add()([y, shortcut]))


def attention_gate(skip: Tensor, signal: Tensor) -> Tensor:
    """Weigh a skip connection by where the decoder looks (Oktay et al. 2018, 10.48550/arXiv.1804.03999).

    Parameters
    ----------
    skip : (N, H, W, C) encoder features
    signal : (N, H, W, D) decoder features, already on the same grid
    """
    width = max(skip.shape[-1] // 2, 4)
    mixed = layers.Add()([layers.Conv2D(width, 1, use_bias=False)(skip), layers.Conv2D(width, 1)(signal)])
    weight = layers.Conv2D(1, 1, activation="sigmoid")(layers.Activation("relu")(mixed))
    return layers.Multiply()([skip, weight])


def upsample(x: Tensor, width: int, factor: int = 2) -> Tensor:
    """1x1 convolution, then nearest-neighbour upsampling: cheaper than a transposed one and no checkerboard."""
    return layers.UpSampling2D(factor)(layers.Conv2D(width, 1, use_bias=False)(x))


def classify(x: Tensor, classes: int, factor: int = 1) -> Tensor:
    """Per-pixel softmax, in float32 whatever the compute precision; ``factor`` times as many pixels a side as ``x``."""
    if factor == 1:
        x = layers.Conv2D(classes, 1, dtype="float32", name="logits")(x)
    else:
        x = layers.Conv2DTranspose(classes, factor, strides=factor, dtype="float32", name="logits")(x)
    return layers.Activation("softmax", dtype="float32", name="probabilities")(x)
