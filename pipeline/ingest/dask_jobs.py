"""The same work on Dask: on this machine's cores, or on the workers of a cluster that share its files.

Dask is an extra. It gives a job whose worker died to another one, up to three times, then gives it up. But it blames
every job that the dead worker held, begun or not: what it gives up is tried once more, alone, when all others are done,
and only what then still kills its worker is lost, as with our own processes.
"""

import hashlib
import os
import pickle
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from importlib.metadata import version
from threading import Event, Thread
from typing import Any, TypeVar

from pipeline.errors import WorkerError
from pipeline.ingest.workers import Lost
from vocabulary.messages import one_line

Job = TypeVar("Job")
Answer = TypeVar("Answer")

KILLED = Lost("several processes that measured it were killed, most likely for lack of memory; try fewer workers")
GONE_SECONDS, STARTING_SECONDS = 30.0, 120.0
"""Workers of our own that have been away so long do not come back by themselves; started here, they have longer."""
REVIVALS = 10
"""So often are they started again; a job that kills takes eight workers with it."""

_prepared: dict[str, Callable[[Any], Any]] = {}
"""In a worker: what measures, loaded once."""


def run_jobs_on_dask(
    jobs: Iterable[Job], prepare: Callable[[], Callable[[Job], Answer]], n_workers: int, *, address: str = ""
) -> Iterator[tuple[Job, Answer | Lost]]:
    """Yield each job with its answer, in the order they are finished; see ``pipeline.ingest.workers.run_jobs``.

    Parameters
    ----------
    address : of a scheduler, such as ``tcp://10.0.0.5:8786``, whose workers see the same files; empty: this machine
    n_workers : processes on this machine; a scheduler's workers are as many as there are

    Raises
    ------
    WorkerError : Dask is not installed, the scheduler does not answer, its workers run another version, or a worker
        cannot prepare.
    """
    try:
        from distributed import Client, LocalCluster, as_completed
    except ImportError as error:
        raise WorkerError("--executor dask needs Dask; install it with: pip install 'mscohort[dask]'") from error
    waiting = list(jobs)
    if not waiting:
        return
    cluster = None
    if not address:
        # No dashboard, and nobody outside this machine may reach it; the memory limit is the machine's.
        cluster = LocalCluster(
            n_workers=n_workers, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, memory_limit=0
        )
    try:
        client = Client(cluster or address, timeout=60)
    except (OSError, ValueError) as error:
        raise WorkerError(f"no Dask scheduler answers at {address}: {one_line(error)}") from error
    try:
        _check_versions(client)
        told = pickle.dumps(prepare)
        key = hashlib.sha256(told).hexdigest()
        future_of = {client.submit(_answer, key, told, job, pure=False): job for job in waiting}
        blamed = []
        with _revived(cluster, client, n_workers, future_of) if cluster is not None else nullcontext():
            for future in as_completed(future_of, raise_errors=False):
                answer = _told(future)
                if answer == KILLED:
                    blamed.append(future_of[future])
                else:
                    yield future_of[future], answer
            for job in blamed:
                future = client.submit(_answer, key, told, job, pure=False)
                future_of[future] = job
                yield job, _told(future)
    finally:
        client.close()
        if cluster is not None:
            cluster.close()


def _check_versions(client: Any) -> None:
    ours = version("mscohort")
    for worker, found in client.run(version, "mscohort", on_error="return").items():
        if isinstance(found, OSError):
            continue  # it went away while it was asked; who comes instead is one of the same cluster
        if isinstance(found, Exception):
            raise WorkerError(f"the workers of the Dask cluster cannot run mscohort: {one_line(found)}") from found
        if found != ours:
            raise WorkerError(f"the Dask worker {worker} runs mscohort {found}, this is {ours}; install the same there")


def _answer(key: str, told: bytes, job: Any) -> tuple[bool, Any]:
    """Answer one job in a worker; True goes with the reason for which no job could be answered."""
    if key not in _prepared:
        os.dup2(2, 1)  # notes of libraries must not get between our own answer's lines
        try:
            _prepared[key] = pickle.loads(told)()  # noqa: S301
        except Exception as error:  # every failure must reach the one who waits for it
            return True, one_line(error)
    try:
        return False, _prepared[key](job)
    except MemoryError:
        return False, Lost("it is too large for the memory of this machine")
    except Exception as error:  # one scan may fail, the run may not
        return False, Lost(f"the program failed on it ({type(error).__name__}: {one_line(error)}); please report this")


def _told(future: Any) -> Any:
    """Wait for a job's answer, or for why there is none.

    Even one that was finished may be lost with its worker before it is fetched; Dask then does the job again.
    """
    from distributed import CancelledError, KilledWorker

    try:
        broken, answer = future.result()
    except CancelledError as error:
        raise WorkerError(
            "all processes of Dask were killed and none came back; run again: what was measured is kept"
        ) from error
    except KilledWorker:
        return KILLED
    except Exception as error:  # one scan may fail, the run may not
        return Lost(f"the program failed on it ({type(error).__name__}: {one_line(error)}); please report this")
    if broken:
        raise WorkerError(str(answer))
    return answer


@contextmanager
def _revived(cluster: Any, client: Any, n_workers: int, futures: Collection[Any]) -> Iterator[None]:
    """Start workers of our own again where none is left; give up all jobs where that does not help either.

    Dask starts a worker again that was killed, but not one that was killed while it was still starting.
    """
    ended = Event()

    def watch() -> None:
        revivals, patient_until = 0, time.monotonic() + GONE_SECONDS
        while not ended.wait(1.0):
            if client.nthreads():
                patient_until = time.monotonic() + GONE_SECONDS
            elif time.monotonic() > patient_until:
                if revivals == REVIVALS:
                    client.cancel(list(futures), force=True)
                    return
                cluster.scale(0)
                while cluster.workers and not ended.wait(0.1):
                    pass  # both wishes at once would be none
                cluster.scale(n_workers)
                revivals, patient_until = revivals + 1, time.monotonic() + STARTING_SECONDS

    watching = Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield
    finally:
        ended.set()
        watching.join()
