"""Figures put together as dictionaries: the same as Plotly's own methods make, and checked in every test."""

import plotly.graph_objects as go
import pytest
from plotly.subplots import make_subplots

from app.figures.panels import SMALL, Panels, trace

GRID = {
    "rows": 2,
    "cols": 2,
    "shared_xaxes": True,
    "shared_yaxes": True,
    "row_heights": (0.8, 0.2),
    "vertical_spacing": 0.1,
}


def test_a_figure_is_the_one_that_plotly_puts_together() -> None:
    theirs = make_subplots(**GRID, subplot_titles=["one", "two"])
    theirs.add_trace(go.Scatter(x=[1, 2], y=[3, 4]), row=2, col=2)
    theirs.update_xaxes(title_text="Age (years)", row=2)
    theirs.update_yaxes(range=[0, 1])
    theirs.add_annotation(text="n = 2", x=1, y=1, xref="x domain", yref="y domain", row=1, col=2)
    theirs.add_annotation(text="low", x=0.5, y=3, row=2, col=2)
    theirs.add_hline(y=3, line={"dash": "dot"}, row=2, col=2)
    theirs.update_layout(height=300, legend={"x": 1})
    ours = Panels(**GRID)
    ours.add_titles(["one", "two"])
    ours.add_trace(trace("scatter", x=[1, 2], y=[3, 4]), row=2, col=2)
    ours.update_xaxes({"title": {"text": "Age (years)"}}, row=2)
    ours.update_yaxes({"range": [0, 1]})
    ours.add_annotation(text="n = 2", x=1, y=1, across="xy", row=1, col=2)
    ours.add_annotation(text="low", x=0.5, y=3, row=2, col=2)
    ours.add_shape(type="line", y0=3, y1=3, line={"dash": "dot"}, across="x", row=2, col=2)
    assert ours.drawn(height=300, legend={"x": 1}).to_dict() == theirs.to_dict()


def test_triangles_stand_side_by_side() -> None:
    figure = Panels(cols=2, kind="ternary")
    figure.add_titles(["left", "right"])
    figure.add_trace(trace("scatterternary", a=[1], b=[1], c=[1]), col=2)
    figure.update_triangles({"sum": 100}, col=2)
    drawn = figure.drawn()
    assert drawn.data[0].subplot == "ternary2"
    assert (drawn.layout.ternary.sum, drawn.layout.ternary2.sum) == (None, 100)
    assert [title.x for title in drawn.layout.annotations] == [
        sum(triangle.domain.x) / 2 for triangle in (drawn.layout.ternary, drawn.layout.ternary2)
    ]


def test_what_plotly_does_not_know_is_refused_in_tests() -> None:
    """Pages draw it unchecked; the fixture of tests/conftest.py is what checks."""
    figure = Panels()
    figure.update_xaxes({"colour": "red"})
    with pytest.raises(ValueError, match="colour"):
        figure.drawn()
    with pytest.raises(ValueError, match="heigth"):
        Panels().drawn(heigth=300)
    figure = Panels()
    figure.add_trace(trace("scatter", y=[1, 2], mood="lines"))
    with pytest.raises(ValueError, match="mood"):
        figure.drawn()


def test_a_small_figure_has_no_words_along_its_y_axes_and_small_letters() -> None:
    figure = Panels(cols=2)
    figure.update_yaxes({"title": {"text": "WMH (mL)"}, "range": [0, 1]})
    figure.add_annotation(text="n = 2", x=1, y=1, font={"color": "red", "size": 20})
    drawn = figure.drawn(small=True, height=400, hovermode="closest")
    assert [axis.title.text for axis in drawn.select_yaxes()] == ["", ""]
    assert drawn.layout.yaxis.range == (0, 1)
    assert drawn.layout.annotations[0].font.to_plotly_json() == {"color": "red", "size": 10}
    assert (drawn.layout.height, drawn.layout.showlegend) == (SMALL["height"], False)
    assert drawn.layout.hovermode == "closest"


def test_figures_share_no_layout() -> None:
    first, second = Panels(cols=2), Panels(cols=2)
    first.update_xaxes({"range": [0, 1], "title": {"text": "one"}})
    second.update_xaxes({"title": {"text": "two"}})
    assert second.drawn().layout.xaxis.range is None
    assert first.drawn().layout.xaxis2.title.text == "one"
