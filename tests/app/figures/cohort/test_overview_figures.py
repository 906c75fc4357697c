"""Figures of the Overview: flow of inclusion, pyramid, zero rates."""

import polars as pl
import pytest

from analysis.overview import pyramid as pyramid_counts
from analysis.overview import zero_rates
from app.figures.cohort.inclusion_flow import Stage, flow
from app.figures.cohort.pyramid import pyramid
from app.figures.cohort.zero_rates import zero_rates_figure

BANDS = [(18, 29), (30, 39)]


@pytest.fixture
def people() -> pl.DataFrame:
    """Return eight people; one of unknown age, four without lesions."""
    return pl.DataFrame(
        {
            "group": ["HC", "HC", "HC", "HC", "MS", "MS", "MS", "MS"],
            "sex": ["F", "F", "F", "M", "F", "F", "M", "M"],
            "age_years": [20.0, 21.0, 35.0, 30.0, 25.0, 31.0, 39.0, None],
            "wmh_area_mm2": [0.0, 0.0, 5.0, 0.0, 9.0, 0.0, 8.0, 7.0],
        }
    )


def test_pyramid_has_women_left_and_men_right_with_every_n(people: pl.DataFrame) -> None:
    figure = pyramid(pyramid_counts(people, BANDS))
    bars = [(t.xaxis, list(t.x), list(t.text)) for t in figure.data]
    assert bars == [
        ("x", [-2, -1], ["2", "1"]),
        ("x", [0, 1], ["", "1"]),
        ("x2", [-1, -1], ["1", "1"]),
        ("x2", [0, 1], ["", "1"]),
    ]
    assert list(figure.layout.yaxis.categoryarray) == ["18–29", "30–39"]


def test_pyramid_panels_share_a_scale_without_negative_people(people: pl.DataFrame) -> None:
    layout = pyramid(pyramid_counts(people, BANDS)).layout
    assert layout.xaxis.range == layout.xaxis2.range
    assert all(int(text) >= 0 for text in layout.xaxis.ticktext)
    assert "n = 4 of known age" in layout.annotations[0].text
    assert "n = 3 of known age" in layout.annotations[1].text


def test_pyramid_of_nobody_is_empty(people: pl.DataFrame) -> None:
    assert len(pyramid(pyramid_counts(people.clear(), BANDS)).data) == 0


def test_flow_says_how_many_are_left_and_why_others_are_not() -> None:
    figure = flow([Stage("Rows", 1380), Stage("Shown", 999, "HC 999", "381 filtered out")])
    arrows, *texts = figure.data
    words, numbers = (trace.text for trace in texts)
    assert words == ("Rows", "Shown", "HC 999", "381 filtered out")
    assert numbers == ("<b>1,380</b>", "<b>999</b>")
    # To the next stage, and from the middle of that arrow down to those who are left out.
    assert [place for place in arrows.x if place is not None] == pytest.approx([0.33, 0.67, 0.5, 0.5])
    assert arrows.y == (0.5, 0.5, None, 0.48, -0.12, None)


def test_zero_rates_have_wilson_intervals_and_n(people: pl.DataFrame) -> None:
    figure = zero_rates_figure(zero_rates(people, ["wmh_area_mm2"], by=("group", "sex")))
    labels = dict(zip(figure.layout.yaxis.ticktext, (t.x[0] for t in figure.data), strict=True))
    assert labels["<b>HC</b> women<br>n = 3"] == pytest.approx(200 / 3)
    assert labels["<b>MS</b> men<br>n = 2"] == 0
    # Wilson's limits of 2 in 3: 20.8 and 93.9 per cent.
    trace = next(t for t in figure.data if t.x[0] == pytest.approx(200 / 3))
    assert trace.error_x.arrayminus[0] == pytest.approx(66.667 - 20.765, abs=0.01)
    assert trace.error_x.array[0] == pytest.approx(93.851 - 66.667, abs=0.01)
