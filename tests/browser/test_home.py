"""The first page in a real browser: it is drawn, it says what it is, and it keeps to itself."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.harness import PAGES, Tab
from vocabulary.measures import SYNTHETIC_NOTICE

pytestmark = pytest.mark.browser


def test_home_page_is_drawn_and_labelled_synthetic(tab: Tab) -> None:
    tab.go()
    expect(tab.page).to_have_title(re.compile("MS Cohort Explorer"))
    expect(tab.page.get_by_text(SYNTHETIC_NOTICE).first).to_be_visible()
    expect(tab.page.get_by_text("Research use only").first).to_be_visible()


def test_every_page_is_in_the_navigation(tab: Tab) -> None:
    tab.go()
    links = tab.page.locator("[data-testid=stTopNavLink], [data-testid=stSidebarNavLink]")
    titles = [re.sub(r"\s+", " ", text).strip() for text in links.all_inner_texts()]
    assert titles[:2] == ["Overview", "Compare"]
    assert len(titles) == len(PAGES)


def test_no_deploy_button_and_no_menu_of_developers(tab: Tab) -> None:
    tab.go()
    expect(tab.page.locator("[data-testid=stAppDeployButton]")).to_have_count(0)
    expect(tab.page.get_by_text("Clear cache")).to_have_count(0)
