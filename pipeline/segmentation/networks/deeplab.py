"""DeepLabV3+: a ResNet-50 encoder and atrous spatial pyramid pooling.

Chen et al. 2018, 10.1007/978-3-030-01234-2_49.
"""

import keras
from keras import layers

from pipeline.segmentation.networks.blocks import bottleneck_block, classify, conv_norm

_RESNET50_STAGES = ((1, 3), (2, 4), (4, 6), (8, 3))
"""Width multiplier and number of bottlenecks of each ResNet-50 stage."""


def _pyramid(x: keras.KerasTensor, width: int) -> keras.KerasTensor:
    """Look at one position through four holes and the whole image, and join what is seen."""
    rows, columns = x.shape[1], x.shape[2]
    views = [conv_norm(x, width, kernel=1)] + [conv_norm(x, width, dilation=rate) for rate in (6, 12, 18)]
    image = conv_norm(layers.GlobalAveragePooling2D(keepdims=True)(x), width, kernel=1)
    views.append(layers.UpSampling2D((rows, columns))(image))
    return conv_norm(layers.Concatenate()(views), width, kernel=1)


def build_deeplab(input_shape: tuple[int, int, int], classes: int = 3, width: int = 64) -> keras.Model:
    """Return a DeepLabV3+ whose encoder works at one sixteenth of the resolution.

    Parameters
    ----------
    input_shape : (height, width, channels), divisible by 16 and fixed, because the pyramid pools the whole image
    classes : int, number of output classes
    width : int, channels of the stem; 64 is the ResNet-50 of the paper

    Returns
    -------
    keras.Model from (N, H, W, channels) to (N, H, W, classes) probabilities
    """
    inputs = layers.Input(input_shape)
    x = conv_norm(inputs, width, kernel=7, stride=2)
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    fine = None
    for stage, (multiplier, blocks) in enumerate(_RESNET50_STAGES):
        # The last stage is dilated instead of strided, which keeps its grid at 1/16.
        stride, dilation = (1, 2) if stage == 3 else (1 if stage == 0 else 2, 1)
        for block in range(blocks):
            x = bottleneck_block(x, width * multiplier, stride if block == 0 else 1, dilation)
        fine = x if stage == 0 else fine
    x = layers.UpSampling2D(4, interpolation="bilinear")(_pyramid(x, 4 * width))
    x = layers.Concatenate()([x, conv_norm(fine, max(3 * width // 4, 4), kernel=1)])
    x = conv_norm(conv_norm(x, 4 * width), 4 * width)
    x = layers.UpSampling2D(4, interpolation="bilinear")(x)
    return keras.Model(inputs, classify(x, classes), name="deeplab")
