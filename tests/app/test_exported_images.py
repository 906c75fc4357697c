"""Images of figures: in the shape and theme asked for, with their title, and with their own letters."""

import io
import os
import subprocess
import sys

import plotly.graph_objects as go
import pytest
from PIL import Image

from app.drawing_page import drawing_page
from app.export import can_draw_images, html_bytes, image_bytes
from app.figures.theme import SHAPES, THEMES, Format, captioned

needs_browser = pytest.mark.skipif(not can_draw_images(), reason="needs a Chrome, Chromium or Edge")
FIGURE = go.Figure(go.Scatter(x=[18, 65], y=[0.5, 1234])).update_xaxes(title_text="Age (years)")
CAPTION = "Among women aged 30–45, no clear difference.<br>mscohort."


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("height", [200, 480, 1600])
def test_a_figure_for_a_slide_has_exactly_its_shape_and_room_for_what_it_shows(shape: str, height: int) -> None:
    figure = go.Figure(FIGURE).update_layout(height=height)
    page = captioned(figure, CAPTION, synthetic=False, title="By age", fit=Format(shape))
    across, down, least = SHAPES[shape]
    assert page.layout.width / page.layout.height == pytest.approx(across / down, rel=0.002)
    assert page.layout.width >= least
    assert page.layout.height >= height
    assert page.layout.title.text == "<b>By age</b>"


@pytest.mark.parametrize("theme", THEMES)
def test_themes_differ_in_paper_and_ink(theme: str) -> None:
    page = captioned(FIGURE, CAPTION, synthetic=False, title="By age", fit=Format(theme=theme))
    dressed = page.layout.template.layout
    light_ink = theme in ("dark", "transparent, light letters")
    assert (dressed.font.color == "#F2F4F7") is light_ink
    assert (page.layout.paper_bgcolor == "rgba(0,0,0,0)") is theme.startswith("transparent")


@needs_browser
def test_a_transparent_picture_has_no_paper_and_the_others_have() -> None:
    for theme, alpha in (("transparent", 0), ("light", 255)):
        page = captioned(FIGURE, CAPTION, synthetic=False, fit=Format("16:9", theme))
        image = Image.open(io.BytesIO(image_bytes(page, "png"))).convert("RGBA")
        assert image.size == (2560, 1440)
        assert image.getpixel((2, 2))[3] == alpha


@needs_browser
def test_a_picture_carries_its_letters() -> None:
    english = image_bytes(captioned(FIGURE, CAPTION, synthetic=False), "svg").decode()
    assert english.count("@font-face") == 1
    persian = image_bytes(captioned(FIGURE, CAPTION, synthetic=False, lang="fa"), "svg").decode()
    assert persian.count("@font-face") == 4
    for svg in (english, persian):
        assert "url(data:font" in svg


@needs_browser
def test_axes_of_a_persian_picture_have_persian_digits() -> None:
    """The digits of an axis are Latin in the file; its letters draw them as Persian ones."""
    page = captioned(FIGURE, "", synthetic=False, lang="fa")
    with_letters = image_bytes(page, "png")
    assert page.layout.separators == "٫٬"
    page.update_layout(template=go.layout.Template(), font={"family": "Source Sans"})
    assert image_bytes(page, "png") != with_letters


def test_the_page_that_draws_asks_no_other_machine() -> None:
    assert "http" not in drawing_page().generate_index().replace("http://www.w3.org", "")


def test_a_saved_page_carries_its_letters() -> None:
    assert html_bytes(FIGURE, "figure").decode().count("@font-face") == 1
    assert html_bytes(FIGURE, "figure", lang="fa").decode().count("@font-face {font-family: Vazirmatn") == 2


@needs_browser
def test_a_script_that_draws_ends() -> None:
    script = (
        "import plotly.graph_objects as go\nfrom app.export import image_bytes\n"
        "assert image_bytes(go.Figure(), 'svg').startswith(b'<svg')"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120, env=os.environ)
