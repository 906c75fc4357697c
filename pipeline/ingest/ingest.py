"""Many scans to measures: worker processes, one writer, and nothing done twice.

Workers write the images of a scan and then its record; this process alone gathers the records into a run. A run that
was killed at any moment is taken up by the next one with the same arguments.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipeline.errors import OutputError
from pipeline.ingest.bids_dataset import write_participants
from pipeline.ingest.run_folder import RunFolder, write_run_folder
from pipeline.ingest.scan_records import finished_record, measured_before, method_of
from pipeline.ingest.scan_worker import Refused, Unwritable, prepare
from pipeline.ingest.shards import SHARDS, Shard, claimed
from pipeline.ingest.workers import Lost, run_jobs
from pipeline.inputs.clashes import without_earlier
from pipeline.inputs.file_search import Rejection, shown
from pipeline.inputs.input_scan import InputScan
from pipeline.machine import cores, memory_bytes
from pipeline.measures.zoning import DEFAULT_RULE, find_rule
from pipeline.segmentation import bundled_models
from pipeline.segmentation.runtime import choose_runtime

Spread = Callable[[Sequence[InputScan], Any, int], Iterator[tuple[InputScan, Any]]]
"""Gives jobs to workers and yields each with its answer, as ``run_jobs`` does."""
WORKER_BYTES = 2_500_000_000
"""Memory that one worker may need: the network and one scan."""
MOST_WORKERS = 16


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes
    ----------
    done, total : scans dealt with, and in all
    n_measured, n_reused, n_rejected : of those done
    name : stem of the scan last dealt with, "" at the beginning
    reason : why it was rejected, "" where it was not
    seconds : since the run began
    seconds_left : estimate, or None before each worker has measured one scan
    """

    done: int
    total: int
    n_measured: int
    n_reused: int
    n_rejected: int
    name: str
    reason: str
    seconds: float
    seconds_left: float | None


def default_workers() -> int:
    """Return how many workers suit this machine or container: one per core, as long as memory allows."""
    memory = memory_bytes()
    room = MOST_WORKERS if memory is None else memory // WORKER_BYTES
    return max(1, min(cores(), room, MOST_WORKERS))


def ingest(
    inputs: Sequence[InputScan],
    out: Path,
    model_id: str = bundled_models.DEFAULT_MODEL,
    rule_name: str = DEFAULT_RULE,
    *,
    rejections: Sequence[Rejection] = (),
    dataset: str = "scans",
    workers: int | None = None,
    replace: bool = False,
    progress: Callable[[Progress], None] | None = None,
    shard: Shard | None = None,
    spread: Spread | None = None,
) -> RunFolder:
    """Measure scans and gather the results into a run folder.

    A scan that the same model, rule and version measured into ``out`` before, and whose files are unchanged, is not
    measured again. A scan that fails, or whose worker dies, is a rejection; the others go on.

    Parameters
    ----------
    inputs, rejections : from ``pipeline.inputs.discovery.discover``
    out : folder for all results; made if it is not there, and kept by one dataset
    dataset : whose scans they are
    workers : how many processes measure at once; by default ``default_workers()``
    replace : an image may take the place of another that was measured under the same code and visit; otherwise it is
        refused
    progress : called after every scan
    shard : measure only the scans that fall to this part, beside other processes that measure theirs; refusals
        that are known before are told of all
    spread : how work is spread, by default over processes of this machine; see ``pipeline.ingest.dask_jobs``

    Returns
    -------
    RunFolder : of a part in ``out / "shards"``, else in ``out / "runs"``

    Raises
    ------
    OutputError : ``out`` cannot be written, is full, holds another dataset, or is in use by another run.
    ModelError, RecipeError, WorkerError : the model or the rule is unknown, or cannot be run here.
    """
    card, rule = bundled_models.find_model(model_id), find_rule(rule_name)
    models = bundled_models.MODELS_FOLDER / card.model_id
    bundled_models.check_weights(card, models)
    method = method_of(card, rule, version("mscohort"))
    started = datetime.now(UTC)
    runtime = choose_runtime()
    if shard is not None:
        inputs = [scan for scan in inputs if shard.has(scan.stem)]
    with claimed(out, dataset, shard):
        known, copies = without_earlier(inputs, measured_before(out), replace=replace)
        finished = [scan for scan in known if finished_record(scan, method, out)]
        stems = {scan.stem for scan in finished}
        waiting = [scan for scan in known if scan.stem not in stems]
        refused = [*rejections, *copies]
        crew = max(1, min(workers or default_workers(), len(waiting)))
        tally = _Tally(len(inputs) + len(rejections), len(refused), len(finished), len(waiting), crew, progress)
        tally.report("", "")
        threads = max(1, cores() // crew)
        task = partial(prepare, card, models, rule, method, out, dataset, threads, runtime)
        for scan, answer in (spread or run_jobs)(waiting, task, crew):
            if isinstance(answer, Unwritable):
                raise OutputError(f"{answer.reason}; run the same command again to go on")
            if isinstance(answer, Refused | Lost):
                refused.append(Rejection(shown(scan.path), answer.reason))
                tally.report(scan.stem, answer.reason)
            else:
                finished.append(scan)
                tally.report(scan.stem, "")
        finished.sort(key=lambda scan: scan.stem)
        refused.sort(key=lambda rejection: rejection.input)
        if shard is None:
            write_participants(out, finished)
        path = out / SHARDS / shard.folder if shard else None
        return write_run_folder(out, dataset, finished, refused, method, card, started, len(stems), path)


class _Tally:
    """Counts scans and estimates the time left from those measured in this run."""

    def __init__(
        self,
        total: int,
        n_rejected: int,
        n_reused: int,
        n_waiting: int,
        crew: int,
        tell: Callable[[Progress], None] | None,
    ) -> None:
        self.total, self.n_rejected, self.n_reused = total, n_rejected, n_reused
        self.n_waiting, self.crew, self.tell = n_waiting, crew, tell
        self.n_measured = self.n_tried = 0
        self.begun, self.first = time.monotonic(), 0.0

    def report(self, name: str, reason: str) -> None:
        if name:
            self.n_tried += 1
            self.n_rejected += bool(reason)
            self.n_measured += not reason
        if self.tell is None:
            return
        seconds = time.monotonic() - self.begun
        left = None if self.n_tried < self.n_waiting else 0.0
        if self.n_tried == self.crew:  # loading the model, before each worker's first scan, is not done again
            self.first = seconds
        elif self.n_tried > self.crew:
            left = (seconds - self.first) / (self.n_tried - self.crew) * (self.n_waiting - self.n_tried)
        done = self.n_measured + self.n_reused + self.n_rejected
        counts = (done, self.total, self.n_measured, self.n_reused, self.n_rejected)
        self.tell(Progress(*counts, name, reason, seconds, left))
