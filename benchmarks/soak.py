"""`python -m benchmarks.soak`: many browser sessions for a while, beside imports and scans being measured.

Prints errors, the time of a page (median, 95th percentile), and the server's memory and open files from minute to
minute, so that it can be seen whether they grow or stay. A session of Streamlit holds three open files (its event loop)
until two minutes after its tab went, so files follow the number of visits in the last two minutes and then stay.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from analysis.synthetic.cohort import synthetic_cohort
from benchmarks.memory import resident_mb
from benchmarks.server import RUN, Server, running
from tests.browser.harness import PAGES, WINDOW, chromium_path, launch, let_in
from tests.pipeline.small_scans import write_small_scan

PATIENCE_MS = 120_000


def main() -> None:
    """Soak, then print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, metavar="M")
    parser.add_argument("--sessions", type=int, default=20, metavar="N")
    parser.add_argument("--import-every", type=float, default=60.0, metavar="S", help="seconds between two imports")
    args = parser.parse_args()
    executable = chromium_path()
    if executable is None:
        sys.exit("no Chromium found")
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        _command("demo", "--subjects", "300", "--scans", "0", "--store", os.fspath(store))
        with running(store) as server:
            answer = _soak(server, executable, Path(folder), store, args)
    sys.stdout.write(json.dumps(answer) + "\n")


def _soak(server: Server, executable: str, folder: Path, store: Path, args: argparse.Namespace) -> dict[str, object]:
    ended, beside = threading.Event(), {"imports": 0, "ingests": 0, "failed": 0}
    threads = [
        threading.Thread(target=_import, args=(folder, store, ended, beside, args.import_every)),
        threading.Thread(target=_ingest, args=(folder, store, ended, beside)),
    ]
    for thread in threads:
        thread.start()
    chance = random.Random(1)  # noqa: S311
    seconds: list[float] = []
    errors: list[str] = []
    memory: list[dict[str, float | None]] = []
    began = time.monotonic()
    with sync_playwright() as playwright:
        browser = launch(playwright, executable)
        pages = []
        for _ in range(args.sessions):
            context = browser.new_context(viewport=WINDOW)
            let_in(context, server.url)
            page = context.new_page()
            page.on("pageerror", lambda error: errors.append(str(error)))
            pages.append(page)
        while time.monotonic() - began < 60 * args.minutes:
            for page in pages:
                _visit(page, f"{server.url}/{chance.choice(PAGES)}", seconds, errors)
                minute = (time.monotonic() - began) / 60
                if not memory or minute - (memory[-1]["minute"] or 0) >= min(1.0, args.minutes / 8):
                    memory.append(
                        {"minute": round(minute, 2), "mb": resident_mb(server.pid), "files": _open_files(server.pid)}
                    )
        browser.close()
    ended.set()
    for thread in threads:
        thread.join()
    return {
        "minutes": round((time.monotonic() - began) / 60, 1),
        "sessions": args.sessions,
        "visits": len(seconds),
        "errors": errors[:20],
        "n_errors": len(errors),
        "median_s": round(float(np.median(seconds)), 2),
        "p95_s": round(float(np.percentile(seconds, 95)), 2),
        "beside": beside,
        "server": memory,
        "load": [round(load, 1) for load in os.getloadavg()],
    }


def _visit(page: Page, address: str, seconds: list[float], errors: list[str]) -> None:
    began = time.perf_counter()
    try:
        page.goto(address, wait_until="commit", timeout=PATIENCE_MS)
        page.wait_for_function(RUN, timeout=PATIENCE_MS)
    except Exception as error:
        errors.append(f"{address}: {str(error).splitlines()[0]}")
        return
    seconds.append(time.perf_counter() - began)
    errors.extend(page.locator("[data-testid=stException], .st-key-page-error").all_inner_texts())


def _import(folder: Path, store: Path, ended: threading.Event, beside: dict[str, int], every: float) -> None:
    number = 0
    while not ended.is_set():
        number += 1
        table = folder / "table.csv"
        synthetic_cohort(number, 200).write_csv(table)
        done = _command("import", os.fspath(table), "--protocol", "soak", "--dataset", "soak", "--replace", "--store",
                        os.fspath(store))  # fmt: skip
        beside["imports" if done == 0 else "failed"] += 1
        ended.wait(every)


def _ingest(folder: Path, store: Path, ended: threading.Event, beside: dict[str, int]) -> None:
    number = 0
    while not ended.is_set():
        write_small_scan(folder / "scans" / f"P{number}" / "FLAIR.nii.gz", number)
        number += 1
        words = ["ingest", os.fspath(folder / "scans"), "--workers", "1", "--store", os.fspath(store)]
        words = [sys.executable, "-m", "tests.pipeline.small_scans", *words]
        done = subprocess.run(words, capture_output=True, check=False).returncode
        beside["ingests" if done == 0 else "failed"] += 1
        ended.wait(5)


def _command(*words: str) -> int:
    return subprocess.run([sys.executable, "-m", "app.cli", *words], capture_output=True, check=False).returncode


def _open_files(pid: int) -> int | None:
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208
    except OSError:
        return None


if __name__ == "__main__":
    main()
