"""`mscohort import` killed at random moments, and importing while others read: old or new, never anything else."""

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from db.content_hash import content_sha256
from db.import_table import import_table
from db.store import KEEP_VERSIONS, Store
from tests import patience

N_PEOPLE = 5_000
N_KILLS = 50
N_READERS = 4

READER = """
import json, sys, time
from pathlib import Path
from db.content_hash import content_sha256
from db.store import Store

store, seen, n = Store(Path(sys.argv[1])), set(), 0
print("ready", flush=True)
while not Path(sys.argv[2]).exists():
    with store.read() as snapshot:
        [told] = snapshot.datasets()["content_sha256"]
        found = content_sha256(snapshot.cohort("many"), "own")
        assert told == found, (snapshot.version, told, found)
        seen.add(snapshot.version)
        n += 1
    time.sleep(0.02)
print(json.dumps({"reads": n, "versions": len(seen)}))
"""


# Runs a command and kills itself at the given line of db/ that is executed since the store began to write; prints how
# many lines there were where it lives to the end.
SUICIDAL = """
import os, signal, sys

last, lines, writing = int(sys.argv.pop(1)), 0, False

def trace(frame, event, _):
    global lines, writing
    code = frame.f_code
    if os.path.basename(os.path.dirname(code.co_filename)) != "db":
        return None
    writing = writing or (code.co_name, os.path.basename(code.co_filename)) == ("write", "store.py")
    lines += writing
    if lines == last and writing:
        os.kill(os.getpid(), signal.SIGKILL)
    return trace

from app.cli import main

sys.settrace(trace)
code = main(sys.argv[1:])
sys.settrace(None)
print(lines, file=sys.stderr)
sys.exit(code)
"""


def write_people(path: Path, n: int, seed: int) -> Path:
    """Write a table of random people."""
    random_numbers = np.random.default_rng(seed)
    zones = random_numbers.integers(0, 50, (3, n))
    pl.DataFrame(
        {
            "subject_id": [f"S{number:06}" for number in range(n)],
            "age_years": random_numbers.integers(18, 75, n),
            "sex": random_numbers.choice(["F", "M"], n),
            "group": random_numbers.choice(["HC", "MS"], n),
            "intracranial_area_mm2": random_numbers.integers(90_000, 140_000, n),
            "ventricle_area_mm2": random_numbers.integers(100, 2_000, n),
            "wmh_area_mm2": zones.sum(axis=0),
            "periventricular_area_mm2": zones[0],
            "paraventricular_area_mm2": zones[1],
            "juxtacortical_area_mm2": zones[2],
        }
    ).write_csv(path)
    return path


def import_command(path: Path, store: Store) -> list[str]:
    words = ["import", str(path), "--protocol", "own", "--dataset", "many", "--replace", "--store", str(store.root)]
    return [sys.executable, "-m", "app.cli", *words]


def _traced(path: Path, store: Store, last: int) -> list[str]:
    """Import until the line ``last`` of the writing, 0 to the end; return the last word it said, if any."""
    words = [sys.executable, "-c", SUICIDAL, str(last), *import_command(path, store)[3:]]
    done = subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == (-signal.SIGKILL if last else 0), done.stderr
    return done.stderr.split()[-1:]


def content_of(store: Store) -> str:
    """Return the content hash, as told and as found, of the live version."""
    with store.read() as snapshot:
        [told] = snapshot.datasets()["content_sha256"]
        assert content_sha256(snapshot.cohort("many"), "own") == told
    return told


@pytest.mark.slow
def test_killed_at_fifty_random_moments_the_store_is_old_or_new(tmp_path: Path, store: Store) -> None:
    tables = [write_people(tmp_path / f"{seed}.csv", N_PEOPLE, seed) for seed in (1, 2)]
    contents = []
    for path in tables:
        started = time.monotonic()
        subprocess.run(import_command(path, store), check=True, capture_output=True)
        duration = time.monotonic() - started
        contents.append(content_of(store))
    assert contents[0] != contents[1]

    [lines] = _traced(tables[0], store, 0)
    live, moments = 0, random.Random(7)
    outcomes = {"before writing": 0, "while writing": 0, "after": 0}
    for kill in range(N_KILLS):
        if kill % 2:
            # Anywhere, also within one statement of the database: where that is, the clock decides.
            with subprocess.Popen(
                import_command(tables[1 - live], store), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
            ) as process:
                time.sleep(duration * 1.1 * (kill + moments.random()) / N_KILLS)
                process.kill()
        else:
            # At a line of the program while it writes, evenly from the first to the last: no clock decides.
            _traced(tables[1 - live], store, 1 + int(lines) * kill // N_KILLS)
        half_built = (store.root / "versions" / "building.duckdb").exists()
        found = content_of(store)
        assert found in contents
        changed = found != contents[live]
        outcomes["after" if changed else "while writing" if half_built else "before writing"] += 1
        live = contents.index(found)
    assert outcomes["while writing"] >= N_KILLS // 4, f"the kills missed the writing: {outcomes}"

    report = import_table(store, tables[1 - live], "own", dataset="many", replace=True)
    assert report.changed
    assert content_of(store) == contents[1 - live]
    with store.read() as snapshot:
        assert not any(snapshot.audit().values())
    files = sorted(path.name for path in store.root.rglob("*") if path.is_file())
    kept = {"CURRENT", "lock", "audit.jsonl", "audit.jsonl.lock"}
    assert set(files) - {version.path.name for version in store.versions()} == kept
    assert len(store.versions()) <= KEEP_VERSIONS


@pytest.mark.slow
def test_four_readers_ask_while_versions_are_published(tmp_path: Path, store: Store) -> None:
    tables = [write_people(tmp_path / f"{seed}.csv", 1_000, seed) for seed in (1, 2)]
    import_table(store, tables[0], "own", dataset="many")
    stop = tmp_path / "stop"
    words = [sys.executable, "-c", READER, str(store.root), str(stop)]
    readers = [
        subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
        )
        for _ in range(N_READERS)
    ]
    try:
        for reader in readers:
            assert reader.stdout is not None
            assert reader.stdout.readline() == "ready\n"
        for turn in range(1, 7):
            assert import_table(store, tables[turn % 2], "own", dataset="many", replace=True).changed
    finally:
        stop.touch()
        said = [reader.communicate(timeout=patience.SECONDS) for reader in readers]
    for reader, (out, err) in zip(readers, said, strict=True):
        assert reader.returncode == 0, err
        counts = json.loads(out)
        assert counts["reads"] >= 5
        assert counts["versions"] >= 2, "a reader must meet new versions while it reads"
