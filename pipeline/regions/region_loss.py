"""Loss of the region network: cross-entropy, Dice over the regions, and recall of the regions' skeletons.

Targets are (N, H, W, 2) numbers: the class of every pixel, and its class again where it lies on the skeleton of its
region, 0 elsewhere. A shell round the ventricles is a line on a thick slice: Dice forgives a gap in it, its skeleton
does not.

References
----------
Skeleton recall: Kirchhoff et al. 2024, 10.48550/arXiv.2404.03010. Dice: Milletari et al. 2016, 10.1109/3DV.2016.79.
"""

import numpy as np
from keras import ops
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.training.losses import Loss, Tensor

_TINY = 1e-6
_TUBE = 1
"""A skeleton is thickened by so many pixels, so that a prediction one beside it is still near."""


def region_loss(classes: int, skeleton_weight: float = 1.0) -> Loss:
    """Return the loss for so many classes, background (0) among them.

    Parameters
    ----------
    classes : int
    skeleton_weight : float, of the skeleton's recall beside cross-entropy and Dice
    """

    def loss(target: Tensor, prediction: Tensor) -> Tensor:
        numbers = ops.cast(target, "int32")
        truth = ops.one_hot(numbers[..., 0], classes, dtype=prediction.dtype)
        line = ops.one_hot(numbers[..., 1], classes, dtype=prediction.dtype)[..., 1:]
        likely = ops.sum(truth * prediction, axis=-1)
        cross_entropy = -ops.mean(ops.log(ops.clip(likely, _TINY, 1.0)))
        truth, guess = truth[..., 1:], prediction[..., 1:]
        every = (0, 1, 2)
        shown = ops.cast(ops.any(truth > 0, axis=every), prediction.dtype)
        n_shown = ops.maximum(ops.sum(shown), 1.0)
        overlap = (2 * ops.sum(truth * guess, axis=every) + 1) / (ops.sum(truth + guess, axis=every) + 1)
        recall = (ops.sum(line * guess, axis=every) + 1) / (ops.sum(line, axis=every) + 1)
        dice = 1 - ops.sum(overlap * shown) / n_shown
        missed = 1 - ops.sum(recall * shown) / n_shown
        return cross_entropy + dice + skeleton_weight * missed

    return loss


def skeletons(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the labels on the skeleton of each region, slice by slice, 0 elsewhere.

    The skeleton is the ridge of the distance to the region's edge (no neighbour in the plane is farther from it),
    thickened by a pixel within the region.

    Parameters
    ----------
    labels : (Z, H, W) region numbers

    Examples
    --------
    >>> bar = np.zeros((1, 7, 9), np.uint8)
    >>> bar[0, 1:6, 1:8] = 3
    >>> skeletons(bar)[0, :, 4].tolist()
    [0, 0, 3, 3, 3, 0, 0]
    """
    found = np.zeros_like(labels)
    for z, plane in enumerate(labels):
        for number in np.unique(plane[plane > 0]):
            region = plane == number
            depth = ndimage.distance_transform_cdt(np.pad(region, 1), "taxicab")[1:-1, 1:-1]
            ridge = region & (depth >= ndimage.maximum_filter(depth, 3, mode="constant"))
            found[z][region & ndimage.binary_dilation(ridge, iterations=_TUBE)] = number
    return found
