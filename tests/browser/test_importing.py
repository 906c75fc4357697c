"""A table dropped on the Data page: problems first, then the import, the cohort, and the way back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from app import cli
from tests.browser.harness import Tab, open_tab, served
from vocabulary.measures import SYNTHETIC_NOTICE

pytestmark = pytest.mark.browser

HEADER = (
    "subject_id,group,sex,age_years,intracranial_area_mm2,ventricle_area_mm2,wmh_area_mm2,"
    "periventricular_area_mm2,paraventricular_area_mm2,juxtacortical_area_mm2\n"
)
SOUND = "P1,MS,F,41,110000,450,60,30,20,10\nP2,HC,M,39,120000,480,0,0,0,0\n"
FLAWED = "P3,MS,F,230,110000,450,60,30,20,10\n"


@pytest.fixture
def own_tab(chromium: Browser, tmp_path: Path) -> Iterator[Tab]:
    """Return a tab on a dashboard whose store this test may change."""
    assert cli.main(["demo", "--subjects", "60", "--scans", "0", "--store", str(tmp_path / "store")]) == 0
    with served(tmp_path / "store") as url:
        opened = open_tab(chromium, url)
        yield opened
        failures = opened.failures()
        opened.context.close()
        assert failures == []


def test_a_table_is_checked_imported_seen_and_undone(own_tab: Tab, tmp_path: Path) -> None:
    page = own_tab.page
    table = tmp_path / "clinic.csv"
    table.write_text(HEADER + SOUND + FLAWED)
    own_tab.go("data")
    page.locator("input[type=file]").set_input_files(table)
    expect(page.get_by_text("1 problem")).to_be_visible()
    expect(page.get_by_role("button", name="Import 2 people")).to_be_disabled()

    protocol = page.get_by_role("textbox", name="Name of the protocol")
    protocol.fill("clinic-2026")
    protocol.press("Enter")
    page.get_by_text("Import only the 2 sound rows").click()
    page.get_by_role("button", name="Import 2 people").click()
    expect(page.get_by_text("Imported 2 people")).to_be_visible()

    page.get_by_role("button", name="See the cohort").click()
    expect(page.locator(".who")).to_contain_text("MS n = 1")
    expect(page.get_by_text(SYNTHETIC_NOTICE)).to_have_count(0)

    page.get_by_role("link", name="Data").click()
    page.get_by_role("button", name="Undo this import").click()
    page.locator(".st-key-undo-confirm button").click()
    expect(page.get_by_text(SYNTHETIC_NOTICE).first).to_be_visible()


def test_a_file_that_is_no_table_is_one_clear_line(own_tab: Tab, tmp_path: Path) -> None:
    picture = tmp_path / "<img src=x onerror=alert(1)>.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
    own_tab.go("data")
    own_tab.page.locator("input[type=file]").set_input_files(picture)
    alert = own_tab.page.get_by_role("alert")
    expect(alert).to_be_visible()
    assert str(tmp_path) not in alert.inner_text()
    assert own_tab.page.locator("img[src=x]").count() == 0
