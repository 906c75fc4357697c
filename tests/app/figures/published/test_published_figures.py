import polars as pl
import pytest

from app.figures.published.flaws import mean_of_means, removed_by_the_rule, ties_broken
from app.figures.published.verdicts import verdicts


def test_bars_share_out_each_source() -> None:
    counts = pl.DataFrame(
        {"source": ["Files", "Table", "Table"], "verdict": ["exact", "exact", "not reproduced"], "n": [8, 3, 1]}
    )
    figure = verdicts(counts)
    shares = {trace.name: list(trace.x) for trace in figure.data}
    assert shares["reproduced exactly"] == [100.0, 75.0]
    assert shares["not reproduced"] == [0.0, 25.0]
    assert list(figure.layout.yaxis.ticktext) == ["Files  <b>8</b>", "Table  <b>4</b>"]


def test_slivers_are_not_labelled() -> None:
    counts = pl.DataFrame({"source": ["Files", "Files"], "verdict": ["exact", "rounding"], "n": [99, 1]})
    assert [trace.text[0] for trace in verdicts(counts).data] == ["99", "", ""]


def test_removed_people_are_crossed_out_and_counted() -> None:
    people = pl.DataFrame(
        {
            "subject_id": ["a", "b", "c", "d"],
            "group": ["HC", "HC", "MS", "HC"],
            "outside_area_mm2": [0.0, 10.0, 100.0, None],
            "removed": [False, True, False, False],
        }
    )
    figure = removed_by_the_rule(people)
    crossed = [t for t in figure.data if t.marker.symbol == "x-thin" and len(t.x)]
    assert [(t.name, t.x[0]) for t in crossed] == [("HC removed", 1.0)]
    assert "1 of 1" in figure.layout.yaxis.ticktext[0]
    zero = next(t for t in figure.data if t.name == "HC kept")
    assert -0.8 < zero.x[0] < -0.3


def test_ties_are_shown_with_their_correlations() -> None:
    ranks = pl.DataFrame(
        {
            "subject_id": ["a", "b", "c", "d"],
            "load_rank": [1.0, 2.0, 3.0, 4.0],
            "published_rank": [1.0, 2.0, 3.0, 4.0],
            "exact_rank": [4.0, 2.0, 2.0, 2.0],
        }
    )
    titles = [a.text for a in ties_broken(ranks).layout.annotations]
    assert titles[0].endswith("r = 1.000")
    # Ranks 4, 2, 2, 2 against 1 to 4, by hand: r = -3 / sqrt(5 * 3).
    assert titles[1].endswith("r = -0.775")


def test_published_mean_weighs_bins_not_people() -> None:
    means = pl.DataFrame({"age_group": ["18-29", "60+", "all"], "n": [90, 10, 100], "mean": [40.0, 80.0, 44.0]})
    figure = mean_of_means(means)
    lines = [a.text for a in figure.layout.annotations]
    assert lines == ["published 60.00 %: every bin counts the same", "mean of the people 44.00 %"]
    sizes = figure.data[0].marker.size
    assert sizes[0] == pytest.approx(44)
    assert sizes[1] == pytest.approx(10 + 34 / 3)
