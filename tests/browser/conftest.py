"""A Chromium, the dashboard on the synthetic cohort, and a tab that must stay free of trouble."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests import patience
from tests.browser.harness import Tab, chromium_path, launch, open_tab, served

expect.set_options(timeout=patience.SECONDS * 1000)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Return a headless Chromium; without one, skip here and fail in CI.

    It ends with its file of tests: while Playwright runs, no other test of the process could run an event loop.
    """
    executable = chromium_path()
    if executable is None:
        reason = "needs Chromium or Chrome (Debian: sudo apt install chromium)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = launch(playwright, executable)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def demo_app(demo_store: Path) -> Iterator[str]:
    """Return the address of a dashboard that shows the synthetic cohort."""
    with served(demo_store) as url:
        yield url


@pytest.fixture
def tab(chromium: Browser, demo_app: str) -> Iterator[Tab]:
    """Return a tab on the dashboard; fails if the page complained or asked another host for anything."""
    opened = open_tab(chromium, demo_app)
    yield opened
    failures = opened.failures()
    opened.context.close()
    assert failures == []
