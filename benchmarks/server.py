"""The dashboard as people meet it: time to start, to the first page, to a redrawn chart; the server's memory."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from app.commands.app_command import ALLOCATOR, choose_port, command
from benchmarks.memory import resident_mb
from benchmarks.timing import Result, summarise
from tests.browser.harness import WINDOW, WITH_TOKEN, chromium_path, launch, let_in, wait_for_health

FIRST_PAGE_TARGET = 2.0
PATIENCE_MS = 120_000
SHELL = "() => document.querySelector('[data-testid=stApp]')"
RUN = """() => {
    const app = document.querySelector('[data-testid=stApp]');
    return app && app.dataset.testScriptState === 'notRunning'
        && !document.querySelector('[data-testid=stSkeleton], [data-testid=stAppSkeleton], [data-stale=true]')
        && document.querySelector('.research-only');
}"""
DRAWN = """() => {
    const charts = [...document.querySelectorAll('.chart')];
    return (charts.length || !document.querySelector('.figure-title')) && charts.every(chart => {
        const box = chart.getBoundingClientRect();
        const seen = box.width > 0 && box.top < innerHeight && box.bottom > 0;
        return !seen || chart.dataset.state === 'drawn';
    });
}"""
STAGES = {"application loaded": SHELL, "script run": RUN, "charts drawn": DRAWN}
"""How a page comes up, moment by moment; of its charts, those in sight."""

CLICKED = {
    "Overview": "",
    "Compare": "compare",
    "Age and sex": "age-and-sex",
    "Correlations": "correlations",
    "Lesion zones": "lesion-zones",
}
"""Pages whose filter is clicked, by title: their addresses."""

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
        return resident_mb(self.pid)

    def cpu_seconds(self) -> float | None:
        """Return the processor time the server has used so far; None where /proc does not tell."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        except OSError:
            return None
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(store: Path) -> Iterator[Server]:
    """Serve a store with the command line of `mscohort app`, on a free port."""
    port = choose_port(None)
    url = f"http://127.0.0.1:{port}"
    started = time.perf_counter()
    environment = ALLOCATOR | os.environ | WITH_TOKEN | {"MSCOHORT_STORE": os.fspath(store)}
    process = subprocess.Popen(command(port), env=environment, stdout=subprocess.DEVNULL)
    try:
        wait_for_health(url, process)
        yield Server(url, process.pid, time.perf_counter() - started)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def dashboard(
    store: Path, size: str, pages: Sequence[str], *, runs: int
) -> tuple[list[Result], dict[str, float | None]]:
    """Measure one server from its start; return the times and the server's memory (MB) at moments of its life.

    Parameters
    ----------
    store : with a dataset in it
    size : how the results call this store, such as "1,380 people"
    pages : addresses of every page; the first is the one that opens first
    runs : how often the first page is opened, and a filter is clicked

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
        page = tab(browser, server.url)
        results.append(_visits(f"first page of a fresh server, {size}", [page], server))
        memory[f"after the first page, {size}"] = server.memory_mb()
        strangers = [tab(browser, server.url) for _ in range(runs)]
        results.append(_visits(f"first page, new visitor, {size}", strangers, server))
        results.append(_visits(f"first page, warm, {size}", [page] * runs, server, target=FIRST_PAGE_TARGET))
        for path in pages:
            page.goto(f"{server.url}/{path}")
            ready(page)
        memory[f"after every page, {size}"] = server.memory_mb()
        results += [
            _clicks(f"{title} page, click to redrawn, {size}", path, page, server, runs)
            for title, path in CLICKED.items()
        ]
        memory[f"after {runs} filters, {size}"] = server.memory_mb()
        browser.close()
    return results, memory


def tab(browser: Browser, url: str) -> Page:
    """Open a browser that was never here before, with its owner's cookie."""
    context = browser.new_context(viewport=WINDOW)
    let_in(context, url)
    return context.new_page()


def _visits(name: str, visitors: Sequence[Page], server: Server, target: float | None = None) -> Result:
    """Open the first page in each tab; one that was here before has the application's files in its cache."""
    totals: list[float] = []
    stages: dict[str, list[float]] = {stage: [] for stage in STAGES}
    with _server_time(server, len(visitors)) as cpu:
        for page in visitors:
            page.goto("about:blank")
            started = before = time.perf_counter()
            page.goto(server.url, wait_until="commit")
            for stage, reached in STAGES.items():
                page.wait_for_function(reached, polling=20, timeout=PATIENCE_MS)
                now = time.perf_counter()
                stages[stage].append(now - before)
                before = now
            totals.append(before - started)
    return summarise(name, totals, target=target, stages=stages, cpu=cpu[0])


def _clicks(name: str, path: str, page: Page, server: Server, runs: int) -> Result:
    """Switch the women off and on again and wait until the new chart stands, each time."""
    page.goto(f"{server.url}/{path}")
    open_filters(page)
    with _server_time(server, runs) as cpu:
        seconds = [click(page) for _ in range(runs)]
    return summarise(name, seconds, cpu=cpu[0])


def open_filters(page: Page) -> None:
    """Wait until the page stands, and let it show the filter that is clicked."""
    ready(page)
    women = page.get_by_role("button", name="Women", exact=True)
    if not women.is_visible():
        page.get_by_role("button", name="Filters").first.click()
        women.wait_for()


def click(page: Page) -> float:
    """Switch the women off, or on again; return the seconds until the new charts stand."""
    before = page.evaluate(COUNTED)
    started = time.perf_counter()
    page.get_by_role("button", name="Women", exact=True).click()
    page.wait_for_function(f"before => ({COUNTED})() !== before", arg=before, polling=20, timeout=PATIENCE_MS)
    ready(page)
    return time.perf_counter() - started


@contextmanager
def _server_time(server: Server, runs: int) -> Iterator[list[float | None]]:
    """Yield a list that on leaving holds the processor seconds the server spent per run."""
    before = server.cpu_seconds()
    spent: list[float | None] = []
    yield spent
    after = server.cpu_seconds()
    spent.append(None if before is None or after is None else (after - before) / runs)


def ready(page: Page) -> None:
    """Wait until the page stands and its charts in sight are drawn."""
    for reached in STAGES.values():
        page.wait_for_function(reached, polling=20, timeout=PATIENCE_MS)
