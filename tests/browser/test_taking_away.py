"""What a presenter takes from a page: a PDF of it, a slide with the difference of women 30-45 and its effect."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from pptx import Presentation

from tests import patience
from tests.browser.harness import open_tab

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
    assert paper.name == "compare-demo.pdf"
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
