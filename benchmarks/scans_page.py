"""`python -m benchmarks.scans_page`: the page Scans with thousands of them: seconds as seen, of the server, memory.

The records are made up and pass every audit. Every scan has the same made-up picture, as files of its own.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
from playwright.sync_api import Page, sync_playwright

from benchmarks.gather import METHOD
from benchmarks.large_store import DATASET, made_up
from benchmarks.server import PATIENCE_MS, Server, ready, running, tab
from db.publish_scans import publish_scans
from db.publish_table import DatasetCard
from db.store import Store
from pipeline.ingest.run_folder import run_manifest, write_tables
from tests.browser.harness import chromium_path, launch

LESIONS = 20
SHAPE = (230, 230, 20)
FILES = ("desc-display_FLAIR.nii.gz", "desc-tissue_dseg.nii.gz", "desc-zones_dseg.nii.gz")


def main() -> None:
    """Build the store, serve it, look at it, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scans_page", description=__doc__)
    parser.add_argument("--scans", type=int, default=5_000, metavar="N")
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="how often each thing is done")
    args = parser.parse_args()
    executable = chromium_path()
    if executable is None:
        raise FileNotFoundError("no Chromium found")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        store = Path(folder) / "store"
        _build(Path(folder), store, args.scans)
        with running(store) as server:
            browser = launch(playwright, executable)
            page = tab(browser, server.url)
            answer: dict[str, Any] = {"scans": args.scans, "memory_mb_at_start": server.memory_mb()}
            answer["first view"] = _timed(server, page, 1, lambda _i: page.goto(f"{server.url}/scans"))
            answer["again"] = _timed(server, page, args.runs, lambda _i: page.goto(f"{server.url}/scans"))
            answer["another page of pictures"] = _timed(server, page, args.runs, lambda i: _turn(page, i + 2))
            answer["search"] = _timed(server, page, args.runs, lambda i: _search(page, f"000{i + 10}"))
            answer["memory_mb_at_the_end"] = server.memory_mb()
            browser.close()
    sys.stdout.write(json.dumps(answer) + "\n")


def _build(folder: Path, store: Path, n: int) -> None:
    tables = made_up(n, LESIONS, folder)
    write_tables(folder / "run", tables, run_manifest(METHOD, tables, datetime.now(UTC), 0))
    publish_scans(Store(store), folder / "run", DatasetCard(DATASET, DATASET))
    chance = np.random.default_rng(1)
    x, y, _ = np.indices(SHAPE)
    head = (x - SHAPE[0] / 2) ** 2 / 80**2 + (y - SHAPE[1] / 2) ** 2 / 100**2 < 1
    volumes = (head * chance.integers(80, 120, SHAPE), head * 1, head * (chance.random(SHAPE) > 0.99))
    for ending, volume in zip(FILES, volumes, strict=True):
        image = nibabel.Nifti1Image(volume.astype(np.uint8), np.diag((0.9, 0.9, 6.0, 1.0)))
        nibabel.save(image, folder / ending)
    for record in tables["scan"].select("stem", "derivatives").iter_rows(named=True):
        place = Path(record["derivatives"])
        place.mkdir(parents=True)
        for ending in FILES:
            os.link(folder / ending, place / f"{record['stem']}_{ending}")


def _timed(server: Server, page: Page, runs: int, do: Callable[[int], object]) -> dict[str, float | None]:
    """Do something and wait until the page stands; median and 95th percentile of seconds, the server's time."""
    seconds, cpu = [], server.cpu_seconds()
    for number in range(runs):
        began = time.perf_counter()
        do(number)
        ready(page)
        page.wait_for_function(PICTURES, polling=20, timeout=PATIENCE_MS)
        seconds.append(time.perf_counter() - began)
    after = server.cpu_seconds()
    spent = None if cpu is None or after is None else round((after - cpu) / runs, 2)
    middle, late = (round(float(q), 2) for q in np.quantile(seconds, (0.5, 0.95)))
    return {"seconds": middle, "p95_seconds": late, "cpu_seconds": spent}


PICTURES = """() => {
    const seen = [...document.querySelectorAll('[data-testid=stMain] img')].filter(picture => {
        const box = picture.getBoundingClientRect();
        return box.width > 0 && box.top < innerHeight && box.bottom > 0;
    });
    return seen.length > 0 && seen.every(picture => picture.complete && picture.naturalWidth > 0);
}"""
"""The pictures in sight are there; those below are fetched when they come into sight."""


def _turn(page: Page, number: int) -> None:
    page.get_by_test_id("stPagination").get_by_text(str(number), exact=True).click()


def _search(page: Page, text: str) -> None:
    box = page.get_by_label("Search")
    box.fill(text)
    box.press("Enter")


if __name__ == "__main__":
    main()
