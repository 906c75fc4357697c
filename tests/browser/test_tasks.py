"""What people come for, done whole: two saved cohorts compared."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from app import cli
from tests.browser.harness import Tab, open_tab, served

pytestmark = pytest.mark.browser


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
