"""The same work on Dask: the same answers, failures and refusals as our own processes give."""

import os
import signal
import threading
from functools import partial
from importlib.metadata import version

import polars as pl
import pytest

from pipeline.errors import WorkerError
from pipeline.ingest.dask_jobs import _check_versions, run_jobs_on_dask
from pipeline.ingest.ingest import ingest
from pipeline.ingest.workers import Lost
from pipeline.inputs.discovery import discover
from tests.pipeline.ingest.test_shards import tables
from tests.pipeline.small_scans import prepare_stand_in, write_small_scan

pytest.importorskip("distributed")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]


def task(job):
    kind, value = job
    if kind == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == "raise":
        raise KeyError(value)
    if kind == "memory":
        raise MemoryError
    if kind == "kill once":
        try:
            value.mkdir()
        except FileExistsError:
            return "the second time"
        os.kill(os.getpid(), signal.SIGKILL)
    return value


def prepare():
    return task


def cannot_prepare():
    raise ValueError("no weights here")


def test_answers_failures_and_deaths(tmp_path):
    jobs = [("give", 1), ("raise", "x"), ("memory", 0), ("kill once", tmp_path / "died"), ("give", 2)]
    answers = dict(run_jobs_on_dask(jobs, prepare, 1))
    assert [answers[job] for job in (jobs[0], jobs[3], jobs[4])] == [1, "the second time", 2]
    assert answers[jobs[1]] == Lost("the program failed on it (KeyError: 'x'); please report this")
    assert answers[jobs[2]] == Lost("it is too large for the memory of this machine")


def test_a_job_that_kills_every_worker_is_lost_and_the_others_are_not(monkeypatch):
    monkeypatch.setattr("pipeline.ingest.dask_jobs.GONE_SECONDS", 5.0)
    # Dask blames all that a dead worker held. It hands one worker two jobs at once where there are no more than two.
    for _ in range(2):
        answers = dict(run_jobs_on_dask([("kill", 0), ("give", 1)], prepare, 1))
        assert answers["give", 1] == 1
        assert "were killed" in answers["kill", 0].reason


@pytest.fixture
def workers_stay_away(monkeypatch):
    """Workers that were killed are not started again, as where Dask was still starting them."""
    from distributed import Nanny

    async def nothing(_nanny, _exitcode):
        pass

    monkeypatch.setattr(Nanny, "_on_worker_exit", nothing)
    monkeypatch.setattr("pipeline.ingest.dask_jobs.GONE_SECONDS", 0.5)


@pytest.mark.usefixtures("workers_stay_away")
def test_workers_that_do_not_come_back_are_started_again(tmp_path):
    jobs = [("give", 1), ("kill once", tmp_path / "died"), ("give", 2)]
    assert sorted(str(answer) for _, answer in run_jobs_on_dask(jobs, prepare, 1)) == ["1", "2", "the second time"]


@pytest.mark.usefixtures("workers_stay_away")
def test_workers_that_cannot_be_started_again_end_the_run(monkeypatch):
    monkeypatch.setattr("pipeline.ingest.dask_jobs.REVIVALS", 0)
    with pytest.raises(WorkerError, match="none came back; run again"):
        list(run_jobs_on_dask([("give", 1), ("kill", 0), ("give", 2)], prepare, 1))


def test_a_worker_that_cannot_prepare_ends_the_run():
    with pytest.raises(WorkerError, match="no weights here"):
        list(run_jobs_on_dask([("give", 1)], cannot_prepare, 1))


def test_a_scheduler_that_is_not_there():
    with pytest.raises(WorkerError, match="no Dask scheduler answers at nowhere"):
        list(run_jobs_on_dask([("give", 1)], prepare, 1, address="nowhere"))


class Asked:
    """A client whose workers answer what they are told to."""

    def __init__(self, *answers):
        self.answers = answers

    def run(self, _function, _name, on_error):
        assert on_error == "return"
        return {f"tcp://10.0.0.{number}:1": answer for number, answer in enumerate(self.answers)}


def test_a_worker_that_dies_while_it_is_asked_does_not_end_the_run():
    ours = version("mscohort")
    _check_versions(Asked(ConnectionResetError("reset by peer"), ours))
    with pytest.raises(WorkerError, match=r"10\.0\.0\.1:1 runs mscohort 0\.0, this is "):
        _check_versions(Asked(ConnectionResetError("reset by peer"), "0.0"))
    with pytest.raises(WorkerError, match="cannot run mscohort: No package"):
        _check_versions(Asked(ours, LookupError("No package")))


def test_scans_measured_on_dask_while_workers_are_killed_are_what_one_process_measures(tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.ingest.ingest.prepare", prepare_stand_in)
    for number in range(6):
        write_small_scan(tmp_path / "in" / f"P{number}" / "FLAIR.nii.gz", number)
    found, _ = discover([tmp_path / "in"])
    alone = ingest(found, tmp_path / "alone", workers=1)
    killed = []

    def kill_one(progress):
        from distributed import default_client

        if progress.name and len(killed) < 2:
            # The one killed before may be asked while it dies: it does not answer.
            workers = default_client().run(os.getpid, on_error="ignore")
            for pid in sorted(workers.values())[:1]:
                killed.append(pid)
                threading.Thread(target=os.kill, args=(pid, signal.SIGKILL)).start()

    many = ingest(found, tmp_path / "many", workers=2, spread=run_jobs_on_dask, progress=kill_one)
    assert len(killed) == 2
    assert many.path.name == alone.path.name
    mine, theirs = tables(many.path), tables(alone.path)
    assert all(mine[name].equals(theirs[name]) for name in theirs)
    assert isinstance(mine["scan"], pl.DataFrame)


def test_the_command_refuses_an_unknown_executor(capsys):
    from app import cli

    assert cli.main(["ingest", "x.nii", "--executor", "slurm"]) == 2
    assert "expected local, dask or dask=ADDRESS" in capsys.readouterr().err


def test_an_address_is_handed_on(monkeypatch):
    from app.commands.ingest_command import _spread

    chosen = _spread("dask=tcp://10.0.0.5:8786")
    assert isinstance(chosen, partial)
    assert chosen.keywords == {"address": "tcp://10.0.0.5:8786"}
