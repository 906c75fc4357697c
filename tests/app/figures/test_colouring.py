"""People of any figure coloured by a further column: the right colour on the right person, nothing else touched."""

import plotly.graph_objects as go
import polars as pl
from plotly.colors import sample_colorscale

from app.figures.cohort.scatter import pair_scatter
from app.figures.colouring import CATEGORY_COLOURS, SCALE, UNKNOWN_COLOUR, coloured
from app.figures.palette import GROUP_COLOURS, opaque
from vocabulary.extra_columns import ExtraColumn

PEOPLE = pl.DataFrame(
    {
        "subject_id": ["a", "b", "c", "d"],
        "group": ["MS", "MS", "MS", "HC"],
        "sex": ["F", "F", "F", "F"],
        "age_years": [30.0, 40.0, 50.0, 60.0],
        "wmh_area_mm2": [10.0, 20.0, 0.0, 5.0],
        "edss": [1.5, 6.0, None, None],
        "scanner": ["B", "A", "A", None],
    }
)
EDSS = ExtraColumn("edss", "number", "EDSS")
SCANNER = ExtraColumn("scanner", "category", "Scanner")


def colours(figure: go.Figure) -> dict[str, object]:
    return {
        row[0]: colour
        for trace in figure.data
        if trace.customdata is not None
        for row, colour in zip(trace.customdata, trace.marker.color, strict=True)
    }


def test_a_number_is_a_scale_with_its_title() -> None:
    plain = pair_scatter(PEOPLE, "age_years", "wmh_area_mm2")
    figure = coloured(plain, PEOPLE, EDSS)
    people = go.Figure([trace for trace in figure.data if trace.customdata is not None])
    low, high = sample_colorscale(SCALE, [0.0, 1.0])
    assert colours(people) == {"a": low, "b": high, "c": UNKNOWN_COLOUR, "d": UNKNOWN_COLOUR}
    assert figure.layout.coloraxis.colorbar.title.text == "EDSS"
    assert list(figure.data[-1].marker.color) == [1.5, 6.0]
    assert {trace.marker.line.color for trace in people.data} == set(GROUP_COLOURS.values())
    assert opaque(plain.data[0].marker.color) in GROUP_COLOURS.values(), "the figure itself stays"


def test_words_have_colours_and_a_legend_the_most_frequent_first() -> None:
    figure = coloured(pair_scatter(PEOPLE, "age_years", "wmh_area_mm2"), PEOPLE, SCANNER)
    people = go.Figure([trace for trace in figure.data if trace.customdata is not None])
    first, second = CATEGORY_COLOURS[:2]
    assert colours(people) == {"a": second, "b": first, "c": first, "d": UNKNOWN_COLOUR}
    assert [trace.name for trace in figure.data if trace.customdata is None] == ["Scanner: A", "Scanner: B"]


def test_what_shows_no_people_stays() -> None:
    bars = go.Figure([go.Bar(x=[1], y=[2], customdata=[["a"]]), go.Scatter(x=[1], y=[1], mode="lines")])
    assert coloured(bars, PEOPLE, EDSS) == bars
