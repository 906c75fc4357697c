"""What a reader does with a page: filter it, share its link, download its figures, open a person, present it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.harness import Tab, open_tab

pytestmark = pytest.mark.browser

IN_THE_PANEL = """() => {
    const panel = document.querySelector(".st-key-filter-panel");
    return panel?.querySelector(".st-key-group button") && panel.contains(document.activeElement);
}"""
FIRST_OF_THE_PANEL = """() => {
    const panel = document.querySelector(".st-key-filter-panel");
    return panel && document.activeElement === panel.querySelector("button, input");
}"""


def who(page: Page) -> str:
    """Return the line that says who is shown."""
    return page.locator(".who").inner_text()


def open_filters(page: Page) -> None:
    """Open the panel of filters, which stays open while it is used."""
    page.get_by_role("button", name="Filters").click()
    expect(page.locator(".st-key-filter-panel")).to_be_visible()


def go_to_head_of_the_panel(tab: Tab) -> None:
    """Wait until the panel of filters stands, and go back by keyboard to what it begins with.

    The panel takes the focus, though it lies at the end of the document; what of it is drawn first takes it, which is
    not always its head on a slow machine.
    """
    tab.page.wait_for_function(IN_THE_PANEL)
    expect(tab.page.get_by_role("button", name="Women", exact=True)).to_be_visible()
    tab.settle()
    while not tab.page.evaluate(FIRST_OF_THE_PANEL):
        tab.page.keyboard.press("Shift+Tab")


def test_a_link_restores_what_was_seen_on_every_page(tab: Tab, chromium: Browser) -> None:
    tab.go("compare")
    everyone = who(tab.page)
    open_filters(tab.page)
    tab.page.get_by_test_id("stButtonGroup").get_by_text("Men", exact=True).click()
    tab.page.get_by_text("Only people with lesions").click()
    expect(tab.page.locator(".who")).to_contain_text("filtered out")
    tab.settle()
    seen = who(tab.page)
    assert seen != everyone
    expect(tab.page.locator(".answer")).to_contain_text("Among women with lesions, MS patients")
    tab.page.keyboard.press("Escape")

    tab.page.get_by_role("link", name="Age and sex").click()
    expect(tab.page).to_have_url(re.compile(r"age-and-sex\?.*sex=Women"))
    tab.settle()
    assert who(tab.page) == seen

    other = open_tab(chromium, tab.url)
    other.go(tab.page.url.removeprefix(f"{tab.url}/"))
    assert who(other.page) == seen
    assert other.failures() == []
    other.context.close()

    open_filters(tab.page)
    tab.page.get_by_role("button", name="Reset").click()
    expect(tab.page.locator(".who")).to_have_text(everyone)
    expect(tab.page).to_have_url(re.compile(r"/age-and-sex\?data=[^&]+$"))


def test_back_undoes_the_last_filter_and_forward_brings_it_again(tab: Tab) -> None:
    tab.go("compare?sex=Women")
    women = who(tab.page)
    tab.page.get_by_role("button", name="Women ✕").click()
    expect(tab.page.locator(".who")).not_to_have_text(women)
    tab.settle()
    everyone = who(tab.page)
    open_filters(tab.page)
    tab.page.wait_for_timeout(1300)  # changes within a moment of each other are one
    tab.page.get_by_text("Only people with lesions").click()
    expect(tab.page.locator(".who")).not_to_have_text(everyone)
    tab.settle()
    with_lesions = who(tab.page)
    tab.page.go_back()
    expect(tab.page.locator(".who")).to_have_text(everyone)
    tab.settle()
    tab.page.go_back()
    expect(tab.page.locator(".who")).to_have_text(women)
    tab.settle()
    tab.page.go_forward()
    expect(tab.page.locator(".who")).to_have_text(everyone)
    tab.settle()
    tab.page.go_forward()
    expect(tab.page.locator(".who")).to_have_text(with_lesions)


def test_ages_are_typed_and_kept_in_the_link(tab: Tab) -> None:
    tab.go("compare")
    open_filters(tab.page)
    tab.page.get_by_label("From", exact=True).fill("45")
    tab.page.get_by_label("From", exact=True).press("Enter")
    expect(tab.page.get_by_role("button", name="Aged 45 or older ✕")).to_be_visible()
    tab.page.get_by_label("to", exact=True).fill("30")  # the wrong way round
    tab.page.get_by_label("to", exact=True).press("Enter")
    expect(tab.page.get_by_role("button", name="Aged 30–45 ✕")).to_be_visible()
    expect(tab.page).to_have_url(re.compile(r"age=30&age=45"))


@pytest.mark.parametrize("path", ["", "compare", "age-and-sex", "correlations", "lesion-zones"])
def test_answer_and_first_figure_are_above_the_fold(tab: Tab, path: str) -> None:
    tab.page.set_viewport_size({"width": 1280, "height": 800})
    tab.go(path)
    assert tab.page.locator(".answer").first.evaluate("e => e.getBoundingClientRect().bottom") < 400
    figure = tab.page.locator(".js-plotly-plot").first
    assert figure.evaluate("e => e.getBoundingClientRect().bottom") <= 800


def test_nobody_left_is_a_friendly_state_with_a_way_back(tab: Tab) -> None:
    tab.go("compare")
    open_filters(tab.page)
    for group in ("HC", "MS"):
        tab.page.get_by_test_id("stButtonGroup").get_by_text(group, exact=True).click()
    expect(tab.page.get_by_text("Nobody matches these filters")).to_be_visible()
    tab.page.get_by_role("button", name="Show everyone").click()
    expect(tab.page.locator("table").first).to_be_visible()


@pytest.mark.parametrize(
    ("kind", "signature"),
    [("PNG", b"\x89PNG"), ("SVG", b"<svg"), ("HTML", b"<!doctype html>"), ("CSV", b"\xef\xbb\xbfsubject_id")],
)
def test_figures_download(tab: Tab, kind: str, signature: bytes) -> None:
    tab.go("compare")
    tab.page.get_by_role("button", name="Download").first.click()
    with tab.page.expect_download() as download:
        tab.page.get_by_role("button", name=kind, exact=True).click()
    content = Path(download.value.path()).read_bytes()
    assert content[: len(signature)].lower() == signature.lower()
    assert download.value.suggested_filename == f"wmh-ratio-ms-and-hc-demo.{kind.lower()}"
    if kind != "PNG":
        assert b"Synthetic demonstration data" in content


def test_a_panel_stays_open_on_a_slow_machine(tab: Tab) -> None:
    tab.go("compare")
    tab.context.new_cdp_session(tab.page).send("Emulation.setCPUThrottlingRate", {"rate": 12})
    tab.page.get_by_role("button", name="Download").first.click()
    expect(tab.page.get_by_role("button", name="CSV", exact=True)).to_be_visible()


def test_a_click_on_a_point_opens_the_person(tab: Tab) -> None:
    tab.go("compare")
    # The point farthest right stands alone, so the click cannot meet another one.
    place = tab.page.evaluate(
        """() => {
            const points = [...document.querySelectorAll('.js-plotly-plot .scatterlayer .point')];
            const boxes = points.map(p => p.getBoundingClientRect());
            const right = boxes.reduce((a, b) => a.x > b.x ? a : b);
            return [right.x + right.width / 2, right.y + right.height / 2];
        }"""
    )
    tab.page.mouse.move(*place)
    tab.page.mouse.click(*place)
    expect(tab.page.get_by_text("Selected in the figure")).to_be_visible()
    tab.settle()
    expect(tab.page.get_by_text("Selected in the figure")).to_be_visible()
    chip = tab.page.locator(".st-key-person-chip")
    who_it_is = chip.inner_text()
    expect(tab.page).to_have_url(re.compile(r"person=DEMO-"))
    tab.page.get_by_role("link", name="Age and sex", exact=True).click()
    expect(tab.page.locator(".answer")).to_contain_text("people ten years older")
    tab.settle()
    assert chip.inner_text() == who_it_is
    code = who_it_is.splitlines()[0].removeprefix("● ")
    expect(tab.page.locator(".js-plotly-plot").first.get_by_text(code)).to_be_visible()


def test_cite_this_names_filter_people_method_version_and_hash(tab: Tab) -> None:
    tab.go("compare?sex=Women")
    tab.page.get_by_role("button", name="Cite this").first.click()
    text = tab.page.get_by_test_id("stCode").first.inner_text()
    for part in (
        "Among women, MS patients carry",
        "Synthetic demonstration data",
        "women",
        "HC n = 673",
        "Store version",
        "SHA-256",
        "Method:",
    ):
        assert part in text
    assert re.search(r"\b[0-9a-f]{64}\b", text)


def test_presenting_hides_the_controls_and_enlarges_the_answer(tab: Tab) -> None:
    tab.go("compare")
    before = tab.page.locator(".answer").evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
    tab.page.get_by_text("Present", exact=True).click()
    expect(tab.page.locator(".st-key-filter-bar")).to_be_hidden()
    tab.settle()
    assert tab.page.locator(".answer").evaluate("e => parseFloat(getComputedStyle(e).fontSize)") > before
    tab.page.get_by_text("Present", exact=True).click()
    expect(tab.page.locator(".st-key-filter-bar")).to_be_visible()


@pytest.mark.parametrize("window", [{"width": 1920, "height": 1080}, {"width": 1024, "height": 768}])
def test_a_presented_figure_fills_the_screen_and_arrow_keys_turn_pages(
    window: dict[str, int], chromium: Browser, demo_app: str
) -> None:
    tab = open_tab(chromium, demo_app, window=window)
    tab.go("age-and-sex?present=true&sex=Women")
    tab.settle()
    expect(tab.page.get_by_test_id("stSidebar")).to_be_hidden()
    box = tab.page.locator(".js-plotly-plot").first.bounding_box()
    assert box is not None
    assert box["height"] >= 0.65 * window["height"]
    assert [button.inner_text() for button in tab.page.get_by_role("button").all() if button.is_visible()] == []
    for key, page in (("ArrowRight", "correlations"), ("ArrowLeft", "age-and-sex")):
        tab.page.keyboard.press(key)
        expect(tab.page).to_have_url(re.compile(rf"/{page}[?].*present=true"))
        tab.settle()
        expect(tab.page.locator(".answer")).to_contain_text("Among women")
        expect(tab.page.get_by_test_id("stSidebar")).to_be_hidden()
    assert tab.failures() == []


def test_filters_can_be_reached_and_used_by_keyboard(tab: Tab) -> None:
    tab.go("compare")
    everyone = who(tab.page)
    for wanted in ("Filters", "Women"):
        for _ in range(40):
            tab.page.keyboard.press("Tab")
            if tab.page.evaluate("document.activeElement.innerText.trim()").startswith(wanted):
                break
        else:
            pytest.fail(f"{wanted} cannot be reached by the Tab key")
        if wanted == "Filters":
            tab.page.keyboard.press("Enter")
            go_to_head_of_the_panel(tab)
    assert tab.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    tab.page.keyboard.press("Space")
    expect(tab.page.locator(".who")).not_to_have_text(everyone)


def test_a_link_restores_matched_controls(tab: Tab, chromium: Browser) -> None:
    tab.go("compare")
    open_filters(tab.page)
    tab.page.get_by_text("Matched controls").click()
    expect(tab.page.get_by_text(re.compile(r"^Matched: [\d,]+ MS, [\d,]+ HC"))).to_be_visible()
    tab.settle()
    seen = who(tab.page)
    expect(tab.page).to_have_url(re.compile(r"matched=true"))

    other = open_tab(chromium, tab.url)
    other.go(tab.page.url.removeprefix(f"{tab.url}/"))
    assert who(other.page) == seen
    assert other.failures() == []
    other.context.close()

    tab.page.get_by_role("button", name="Reset").click()
    expect(tab.page.get_by_text(re.compile(r"^Matched: "))).to_have_count(0)
    expect(tab.page).to_have_url(re.compile(r"/compare\?data=[^&]+$"))
