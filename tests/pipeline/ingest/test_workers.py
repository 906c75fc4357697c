"""Worker processes: answers, failures, deaths, and no process left behind."""

import multiprocessing
import os
import signal
import time
from functools import partial
from types import SimpleNamespace

import pytest

from pipeline.errors import WorkerError
from pipeline.ingest import workers
from pipeline.ingest.workers import Lost, run_jobs
from tests.patience import wait_until


def _task(job):
    kind, value = job
    if kind == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == "exit":
        os._exit(3)
    if kind == "raise":
        raise KeyError(value)
    if kind == "memory":
        raise MemoryError
    if kind == "sleep":
        time.sleep(value)
    if kind == "hang":
        value.touch()
        time.sleep(600)
    if kind == "see":
        wait_until(value.exists, "the other worker to begin")
    if kind == "print":
        print("noise")
    return os.getpid() if kind == "pid" else value


def prepare():
    return _task


def cannot_prepare():
    raise ValueError("no weights here")


def die_while_preparing():
    os.kill(os.getpid(), signal.SIGKILL)


def die_the_first_time(folder):
    try:
        (folder / "died").mkdir()
    except FileExistsError:
        return _task
    return die_while_preparing()


@pytest.fixture(autouse=True)
def _nobody_left():
    yield
    assert multiprocessing.active_children() == []


def test_every_job_is_answered_once():
    jobs = [("echo", number) for number in range(20)]
    assert sorted(run_jobs(jobs, prepare, 2)) == sorted((job, job[1]) for job in jobs)


def test_work_is_spread_over_processes_that_stay():
    jobs = [*[("sleep", 0.2)] * 2, *[("pid", number) for number in range(10)]]
    pids = {answer for job, answer in run_jobs(jobs, prepare, 2) if job[0] == "pid"}
    assert 1 <= len(pids) <= 2
    assert os.getpid() not in pids


def test_there_are_no_more_workers_than_jobs():
    assert len(list(run_jobs([("echo", 1)], prepare, 8))) == 1
    assert list(run_jobs([], prepare, 8)) == []


def test_a_dead_worker_costs_its_job_only():
    jobs = [("echo", 1), ("kill", 0), ("echo", 2), ("exit", 0), ("raise", "x"), ("memory", 0), ("echo", 3), ("kill", 1)]
    answers = dict(run_jobs(jobs, prepare, 2))
    assert [answers["echo", number] for number in (1, 2, 3)] == [1, 2, 3]
    reasons = {job: answer.reason for job, answer in answers.items() if isinstance(answer, Lost)}
    assert "lack of memory" in reasons["kill", 0]
    assert "exit code 3" in reasons["exit", 0]
    assert reasons["raise", "x"] == "the program failed on it (KeyError: 'x'); please report this"
    assert "too large" in reasons["memory", 0]
    assert len(answers) == len(jobs)


def test_a_job_that_takes_too_long_is_given_up(monkeypatch, tmp_path):
    # An hour passes as soon as the job hangs, and not before: no machine is too slow to begin it. The other worker
    # answers when it hangs, which makes the run look at the clock.
    hangs = tmp_path / "hangs"
    later = SimpleNamespace(monotonic=lambda: time.monotonic() + 3600 * hangs.exists())
    monkeypatch.setattr(workers, "time", later)
    answers = dict(run_jobs([("hang", hangs), ("see", hangs)], prepare, 2, longest_seconds=1800))
    assert answers["see", hangs] == hangs
    assert "did not finish within 1800 s" in answers["hang", hangs].reason


def test_what_cannot_be_prepared_ends_the_run():
    with pytest.raises(WorkerError, match="no weights here"):
        list(run_jobs([("echo", 1)], cannot_prepare, 2))


def test_workers_that_die_at_once_end_the_run():
    with pytest.raises(WorkerError, match="die while they start"):
        list(run_jobs([("echo", 1)] * 5, die_while_preparing, 2))


def test_one_early_death_is_forgiven(tmp_path):
    assert len(list(run_jobs([("echo", 1)] * 3, partial(die_the_first_time, tmp_path), 1))) == 3


def test_leaving_early_ends_the_workers():
    answers = run_jobs([("echo", 1), *[("sleep", 60)] * 4], prepare, 2)
    next(answers)
    answers.close()


def test_workers_print_nothing(capfd):
    list(run_jobs([("print", 0)], prepare, 1))
    assert capfd.readouterr() == ("", "")
