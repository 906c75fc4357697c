"""What a presenter takes from a page: a PDF of it, a slide with the difference of women 30-45 and its effect."""

import logging
import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from pptx import Presentation

from tests import patience
from tests.browser.harness import Tab, open_tab

pytestmark = pytest.mark.browser


def taken(tab, label: str, folder: Path) -> Path:
    with tab.page.expect_download(timeout=patience.SECONDS * 1000) as download:
        tab.page.get_by_role("button", name=label).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_the_difference_of_women_30_to_45_on_a_slide_and_on_paper(
    chromium: Browser, demo_app: str, tmp_path: Path
) -> None:
    tab = open_tab(chromium, demo_app)
    tab.go("compare?sex=Women&age=30&age=45")
    tab.settle()
    said = tab.page.locator("p.answer").inner_text()
    tab.page.get_by_role("button", name="Cite this").first.click()
    told = tab.page.get_by_text("mscohort compare wmh_ratio_pct --dataset demo --sex F --age 30:45")
    expect(told).to_be_visible()
    tab.page.keyboard.press("Escape")
    tab.page.get_by_role("button", name="Export").first.click()
    expect(tab.page.get_by_role("button", name="This page as PDF")).to_be_enabled()
    slides = list(Presentation(str(taken(tab, "This page as slides", tmp_path))).slides)
    assert len(slides) == 3
    assert slides[1].shapes.title.text_frame.text == said
    assert said.startswith("Among women aged 30–45,")
    assert "95 % CI" in said
    assert any(shape.has_chart for shape in slides[1].shapes)
    assert "mscohort compare wmh_ratio_pct" in slides[1].notes_slide.notes_text_frame.text
    paper = taken(tab, "This page as PDF", tmp_path)
    assert paper.name == "compare-demo-sex-f-age-30-45.pdf"
    assert paper.read_bytes().startswith(b"%PDF-")
    assert tab.failures() == []


@pytest.mark.parametrize("path", ["age-and-sex", "correlations", "lesion-zones"])
def test_other_pages_as_paper(path: str, chromium: Browser, demo_app: str, tmp_path: Path) -> None:
    tab = open_tab(chromium, demo_app)
    tab.go(f"{path}?sex=Men")
    tab.settle()
    export = tab.page.get_by_role("button", name="Export")
    export.first.click()
    assert taken(tab, "This page as PDF", tmp_path).read_bytes().startswith(b"%PDF-")
    assert tab.failures() == []


def gathered(tab: Tab, n: int) -> None:
    """Wait until the head of the page counts so many slides."""
    expect(tab.page.get_by_role("button", name=f"Slides ({n})")).to_be_visible()
    tab.settle()


def test_slides_are_gathered_over_pages_put_in_order_and_made_into_a_deck(
    tab: Tab, chromium: Browser, tmp_path: Path
) -> None:
    began = time.monotonic()
    tab.go("compare?sex=Women&age=30&age=45")
    said = tab.page.locator("p.answer").inner_text()
    tab.page.get_by_role("button", name="Add to slides").first.click()
    gathered(tab, 1)
    tab.page.get_by_role("button", name="Slides (1)").click()
    slides = list(Presentation(str(taken(tab, "Download 1 finding as slides", tmp_path))).slides)
    logging.getLogger(__name__).info("the task took %.1f s", time.monotonic() - began)
    assert slides[1].shapes.title.text_frame.text == said
    assert said.startswith("Among women aged 30–45,")
    assert "95 % CI" in said
    assert any(shape.has_chart for shape in slides[1].shapes)
    assert "Data: " in slides[-1].notes_slide.notes_text_frame.text
    tab.page.keyboard.press("Escape")

    tab.page.get_by_role("link", name="Lesion zones").click()
    expect(tab.page).to_have_url(re.compile("lesion-zones[?].*slides="))
    gathered(tab, 1)
    tab.page.get_by_role("button", name="Add to slides").first.click()
    gathered(tab, 2)
    tab.page.get_by_role("button", name="Take out of the slides").first.click()
    gathered(tab, 1)
    tab.page.get_by_role("button", name="Slides (1)").click()
    tab.page.get_by_role("button", name="Undo").click()
    gathered(tab, 2)
    rows = tab.page.locator("[class*=st-key-slides-row-]")
    expect(rows.nth(0)).to_contain_text("1. ")
    titles = rows.all_inner_texts()
    rows.nth(1).get_by_role("button", name="↑").click()
    expect(rows.nth(0)).to_contain_text(titles[1].split(". ", 1)[1].split("\n")[0])
    tab.settle()
    slides = list(Presentation(str(taken(tab, "Download 2 findings as slides", tmp_path))).slides)
    assert len(slides) == 4
    assert slides[2].shapes.title.text_frame.text == said
    assert any(hasattr(shape, "image") for shape in slides[1].shapes)

    other = open_tab(chromium, tab.url)
    other.go(tab.page.url.removeprefix(f"{tab.url}/"))
    gathered(other, 2)
    other.go("compare?slides=of-a-server-of-yesterday")
    expect(other.page.get_by_text("The slides of this link were gathered on a server")).to_be_visible()
    assert other.failures() == []
    other.context.close()

    tab.page.get_by_role("button", name="Clear").click()
    gathered(tab, 0)
    expect(tab.page).not_to_have_url(re.compile("slides="))
    tab.page.get_by_role("button", name="Undo").click()
    gathered(tab, 2)
