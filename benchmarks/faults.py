"""`python -m benchmarks.faults`: commands killed at random moments; how many stores survived, what was lost.

A kill is survived when the store then opens, its live version is one that was published whole (by its content hash,
told and found), every audit passes, and the next command ends well. Kills that came after the command had ended are
counted: they prove nothing.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import polars as pl

from analysis.synthetic.cohort import synthetic_cohort
from db.content_hash import content_sha256
from db.errors import StoreError
from db.store import Store

SEED = 20261126
PROTOCOL, DATASET = "bench", "people"
COMMANDS = ("import", "rollback", "export")
SHOWN = ("tried", "survived", "lost", "ended")


def main() -> None:
    """Kill, look, count, print; exit 1 when anything was lost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=60, metavar="N", help="kills, shared among the commands")
    parser.add_argument("--people", type=int, default=1_371, metavar="N", help="synthetic people of each table")
    parser.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        counts = run(Path(folder), args.kills, args.people)
    total = {what: sum(count[what] for count in counts.values()) for what in SHOWN}
    if args.json:
        sys.stdout.write(json.dumps({"commands": counts, "total": total}) + "\n")
    else:
        for name, count in (*counts.items(), ("all", total)):
            said = (f"{what} {count[what]}" for what in SHOWN)
            sys.stdout.write(f"{name:10}{', '.join(said)}\n")
    sys.exit(1 if total["lost"] else 0)


def run(folder: Path, kills: int, people: int) -> dict[str, Counter[str]]:
    """Return for every command how many kills were tried, survived and lost; ``ended`` came too late to kill."""
    moments = random.Random(SEED)  # noqa: S311
    store, tables = Store(folder / "store"), [_table(folder / f"{seed}.csv", seed, people) for seed in (1, 2)]
    seconds, whole = {}, set()
    for number, name in enumerate(("import", "import", "export", "rollback")):
        began = time.monotonic()
        subprocess.run(_words(name, store, tables[number % 2], folder / "first"), check=True, capture_output=True)
        seconds[name] = time.monotonic() - began
        whole.add(_content(store))
    counts = {name: Counter(tried=0, survived=0, lost=0, ended=0) for name in COMMANDS}
    for kill in range(kills):
        name, count = COMMANDS[kill % len(COMMANDS)], counts[COMMANDS[kill % len(COMMANDS)]]
        out = folder / f"export-{kill}"
        words = _words(name, store, tables[kill // len(COMMANDS) % 2], out)
        with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            # The first half is spent on starting Python: what counts happens in the second.
            time.sleep(seconds[name] * (0.4 + 0.7 * moments.random()))
            count["ended"] += process.poll() is not None
            process.kill()
        count["tried"] += 1
        try:
            sound = _content(store) in whole
        except (StoreError, AssertionError) as error:
            sys.stderr.write(f"kill {kill} of {name}: {error}\n")
            sound = False
        again = subprocess.run(_words("import" if name == "rollback" else name, store, tables[kill % 2], out),
                               capture_output=True, text=True, check=False)  # fmt: skip
        if again.returncode:
            sys.stderr.write(f"kill {kill} of {name}, again: {again.stderr}\n")
        sound = sound and again.returncode == 0 and _content(store) in whole
        count["survived" if sound else "lost"] += 1
    return counts


def _words(name: str, store: Store, table: Path, out: Path) -> list[str]:
    words = {
        "import": ["import", os.fspath(table), "--protocol", PROTOCOL, "--dataset", DATASET, "--replace"],
        "rollback": ["store", "rollback"],
        "export": ["export", os.fspath(out), "--format", "csv"],
    }[name]
    return [sys.executable, "-m", "app.cli", *words, "--store", os.fspath(store.root)]


def _table(path: Path, seed: int, people: int) -> Path:
    frame: pl.DataFrame = synthetic_cohort(seed, people)
    frame.write_csv(path)
    return path


def _content(store: Store) -> str:
    """Return the content hash of the live version, having checked that it is what the version says, and sound."""
    with store.read() as snapshot:
        told = str(snapshot.datasets()["content_sha256"][0])
        found = content_sha256(snapshot.cohort(DATASET), PROTOCOL)
        if told != found or any(snapshot.audit().values()):
            raise AssertionError(f"version {snapshot.version} is not what it says")
    return told


if __name__ == "__main__":
    main()
