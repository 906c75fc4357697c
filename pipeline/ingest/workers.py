"""Work spread over processes that may die: each lost process costs one job, never the run.

A process pool of the standard library gives up altogether when one of its processes is killed. Here every worker has a
pipe of its own, so it is known which job a dead one was at, and a new one takes its place.
"""

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

from pipeline.errors import WorkerError
from vocabulary.messages import one_line

Job = TypeVar("Job")
Answer = TypeVar("Answer")
Task = Callable[[Job], Answer]

_SPAWN = multiprocessing.get_context("spawn")  # a forked TensorFlow hangs
_DEATHS_BEFORE_WORK = 3
_READY, _DONE, _FAILED, _BROKEN = "ready", "done", "failed", "broken"


@dataclass(frozen=True)
class Lost:
    """A job without an answer.

    Attributes
    ----------
    reason : why, on one line
    """

    reason: str


class _Worker(Generic[Job]):
    def __init__(self, prepare: Callable[[], Task[Job, Any]]) -> None:
        self.pipe, theirs = _SPAWN.Pipe()
        self.process = _SPAWN.Process(target=_serve, args=(theirs, prepare), daemon=True)
        self.process.start()
        theirs.close()
        self.job: Job | None = None
        self.begun = time.monotonic()
        self.ready = False

    def give(self, job: Job) -> None:
        self.job, self.begun = job, time.monotonic()
        self.pipe.send(job)

    def receive(self) -> tuple[str, Any] | None:
        """Return what the worker says, None if it is dead."""
        try:
            return self.pipe.recv() if self.pipe.poll() else None
        except (EOFError, OSError):
            return None

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()
        self.process.close()


def run_jobs(
    jobs: Iterable[Job], prepare: Callable[[], Task[Job, Answer]], n_workers: int, *, longest_seconds: float = 1800
) -> Iterator[tuple[Job, Answer | Lost]]:
    """Yield each job with its answer, in the order they are finished.

    Closing the iterator, an error, or the death of this process ends all workers at once.

    Parameters
    ----------
    jobs : picklable
    prepare : picklable, called once in every worker; returns what is called with each job
    n_workers : how many processes, at most
    longest_seconds : a worker that takes longer over one job, or over its preparation, is ended

    Raises
    ------
    WorkerError : a worker cannot prepare, or several died while preparing.
    """
    waiting = deque(jobs)
    workers: list[_Worker[Job]] = []
    early_deaths = 0
    try:
        while waiting or any(worker.job is not None for worker in workers):
            wanted = min(n_workers, len(waiting) + sum(worker.job is not None for worker in workers))
            workers += [_Worker(prepare) for _ in range(wanted - len(workers))]
            for worker in workers:
                if worker.ready and worker.job is None and waiting:
                    worker.give(waiting.popleft())
            for worker in _stirring(workers, longest_seconds):
                message = worker.receive()
                if message is None:
                    reason = _death(worker, longest_seconds)
                    workers.remove(worker)
                    worker.end()
                    if worker.job is not None:
                        yield worker.job, Lost(reason)
                        continue
                    early_deaths += 1
                    if early_deaths >= _DEATHS_BEFORE_WORK:
                        raise WorkerError(f"the processes that measure scans die while they start: {reason}")
                    continue
                kind, content = message
                if kind == _BROKEN:
                    raise WorkerError(content)
                job, worker.job, worker.ready = worker.job, None, True
                if kind != _READY and job is not None:
                    yield job, Lost(content) if kind == _FAILED else content
    finally:
        for worker in workers:
            worker.end()


def _stirring(workers: list[_Worker[Job]], longest_seconds: float) -> list[_Worker[Job]]:
    """Wait until workers have something to say, are dead, or have taken too long; return those."""
    by_handle: dict[Any, _Worker[Job]] = {}
    busy = [worker for worker in workers if worker.job is not None or not worker.ready]
    for worker in busy:
        by_handle |= {worker.pipe: worker, worker.process.sentinel: worker}
    left = min(worker.begun for worker in busy) + longest_seconds - time.monotonic()
    stirring = {id(by_handle[handle]): by_handle[handle] for handle in wait(list(by_handle), max(0.0, left))}
    late = [worker for worker in busy if time.monotonic() - worker.begun > longest_seconds]
    return list(stirring.values()) or late


def _death(worker: _Worker[Any], longest_seconds: float) -> str:
    worker.process.join(1)
    code = worker.process.exitcode
    if code is None:
        return f"it did not finish within {longest_seconds:.0f} s and was given up"
    if code == -signal.SIGKILL:
        return "the process that measured it was killed, most likely for lack of memory; try fewer workers"
    said = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    return f"the process that measured it broke down ({said})"


def _serve(pipe: Connection, prepare: Callable[[], Task[Any, Any]]) -> None:
    """Be a worker: prepare, then answer jobs until the other end of the pipe is closed."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever was interrupted at the keyboard ends its workers itself
    silent = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # TensorFlow's notes must not get between progress and answers; failures go by the pipe
        os.dup2(silent, stream)
    try:
        task = prepare()
    except Exception as error:  # every failure must reach the one who waits for it
        pipe.send((_BROKEN, one_line(error)))
        return
    pipe.send((_READY, None))
    while True:
        try:
            job = pipe.recv()
        except EOFError:
            return
        try:
            answer = _DONE, task(job)
        except MemoryError:
            answer = _FAILED, "it is too large for the memory of this machine"
        except Exception as error:  # one scan may fail, the run may not
            what = f"{type(error).__name__}: {one_line(error)}"
            answer = _FAILED, f"the program failed on it ({what}); please report this"
        pipe.send(answer)


def _end_with_parent() -> None:
    """End this process when the one that started it is gone, however it went."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
