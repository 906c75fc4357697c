"""Run a trained network over a scan: slices with neighbours, flips averaged, labels in the scan's own grid."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.plane_masks import solid, tight_box
from pipeline.segmentation.passes import passes_of
from pipeline.segmentation.preprocessing import Recipe, neighbour_indices
from pipeline.segmentation.prior_shift import adjust_to_load
from pipeline.segmentation.tissues import Tissue

if TYPE_CHECKING:
    import keras

Mask = NDArray[np.bool_]

TRAINED_SLICE_MM = 7.0
"""Distance between slices of the training scans; in thinner scans neighbours are taken about this far away."""
_BATCH = 4
"""Images a network sees at once: larger batches are no faster on a CPU and take more memory."""
_RASTER = 16
"""Four poolings by two: images of whole multiples are pooled alike wherever they begin."""
_HEAD_LEVEL = 0.2
"""Of the way from air to the 99th percentile: above the noise and ghosts of raw images."""
_FOUND = (Tissue.VENTRICLE, Tissue.WMH)
_MARGIN = 8
"""Pixels of air left around the head, 7 mm."""
WHOLE, HEAD, BRAIN = "whole", "head", "brain"
"""What the networks are shown: the whole canvas, the head's window, or the window of the space inside the skull."""
_BRAIN_MARGIN = 8
"""Pixels left around the space inside the skull, 7 mm."""
_COARSE, _LOOKED_AT = 2, 4
"""The space inside the skull is looked for in every other pixel of so many slices, from the middle half of the scan."""


@dataclass(frozen=True)
class Decision:
    """How probabilities become labels.

    Attributes
    ----------
    wmh_threshold, ventricle_threshold : least probability for a label
    smallest_lesion_mm2 : in-plane area below which a WMH component of a slice is dropped, mm2
    smallest_lesion_mm3 : volume below which a WMH lesion (26-connected) is dropped, mm3
    core : a WMH lesion none of whose voxels is as likely as this is dropped
    usual_wmh_ml : load of the training patients, mL, by which lesion probabilities are adjusted to the scan's own load
        (see ``pipeline.segmentation.prior_shift``); 0 leaves them as they are
    adjusted_from_mm : least distance between slices from which probabilities are adjusted. What a network sums up over
        slices much thinner than it learned from is no load: it finds less there, and would be called still less
    temperature : the logits of WMH are divided by this where a probability is shown to people; labels do not ask it
    """

    wmh_threshold: float = 0.5
    ventricle_threshold: float = 0.5
    smallest_lesion_mm2: float = 0.0
    usual_wmh_ml: float = 0.0
    smallest_lesion_mm3: float = 0.0
    core: float = 0.0
    temperature: float = 1.0
    adjusted_from_mm: float = 0.0

    def adjusted(
        self,
        probabilities: Sequence[NDArray[np.float32]],
        spacing_mm: Sequence[float],
        out: Sequence[NDArray[np.float32]] | None = None,
    ) -> Sequence[NDArray[np.float32]]:
        """Return the probabilities that labels are decided by, adjusted to the scan's load where the rule says so.

        Parameters
        ----------
        probabilities : ventricle and WMH, each (X, Y, Z) float32
        spacing_mm : voxel size along X, Y, Z, mm
        out : where the answer is put, as in NumPy; may be ``probabilities`` itself
        """
        if not self.usual_wmh_ml or round(float(spacing_mm[2]), 3) < self.adjusted_from_mm:
            return probabilities
        return adjust_to_load(probabilities, spacing_mm, self.usual_wmh_ml, out=out)


@dataclass(frozen=True)
class Segmentation:
    """What was found, in the grid of the scan that was given.

    Attributes
    ----------
    labels : (X, Y, Z) uint8; 0 background, 1 ventricle, 2 WMH
    wmh_probability : (X, Y, Z) float32, as the labels were decided by
    intracranial : (X, Y, Z) bool, one object without holes, or None where the network has no brain class
    disagreement : see ``Prediction``
    """

    labels: NDArray[np.uint8]
    wmh_probability: NDArray[np.float32]
    intracranial: Mask | None
    disagreement: float | None = None


class Prediction(NamedTuple):
    """What the networks say of a volume, in its grid.

    Attributes
    ----------
    probabilities : ventricle and WMH, each (X, Y, Z) float32, 0 outside the skull
    intracranial : (X, Y, Z) bool, the space inside the skull, or None where the networks have no brain class
    disagreement : how far the passes (members, mirror images) lie from their mean, summed over ventricle and WMH of the
        head, relative to the sum of the mean; None where there is one pass or nothing was found
    """

    probabilities: list[NDArray[np.float32]]
    intracranial: Mask | None
    disagreement: float | None


def context_step(slice_mm: float) -> int:
    """Return how many slices away the neighbours shown to the network are taken.

    Examples
    --------
    >>> context_step(6.4), context_step(3.0), context_step(1.0)
    (1, 2, 7)
    """
    return max(1, round(TRAINED_SLICE_MM / slice_mm))


def predict_slices(
    models: Sequence["keras.Model"], slices: NDArray[np.float32], channels: int, step: int = 1, flips: bool = True
) -> NDArray[np.float32]:
    """Return class probabilities for prepared slices, averaged over models and left-right flips.

    Parameters
    ----------
    models : networks with the same input and classes
    slices : (H, W, Z) float32, prepared by the models' recipe
    channels : odd number of slices each network sees
    step : distance to the neighbours, in slices
    flips : bool, also run the mirrored slices

    Returns
    -------
    (H, W, Z, classes) float32
    """
    return np.concatenate([part for _, part, *_ in _predicted(models, slices, channels, step, flips)], axis=2)


def _predicted(
    models: Sequence["keras.Model"], slices: NDArray[np.float32], channels: int, step: int, flips: bool
) -> Iterator[tuple[slice, NDArray[np.float32], float, float]]:
    """Yield a few slices at a time with their (H, W, n, classes) probabilities, so that thin slices take no memory.

    With them comes how far the passes lie from their mean: the sum of absolute differences over ventricle and WMH of
    pixels that are not background, divided by the number of passes. And the sum of the mean itself over these.
    """
    depth = slices.shape[2]

    def stacks() -> Iterator[NDArray[np.float32]]:
        for start in range(0, depth, _BATCH):
            # The last batch is filled up with its last slice: every new batch size would be compiled again.
            indices = [min(index, depth - 1) for index in range(start, start + _BATCH)]
            yield np.stack([slices[:, :, neighbour_indices(index, depth, channels, step)] for index in indices])

    starts = range(0, depth, _BATCH)
    for start, answers in zip(starts, passes_of(models, stacks(), flips), strict=True):
        stop = min(start + _BATCH, depth)
        passes = [answer[: stop - start] for answer in answers]
        mean = sum(passes[1:], passes[0]) / np.float32(len(passes))
        if len(passes) == 1:
            yield slice(start, stop), np.moveaxis(mean, 0, 2), 0.0, 0.0
            continue
        in_head = mean[..., Tissue.BACKGROUND] < 0.5
        apart = whole = 0.0
        for tissue in _FOUND:
            middle = mean[..., tissue]
            whole += float(middle.sum(where=in_head, dtype=np.float64))
            for one in passes:
                apart += float(np.abs(one[..., tissue] - middle).sum(where=in_head, dtype=np.float64)) / len(passes)
        yield slice(start, stop), np.moveaxis(mean, 0, 2), apart, whole


def decide(
    probabilities: Sequence[NDArray[np.float32]], spacing_mm: Sequence[float], decision: Decision | None = None
) -> NDArray[np.uint8]:
    """Return labels from probabilities.

    A voxel over both thresholds takes the likelier class. Labels depend on nothing but their arguments.

    Parameters
    ----------
    probabilities : ventricle and WMH, each (X, Y, Z) float32
    spacing_mm : voxel size along X, Y, Z, mm
    """
    rule = decision or Decision()
    ventricle, wmh = probabilities
    lesion = (wmh >= rule.wmh_threshold) & (wmh > ventricle)
    if rule.smallest_lesion_mm2 > 0:
        _drop_pieces(lesion, float(spacing_mm[0] * spacing_mm[1]), rule.smallest_lesion_mm2)
    labels: NDArray[np.uint8] = np.zeros(wmh.shape, np.uint8)
    labels[(ventricle >= rule.ventricle_threshold) & (ventricle >= wmh)] = Tissue.VENTRICLE
    labels[lesion] = Tissue.WMH
    if rule.smallest_lesion_mm3 > 0 or rule.core > rule.wmh_threshold:
        _drop_lesions(labels, wmh, float(np.prod(spacing_mm)), rule)
    return labels


def _drop_pieces(lesion: Mask, pixel_mm2: float, smallest_mm2: float) -> None:
    """Take what is too small within its slice from a mask, in place."""
    for index in np.flatnonzero(lesion.any((0, 1))):
        found, count = ndimage.label(lesion[:, :, index], np.ones((3, 3)))
        large = np.bincount(found.ravel(), minlength=count + 1) * pixel_mm2 >= smallest_mm2
        lesion[:, :, index] &= large[found]


def _drop_lesions(labels: NDArray[np.uint8], wmh: NDArray[np.float32], voxel_mm3: float, rule: Decision) -> None:
    """Make background of lesions that are too small or nowhere likely enough, in place."""
    lesion = labels == Tissue.WMH
    for box in tight_box(lesion):
        found, count = ndimage.label(lesion[box], np.ones((3, 3, 3)))
        where = lesion[box]
        numbers = found[where]
        peak = np.zeros(count + 1, np.float32)
        np.maximum.at(peak, numbers, wmh[box][where])
        large = np.bincount(numbers, minlength=count + 1) * voxel_mm3 >= rule.smallest_lesion_mm3
        kept = large & (peak >= rule.core)
        labels[box][where] = np.where(kept[numbers], Tissue.WMH, Tissue.BACKGROUND)


def predict(
    volume: NDArray[np.floating],
    spacing_mm: tuple[float, float, float],
    models: Sequence["keras.Model"],
    recipe: Recipe,
    *,
    channels: int,
    flips: bool = True,
    window: str = WHOLE,
) -> Prediction:
    """Prepare one FLAIR volume, run the networks over it, and bring their answers back to its grid.

    Parameters
    ----------
    volume : (X, Y, Z) array, axial slices along Z, X left-right
    spacing_mm : voxel size, mm, slice gap included
    models : one network, or several whose probabilities are averaged
    recipe : the preparation the networks were trained with
    channels : slices each network sees
    flips : bool, average with the mirrored slices
    window : ``WHOLE``, ``HEAD`` or ``BRAIN``: what the networks are shown; the less, the faster. The last two need
        networks that take any image size

    Returns
    -------
    Prediction in the grid of ``volume``
    """
    prepared, placement = recipe.prepare(volume, spacing_mm[:2])
    step = context_step(spacing_mm[2])
    shown = head_window(prepared) if window in (HEAD, BRAIN) else (slice(None), slice(None))
    if window == BRAIN:
        shown = brain_window(models, prepared, shown, channels, step)
    probabilities = [np.empty(volume.shape, np.float32) for _ in _FOUND]
    inside = np.zeros(volume.shape, bool)
    knows_brain = False

    def in_scan_grid(plane: NDArray[np.float32], beyond: float) -> NDArray[np.float32]:
        canvas = np.full((*prepared.shape[:2], plane.shape[2]), beyond, np.float32)
        canvas[shown] = plane
        return placement.undo(canvas, fill=beyond)

    apart = found = 0.0
    slices = np.ascontiguousarray(prepared[shown])
    for where, output, apart_here, found_here in _predicted(models, slices, channels, step, flips):
        apart, found = apart + apart_here, found + found_here
        for kept, tissue in zip(probabilities, _FOUND, strict=True):
            kept[:, :, where] = in_scan_grid(output[..., tissue], beyond=0.0)
        knows_brain = output.shape[-1] > Tissue.BRAIN
        if knows_brain:
            # Ventricles are holes of the brain, which are filled: what is called ventricle in the air is none.
            air_or_fluid = output[..., Tissue.BACKGROUND] + output[..., Tissue.VENTRICLE]
            inside[:, :, where] = in_scan_grid(air_or_fluid, beyond=1.0) < 0.5
    disagreement = apart / found if found and len(models) * (2 if flips else 1) > 1 else None
    if not knows_brain:
        return Prediction(probabilities, None, disagreement)
    intracranial = solid(inside, spacing_mm)
    for plane in probabilities:
        np.multiply(plane, intracranial, out=plane)
    return Prediction(probabilities, intracranial, disagreement)


def segment(
    volume: NDArray[np.floating],
    spacing_mm: tuple[float, float, float],
    models: Sequence["keras.Model"],
    recipe: Recipe,
    *,
    channels: int,
    decision: Decision | None = None,
    flips: bool = True,
    window: str = WHOLE,
) -> Segmentation:
    """Segment one FLAIR volume.

    Parameters
    ----------
    volume, spacing_mm, models, recipe, channels, flips, window : see ``predict``
    decision : Decision, thresholds; default 0.5 and no smallest lesion

    Returns
    -------
    Segmentation in the grid of ``volume``
    """
    (ventricle, wmh), intracranial, disagreement = predict(
        volume, spacing_mm, models, recipe, channels=channels, flips=flips, window=window
    )
    if decision is not None:
        decision.adjusted((ventricle, wmh), spacing_mm, out=(ventricle, wmh))
    labels = decide((ventricle, wmh), spacing_mm, decision)
    return Segmentation(labels, wmh, intracranial, disagreement)


def head_window(prepared: NDArray[np.float32]) -> tuple[slice, slice]:
    """Return the part of the canvas that holds the head, on the networks' own raster of 16 pixels.

    A window off that raster would be pooled differently, which moves WMH Dice by 5 %; on it, by 0.3 % at most.

    Parameters
    ----------
    prepared : (H, W, Z) float32, prepared slices
    """
    low, high = float(prepared.min()), float(np.percentile(prepared, 99))
    head = prepared > low + _HEAD_LEVEL * (high - low)
    return tuple(_span(head.sum((1 - axis, 2))) for axis in (0, 1))  # type: ignore[return-value]


def brain_window(
    models: Sequence["keras.Model"],
    prepared: NDArray[np.float32],
    head: tuple[slice, slice],
    channels: int,
    step: int = 1,
) -> tuple[slice, slice]:
    """Return the part of the canvas that holds the space inside the skull, on the networks' own raster of 16 pixels.

    The first network looks at a few slices in half their resolution, which costs a fortieth of looking at all of them.

    Parameters
    ----------
    models, channels, step : see ``predict_slices``
    prepared : (H, W, Z) float32, prepared slices
    head : the head's window, from ``head_window``; returned where no brain is seen or the network has no such class
    """
    depth = prepared.shape[2]
    chosen = np.unique(np.linspace(0.25 * (depth - 1), 0.75 * (depth - 1), _LOOKED_AT).round().astype(int)).tolist()
    coarse = prepared[head][::_COARSE, ::_COARSE]
    height, width = (side // _RASTER * _RASTER for side in coarse.shape[:2])
    if not height or not width:
        return head
    stack = np.stack([coarse[:height, :width, neighbour_indices(at, depth, channels, step)] for at in chosen])
    [[seen]] = passes_of(models[:1], [stack], flips=False)
    if seen.shape[-1] <= Tissue.BRAIN:
        return head
    brain = np.moveaxis(seen[..., Tissue.BACKGROUND] + seen[..., Tissue.VENTRICLE] < 0.5, 0, 2)
    brain = solid(brain, (2.0 * _COARSE, 2.0 * _COARSE, 1.0))
    if not brain.any():
        return head
    spans = []
    for axis, around in enumerate(head):
        places = np.flatnonzero(brain.any((1 - axis, 2))) * _COARSE + (around.start or 0)
        first = int(places[0]) - _BRAIN_MARGIN
        last = int(places[-1]) + _COARSE + _BRAIN_MARGIN
        stop = prepared.shape[axis] if around.stop is None else around.stop
        spans.append(
            slice(max(first // _RASTER * _RASTER, around.start or 0), min(-(-last // _RASTER) * _RASTER, stop))
        )
    return spans[0], spans[1]


def _span(counts: NDArray[np.intp]) -> slice:
    """Return the lines that hold all but a thousandth of the head at each end, and a margin, rounded outwards."""
    total = counts.sum()
    if not total:
        return slice(None)
    shares = np.cumsum(counts) / total
    first = int(np.searchsorted(shares, 0.001)) - _MARGIN
    last = int(np.searchsorted(shares, 0.999)) + 1 + _MARGIN
    return slice(max(first // _RASTER * _RASTER, 0), min(-(-last // _RASTER) * _RASTER, len(counts)))
