"""A page as PDF: the same bytes for the same page, as many sheets as the figures need, no text is run."""

import re

import plotly.graph_objects as go
import pytest

from app.export import ExportError, can_draw_images
from app.exports import page_pdf as module
from app.exports.page_pdf import page_pdf
from app.figures.printed import PrintedFigure


def made(figures: int, answer: str = "MS patients carry 15.1 times the load.", synthetic: bool = True) -> bytes:
    drawn = go.Figure(go.Scatter(x=[1, 2, 3], y=[2, 1, 3])).update_layout(height=430)
    return page_pdf(
        title="Compare #let x = 1",
        answers=[answer, ""],
        foot="demo, store version 3",
        figures=[
            PrintedFigure(lambda: drawn, f"Figure {i}", "How it was computed.", "women, aged 30-45; MS n = 150")
            for i in range(figures)
        ],
        synthetic=synthetic,
    )


def sheets(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


def test_a_page_without_figures_is_one_sheet_whatever_its_text_holds() -> None:
    pdf = made(0, answer='#panic("no") $x$ \\ *bold* <a> @b')
    assert pdf.startswith(b"%PDF-")
    assert sheets(pdf) == 1
    assert pdf != made(0)
    assert made(0) == made(0)


@pytest.mark.slow
@pytest.mark.skipif(not can_draw_images(), reason="needs Chrome or Chromium")
def test_figures_are_drawn_and_go_over_to_the_next_sheet() -> None:
    one, five = made(1), made(5)
    assert (sheets(one), sheets(five)) == (1, 3)
    assert one == made(1)


def test_without_a_browser_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def without(*_args: object, **_options: object) -> bytes:
        raise ExportError("no Chrome, Chromium or Edge found")

    monkeypatch.setattr(module, "image_bytes", without)
    with pytest.raises(ExportError, match="no Chrome"):
        made(1)
