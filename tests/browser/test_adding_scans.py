"""Scans dropped on the page Add scans: measured in the background, found again, stopped, shown, undone."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app import cli
from tests.browser.harness import Tab, open_tab, served

pytestmark = pytest.mark.browser


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Return a store that this test may change."""
    assert cli.main(["demo", "--subjects", "60", "--scans", "0", "--store", str(tmp_path / "store")]) == 0
    return tmp_path / "store"


@pytest.fixture
def own_tab(chromium: Browser, store: Path) -> Iterator[Tab]:
    with served(store) as url:
        opened = open_tab(chromium, url)
        yield opened
        failures = opened.failures()
        opened.context.close()
        assert failures == []


def drop(page: Page, *paths: Path) -> None:
    page.locator("input[type=file]").set_input_files(list(paths))
    expect(page.get_by_text("Who is it?")).to_be_visible()


def test_a_scan_is_measured_in_the_background_seen_and_undone(
    own_tab: Tab, store: Path, tmp_path: Path, reference: Path
) -> None:
    page = own_tab.page
    sound = Path(shutil.copy(reference / "mri" / "101228" / "FLAIR.nii.gz", tmp_path / "Anna_flair.nii.gz"))
    damaged = tmp_path / "P2_flair.nii.gz"
    damaged.write_bytes(sound.read_bytes()[:3000])
    own_tab.go("add-scans")
    drop(page, sound, damaged)
    code = page.get_by_label("Code", exact=True).first
    code.fill("P1")
    code.press("Enter")
    page.get_by_role("button", name="Measure 2 scans").click()

    stop = page.get_by_role("button", name="Stop measuring")
    expect(stop).to_be_visible()
    own_tab.go("compare")  # the dashboard is not held up
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    own_tab.go("add-scans")  # and a reloaded page finds the job again
    expect(stop).to_be_visible()

    expect(page.get_by_text("1 scan measured, 1 refused")).to_be_visible()
    expect(page.get_by_role("alert").filter(has_text="sub-P2_FLAIR.nii.gz was refused")).to_be_visible()
    expect(page.locator("[data-testid=stImage] img").first).to_be_visible()
    expect(page.get_by_text("Ventricle volume (mL)")).to_be_visible()
    assert list(store.glob("jobs/*/scans")) == []
    assert [path for path in store.rglob("*") if "Anna" in path.name] == []

    page.get_by_role("link", name="Open it").click()
    expect(page.locator(".answer")).to_contain_text("P1")
    expect(page.locator("[data-testid=stImage] img").first).to_be_visible()
    own_tab.settle()  # a page that is left forgets its picture, fetched or not
    page.get_by_role("link", name="Add scans").click()
    page.get_by_role("button", name="Undo").click()
    page.locator(".st-key-undo-confirm button").click()
    expect(page.get_by_text("The store is now at version")).to_be_visible()
    expect(page.locator("input[type=file]")).to_be_attached()


def test_a_measurement_can_be_stopped_and_leaves_nothing(own_tab: Tab, store: Path, tmp_path: Path) -> None:
    page = own_tab.page
    damaged = tmp_path / "P2_flair.nii.gz"
    damaged.write_bytes(b"\x1f\x8b not a scan")
    own_tab.go("add-scans")
    drop(page, damaged)
    page.get_by_role("button", name="Measure 1 scan").click()
    page.get_by_role("button", name="Stop measuring").click()
    expect(page.locator(".answer")).to_contain_text("stopped; nothing was added")
    assert list(store.glob("jobs/*/scans")) == []
    page.get_by_role("button", name="Add other scans").click()
    expect(page.locator("input[type=file]")).to_be_attached()
