"""Figures in the browser: what changes is drawn in its place, once; what is out of sight is drawn, too."""

import pytest
from playwright.sync_api import expect

from tests.browser.harness import Tab

pytestmark = pytest.mark.browser

FIRST = ".js-plotly-plot"
N_POINTS = "e => e.querySelectorAll('.scatterlayer .point').length"


def test_a_filter_draws_the_figure_anew_in_its_place(tab: Tab) -> None:
    tab.go("compare")
    figure = tab.page.locator(FIRST).first
    figure.evaluate("e => { e.mark = 'the same element'; }")
    everyone = figure.evaluate(N_POINTS)
    tab.page.get_by_role("button", name="Filters").click()
    tab.page.get_by_test_id("stButtonGroup").get_by_text("Men", exact=True).click()
    expect(tab.page.locator(".answer")).to_contain_text("Among women")
    tab.settle()
    assert figure.evaluate("e => e.mark") == "the same element"
    women = figure.evaluate(N_POINTS)
    assert 0 < women < everyone
    assert tab.page.locator(FIRST).first.get_attribute("data-state") == "drawn"


def test_what_did_not_change_is_not_drawn_again(tab: Tab) -> None:
    tab.go("compare")
    tab.page.locator(FIRST).first.evaluate("e => { e.drawings = 0; e.on('plotly_afterplot', () => e.drawings++); }")
    expect(tab.page.locator("table").first).to_contain_text("Holm")
    tab.page.get_by_role("button", name="Options").click()
    tab.choose(tab.page.get_by_role("combobox").last, "Bonferroni")
    expect(tab.page.locator("table").first).to_contain_text("Bonferroni")
    tab.settle()
    assert tab.page.locator(FIRST).first.evaluate("e => e.drawings") == 0


def test_a_figure_keeps_the_width_of_its_place(tab: Tab) -> None:
    tab.go("compare")
    fits = """() => {
        const plot = document.querySelector('.js-plotly-plot'), drawn = plot?.querySelector('.main-svg');
        return drawn && Math.abs(drawn.getBoundingClientRect().width - plot.clientWidth) < 1;
    }"""
    for pixels in (1280, 900, 1600):
        tab.page.set_viewport_size({"width": pixels, "height": 800})
        tab.page.wait_for_function(fits)


def test_figures_below_the_fold_are_drawn_too_and_say_what_they_show(tab: Tab) -> None:
    tab.page.set_viewport_size({"width": 1280, "height": 500})
    tab.go("compare")
    figures = tab.page.locator(".chart")
    assert figures.count() > 1
    for number in range(figures.count()):
        assert figures.nth(number).get_attribute("role") == "figure"
        assert len(figures.nth(number).get_attribute("aria-label") or "") > 20
        expect(figures.nth(number).locator(".main-svg").first).to_be_attached()


def test_a_figure_in_a_closed_tab_is_drawn_when_the_tab_is_opened(tab: Tab) -> None:
    tab.go("age-and-sex")
    for name in ("Zones by age", "By age band"):
        tab.page.get_by_role("tab", name=name).click()
        figure = tab.page.get_by_role("tabpanel", name=name).locator(".main-svg").first
        expect(figure).to_be_visible()


def test_the_lists_of_a_trace_are_those_that_plotly_finds_by_itself(tab: Tab) -> None:
    """What is looked up once for all traces of a kind is what Plotly, loaded once more, finds for each."""
    found = """async () => {
        const another = document.createElement("iframe");
        document.body.append(another);
        const script = another.contentDocument.createElement("script");
        script.src = document.querySelector("script[src*='figures/plotly']").src;
        await new Promise(done => { script.onload = done; another.contentDocument.head.append(script); });
        const untouched = another.contentWindow.Plotly.PlotSchema, ours = window.Plotly.PlotSchema;
        const traces = [...document.querySelectorAll(".js-plotly-plot")].flatMap(place => place._fullData);
        return [String(ours.findArrayAttributes) !== String(untouched.findArrayAttributes),
            traces.map(trace => [ours, untouched].map(schema => schema.findArrayAttributes(trace).sort()))];
    }"""
    for page in ("compare", "correlations", "lesion-zones"):
        tab.go(page)
        ours_is_another, traces = tab.page.evaluate(found)
        assert ours_is_another
        assert any(ours for ours, _ in traces)
        assert [ours for ours, _ in traces] == [untouched for _, untouched in traces]
