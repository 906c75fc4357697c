"""The basket of slides: baskets never change, a name finds what it held, the methods are those of its slides."""

import io

import plotly.graph_objects as go
import pytest
from pptx import Presentation

from app.export import can_draw_images
from app.slides.basket import MOST_SLIDES, Basket, Item, KeptBaskets, moved, name_of, with_item, without
from app.slides.charts import Chart, Grid, Picture
from app.slides.colophon import Colophon
from app.slides.deck import deck_bytes
from app.slides.findings import Finding
from app.slides.methods_paragraph import methods_paragraph

ABOUT = Colophon("A talk", "demo: everyone", "mscohort 1", ("Research use only.",), "")


def finding(title: str, method: str = "Ranks.", chart: Chart | None = None) -> Finding:
    origin = Colophon(
        "", f"demo: {title} people (3 MS, 4 HC)", "mscohort 1, store version 2", ABOUT.warnings, "--sex F"
    )
    return Finding("figure", title, f"{title} is larger.", "", chart or Grid([["a", "b"]]), method, "compare x", origin)


def filled(*keys: str) -> Basket:
    made: Basket = ()
    for key in keys:
        made = with_item(made, Item(key, finding(key.upper())))
    return made


def keys(basket: Basket) -> str:
    return "".join(item.key for item in basket)


def test_order_removal_and_a_slide_is_in_it_once() -> None:
    basket = filled("a", "b", "c", "a")
    assert keys(basket) == "abc"
    assert keys(moved(basket, "c", -1)) == "acb"
    assert keys(moved(basket, "a", -1)) == keys(moved(basket, "c", 1)) == keys(moved(basket, "x", 1)) == "abc"
    assert keys(without(basket, "b")) == "ac"
    assert keys(basket) == "abc"


def test_a_full_basket_takes_no_more() -> None:
    full = filled(*(f"k{i}" for i in range(MOST_SLIDES)))
    with pytest.raises(ValueError, match="up to 60 findings"):
        with_item(full, Item("more", finding("More")))


def test_a_name_finds_what_the_basket_held_whatever_came_after() -> None:
    kept = KeptBaskets(most=2)
    first, second = filled("a"), filled("a", "b")
    name = kept.keep(first)
    assert name == name_of(filled("a"))
    assert kept.keep(second) != name
    assert kept.find(name) == first
    assert kept.keep(()) == ""
    kept.keep(filled("c"))
    assert kept.find(name_of(second)) is None
    assert kept.find(name) == first


def test_methods_are_told_once_with_every_source() -> None:
    told = methods_paragraph([finding("Women"), finding("Men"), finding("All", "A spline")], ABOUT)
    assert told == (
        "Data: demo: Women people (3 MS, 4 HC). Data: demo: Men people (3 MS, 4 HC). "
        "Data: demo: All people (3 MS, 4 HC). "
        "Women; Men: Ranks. All: A spline. Computed with mscohort 1, store version 2. Research use only."
    )


def test_every_slide_says_its_own_people_and_command() -> None:
    slides = list(Presentation(io.BytesIO(deck_bytes([finding("Women"), finding("Men")], ABOUT))).slides)
    assert len(slides) == 4
    for slide, who in zip(slides[1:3], ("Women", "Men"), strict=True):
        feet = "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)
        assert f"demo: {who} people (3 MS, 4 HC)" in feet
        assert "The same numbers: mscohort compare x --sex F" in slide.notes_slide.notes_text_frame.text
    assert "Data: demo: Women people" in slides[-1].notes_slide.notes_text_frame.text


@pytest.mark.slow
@pytest.mark.skipif(not can_draw_images(), reason="needs Chrome or Chromium")
def test_a_figure_powerpoint_has_no_chart_for_is_a_picture_in_the_shape_of_its_place() -> None:
    drawn = go.Figure(go.Scatter(x=[1, 2], y=[2, 1]))
    made = deck_bytes([finding("Women", chart=Picture(drawn, synthetic=True))], ABOUT, "4:3", "dark")
    pictures = [s for s in Presentation(io.BytesIO(made)).slides[1].shapes if hasattr(s, "image")]
    assert len(pictures) == 1
    width, height = pictures[0].image.size
    assert width == 1920
    assert width / height == pytest.approx(pictures[0].width / pictures[0].height, rel=0.01)
    assert drawn.layout.height is None
    assert "Women is larger." in pictures[0]._element.nvPicPr.cNvPr.get("descr")
