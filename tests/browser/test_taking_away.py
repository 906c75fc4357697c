"""What a presenter takes from a page: a PDF of it, a slide with the difference of women 30-45 and its effect."""

import logging
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from pptx import Presentation

from db.publish_scans import publish_scans
from db.publish_table import DatasetCard
from db.store import Store
from tests import patience
from tests.browser.harness import Tab, open_tab, served
from tests.db.fake_run import patients, write_run

pytestmark = pytest.mark.browser


def in_short(answer: str) -> str:
    """Return an answer as exports say it: the page writes the first WMH in full."""
    return re.sub(r"white matter hyperintensit(y|ies) \(WMH\)", "WMH", answer, flags=re.IGNORECASE)


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
    said = in_short(tab.page.locator("p.answer").inner_text())
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


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs pdftotext of poppler")
@pytest.mark.parametrize(
    ("path", "filtered"),
    [
        ("compare?sex=Women&age=30&age=45", "women, aged 30 to 45"),
        ("age-and-sex?sex=Women&age=30&age=45", "women, aged 30 to 45"),
        ("regions?sex=Women", "women"),
    ],
)
def test_a_page_on_paper_says_its_answer_its_filter_and_its_n(
    path: str, filtered: str, chromium: Browser, demo_app: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    began = time.monotonic()
    address = request.getfixturevalue("regions_app") if path.startswith("regions") else demo_app
    tab = open_tab(chromium, address)
    tab.go(path)
    said = in_short(tab.page.locator("p.answer").inner_text())
    tab.page.get_by_role("button", name="Export").first.click()
    expect(tab.page.get_by_role("button", name="This page as PDF")).to_be_enabled()
    paper = taken(tab, "This page as PDF", tmp_path)
    logging.getLogger(__name__).info("the task took %.1f s", time.monotonic() - began)
    printed = subprocess.run(
        ["pdftotext", "-layout", str(paper), "-"], capture_output=True, text=True, check=True
    ).stdout
    words = " ".join(printed.split())
    assert filtered in words
    assert re.search(r"MS n = [\d,]+", words)
    assert "Research use only" in words
    # Words stand on paper as on the page; only where lines break is the typesetter's.
    assert plain(said)[:60] in plain(words)
    assert tab.failures() == []
    tab.context.close()


def plain(words: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", words)


@pytest.fixture(scope="module")
def regions_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a dashboard of a few people whose lesions lie in regions."""
    folder = tmp_path_factory.mktemp("regions")
    run = write_run(folder / "run", patients(12), derivatives=folder / "files")
    publish_scans(Store(folder / "store"), run, DatasetCard("scans", "Scans"))
    with served(folder / "store") as url:
        yield url


def gathered(tab: Tab, n: int) -> None:
    """Wait until the head of the page counts so many slides."""
    expect(tab.page.get_by_role("button", name=f"Slides ({n})")).to_be_visible()
    tab.settle()


def test_slides_are_gathered_over_pages_put_in_order_and_made_into_a_deck(
    tab: Tab, chromium: Browser, tmp_path: Path
) -> None:
    began = time.monotonic()
    tab.go("compare?sex=Women&age=30&age=45")
    said = in_short(tab.page.locator("p.answer").inner_text())
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
