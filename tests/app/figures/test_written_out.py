"""The look of a figure written into its parts: the same figure, quicker to draw."""

from typing import Any

import plotly.graph_objects as go
import pytest

from app.figures.panels import Panels, trace
from app.figures.theme import Look, dress
from app.figures.written_out import written_out


def shown(figure: go.Figure, *, synthetic: bool = False, dark: bool = True) -> dict[str, Any]:
    layout: dict[str, Any] = written_out(dress(figure, Look(dark=dark), synthetic=synthetic))["layout"]
    return layout


def test_every_axis_has_the_look_and_keeps_what_is_its_own() -> None:
    panels = Panels(cols=2)
    panels.add_trace(trace("scatter", y=[1, 2]), col=2)
    panels.update_xaxes({"ticks": "", "title": {"text": "Age (years)"}}, col=2)
    layout = shown(panels.drawn())
    look = Look(dark=True)
    assert "template" not in layout
    assert (layout["xaxis"]["ticks"], layout["xaxis2"]["ticks"]) == ("outside", "")
    assert layout["xaxis2"]["title"]["text"] == "Age (years)"
    assert layout["xaxis2"]["title"]["font"]["color"] == layout["font"]["color"] == look.ink
    assert {layout[axis]["gridcolor"] for axis in ("xaxis", "xaxis2", "yaxis", "yaxis2")} == {look.grid}
    assert (layout["paper_bgcolor"], layout["plot_bgcolor"]) == (look.paper, look.paper)


def test_notes_have_the_look_and_the_watermark_comes_last() -> None:
    panels = Panels()
    panels.add_annotation(text="n = 2", x=0, y=0, font={"size": 30})
    layout = shown(panels.drawn(), synthetic=True)
    said, watermark = layout["annotations"]
    assert (said["font"]["size"], said["font"]["color"]) == (30, Look(dark=True).ink)
    assert watermark["text"] == "SYNTHETIC"
    assert [note["text"] for note in shown(panels.drawn())["annotations"]] == ["n = 2"]


def test_axes_that_only_a_trace_names_are_there() -> None:
    assert shown(go.Figure(go.Scatter(y=[1])))["yaxis"]["ticks"] == "outside"
    assert shown(go.Figure())["xaxis"]["ticks"] == "outside"
    triangles = Panels(cols=2, kind="ternary")
    triangles.add_trace(trace("scatterternary", a=[1], b=[1], c=[1]), col=2)
    layout = shown(triangles.drawn())
    assert {layout["ternary"]["bgcolor"], layout["ternary2"]["bgcolor"]} == {Look(dark=True).paper}
    assert "xaxis" not in layout


def test_dressed_anew_a_figure_has_the_new_look() -> None:
    figure = Panels().drawn()
    dark, light = shown(figure)["font"], shown(figure, dark=False)["font"]
    assert (dark["color"], light["color"]) == (Look(dark=True).ink, Look().ink)
    assert figure.layout.template.layout.font.color == Look().ink, "the figure itself keeps its template"


@pytest.mark.parametrize("figure", [go.Figure(go.Bar(y=[1])), go.Figure(go.Box(y=[1, 2])), go.Figure(go.Pie())])
def test_what_goes_by_whether_a_colour_is_written_down_keeps_its_template(figure: go.Figure) -> None:
    assert "template" in shown(figure)


def test_a_figure_that_nobody_dressed_is_handed_over_as_it_is() -> None:
    figure = go.Figure(go.Scatter(y=[1, 2]))
    assert written_out(figure) == figure.to_dict()
