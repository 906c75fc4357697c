"""A download that is pressed while the page is drawn anew, before the browser has heard of it."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, WebSocketRoute

from tests import patience
from tests.browser.harness import open_tab

pytestmark = pytest.mark.browser

FINISHED_MS = 500
"""A server that says nothing for so long has drawn its page."""


class SlowNews:
    """What the server says to a browser, held back on demand."""

    def __init__(self) -> None:
        self.holding = False
        self.held: list[str | bytes] = []
        self.browser: WebSocketRoute | None = None

    def between(self, browser: WebSocketRoute) -> None:
        """Stand between a page and its server."""
        self.browser = browser
        server = browser.connect_to_server()
        browser.on_message(server.send)
        server.on_message(lambda news: self.held.append(news) if self.holding else browser.send(news))

    def let_go(self) -> None:
        """Tell the browser all of it, and hold nothing back any more."""
        assert self.browser is not None
        self.holding = False
        for news in self.held:
            self.browser.send(news)


def test_a_report_pressed_while_the_page_is_drawn_anew(chromium: Browser, demo_app: str, tmp_path: Path) -> None:
    news = SlowNews()
    tab = open_tab(chromium, demo_app)
    tab.page.route_web_socket("**/_stcore/stream", news.between)
    tab.go("patient")
    news.holding = True
    tab.page.get_by_role("tab", name="Report").click()
    patience.wait_until(lambda: _is_over(tab.page, news), "the page to be drawn anew")
    with tab.page.expect_download(timeout=patience.SECONDS * 1000) as download:
        tab.page.get_by_role("button", name="English", exact=True).click()
        news.let_go()
    report = tmp_path / download.value.suggested_filename
    download.value.save_as(report)
    assert report.read_bytes().startswith(b"%PDF-")
    assert tab.failures() == []


def _is_over(page, news: SlowNews) -> bool:
    before = len(news.held)
    page.wait_for_timeout(FINISHED_MS)
    return 0 < before == len(news.held)
