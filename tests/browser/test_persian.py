"""The dashboard in Persian: turned round, kept from page to page, and a patient's report in that language."""

import logging
import re
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests import patience
from tests.browser.harness import Tab, open_tab

pytestmark = pytest.mark.browser

DIRECTION = "selector => getComputedStyle(document.querySelector(selector)).direction"
PERSIAN = re.compile("[\u0600-\u06ff]")


def test_the_switch_turns_the_page_round_and_keeps_what_is_shown(tab: Tab, chromium: Browser) -> None:
    tab.go("compare?sex=Women&age=30&age=45")
    who = re.sub("[^0-9]", "", tab.page.locator(".who").inner_text())
    tab.page.locator("a.language").click()
    expect(tab.page.locator(".answer")).to_contain_text("در میان زنان ۳۰–\u2060۴۵ ساله")
    tab.settle()
    assert tab.page.evaluate("document.documentElement.lang") == "fa"
    assert tab.page.evaluate(DIRECTION, ".stApp") == "rtl"
    assert tab.page.evaluate(DIRECTION, ".js-plotly-plot") == "ltr"
    sidebar, main = (tab.page.locator(f"[data-testid={name}]").bounding_box() for name in ("stSidebar", "stMain"))
    assert sidebar is not None
    assert main is not None
    assert sidebar["x"] > main["x"]
    digits = str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789")
    assert re.sub("[^0-9]", "", tab.page.locator(".who").inner_text().translate(digits)) == who
    shown = tab.page.locator(".answer").inner_text()
    tab.page.get_by_role("link", name="سن و جنس").click()
    expect(tab.page).to_have_url(re.compile("age-and-sex[?].*lang=fa"))
    expect(tab.page.locator(".answer")).to_contain_text("در میان زنان")
    tab.settle()

    # A link with Persian words opens in English, too.
    other = open_tab(chromium, tab.url)
    asked = parse_qs(urlsplit(tab.page.url).query)
    assert PERSIAN.search(asked["sex"][0])
    other.go(f"compare?sex={asked['sex'][0]}&age=30&age=45")
    expect(other.page.locator(".answer")).to_contain_text("Among women aged 30–45")
    other.go("compare?sex=Women&age=30&age=45&lang=fa")
    expect(other.page.locator(".answer")).to_have_text(shown)
    assert other.failures() == []
    other.context.close()


def test_the_report_of_a_patient_in_persian(tab: Tab, tmp_path: Path) -> None:
    began = time.monotonic()
    tab.go("patient?lang=fa")
    expect(tab.page.locator(".answer")).to_contain_text(PERSIAN)
    tab.page.get_by_role("tab", name="گزارش").click()
    tab.settle()
    with tab.page.expect_download(timeout=patience.SECONDS * 1000) as download:
        tab.page.get_by_role("button", name="فارسی", exact=True).click()
    report = tmp_path / download.value.suggested_filename
    download.value.save_as(report)
    logging.getLogger(__name__).info("the task took %.1f s", time.monotonic() - began)
    assert report.name.endswith("-fa.pdf")
    assert report.read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize("path", ["compare", "age-and-sex"])
def test_a_page_in_persian_on_paper(path: str, tab: Tab, tmp_path: Path) -> None:
    tab.go(f"{path}?lang=fa&sex=Women&age=30&age=45")
    tab.page.get_by_role("button", name="خروجی").first.click()
    with tab.page.expect_download(timeout=patience.SECONDS * 1000) as download:
        tab.page.get_by_role("button", name="این صفحه به صورت PDF").click()
    paper = tmp_path / download.value.suggested_filename
    download.value.save_as(paper)
    assert paper.read_bytes().startswith(b"%PDF-")
