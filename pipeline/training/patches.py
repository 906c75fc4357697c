"""Training batches for Keras: drawn ahead by processes of their own where there are cores for it."""

import os
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from pipeline.errors import TrainingError
from pipeline.segmentation.tissues import allowed_planes
from pipeline.training.labelled_scans import LabelledScan
from pipeline.training.patch_pool import PatchPool
from pipeline.training.patch_source import PatchSource

Drawn = tuple[NDArray[np.float32], NDArray[np.uint8]]

_AHEAD = 3
"""Batches drawn ahead by each process."""
_source: PatchSource | None = None
"""Of a drawing process; the training process has none."""


class PatchBatches(keras.utils.PyDataset):
    """Endless supply of training batches for ``keras.Model.fit``.

    Batch ``i`` of epoch ``e`` depends on (seed, e, i) only, so training that resumes after a kill, or has another
    number of processes, sees the batches it would have seen. Whoever trains sets ``epoch``: Keras looks at batches
    ahead of time, so counting would drift.

    Parameters
    ----------
    scans, channels : see ``PatchSource``, as is everything not named here
    classes : the network's output classes
    steps : batches per epoch
    workers : processes that draw batches ahead; 0 draws each when it is asked for
    """

    def __init__(
        self,
        scans: Sequence[LabelledScan],
        channels: int,
        classes: int,
        *,
        steps: int = 100,
        workers: int = 0,
        **drawing: Any,
    ):
        super().__init__(workers=1)
        self.source = PatchSource(scans, channels, **drawing)
        self.classes, self.steps, self.epoch = classes, steps, 0
        self._processes = workers
        self._pool: ProcessPoolExecutor | None = None
        self._pending: dict[tuple[int, int], Future[Drawn]] = {}

    def __len__(self) -> int:
        """Batches per epoch."""
        return self.steps

    def __getitem__(self, index: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return images (batch, size, size, channels) and allowed planes (batch, size, size, classes)."""
        images, codes = self._ahead(index) if self._processes else self.source.draw(self.epoch, index)
        return images, allowed_planes(codes, self.classes)

    def _ahead(self, index: int) -> Drawn:
        """Return a batch, and have the next ones drawn meanwhile."""
        if self._pool is None:
            # What a process starts with is set before it starts: one thread each, they are many.
            for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
                os.environ.setdefault(name, "1")
            context = get_context("spawn")
            self._pool = ProcessPoolExecutor(self._processes, context, _start_drawing, (self.source,))
        first = self.epoch * self.steps + index
        wanted = [divmod(number, self.steps) for number in range(first, first + _AHEAD * self._processes + 1)]
        for key in set(self._pending) - set(wanted):
            self._pending.pop(key).cancel()
        try:
            for key in wanted:
                if key not in self._pending:
                    self._pending[key] = self._pool.submit(_draw, *key)
            return self._pending.pop(wanted[0]).result()
        except BrokenProcessPool as error:
            message = "a process that draws batches has died; run the command again with fewer --workers"
            raise TrainingError(message) from error

    def close(self) -> None:
        """End the drawing processes."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None
            self._pending.clear()


class PoolBatches(keras.utils.PyDataset):
    """Batches of patches that are drawn already: in an order of their own, each patch or its mirror image.

    Batch ``i`` of epoch ``e`` depends on (seed, e, i) only, as in ``PatchBatches``. All patches come once before any
    comes again.

    Parameters
    ----------
    pool : PatchPool
    patients : to learn from; patches of nobody come besides
    classes : the network's output classes
    batch, steps : patches per batch, batches per epoch
    seed : int
    workers : threads that read ahead
    """

    def __init__(
        self,
        pool: PatchPool,
        patients: Sequence[str],
        classes: int,
        *,
        batch: int,
        steps: int,
        seed: int = 0,
        workers: int = 1,
    ):
        super().__init__(workers=max(workers, 1), max_queue_size=4 * max(workers, 1))
        self.pool, self.numbers = pool, pool.of(patients)
        if not len(self.numbers):
            raise TrainingError("no patch of these patients in the pool")
        self.classes, self.batch, self.steps, self.seed, self.epoch = classes, batch, steps, seed, 0
        self._orders: dict[int, NDArray[np.intp]] = {}

    def __len__(self) -> int:
        """Batches per epoch."""
        return self.steps

    def __getitem__(self, index: int) -> tuple[NDArray[np.float16], NDArray[np.uint8]]:
        """Return images (batch, size, size, channels) and allowed planes (batch, size, size, classes)."""
        number = self.epoch * self.steps + index
        places = number * self.batch + np.arange(self.batch)
        turns, places = np.divmod(places, len(self.numbers))
        chosen = np.array([self._order(turn)[place] for turn, place in zip(turns, places, strict=True)])
        images, codes = np.take(self.pool.images, chosen, axis=0), np.take(self.pool.codes, chosen, axis=0)
        mirrored = np.random.default_rng((self.seed, 1, number)).random(self.batch) < 0.5
        images[mirrored], codes[mirrored] = images[mirrored][:, ::-1], codes[mirrored][:, ::-1]
        return images, allowed_planes(codes, self.classes).astype(np.uint8)

    def _order(self, turn: int) -> NDArray[np.intp]:
        if turn not in self._orders:
            self._orders[turn] = np.random.default_rng((self.seed, 0, turn)).permutation(self.numbers)
            self._orders.pop(turn - 2, None)
        return self._orders[turn]

    def close(self) -> None:
        """Nothing is left running."""


def _start_drawing(source: PatchSource) -> None:
    global _source  # noqa: PLW0603 - a process's own
    _source = source


def _draw(epoch: int, index: int) -> Drawn:
    if _source is None:
        raise RuntimeError("this process was not started to draw batches")
    return _source.draw(epoch, index)
