"""A job: its process, what its files say while it runs, and how it ends; a small script stands in for the command."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from app.access.roles import Person
from app.jobs import runner
from app.jobs.job import (
    KEEP_JOBS,
    JobError,
    Request,
    latest_job,
    new_folder,
    put_job_away,
    read_job,
    start_job,
    stop_job,
)
from tests.patience import SECONDS, wait_until
from vocabulary.files import write_json

EVENT = {"done": 1, "total": 2, "n_measured": 1, "n_rejected": 0, "name": "sub-1", "reason": "", "seconds_left": 3.0}
QUICK = f"""
import json, sys
open(sys.argv[1] + "/progress.jsonl", "w").write(json.dumps({EVENT!r}) + "\\n" + '{{"unfinished')
print(json.dumps({{"version": 2, "changed": True}}))
"""
FAILING = "import sys; sys.exit('mscohort ingest: nothing to measure\\n  a.nii: is empty')"
# A command with a worker of its own, which writes its number and would run for a minute.
SLOW = """
import subprocess, sys, time
worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open(sys.argv[1] + "/worker", "w").write(str(worker.pid))
open(sys.argv[1] + "/progress.jsonl", "w").write("")
time.sleep(60)
"""

OWNER = Person("owner", "curator")


def _new(root: Path, *, keep: bool = False) -> Path:
    folder = new_folder(root)
    (folder / "scans" / "sub-1" / "anat").mkdir(parents=True)
    (folder / "scans" / "sub-1" / "anat" / "sub-1_FLAIR.nii.gz").write_bytes(b"image")
    request = Request((), None, "scans", "mscohort-1", "study-code", keep, 1, time.time())
    write_json(vars(request), folder / "request.json")
    return folder


def _stand_in(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    monkeypatch.setattr(runner, "command", lambda folder, _: [sys.executable, "-c", script, os.fspath(folder)])


def test_a_job_that_ends_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _stand_in(monkeypatch, QUICK)
    folder = _new(tmp_path)
    assert runner.main(folder) == 0
    job = latest_job(tmp_path)
    assert job is not None
    assert (job.state, job.answer) == ("done", {"version": 2, "changed": True})
    assert job.progress == EVENT  # the line that was still being written is left for the next look
    assert job.scans == (("sub-1", ""),)
    assert not (folder / "scans").exists()
    put_job_away(job, OWNER)
    assert latest_job(tmp_path) is None


def test_uploads_are_kept_when_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _stand_in(monkeypatch, QUICK)
    folder = _new(tmp_path, keep=True)
    runner.main(folder)
    kept = tmp_path / "sourcedata" / "scans" / "sub-1" / "anat" / "sub-1_FLAIR.nii.gz"
    assert kept.read_bytes() == b"image"
    assert not (folder / "scans").exists()


def test_a_job_that_fails_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _stand_in(monkeypatch, FAILING)
    folder = _new(tmp_path)
    assert runner.main(folder) == 1
    job = read_job(folder)
    assert (job.state, job.error) == ("failed", ("nothing to measure", "a.nii: is empty"))
    assert job.answer == {}
    assert not (folder / "scans").exists()


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs process groups")
def test_stopping_ends_the_command_and_its_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _stand_in(monkeypatch, SLOW)
    folder = _new(tmp_path)
    measuring = threading.Thread(target=runner.main, args=(folder,))
    measuring.start()
    wait_until((folder / "progress.jsonl").exists, "the command to begin")
    job = read_job(folder)
    assert job.state == "running"
    with pytest.raises(JobError, match="being measured"):
        start_job(new_folder(tmp_path), job.request, OWNER)
    stop_job(job, OWNER)
    measuring.join(SECONDS)
    assert read_job(folder).state == "stopped"
    assert not (folder / "scans").exists()
    worker = int((folder / "worker").read_text())
    wait_until(lambda: not _runs(worker), "the worker to end")


def test_a_process_that_vanished_is_a_failure_and_leaves_no_upload(tmp_path: Path) -> None:
    folder = _new(tmp_path)
    (folder / "progress.jsonl").touch()
    job = read_job(folder)
    assert job.state == "failed"
    assert "without a word" in job.error[0]
    assert not (folder / "scans").exists()


def test_a_slow_start_is_no_death(tmp_path: Path) -> None:
    folder = _new(tmp_path)
    long_ago = time.time() - 100
    os.utime(folder / "request.json", (long_ago, long_ago))
    assert read_job(folder).state == "running"
    assert (folder / "scans").exists()


def test_a_runner_that_ends_before_it_begins_is_noticed_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.jobs.job.sys.executable", "false")
    folder = new_folder(tmp_path)
    start_job(folder, Request((), None, "scans", "mscohort-1", "study-code", False, None, 0), OWNER)
    wait_until((folder / "outcome.json").exists, "the runner's end to be noticed")
    job = read_job(folder)
    assert job.state == "failed"
    assert "without a word" in job.error[0]
    assert not (folder / "scans").exists()


def test_the_real_command_runs_in_a_process_of_its_own(tmp_path: Path) -> None:
    folder = new_folder(tmp_path)
    request = Request((os.fspath(tmp_path / "absent.nii"),), None, "scans", "no-such", "study-code", False, None, 0)
    start_job(folder, request, OWNER)
    assert read_job(folder).state == "running"
    wait_until(lambda: read_job(folder).state != "running", "the job to end")
    job = read_job(folder)
    assert job.state == "failed"
    assert "no-such" in job.error[0]


def test_the_command_line_is_understood_by_mscohort(tmp_path: Path) -> None:
    from app.cli import build_parser

    folder = _new(tmp_path)
    request = Request(("-odd name.nii",), "people.tsv", "clinic", "mscohort-1", "contact", False, None, 0)
    args = build_parser("ingest").parse_args(runner.command(folder, request)[3:])
    assert [os.fspath(path) for path in args.paths] == ["-odd name.nii"]
    assert (args.dataset, args.zone_rule, args.store, args.json) == ("clinic", "contact", tmp_path, True)
    assert args.progress_file == folder / "progress.jsonl"


def test_only_the_last_jobs_are_remembered(tmp_path: Path) -> None:
    for _ in range(KEEP_JOBS + 3):
        folder = _new(tmp_path)
        write_json({"state": "done", "error": []}, folder / "outcome.json")
    assert len(list((tmp_path / "jobs").glob("*/"))) == KEEP_JOBS
    assert json.loads((folder / "outcome.json").read_text())["state"] == "done"


def _runs(number: int) -> bool:
    """Tell whether a process is alive; one that ended and was not collected yet is not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(number)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.strip().startswith("Z")
