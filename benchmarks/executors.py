"""`python -m benchmarks.executors`: the same scans by one machine, by parts, and by Dask with workers that are killed.

Every way must leave the same content in a store. First the real pipeline on synthetic scans, timed: one process of our
own, Dask with 1, 2 and 4 workers, three parts put together. Then small scans with thresholds in place of the network,
over and over, while workers are killed at random moments; a round whose kill came too late is counted apart.
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.synthetic_bids import write_scans
from db.publish_scans import publish_scans
from db.publish_table import DatasetCard
from db.store import Store
from pipeline.ingest import ingest as ingesting
from pipeline.ingest.dask_jobs import run_jobs_on_dask
from pipeline.ingest.ingest import ingest
from pipeline.ingest.run_folder import RunFolder
from pipeline.ingest.shards import Shard, gather
from pipeline.inputs.discovery import discover
from pipeline.inputs.input_scan import InputScan
from tests.pipeline.small_scans import prepare_stand_in, write_small_scan

DASK_WORKERS = (1, 2, 4)
PARTS = 3
SMALL = 6


def main() -> None:
    """Measure every way, then kill, then print; exit 1 where any content differs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.executors", description=__doc__)
    parser.add_argument("--scans", type=int, default=12, metavar="N", help="synthetic scans that are timed; 0: none")
    parser.add_argument(
        "--kills", type=int, default=100, metavar="N", help="rounds in each of which a worker is killed"
    )
    parser.add_argument("--minutes", type=float, default=60.0, metavar="M", help="kill no longer than this")
    args = parser.parse_args()
    answer: dict[str, Any] = {"processors": os.cpu_count(), "load_average": os.getloadavg()}
    with tempfile.TemporaryDirectory() as folder:
        if args.scans:
            answer["ways"] = _ways(Path(folder) / "timed", args.scans)
        answer["killed"] = _kill(Path(folder) / "killed", args.kills, args.minutes)
    differ = [way for way, told in answer.get("ways", {}).items() if not told["equal"]]
    answer["differ"] = len(differ) + answer["killed"]["differ"]
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.exit(1 if answer["differ"] else 0)


def _ways(folder: Path, n: int) -> dict[str, dict[str, Any]]:
    write_scans(folder / "in", n, 20)
    scans, _ = discover([folder / "in"])

    def by_parts() -> RunFolder:
        for number in range(1, PARTS + 1):
            ingest(scans, folder / "parts", workers=1, shard=Shard(number, PARTS))
        return gather(folder / "parts")

    ways: dict[str, Callable[[], RunFolder]] = {"one process": lambda: ingest(scans, folder / "one", workers=1)}
    for workers in DASK_WORKERS:
        ways[f"dask, {workers} workers"] = lambda workers=workers: ingest(  # type: ignore[misc]
            scans, folder / f"dask-{workers}", workers=workers, spread=run_jobs_on_dask
        )
    ways[f"{PARTS} parts, one after the other"] = by_parts
    told: dict[str, dict[str, Any]] = {}
    for way, measure in ways.items():
        began = time.perf_counter()
        run = measure()
        seconds = time.perf_counter() - began
        first = next(iter(told.values()), None)
        content = _content(run, folder / f"store-{len(told)}", synthetic=True)
        told[way] = {
            "seconds": round(seconds, 1),
            "content": content,
            "equal": not first or content == first["content"],
        }
        told[way]["speed_up"] = round((first or told[way])["seconds"] / seconds, 2)
    return told


def _kill(folder: Path, rounds: int, minutes: float) -> dict[str, int]:
    """Measure small scans over and over on two workers, one of which is killed at a random moment."""
    for number in range(SMALL):
        write_small_scan(folder / "in" / f"P{number}" / "FLAIR.nii.gz", number)
    scans, _ = discover([folder / "in"])
    ingesting.prepare = prepare_stand_in
    expected = _content(ingest(scans, folder / "alone", workers=1), folder / "store", synthetic=False)
    told = {"rounds": 0, "killed": 0, "too_late": 0, "differ": 0}
    chance, until = random.Random(1), time.monotonic() + 60 * minutes  # noqa: S311
    while told["rounds"] < rounds and time.monotonic() < until:
        out = folder / f"round-{told['rounds']}"
        run, killed = _measure_and_kill(scans, out, chance)
        told["killed" if killed else "too_late"] += 1
        told["differ"] += _content(run, out / "store", synthetic=False) != expected
        told["rounds"] += 1
    return told


def _measure_and_kill(scans: list[InputScan], out: Path, chance: random.Random) -> tuple[RunFolder, bool]:
    """Measure on Dask and kill one worker; say whether the kill came while there was work."""
    after = chance.randrange(1, SMALL)
    killed: list[int] = []

    def kill_one(now: ingesting.Progress) -> None:
        from distributed import default_client

        if not killed and now.name and after <= now.done < SMALL:
            pid = chance.choice(sorted(default_client().run(os.getpid).values()))
            killed.append(pid)
            threading.Timer(chance.uniform(0, 0.3), os.kill, (pid, signal.SIGKILL)).start()

    run = ingest(scans, out, workers=2, spread=run_jobs_on_dask, progress=kill_one)
    return run, bool(killed)


def _content(run: RunFolder, root: Path, *, synthetic: bool) -> str:
    card = DatasetCard("scans", "scans", synthetic=synthetic)
    return publish_scans(Store(root), run.path, card).content_sha256


if __name__ == "__main__":
    main()
