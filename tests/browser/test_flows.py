"""What people do on the pages: filter, share the link, find nobody, download, use the keyboard, present."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Download, expect

from tests.browser.harness import Tab, open_tab

pytestmark = pytest.mark.browser


def who(tab: Tab) -> str:
    """Return the line that says how many of each group are shown."""
    return tab.page.locator(".who").inner_text()


def test_a_link_restores_what_was_seen(tab: Tab, chromium: Browser) -> None:
    tab.go("compare")
    everyone = who(tab)
    tab.page.get_by_role("button", name="Men", exact=True).click()
    tab.page.get_by_text("Only people with lesions").click()
    expect(tab.page.locator(".who")).to_contain_text("filtered out")
    tab.settle()
    link, seen = tab.page.url, who(tab)
    assert seen != everyone
    other = open_tab(chromium, tab.url)
    try:
        other.go(link.removeprefix(tab.url).lstrip("/"))
        assert who(other) == seen
        assert other.failures() == []
    finally:
        other.context.close()


def test_filters_stay_when_the_page_changes(tab: Tab) -> None:
    tab.go("compare")
    tab.page.get_by_role("button", name="Men", exact=True).click()
    expect(tab.page.locator(".who")).to_contain_text("filtered out")
    tab.settle()
    seen = who(tab)
    tab.page.get_by_role("link", name="Age and sex").click()
    expect(tab.page).to_have_url(re.compile("age-and-sex"))
    tab.settle()
    assert who(tab) == seen


def test_nobody_matching_is_a_friendly_state_with_a_way_back(tab: Tab) -> None:
    tab.go("compare")
    everyone = who(tab)
    for name in ("Women", "Men"):
        tab.page.get_by_role("button", name=name, exact=True).click()
        tab.settle()
    expect(tab.page.get_by_text("Nobody matches")).to_be_visible()
    tab.page.get_by_role("button", name="Show everyone").click()
    expect(tab.page.locator(".who")).to_have_text(everyone)
    tab.settle()


def download(tab: Tab, kind: str) -> Download:
    """Download the first figure of the page as ``kind``."""
    tab.page.get_by_role("button", name="Download").first.click()
    with tab.page.expect_download(timeout=60_000) as pending:
        tab.page.get_by_role("button", name=kind, exact=True).click()
    return pending.value


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        ("PNG", b"\x89PNG\r\n"),
        ("SVG", b"<svg"),
        ("HTML", b"<!doctype html>"),
        ("CSV", b"\xef\xbb\xbf"),
    ],
)
def test_figure_downloads(tab: Tab, tmp_path: Path, kind: str, start: bytes) -> None:
    tab.go("compare")
    file = download(tab, kind)
    target = tmp_path / file.suggested_filename
    file.save_as(target)
    assert target.suffix == f".{kind.lower()}"
    content = target.read_bytes()
    assert content.startswith(start)
    assert len(content) > 1000
    if kind in ("SVG", "HTML", "CSV"):
        assert "ynthetic" in content.decode()


def test_downloaded_page_works_without_a_network(tab: Tab, tmp_path: Path) -> None:
    tab.go("compare")
    target = tmp_path / "figure.html"
    download(tab, "HTML").save_as(target)
    alone = tab.context.new_page()
    asked: list[str] = []
    alone.on("request", lambda request: asked.append(request.url))
    alone.goto(target.as_uri())
    expect(alone.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


def test_the_keyboard_reaches_the_filters_and_shows_where_it_is(tab: Tab) -> None:
    tab.go("compare")
    focused = "() => document.activeElement.textContent.trim()"
    for _ in range(40):
        tab.page.keyboard.press("Tab")
        if tab.page.evaluate(focused) == "HC":
            break
    assert tab.page.evaluate(focused) == "HC"
    outline = tab.page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    tab.page.keyboard.press("Space")
    expect(tab.page.locator(".who")).not_to_contain_text("HC")
    tab.settle()


def test_presenting_leaves_the_answer_and_the_figure(tab: Tab) -> None:
    tab.go("compare")
    tab.page.get_by_text("Present", exact=True).click()
    expect(tab.page.get_by_role("button", name="Men", exact=True)).to_be_hidden()
    expect(tab.page.locator(".answer").first).to_be_visible()
    expect(tab.page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    tab.settle()
