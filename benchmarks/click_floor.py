"""`python -m benchmarks.click_floor`: a click on the real pages, and on bare ones with the same figures ready-made.

A bare page computes nothing: a button, one line, and the figures in sight, kept from the real page for either state of
the button. What a click costs there is what Streamlit and Plotly take, however quick this program is. Both are measured
in one run, page by page, with the demonstration cohort.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from app.commands.app_command import ROOT, choose_port
from benchmarks.server import CLICKED, click, open_filters, ready, running, tab
from tests.browser.harness import WINDOW, chromium_path, launch, wait_for_health

PAGE = Path(__file__).with_name("bare_page.py")
IN_SIGHT = """() => [...document.querySelectorAll('.chart')].filter(chart => {
    const box = chart.getBoundingClientRect();
    return box.width > 0 && box.top < innerHeight && box.bottom > 0;
}).map(chart => ({
    figure: chart.wanted, alt: chart.getAttribute('aria-label'), height: parseInt(chart.style.height),
    config: JSON.stringify(chart.config), width: chart.clientWidth,
}))"""


def main() -> None:
    """Keep the figures, click on both, print the medians."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.click_floor", description=__doc__)
    parser.add_argument("--store", type=Path, required=True, metavar="DIR", help="with the demonstration cohort")
    parser.add_argument("--runs", type=int, default=8, metavar="N", help="clicks on each page")
    args = parser.parse_args()
    executable = chromium_path()
    if executable is None:
        raise FileNotFoundError("no Chromium found")
    kept: dict[str, list[Any]] = {}
    seconds: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = launch(playwright, executable)
        with running(args.store) as server:
            page = tab(browser, server.url)
            for title, path in CLICKED.items():
                page.goto(f"{server.url}/{path}")
                open_filters(page)
                kept[title] = [_figures_after_a_click(page) for _ in range(2)]
                seconds[title] = {"real": _clicked(page, args.runs)}
        with _bare(Path(folder), kept) as url:
            page = browser.new_context(viewport=WINDOW).new_page()
            for title in CLICKED:
                page.goto(f"{url}/?page={title}")
                seconds[title]["bare"] = _clicked(page, args.runs)
        browser.close()
    sys.stdout.write(json.dumps({"load": os.getloadavg()[0], "median_seconds": seconds}) + "\n")


def _figures_after_a_click(page: Page) -> Any:
    """Return the figures in sight without the women, or with them again."""
    click(page)
    return page.evaluate(IN_SIGHT)


def _clicked(page: Page, runs: int) -> float:
    """Return the median seconds of a click, after one of either kind that does not count."""
    ready(page)
    click(page)
    click(page)
    return round(statistics.median(click(page) for _ in range(runs)), 3)


@contextmanager
def _bare(folder: Path, kept: dict[str, list[Any]]) -> Iterator[str]:
    """Serve the bare page from a folder of its own, which also has the program that draws."""
    shutil.copy(PAGE, folder)
    (folder / "static").mkdir()
    shutil.copy(str(files("plotly") / "package_data" / "plotly.min.js"), folder / "static")
    (folder / "figures.json").write_text(json.dumps(kept), encoding="utf-8")
    port = choose_port(None)
    url = f"http://127.0.0.1:{port}"
    options = {"server.port": port, "server.address": "127.0.0.1", "server.headless": "true"}
    options |= {"server.enableStaticServing": "true", "browser.gatherUsageStats": "false"}
    options |= {"server.fileWatcherType": "none"}
    flags = [f"--{name}={value}" for name, value in options.items()]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", PAGE.name, *flags],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.fspath(ROOT)},
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_for_health(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=30)


if __name__ == "__main__":
    main()
