"""The dashboard as people meet it: time to start, to the first page, to a redrawn chart; the server's memory."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from app.commands.app_command import choose_port, command
from benchmarks.timing import Result, summarise
from tests.browser.harness import WINDOW, chromium_path, launch, wait_for_health

FIRST_PAGE_TARGET = 2.0
READY = """() => {
    const app = document.querySelector('[data-testid=stApp]');
    const charts = [...document.querySelectorAll('[data-testid=stPlotlyChart]')];
    return app && app.dataset.testScriptState === 'notRunning'
        && !document.querySelector('[data-testid=stSkeleton], [data-testid=stAppSkeleton], [data-stale=true]')
        && document.querySelector('[data-testid=stMainBlockContainer]')
        && charts.every(chart => chart.querySelector('svg.main-svg'));
}"""
"""The script has run, nothing on the page is stale, and every chart is drawn."""

COUNTED = "() => document.body.innerText.match(/HC\\s+n = [\\d,]+/)[0]"
"""What the filter bar says about the controls that are left."""


@dataclass(frozen=True)
class Server:
    """A running dashboard."""

    url: str
    pid: int
    seconds_to_health: float

    def memory_mb(self) -> float | None:
        """Return the resident memory of the server's process, MB; None where /proc does not tell."""
        try:
            status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        except OSError:
            return None
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        return round(int(found[1]) / 1024, 1) if found else None


@contextmanager
def running(store: Path) -> Iterator[Server]:
    """Serve a store with the command line of `mscohort app`, on a free port."""
    port = choose_port(None)
    url = f"http://127.0.0.1:{port}"
    started = time.perf_counter()
    environment = os.environ | {"MSCOHORT_STORE": os.fspath(store)}
    process = subprocess.Popen(command(port), env=environment, stdout=subprocess.DEVNULL)
    try:
        wait_for_health(url, process)
        yield Server(url, process.pid, time.perf_counter() - started)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def dashboard(store: Path, size: str, pages: list[str], *, runs: int) -> tuple[list[Result], dict[str, float | None]]:
    """Measure one server from its start; return the times and the server's memory (MB) at moments of its life.

    Parameters
    ----------
    store : with a dataset in it
    size : how the results call this store, such as "1,380 people"
    pages : addresses of every page; the first is the one that opens first
    runs : how often the warm first page is opened, each time by a new visitor with an empty cache

    Raises
    ------
    FileNotFoundError : there is no Chromium on this machine.
    """
    executable = chromium_path()
    if executable is None:
        raise FileNotFoundError("no Chromium found")
    with sync_playwright() as playwright, running(store) as server:
        browser = launch(playwright, executable)
        memory = {f"after start, {size}": server.memory_mb()}
        results = [summarise(f"server start to health, {size}", [server.seconds_to_health])]
        cold = _first_visit(browser, server.url)
        results.append(summarise(f"first page of a fresh server, {size}", [cold]))
        memory[f"after the first page, {size}"] = server.memory_mb()
        warm = [_first_visit(browser, server.url) for _ in range(runs)]
        results.append(summarise(f"first page, warm, {size}", warm, target=FIRST_PAGE_TARGET))
        context = browser.new_context(viewport=WINDOW)
        page = context.new_page()
        for path in pages:
            page.goto(f"{server.url}/{path}")
            _ready(page)
        memory[f"after every page, {size}"] = server.memory_mb()
        results.append(summarise(f"Compare page, click to redrawn, {size}", _clicks(page, server.url, runs)))
        memory[f"after {runs} filters, {size}"] = server.memory_mb()
        browser.close()
    return results, memory


def _first_visit(browser: Browser, url: str) -> float:
    """Open the first page as somebody who was never there, and return the seconds until it is whole."""
    context = browser.new_context(viewport=WINDOW)
    page = context.new_page()
    started = time.perf_counter()
    page.goto(url, wait_until="commit")
    _ready(page)
    seconds = time.perf_counter() - started
    context.close()
    return seconds


def _clicks(page: Page, url: str, runs: int) -> list[float]:
    """Switch the women off and on again; return the seconds until the new chart stands, each time."""
    page.goto(f"{url}/compare")
    _ready(page)
    women = page.get_by_role("button", name="Women", exact=True)
    seconds = []
    for _ in range(runs):
        before = page.evaluate(COUNTED)
        started = time.perf_counter()
        women.click()
        page.wait_for_function(f"before => ({COUNTED})() !== before", arg=before, polling=20, timeout=120_000)
        _ready(page)
        seconds.append(time.perf_counter() - started)
    return seconds


def _ready(page: Page) -> None:
    page.wait_for_function(READY, polling=20, timeout=120_000)
