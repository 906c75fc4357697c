"""Segmentation losses for targets that are allowed sets (see ``pipeline.tissues``).

Every loss takes ``target`` and ``prediction`` of shape (N, H, W, classes): the prediction is a softmax, the target
holds 1 for each class the voxel may belong to. With one-hot targets each reduces to its textbook form.

References
----------
Focal loss: Lin et al. 2017, 10.1109/ICCV.2017.324. Dice loss: Milletari et al. 2016, 10.1109/3DV.2016.79.
Tversky loss: Salehi et al. 2017, 10.1007/978-3-319-67389-9_44. Unified focal loss: Yeung et al. 2022,
10.1016/j.compmedimag.2021.102026.
"""

from collections.abc import Callable, Sequence
from typing import Any

from keras import ops

from pipeline.errors import RecipeError

Tensor = Any
"""Of whatever backend Keras has."""
Loss = Callable[[Tensor, Tensor], Tensor]

_TINY = 1e-6
_LESIONS_AND_VENTRICLES = (1, 2)


def _allowed_probability(target: Tensor, prediction: Tensor) -> Tensor:
    """Probability given to the allowed set, (N, H, W), kept inside (0, 1] for the logarithm."""
    return ops.clip(ops.sum(target * prediction, axis=-1), _TINY, 1.0)


def _overlap(target: Tensor, prediction: Tensor, index: int) -> tuple[Tensor, Tensor, Tensor]:
    """Soft true positives, false positives and false negatives of one class over the batch, unknown voxels left out."""
    may = target[..., index]
    only = may * ops.cast(ops.sum(target, axis=-1) < 1.5, may.dtype)
    known = 1.0 - (may - only)
    predicted = prediction[..., index] * known
    hit = ops.sum(predicted * only)
    return hit, ops.sum(predicted) - hit, ops.sum(only) - hit


def weighted_cross_entropy(class_weights: Sequence[float] | None = None, focus: float = 0.0) -> Loss:
    """Return categorical cross-entropy with class weights and a focal exponent.

    Parameters
    ----------
    class_weights : one weight per class; a voxel takes the largest weight its allowed set contains. None weighs all 1
    focus : float >= 0, the focal exponent gamma; 0 is plain cross-entropy
    """

    def loss(target: Tensor, prediction: Tensor) -> Tensor:
        allowed = _allowed_probability(target, prediction)
        value = -ops.log(allowed)
        if focus:
            value = value * ops.power(1.0 - allowed + _TINY, focus)
        if class_weights is not None:
            value = value * ops.max(target * ops.convert_to_tensor(class_weights, dtype=prediction.dtype), axis=-1)
        return ops.mean(value)

    return loss


def tversky(indices: Sequence[int] = _LESIONS_AND_VENTRICLES, miss_weight: float = 0.5, focus: float = 1.0) -> Loss:
    """Return the (focal) Tversky loss over the classes named, pooled over the batch; Dice at ``miss_weight`` 0.5.

    Pooling over the batch, rather than per patch, keeps patches without a lesion from yielding a 0/0 term.

    Parameters
    ----------
    indices : classes that enter, each with equal weight
    miss_weight : float in 0-1, the share of the penalty that falls on missed voxels; the rest on false alarms
    focus : float > 0, exponent on 1 - index; below 1 it keeps the gradient alive for classes already good
    """

    def loss(target: Tensor, prediction: Tensor) -> Tensor:
        terms = []
        for index in indices:
            hit, false_alarm, miss = _overlap(target, prediction, index)
            score = (hit + 1.0) / (hit + miss_weight * miss + (1.0 - miss_weight) * false_alarm + 1.0)
            terms.append(ops.power(1.0 - score + _TINY, focus))
        return sum(terms) / len(terms)

    return loss


def unified_focal(balance: float = 0.5, miss_weight: float = 0.6, focus: float = 0.5) -> Loss:
    """Return the asymmetric unified focal loss: background is focussed away in the first part, lesions in the second.

    Parameters
    ----------
    balance : float in 0-1, weight of the cross-entropy part against the Tversky part (lambda of the paper)
    miss_weight : float in 0-1, weight of foreground against background (delta)
    focus : float in 0-1 (gamma)
    """
    region = tversky(miss_weight=miss_weight, focus=1.0 - focus)

    def loss(target: Tensor, prediction: Tensor) -> Tensor:
        allowed = _allowed_probability(target, prediction)
        background = target[..., 0]
        faded = (1.0 - miss_weight) * ops.power(1.0 - allowed + _TINY, focus)
        distribution = -ops.log(allowed) * ops.where(background > 0, faded, miss_weight)
        return balance * ops.mean(distribution) + (1.0 - balance) * region(target, prediction)

    return loss


def focal_cross_entropy_dice(class_weights: Sequence[float] | None = None, dice_weight: float = 1.0) -> Loss:
    """Return focal loss (exponent 2) + cross-entropy + Dice, the sum the shipped model is trained with."""
    plain = weighted_cross_entropy(class_weights)
    focal = weighted_cross_entropy(class_weights, focus=2.0)
    dice = tversky()

    def loss(target: Tensor, prediction: Tensor) -> Tensor:
        return plain(target, prediction) + focal(target, prediction) + dice_weight * dice(target, prediction)

    return loss


def cross_entropy_tversky(miss_weight: float = 0.6, tversky_weight: float = 1.0) -> Loss:
    """Return cross-entropy, for probabilities that can be believed, + Tversky, so that small lesions count.

    Parameters
    ----------
    miss_weight : float in 0-1, the share of the Tversky penalty that falls on missed voxels
    tversky_weight : float, of the second term
    """
    plain = weighted_cross_entropy()
    region = tversky(miss_weight=miss_weight)

    def loss(target: Tensor, prediction: Tensor) -> Tensor:
        return plain(target, prediction) + tversky_weight * region(target, prediction)

    return loss


LOSSES: dict[str, Callable[..., Loss]] = {
    "weighted_cross_entropy": weighted_cross_entropy,
    "unified_focal": unified_focal,
    "tversky": tversky,
    "focal_cross_entropy_dice": focal_cross_entropy_dice,
    "cross_entropy_tversky": cross_entropy_tversky,
}


def build_loss(name: str, **settings: Any) -> Loss:
    """Return the loss of that name.

    Raises
    ------
    RecipeError : no such loss; the message lists those there are.
    """
    if name not in LOSSES:
        raise RecipeError(f"loss {name!r} is unknown: choose one of {', '.join(sorted(LOSSES))}")
    return LOSSES[name](**settings)
