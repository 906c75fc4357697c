"""Every page in a real browser: no complaint, readable in light and dark, whole on a small screen, nothing for axe."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser.harness import PAGES, Tab, open_tab

pytestmark = pytest.mark.browser

LEGIBILITY = Path(__file__).with_name("legibility.js").read_text(encoding="utf-8")
# The demonstration of the browser tests is made without scans, so nobody has regions or a second visit.
WITHOUT_FIGURE = {"add-scans", "data", "methods", "published-vs-recomputed", "scans", "subject"}
WITHOUT_FIGURE |= {"regions", "lesion-map", "clusters", "visits"}


@pytest.fixture
def dark_tab(chromium: Browser, demo_app: str) -> Iterator[Tab]:
    opened = open_tab(chromium, demo_app, dark=True)
    yield opened
    failures = opened.failures()
    opened.context.close()
    assert failures == []


def violations(tab: Tab) -> list[str]:
    """Return what axe finds wrong with the page: rule, how many places, the first of them."""
    found = Axe().run(tab.page, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{v['id']} x {len(v['nodes'])}: {v['nodes'][0]['html'][:200]}" for v in found]


def overflow(tab: Tab) -> int:
    """Return by how many pixels the page is wider than its window."""
    return int(tab.page.locator("[data-testid=stMain]").evaluate("main => main.scrollWidth - main.clientWidth"))


@pytest.mark.parametrize("path", PAGES)
def test_page_in_light(tab: Tab, path: str) -> None:
    tab.go(path)
    assert tab.page.evaluate(LEGIBILITY) == []
    assert violations(tab) == []
    # Whatever is shown, the cohort can be taken away.
    expect(tab.page.get_by_role("button", name=re.compile(r"^Export"))).to_have_count(1)
    if path not in WITHOUT_FIGURE:
        expect(tab.page.locator(".js-plotly-plot .main-svg").first).to_be_visible()


@pytest.mark.parametrize("path", PAGES)
def test_page_in_dark_on_a_small_screen(dark_tab: Tab, path: str) -> None:
    dark_tab.page.set_viewport_size({"width": 1024, "height": 768})
    dark_tab.go(path)
    assert dark_tab.page.evaluate(LEGIBILITY) == []
    assert violations(dark_tab) == []
    assert overflow(dark_tab) <= 0


@pytest.mark.parametrize("path", ["correlations", "published-vs-recomputed", "methods"])
def test_page_on_a_phone(chromium: Browser, demo_app: str, path: str) -> None:
    phone = open_tab(chromium, demo_app, window={"width": 390, "height": 844})
    phone.go(path)
    assert overflow(phone) <= 0
    banner = phone.page.locator(".synthetic-banner").bounding_box()
    assert banner is not None
    # One or two lines beneath the name of the page, not a column of one word each.
    assert banner["height"] < 70
    if path == "correlations":
        figure = phone.page.locator(".chart").first
        # Two matrices side by side keep their width and are scrolled, by keys, too.
        assert figure.evaluate("figure => figure.scrollWidth > figure.clientWidth && figure.tabIndex === 0")
    assert violations(phone) == []
    assert phone.failures() == []
    phone.context.close()
