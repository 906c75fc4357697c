"""Run something many times and say how long it took: percentiles, and which stage the time went to."""

import gc
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass
class Stopwatch:
    """Times the stages of one run, in seconds."""

    stages: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time spent in the block to the stage."""
        started = time.perf_counter()
        yield
        self.stages[name] = self.stages.get(name, 0.0) + time.perf_counter() - started


@dataclass(frozen=True)
class Result:
    """What was measured.

    Attributes
    ----------
    p50, p95, maximum, target : seconds; ``target`` is the promised limit of p95, None where nothing is promised
    cpu : processor seconds of one run, all threads of the process that does the work (median; mean for a server);
        None where unknown. Far below p50, the machine was busy with something else, or a browser was waited for
    stages : median seconds of each stage
    """

    name: str
    n_runs: int
    p50: float
    p95: float
    maximum: float
    target: float | None
    cpu: float | None
    stages: dict[str, float]

    @property
    def met(self) -> bool | None:
        """Say whether the promise is kept; None where nothing is promised."""
        return None if self.target is None else self.p95 <= self.target

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON values, times in milliseconds."""
        return {
            "name": self.name,
            "n_runs": self.n_runs,
            "p50_ms": _ms(self.p50),
            "p95_ms": _ms(self.p95),
            "max_ms": _ms(self.maximum),
            "cpu_ms": None if self.cpu is None else _ms(self.cpu),
            "target_ms": None if self.target is None else _ms(self.target),
            "met": self.met,
            "stages_ms": {name: _ms(seconds) for name, seconds in self.stages.items()},
        }


def measure(
    name: str, run: Callable[[Stopwatch, int], None], *, runs: int, target: float | None = None, warm_up: int = 1
) -> Result:
    """Call ``run(stopwatch, i)`` so many times, after some that do not count.

    Parameters
    ----------
    run : one measurement; ``i`` counts from 0, so that it can vary what it asks
    target : promised limit of the 95th percentile, seconds
    warm_up : first calls left out: they import and compile
    """
    for i in range(warm_up):
        run(Stopwatch(), i)
    totals: list[float] = []
    cpu: list[float] = []
    stages: defaultdict[str, list[float]] = defaultdict(list)
    for i in range(runs):
        gc.collect()
        watch = Stopwatch()
        started, started_cpu = time.perf_counter(), time.process_time()
        run(watch, i)
        totals.append(time.perf_counter() - started)
        cpu.append(time.process_time() - started_cpu)
        for stage, seconds in watch.stages.items():
            stages[stage].append(seconds)
    return summarise(name, totals, target=target, stages=stages, cpu=statistics.median(cpu))


def summarise(
    name: str,
    seconds: list[float],
    *,
    target: float | None = None,
    stages: Mapping[str, list[float]] | None = None,
    cpu: float | None = None,
) -> Result:
    """Summarise times that were taken elsewhere, in seconds."""
    p50, p95 = np.quantile(seconds, [0.5, 0.95])
    medians = {stage: statistics.median(times) for stage, times in (stages or {}).items()}
    return Result(name, len(seconds), float(p50), float(p95), max(seconds), target, cpu, medians)


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 1)
