"""The process behind a job: `python -m app.jobs.runner FOLDER` runs `mscohort ingest`, ends it, tidies up."""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from app.jobs.job import ROOT, Request
from vocabulary.files import read_json, write_json

POLL_SECONDS = 0.2
GRACE_SECONDS = 5.0
KEPT = "sourcedata"
"""Folder of the store for uploads that are kept, one folder per dataset in it."""
STOPPED = "Stopped; nothing was added. Scans that were finished are not measured again the next time."


def main(folder: Path) -> int:
    """Run the job of a folder to its end.

    Returns
    -------
    int : 0 done, 1 failed or stopped.
    """
    request = read_json(folder / "request.json", Request)
    # A page that looks whether this job is alive holds its lock for a moment.
    own, everyone = FileLock(folder / "lock", timeout=10), FileLock(folder.parent / "lock", timeout=0)
    with own:
        try:
            with everyone:
                outcome = run(folder, request)
        except Timeout:
            outcome = {"state": "failed", "error": ["Other scans are being measured; try again when that is done."]}
        finally:
            put_uploads_away(folder, request)
        write_json(outcome, folder / "outcome.json")
    return 0 if outcome["state"] == "done" else 1


def command(folder: Path, request: Request) -> list[str]:
    """Return the command line of a job."""
    participants = ["--participants", request.participants] if request.participants else []
    return [
        sys.executable, "-m", "app.cli", "ingest",
        "--store", os.fspath(folder.parents[1]),
        "--dataset", request.dataset,
        "--model", request.model,
        "--zone-rule", request.zone_rule,
        "--progress-file", os.fspath(folder / "progress.jsonl"),
        *participants,
        *([f"--subject-from={request.subject_from}"] if request.subject_from else []),
        *(f"--prefer={word}" for word in request.prefer),
        *(["--replace"] if request.replace else []),
        *(f"--extra={column}" for column in request.extras),
        "--json",
        "--",
        *(request.paths or [os.fspath(folder / "scans")]),
    ]  # fmt: skip


def run(folder: Path, request: Request) -> dict[str, Any]:
    """Run the command and return how it ended: state, and error lines where it failed."""
    with (folder / "answer.json").open("wb") as answer, (folder / "messages.txt").open("wb") as messages:
        process = subprocess.Popen(
            command(folder, request),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=answer,
            stderr=messages,
            start_new_session=True,
        )
        while True:
            try:
                code = process.wait(POLL_SECONDS)
                break
            except subprocess.TimeoutExpired:
                if (folder / "stop").exists():
                    end(process)
                    return {"state": "stopped", "error": [STOPPED]}
    if code == 0:
        return {"state": "done", "error": []}
    return {"state": "failed", "error": error_lines((folder / "messages.txt").read_text("utf-8", "replace"), code)}


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a process and all its workers: politely, then not."""
    _signal_all(process, "SIGTERM")
    with suppress(subprocess.TimeoutExpired):
        process.wait(GRACE_SECONDS)
    # Workers may outlive their parent: the whole group goes, whether or not the parent has.
    _signal_all(process, "SIGKILL")
    process.wait()


def _signal_all(process: "subprocess.Popen[bytes]", name: str) -> None:
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, getattr(signal, name))
    elif process.poll() is None:
        # Windows has no groups; taskkill follows the tree of children.
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False)


def error_lines(messages: str, code: int, command: str = "ingest", work: str = "The measurement") -> list[str]:
    r"""Return the command's last words: its one line of error and the lines that belong to it.

    Parameters
    ----------
    messages : what it wrote to stderr
    code : its exit code
    command : its name after `mscohort`
    work : what it did, to be said where it ended without an error of its own

    Examples
    --------
    >>> error_lines("0 of 1\nmscohort ingest: none of 1 inputs could be measured:\n  a.nii: is empty\n", 1)
    ['none of 1 inputs could be measured:', 'a.nii: is empty']
    >>> error_lines("Killed", -9)
    ['The measurement ended with code -9; its last words: Killed']
    """
    lines = messages.replace("\r", "\n").splitlines()
    start = f"mscohort {command}: "
    begins = [number for number, line in enumerate(lines) if line.startswith(start)]
    if begins:
        first, *more = lines[begins[-1] :]
        return [first.removeprefix(start), *(line.strip() for line in more if line.startswith("  "))]
    last = next((line.strip() for line in reversed(lines) if line.strip()), "none")
    return [f"{work} ended with code {code}; its last words: {last[:300]}"]


def put_uploads_away(folder: Path, request: Request) -> None:
    """Move uploads beside the store's files where they are to be kept; delete them otherwise."""
    scans = folder / "scans"
    if request.keep:
        for path in scans.rglob("*.nii*"):
            kept = folder.parents[1] / KEPT / request.dataset / path.relative_to(scans)
            kept.parent.mkdir(parents=True, exist_ok=True)
            path.replace(kept)
    shutil.rmtree(scans, ignore_errors=True)


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(5)  # the dashboard goes first
    sys.exit(main(Path(sys.argv[1])))
