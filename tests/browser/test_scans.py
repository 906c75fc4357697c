"""Scans and Subject in a real browser: from the mosaic to a lesion, links to a scan, and the 3D viewer."""

import io
import re
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from app.figures.palette import VENTRICLE_COLOUR
from app.scan_images import rgb
from db.publish_scans import publish_scans
from db.publish_table import DatasetCard
from db.store import Store
from tests.app.scan_files import LESION_SLICE, write_files
from tests.browser.harness import Tab, open_tab, served
from tests.browser.test_pages import LEGIBILITY, overflow
from tests.db.fake_run import patients, write_run
from tests.patience import wait_until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def scans_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a dashboard that shows three small scans."""
    folder = tmp_path_factory.mktemp("scans")
    people = patients(3)
    run = write_run(folder / "run", people, derivatives=folder / "files")
    publish_scans(Store(folder / "store"), run, DatasetCard("scans", "Scans"))
    for person in people:
        stem = f"sub-{person['subject_id']}"
        write_files(folder / "files" / stem / "anat", stem)
    with served(folder / "store") as url:
        yield url


@pytest.fixture
def scans_tab(chromium: Browser, scans_app: str) -> Iterator[Tab]:
    opened = open_tab(chromium, scans_app)
    yield opened
    failures = opened.failures()
    opened.context.close()
    assert failures == []


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("path", ["scans", "subject"])
def test_pictures_leave_the_page_readable_and_whole(chromium: Browser, scans_app: str, path: str, dark: bool) -> None:
    opened = open_tab(chromium, scans_app, dark=dark, window={"width": 1024, "height": 768})
    opened.go(path)
    assert opened.page.evaluate(LEGIBILITY) == []
    assert overflow(opened) <= 0
    assert opened.failures() == []
    opened.context.close()


def test_a_click_in_the_mosaic_opens_the_scan_and_its_link_the_same(scans_tab: Tab) -> None:
    scans_tab.go("scans")
    expect(scans_tab.page.locator("[data-testid=stImage] img")).to_have_count(3)
    scans_tab.page.get_by_role("button", name="01", exact=True).click()
    expect(scans_tab.page.locator(".answer")).to_contain_text("01 (MS, man, 31 years)")
    expect(scans_tab.page).to_have_url(re.compile(r"/subject\?scan=01$"))
    scans_tab.go("subject?scan=scans/sub-02")
    expect(scans_tab.page.locator(".answer")).to_contain_text("02 (MS, woman, 32 years)")


def test_a_key_and_a_picked_lesion_move_the_picture(scans_tab: Tab) -> None:
    scans_tab.go("subject")
    where = scans_tab.page.get_by_text(re.compile(r"^Slice \d+ of 20, "))
    expect(where).to_contain_text(f"Slice {LESION_SLICE + 1} of 20")
    for _ in range(2):
        before = where.inner_text()
        scans_tab.page.locator(".answer").click()
        scans_tab.page.keyboard.press("w")
        expect(where).not_to_have_text(before)
    expect(where).to_contain_text(f"Slice {LESION_SLICE + 3} of 20")
    table = scans_tab.page.locator("[data-testid=stDataFrame]").bounding_box()
    assert table is not None
    scans_tab.page.mouse.click(table["x"] + 14, table["y"] + 53)
    expect(where).to_contain_text(f"Slice {LESION_SLICE + 1} of 20")


def test_a_part_that_is_drawn_again_for_itself_stays_persian(scans_tab: Tab) -> None:
    scans_tab.go("subject?lang=fa")
    viewer = scans_tab.page.locator("[data-testid=stColumn]").filter(has=scans_tab.page.locator(".window-drag"))
    where = viewer.get_by_text(re.compile("[۰-۹]+")).first
    expect(where).to_be_visible()
    scans_tab.page.locator(".answer").click()
    picture = scans_tab.page.locator(".st-key-slice-picture img")
    before = picture.get_attribute("src")
    scans_tab.page.keyboard.press("w")
    expect(picture).not_to_have_attribute("src", before or "")
    scans_tab.settle()
    assert not re.search("Slice|lesion|Pick a row", scans_tab.page.locator("[data-testid=stMain]").inner_text())


def test_grey_levels_are_dragged_on_the_picture_and_set_by_arrow_keys(scans_tab: Tab) -> None:
    scans_tab.go("subject")
    page = scans_tab.page
    place, levels = page.locator(".st-key-slice-picture"), page.locator(".window-drag")
    picture = place.locator("img")
    expect(levels).to_have_text("Window 255, level 128")
    box = place.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for button, key, right, down in (("right", None, -0.2, -20), ("left", "Shift", 0.1, 0)):
        told, drawn = levels.inner_text(), picture.get_attribute("src")
        if key:
            page.keyboard.down(key)
        page.mouse.move(x, y)
        page.mouse.down(button=button)  # type: ignore[arg-type]
        page.mouse.move(x + right * box["width"], y + down, steps=3)
        expect(place).to_have_css("filter", re.compile("url"))
        expect(levels).not_to_have_text(told)
        page.mouse.up(button=button)  # type: ignore[arg-type]
        if key:
            page.keyboard.up(key)
        expect(picture).not_to_have_attribute("src", drawn or "")
        expect(place).to_have_css("filter", "none")
    # A fifth of the width to the left and a tenth to the right of 255 grey levels; upwards is brighter.
    window, level = map(int, re.findall(r"\d+", levels.inner_text()))
    assert abs(window - 229.5) <= 1
    assert level < 128
    expect(page.get_by_text("Black and white at")).to_be_visible()
    drawn = picture.get_attribute("src")
    levels.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    # The level is the middle of two whole grey levels.
    expect(levels).to_have_text(re.compile(f"Window {window - 5}, level ({level + 4}|{level + 5}|{level + 6})$"))
    expect(picture).not_to_have_attribute("src", drawn or "")
    scans_tab.settle()
    expect(levels).to_be_focused()


def test_the_3d_viewer_draws_the_colours_of_the_palette(scans_tab: Tab) -> None:
    scans_tab.go("subject")
    scans_tab.page.get_by_role("tab", name="3D").click()
    viewer = scans_tab.page.locator("iframe[title*=niivue]")
    expect(viewer).to_be_visible()
    # NiiVue tells nobody when it has drawn.
    wait_until(lambda: _near(viewer.screenshot(), VENTRICLE_COLOUR) > 200, "the viewer to draw the ventricles")


def _near(png: bytes, colour: str) -> int:
    """Return how many pixels have the colour, as far as half-transparent drawing on grey leaves it."""
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)
    return int((np.abs(pixels - rgb(colour)).max(-1) < 45).sum())


def test_two_scans_are_chosen_side_by_side(scans_tab: Tab) -> None:
    scans_tab.go("scans")
    scans_tab.page.get_by_text("Two scans side by side").click()
    for side, person in (("Left", "00"), ("Right", "02")):
        scans_tab.choose(scans_tab.page.get_by_role("combobox", name=side), person)
        expect(scans_tab.page).to_have_url(re.compile(f"{side.lower()}-scan={person}"))
    expect(scans_tab.page.get_by_label("Height: percent of the way up").first).to_be_visible()
