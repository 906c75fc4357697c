"""Networks look at batches of slices: one after another, or several side by side where a runtime is quicker so."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import keras

_AHEAD = 2
"""Batches that are looked at already while the answer to the one before them is used."""

Answers = list[NDArray[np.float32]]


def passes_of(models: Sequence["keras.Model"], stacks: Iterable[NDArray[np.float32]], flips: bool) -> Iterator[Answers]:
    """Yield, for every batch, the answer (N, H, W, classes) of each pass: of every model, and of its mirror image.

    Where the models have several ``lanes`` (see ``pipeline.segmentation.onnx_network``) parts of a batch are looked at
    side by side, and the next batches while an answer is used.

    Parameters
    ----------
    models : networks with the same input and classes
    stacks : batches (N, H, W, channels) float32, of at least one image
    flips : bool, also look at the images mirrored along their first axis
    """
    look = partial(_passes, models, flips)
    lanes = min(getattr(model, "lanes", 1) for model in models)
    if lanes == 1:
        yield from map(look, stacks)
        return
    with ThreadPoolExecutor(lanes) as threads:
        asked: deque[list[Future[Answers]]] = deque()
        for stack in stacks:
            asked.append([threads.submit(look, part) for part in np.array_split(stack, min(lanes, len(stack)))])
            if len(asked) > _AHEAD:
                yield _joined(asked.popleft())
        while asked:
            yield _joined(asked.popleft())


def _passes(models: Sequence["keras.Model"], flips: bool, stack: NDArray[np.float32]) -> Answers:
    return [
        np.asarray(model.predict_on_batch(stack[:, ::mirror]), np.float32)[:, ::mirror]
        for model in models
        for mirror in (1, -1)[: 2 if flips else 1]
    ]


def _joined(parts: Sequence[Future[Answers]]) -> Answers:
    return [np.concatenate(one) for one in zip(*(part.result() for part in parts), strict=True)]
