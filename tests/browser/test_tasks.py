"""What people come for, done whole: by keyboard alone, by an older link, a person corrected, two cohorts compared."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app import cli
from db.publish_scans import publish_scans
from db.publish_table import DatasetCard
from db.store import Store
from tests.browser.harness import Tab, open_tab, served
from tests.browser.test_sharing import go_to_head_of_the_panel
from tests.db.fake_run import patients, write_run

pytestmark = pytest.mark.browser


ACTIVE = "(document.activeElement.innerText || document.activeElement.getAttribute('aria-label') || '').trim()"


def tab_to(page: Page, words: str, most: int = 60) -> None:
    """Press Tab until what has the focus begins with these words."""
    met: list[str] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        met.append(page.evaluate(ACTIVE)[:20])
        if met[-1].startswith(words):
            return
    raise AssertionError(f"Tab does not reach '{words}', only {met}")


def test_the_difference_of_women_from_30_to_45_is_found_by_keyboard_alone(tab: Tab) -> None:
    page = tab.page
    tab.go()
    tab_to(page, "Compare")
    page.keyboard.press("Enter")
    expect(page.locator(".answer")).to_contain_text("MS patients carry")
    tab.settle()
    tab_to(page, "Filters")
    page.keyboard.press("Enter")
    go_to_head_of_the_panel(tab)
    tab_to(page, "Women")
    page.keyboard.press("ArrowRight")  # both are chosen; taking the men away leaves the women
    page.keyboard.press("Space")
    expect(page.locator(".answer")).to_contain_text("Among women, MS patients carry")
    for label, years in (("From", "30"), ("to", "45")):
        tab_to(page, label)
        page.keyboard.press("Control+a")
        page.keyboard.type(years)
        page.keyboard.press("Enter")
        expect(page.locator(f".st-key-age-{label.lower()} input")).to_have_value(years)
        tab.settle()
    page.keyboard.press("Escape")
    expect(page.locator(".answer")).to_contain_text("Among women aged 30–45, MS patients carry")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Return a store that this test may change: people with a disability score, and two saved cohorts of them."""
    rows = ["subject_id,group,sex,age_years,intracranial_area_mm2,ventricle_area_mm2,wmh_area_mm2,edss"]
    rows += [
        f"P{i:03},{'HC' if i % 3 == 0 else 'MS'},{'FM'[i // 3 % 2]},{20 + i // 3},{110000 + 90 * i},{400 + i % 37},"
        f"{10 + (i * 7) % 300},{'' if i % 3 == 0 else (i % 12) / 2}"
        for i in range(120)
    ]
    (tmp_path / "t.csv").write_text("\n".join(rows) + "\n")
    place = ["--store", os.fspath(tmp_path / "store")]
    table = ["import", os.fspath(tmp_path / "t.csv"), "--protocol", "own-1", "--dataset", "t", "--extra", "edss"]
    assert cli.main([*table, *place]) == 0
    assert cli.main(["cohort", "save", "mild", "--where", "edss=0:2.5", *place]) == 0
    assert cli.main(["cohort", "save", "severe", "--where", "edss=3:", *place]) == 0
    return tmp_path / "store"


@pytest.fixture
def own_tab(chromium: Browser, store: Path) -> Iterator[Tab]:
    with served(store) as url:
        opened = open_tab(chromium, url)
        yield opened
        failures = opened.failures()
        opened.context.close()
        assert failures == []


def test_two_saved_cohorts_are_compared(own_tab: Tab) -> None:
    own_tab.go("compare?between=Two saved cohorts&first=severe&second=mild")
    expect(own_tab.page.locator(".answer")).to_contain_text(re.compile("severe.*mild"))
    expect(own_tab.page.get_by_text("Compared: severe (n = ")).to_be_visible()
    expect(own_tab.page.locator("table").first).to_contain_text("n severe")


def test_a_link_opened_after_another_import_shows_the_same_people(
    own_tab: Tab, chromium: Browser, store: Path, tmp_path: Path
) -> None:
    own_tab.go("correlations?colour=edss&where-edss=1:5")
    seen = own_tab.page.locator(".answer").inner_text()
    address = own_tab.page.url.removeprefix(f"{own_tab.url}/")
    assert "data=t" in address
    lines = (tmp_path / "t.csv").read_text().splitlines()
    (tmp_path / "t.csv").write_text("\n".join(lines[:90]) + "\n")
    words = ["import", os.fspath(tmp_path / "t.csv"), "--protocol", "own-1", "--dataset", "t", "--extra", "edss"]
    assert cli.main([*words, "--replace", "--store", os.fspath(store)]) == 0
    other = open_tab(chromium, own_tab.url)
    other.go(address)
    assert other.page.locator(".answer").inner_text() == seen
    expect(other.page.locator(".st-key-content-notice")).to_contain_text("80 MS, 40 HC. Now it has")
    other.page.get_by_role("button", name="Show the present content").click()
    expect(other.page.locator(".answer")).not_to_have_text(seen)
    assert other.failures() == []
    other.context.close()


def test_a_scans_person_is_corrected_and_found_again_on_compare(chromium: Browser, tmp_path: Path) -> None:
    people = patients(12)
    run = write_run(tmp_path / "run", people, derivatives=tmp_path / "files")
    publish_scans(Store(tmp_path / "store"), run, DatasetCard("scans", "Scans"))
    with served(tmp_path / "store") as url:
        opened = open_tab(chromium, url)
        page = opened.page
        opened.go("compare")
        expect(page.locator(".who")).to_contain_text("MS n = 12")
        opened.go("subject?scan=03")
        expect(page.locator(".answer")).to_contain_text("03 (MS, man, 33 years)")
        page.get_by_role("tab", name="Who this is").click()
        opened.choose(page.locator("[class*=st-key-person-group-] [role=combobox]"), "Healthy control")
        page.get_by_label("Initials").first.fill("RD")
        page.get_by_role("button", name="Correct", exact=True).click()
        expect(page.get_by_text("Corrected: group.")).to_be_visible()
        expect(page.locator(".answer")).to_contain_text("03 (HC, man, 33 years)")
        opened.settle()
        page.get_by_role("link", name="Compare", exact=True).click()
        expect(page.locator(".who")).to_contain_text("MS n = 11")
        expect(page.locator(".who")).to_contain_text("HC n = 1 ")
        opened.go("compare?person=03")
        expect(page.locator(".st-key-person-chip")).to_contain_text("03")
        assert opened.failures() == []
        opened.context.close()
