"""A small network learns what larger ones answer, besides what was drawn by hand.

After Hinton, Vinyals and Dean 2015 (arXiv:1503.02531).
Teacher and pupil are trained on the same patients: whoever is held out for the pupil was held out for its teachers.
"""

from collections.abc import Sequence

import keras
from keras import ops

from pipeline.training.losses import Loss, Tensor

_TINY = 1e-6


def taught(pupil: keras.Model, teachers: Sequence[keras.Model]) -> keras.Model:
    """Return a network that gives the pupil's probabilities and, behind them, the mean of the teachers'.

    Each teacher also looks at the mirror image, as at inference. Only the pupil has weights to train.

    Parameters
    ----------
    pupil, teachers : from (N, H, W, channels) to (N, H, W, classes) probabilities

    Returns
    -------
    keras.Model from (N, H, W, channels) to (N, H, W, 2 * classes)
    """
    image = keras.Input(pupil.input_shape[1:])
    mirrored, answers = ops.flip(image, axis=1), []
    for number, one in enumerate(teachers):
        teacher = keras.Model(one.input, one.output, name=f"teacher_{number}")  # names must differ
        teacher.trainable = False
        answers += [teacher(image, training=False), ops.flip(teacher(mirrored, training=False), axis=1)]
    learner = keras.Model(pupil.input, pupil.output, name="pupil")
    mean = keras.layers.Average(dtype="float32")(answers)
    return keras.Model(image, keras.layers.Concatenate(dtype="float32")([learner(image), mean]), name="taught")


def distillation(loss: Loss, share: float) -> Loss:
    """Return the loss of a network of ``taught``: by hand and, for ``share`` of it, by the teachers.

    Parameters
    ----------
    loss : of the pupil against what was drawn
    share : 0 to 1, weight of the cross-entropy between the teachers' probabilities and the pupil's
    """

    def both(target: Tensor, prediction: Tensor) -> Tensor:
        classes = prediction.shape[-1] // 2
        own, told = prediction[..., :classes], ops.stop_gradient(prediction[..., classes:])
        apart = -ops.mean(ops.sum(told * ops.log(ops.clip(own, _TINY, 1.0)), axis=-1))
        return (1 - share) * loss(target, own) + share * apart

    return both
