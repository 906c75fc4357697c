"""Run the real command, look at it with a real Chromium, and notice everything that goes wrong."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit

from choreographer.browsers.chromium import Chromium
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Playwright, Request
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from app.access import token
from tests import patience

ADDRESS = "127.0.0.1"
TOKEN = "the-token-of-the-tests"
WITH_TOKEN = {token.VARIABLE: TOKEN}
"""What a server is started with whose owner the tests are."""
BEARER = {"Authorization": f"Bearer {TOKEN}"}
OURS = (sys.executable, "-m", "app.cli")
# The addresses of the pages, in the order of the navigation; the first page has none.
PAGES = (
    "",
    "compare",
    "age-and-sex",
    "correlations",
    "lesion-zones",
    "regions",
    "lesion-map",
    "clusters",
    "norms",
    "patient",
    "scans",
    "subject",
    "visits",
    "published-vs-recomputed",
    "models",
    "add-scans",
    "data",
    "methods",
)
PROBE = re.compile(r"/[a-z-]+/_stcore/(health|host-config)")
WINDOW = {"width": 1280, "height": 900}

# The flags draw WebGL without a GPU and keep Chromium from talking to anybody but this machine.
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {ADDRESS}",
]


STANDS = """() => document.body.dataset.tidy !== "due"
    && ![...document.querySelectorAll(".chart[data-state=waiting]")].some(chart => chart.clientWidth)"""
"""Every figure is drawn, also those out of sight, and the page's own script has done its work."""


@contextmanager
def served(store: Path, mscohort: Sequence[str] = OURS, folder: Path | None = None) -> Iterator[str]:
    """Run `mscohort app` on a free port for ``store`` and yield its address.

    Parameters
    ----------
    mscohort : words that start the command; by default the one of this checkout
    folder : where it is started
    """
    port = free_port()
    url = f"http://{ADDRESS}:{port}"
    words = [*mscohort, "app", "--no-browser", "--port", str(port), "--store", os.fspath(store)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, cwd=folder, env=os.environ | WITH_TOKEN)
    try:
        wait_for_health(url, process)
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=patience.SECONDS)


def wait_for_health(url: str, process: "subprocess.Popen[bytes]", seconds: float = patience.SECONDS) -> None:
    """Return when the server at ``url`` says it is well; raise when its process ends or time runs out."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    health = urllib.request.Request(f"{url}/_stcore/health", headers=BEARER)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with exit code {process.returncode}")
        try:
            with opener.open(health, timeout=2) as answer:
                if answer.read() == b"ok":
                    return
        except (URLError, OSError):
            pass
        time.sleep(0.1)
    raise TimeoutError(f"no server at {url} after {seconds} seconds")


def chromium_path() -> str | None:
    """Return the browser that image export uses, too, or None."""
    return Chromium.find_browser(skip_local=False)


def launch(playwright: Playwright, executable: str) -> Browser:
    """Start a Chromium with a fresh profile."""
    return playwright.chromium.launch(executable_path=executable, args=FLAGS)


@dataclass
class Tab:
    """A page of the dashboard in its own browser context, with a record of what went wrong in it."""

    context: BrowserContext
    page: Page
    url: str
    troubles: list[str] = field(default_factory=list)

    def go(self, path: str = "") -> None:
        """Open a page, such as ``compare?sex=F``, and wait until it is drawn."""
        self.page.goto(f"{self.url}/{path}")
        self.settle()

    def settle(self, timeout: float = patience.SECONDS * 1000) -> None:
        """Wait until the script has run and its last element is on the page."""
        self.page.wait_for_selector(
            "[data-testid=stApp][data-test-script-state=notRunning][data-test-connection-state=CONNECTED]",
            timeout=timeout,
        )
        self.page.wait_for_function(
            "() => !document.querySelector('[data-testid=stSkeleton], [data-testid=stAppSkeleton], [data-stale=true]')",
            timeout=timeout,
        )
        self.page.wait_for_function(STANDS, timeout=timeout)
        # Fonts are drawn a moment after the elements exist.
        self.page.evaluate("() => document.fonts.ready.then(() => new Promise(done => setTimeout(done, 300)))")

    def choose(self, box: Locator, option: str) -> None:
        """Choose an option of a box; where a redraw closed the list, open it again, as a person would."""
        self.settle()
        offered = self.page.get_by_role("option", name=option)
        for seconds in (2, 4, 8, 16, 32, patience.SECONDS):
            box.click()
            try:
                offered.click(timeout=seconds * 1000)
                break
            except PlaywrightTimeout:
                self.page.keyboard.press("Escape")
        else:
            raise AssertionError(f"no option {option} is offered")
        self.settle()

    def failures(self) -> list[str]:
        """Return the troubles so far, and those the page itself shows."""
        shown = self.page.locator("[data-testid=stException], .st-key-page-error").all_inner_texts()
        return [*self.troubles, *(f"exception on the page: {text}" for text in shown)]


def open_tab(browser: Browser, url: str, *, dark: bool = False, window: dict[str, int] | None = None) -> Tab:
    """Open an empty tab that records console errors, page errors and requests to any other host."""
    context = browser.new_context(
        viewport=window or WINDOW, color_scheme="dark" if dark else "light", accept_downloads=True
    )
    context.set_default_timeout(patience.SECONDS * 1000)
    let_in(context, url)
    tab = Tab(context, context.new_page(), url)
    context.on("request", lambda request: _note_stranger(tab, request))
    tab.page.on("console", lambda message: _note_error(tab, message))
    tab.page.on("pageerror", lambda error: tab.troubles.append(f"page error: {error}"))
    return tab


def let_in(context: BrowserContext, url: str) -> None:
    """Give a browser the cookie that it would have after the address with the token was opened once."""
    port = urlsplit(url).port or 0
    context.add_cookies([{"name": token.cookie_name(port), "value": token.cookie_value(TOKEN), "url": url}])


def _note_stranger(tab: Tab, request: Request) -> None:
    address = urlsplit(request.url)
    if address.scheme in ("http", "https", "ws", "wss") and address.netloc != urlsplit(tab.url).netloc:
        tab.troubles.append(f"request to another host: {request.url}")


def _note_error(tab: Tab, message: ConsoleMessage) -> None:
    where = message.location.get("url", "")
    # Opened at /compare, Streamlit first asks whether the server lives at /compare, and Chromium logs the 404.
    if message.type == "error" and not PROBE.fullmatch(urlsplit(where).path):
        tab.troubles.append(f"console error: {message.text} ({where})")


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        return int(probe.getsockname()[1])
