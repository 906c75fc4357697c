"""Measuring scans behind the dashboard: `mscohort ingest` in a process of its own, its state in files.

A job is a folder of the store, ``jobs/<when>``, so that a reloaded page, another window or a restarted dashboard finds
it again. The process that runs it is ``app.job_runner``; one job runs at a time.

====================  ===========================================================================
``request.json``      what was asked for, when, and the store's version before
``scans/``            uploaded scans and their ``participants.tsv``; gone when the job has ended
``progress.jsonl``    written by the command: one object per scan dealt with
``answer.json``       the command's answer
``messages.txt``      what it said on stderr
``outcome.json``      how it ended; written last
``stop``              asks the runner to end the job
``seen``              its result was put away
====================  ===========================================================================
"""

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any, Literal

from filelock import FileLock, Timeout

from app.access.roles import NotAllowed, Person
from db.audit_log import ACTOR_VARIABLE, AuditLog
from vocabulary.files import private_folder, read_json, write_json

State = Literal["running", "done", "failed", "stopped"]

JOBS = "jobs"
KEEP_JOBS = 5
ROOT = Path(__file__).resolve().parents[2]
STARTING_SECONDS = 300.0
"""A runner takes its lock within a second, on a busy machine within minutes. After this long it is taken for dead,
should whoever started it be gone, too."""


class JobError(ValueError):
    """A job cannot be started; the message is one line."""


@dataclass(frozen=True)
class Request:
    """What a job is to do.

    Attributes
    ----------
    paths : NIfTI files and folders to measure; empty for uploads, which lie in the job's own ``scans``
    participants : table of people, or None
    dataset, model, zone_rule : as for `mscohort ingest`
    keep : keep uploads, beside the store's other files, instead of deleting them
    version_before : version of the store when it was started, None for an empty store
    started : seconds since 1970
    subject_from, prefer, replace, extras : as for `mscohort ingest`; empty and False where nothing was said
    """

    paths: tuple[str, ...]
    participants: str | None
    dataset: str
    model: str
    zone_rule: str
    keep: bool
    version_before: int | None
    started: float
    subject_from: str = ""
    prefer: tuple[str, ...] = ()
    replace: bool = False
    extras: tuple[str, ...] = ()


@dataclass(frozen=True)
class Job:
    """One job, as its files say; read again to see it move.

    Attributes
    ----------
    folder : where its files are
    request : what was asked for
    state : running, done, failed or stopped
    progress : last line of the command: done, total, n_rejected, name, reason, seconds_left; empty at first
    scans : one (stem, reason) per scan dealt with; reason is empty where it was measured
    answer : of the command, once done
    error : one line, and further ones, once failed
    """

    folder: Path
    request: Request
    state: State
    progress: dict[str, Any]
    scans: tuple[tuple[str, str], ...]
    answer: dict[str, Any]
    error: tuple[str, ...]


def new_folder(root: Path) -> Path:
    """Make the folder of a new job in the store ``root``, with an empty ``scans``; old jobs beyond the last few go.

    Raises
    ------
    JobError : the folder cannot be made.
    """
    jobs = root / JOBS
    try:
        for old in sorted(path for path in jobs.glob("*/") if not is_alive(path))[: -KEEP_JOBS + 1]:
            shutil.rmtree(old, ignore_errors=True)
        folder = jobs / datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
        private_folder(folder / "scans")
    except OSError as error:
        raise JobError(f"The store's folder cannot be written ({error.strerror}).") from error
    return folder


def start_job(folder: Path, request: Request, by: Person) -> None:
    """Run a job in a process that outlives this one.

    Parameters
    ----------
    by : who asks for it; the audit log says so

    Raises
    ------
    NotAllowed : this person may not measure.
    JobError : another job is running, or no process can be started; the uploads of this one are deleted.
    """
    try:
        by.needs("write")
        if any(is_alive(other) for other in folder.parent.glob("*/") if other != folder):
            raise JobError("Other scans are being measured; wait until that is done, or stop it.")
        write_json(asdict(request), folder / "request.json")
        process = subprocess.Popen(
            [sys.executable, "-m", "app.jobs.runner", os.fspath(folder)],
            cwd=ROOT,
            env=os.environ | {ACTOR_VARIABLE: by.name},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        Thread(target=_collect, args=(process, folder), daemon=True).start()
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise JobError(f"The measurement cannot be started ({error.strerror}).") from error
    except (JobError, NotAllowed):
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _collect(process: "subprocess.Popen[bytes]", folder: Path) -> None:
    """Wait for a job's process; where it ended before it could begin, say so, since nobody else would for minutes."""
    process.wait()
    if (folder / "request.json").exists() and not (folder / "outcome.json").exists():
        shutil.rmtree(folder / "scans", ignore_errors=True)
        with suppress(OSError):
            write_json({"state": "failed", "error": [_DIED]}, folder / "outcome.json")


def latest_job(root: Path) -> Job | None:
    """Return the newest job of the store, or None where there is none or its result was put away."""
    folders = sorted(path.parent for path in (root / JOBS).glob("*/request.json"))
    if not folders or (folders[-1] / "seen").exists():
        return None
    return read_job(folders[-1])


def read_job(folder: Path) -> Job:
    """Read a job's files; one whose process died without a word has failed, and its uploads are deleted."""
    request = read_json(folder / "request.json", Request)
    # The outcome is written last: read first, so that whatever it speaks of is there.
    outcome = _read_json(folder / "outcome.json")
    state: State = outcome.get("state", "running")
    error = tuple(outcome.get("error", ()))
    if not outcome and not is_alive(folder):
        outcome = _read_json(folder / "outcome.json")
        state, error = outcome.get("state", "failed"), tuple(outcome.get("error", (_DIED,)))
        if not outcome:
            shutil.rmtree(folder / "scans", ignore_errors=True)
    events = _read_lines(folder / "progress.jsonl")
    return Job(
        folder=folder,
        request=request,
        state=state,
        progress=events[-1] if events else {},
        scans=tuple((event["name"], event["reason"]) for event in events if event["name"]),
        answer=_read_json(folder / "answer.json") if state == "done" else {},
        error=error,
    )


_DIED = (
    "The measurement ended without a word, as when the machine is switched off. Add the scans again; what was measured "
    "is not measured twice."
)


def is_alive(folder: Path) -> bool:
    """Tell whether a job's process is running, or about to."""
    if (folder / "outcome.json").exists():
        return False
    lock = FileLock(folder / "lock", timeout=0)
    try:
        with lock:
            begun = (folder / "progress.jsonl").exists()
    except Timeout:
        return True
    except OSError:
        return False
    asked = folder / "request.json"
    return not begun and asked.exists() and time.time() - asked.stat().st_mtime < STARTING_SECONDS


def stop_job(job: Job, by: Person, seconds: float = 15.0) -> None:
    """Ask a job to end and wait until it has, at most ``seconds``.

    Raises
    ------
    NotAllowed : this person may not measure.
    """
    by.needs("write")
    AuditLog(job.folder.parents[1]).append(by.name, f"stopped the measurement {job.folder.name}")
    (job.folder / "stop").touch()
    deadline = time.monotonic() + seconds
    while is_alive(job.folder) and time.monotonic() < deadline:
        time.sleep(0.1)


def put_job_away(job: Job, by: Person) -> None:
    """Remember that the result of a finished job was seen.

    Raises
    ------
    NotAllowed : this person may not measure.
    """
    by.needs("write")
    (job.folder / "seen").touch()


def _read_json(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _read_lines(path: Path) -> list[dict[str, Any]]:
    """Return the whole lines of a file that is being written to."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return []
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]
