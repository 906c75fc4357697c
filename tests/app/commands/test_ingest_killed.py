"""`mscohort ingest` killed without warning at random moments: the next run completes, nothing twice, nothing left over.

Five moments by default; ``MSCOHORT_KILLS=30`` asks for thirty.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from db.store import Store
from tests import patience
from tests.pipeline.small_scans import write_small_scan
from vocabulary.files import is_unfinished

ROOT = Path(__file__).resolve().parents[3]
KILLS = int(os.environ.get("MSCOHORT_KILLS", "5"))
N_SCANS = 10
RESULT_FILES = 7
LONGEST_END = 5.0
"""Processor seconds that workers may use until they notice that their parent is gone, however long those take."""

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds processes through /proc")


def _start(folder: Path, out: Path, store: Path) -> subprocess.Popen:
    words = [
        "ingest",
        os.fspath(folder),
        "--out",
        os.fspath(out),
        "--store",
        os.fspath(store),
        "--workers",
        "2",
        "--json",
    ]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.pipeline.small_scans", *words],
        cwd=ROOT,
        env={**os.environ, "MSCOHORT_KILL_TEST": os.fspath(store)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _processes(store: Path) -> list[int]:
    """Return the processes that were started for this store, children included: they inherit its mark."""
    mark = f"MSCOHORT_KILL_TEST={store}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def _processor_seconds(process: int) -> float:
    """Return what a process has used so far; 0 when it is gone."""
    try:
        user, system = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    except (OSError, ValueError):
        return 0.0
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _gone(store: Path) -> bool:
    used = {process: _processor_seconds(process) for process in _processes(store)}
    deadline = time.monotonic() + patience.SECONDS
    while left := _processes(store):
        worked = max(_processor_seconds(process) - used.get(process, 0.0) for process in left)
        if worked > LONGEST_END or time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@pytest.fixture(scope="module")
def scans(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scans")
    for number in range(N_SCANS):
        write_small_scan(folder / f"P{number}" / "FLAIR.nii.gz", number)
    return folder


@pytest.fixture(scope="module")
def usual_seconds(scans, tmp_path_factory):
    place = tmp_path_factory.mktemp("usual")
    begun = time.monotonic()
    process = _start(scans, place / "out", place / "store")
    _, said = process.communicate(timeout=patience.SECONDS)
    assert process.returncode == 0, said
    return time.monotonic() - begun


def _wait_for_the_moment(out: Path, seed: int, usual_seconds: float) -> None:
    """Wait until a random moment: of every third run at all, else of the short time in which scans are measured."""
    chance = random.Random(seed)
    if seed % 3 == 0:
        time.sleep(chance.random() * usual_seconds)
        return
    finished = chance.randrange(N_SCANS)
    deadline = time.monotonic() + patience.SECONDS
    while len(list((out / "records").glob("sub-*.json"))) < finished and time.monotonic() < deadline:
        time.sleep(0.002)
    time.sleep(chance.random() * 0.2)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(KILLS))
def test_a_killed_run_is_completed_by_the_next(scans, usual_seconds, tmp_path, seed):
    out, store = tmp_path / "out", tmp_path / "store"
    process = _start(scans, out, store)
    _wait_for_the_moment(out, seed, usual_seconds)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=patience.SECONDS)
    assert _gone(store), "workers live on after their parent was killed"
    done = len(list((out / "records").glob("sub-*.json")))
    print(f"{done} of {N_SCANS} scans were finished")

    again = _start(scans, out, store)
    said, complaint = again.communicate(timeout=patience.SECONDS)
    assert again.returncode == 0, complaint
    result = json.loads(said)
    assert result["n_measured"] + result["n_reused"] == N_SCANS
    assert result["n_reused"] == done
    assert result["rejections"] == []
    with Store(store).read() as snapshot:
        subjects = snapshot.cohort(result["dataset"])["subject_id"].to_list()
        assert snapshot.runs().height == 1
    assert sorted(subjects) == [f"P{number}" for number in range(N_SCANS)]
    files = [path.relative_to(out) for path in out.rglob("*") if path.is_file()]
    assert [path for path in files if is_unfinished(path.name)] == []
    assert len([path for path in files if path.parts[0].startswith("sub-")]) == N_SCANS * RESULT_FILES
    assert len([path for path in files if path.parts[0] == "records"]) == N_SCANS
    assert len({path.parts[1] for path in files if path.parts[0] == "runs"}) == 1
    assert _gone(store)
