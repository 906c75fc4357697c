"""Marks that figures share."""

import plotly.graph_objects as go
import polars as pl
import pytest

from app.figures.marks import (
    interval_bar,
    jitter,
    log_range,
    log_scale,
    person_points,
    sampled,
    say_if_sampled,
    zero_strip,
)

PEOPLE = pl.DataFrame({"subject_id": ["a", "b", "c"], "age_years": [30.0, None, 50.0], "wmh_area_mm2": [0.0, 2.0, 8.0]})


def test_a_point_is_found_by_the_person_it_stands_for() -> None:
    points = person_points(
        PEOPLE, [1, 2, 3], PEOPLE["wmh_area_mm2"], known=("subject_id", "age_years"), marker={"size": 5}, hover="who"
    )
    assert [row[0] for row in points["customdata"]] == ["a", "b", "c"]
    assert points["hovertemplate"] == "who<extra></extra>"


def test_few_are_all_drawn_and_many_are_the_same_few_every_time() -> None:
    assert sampled(PEOPLE, 3) is PEOPLE
    assert sampled(PEOPLE, 2).equals(sampled(PEOPLE, 2))
    assert jitter(4, -0.2, 0.1).tolist() == jitter(4, -0.2, 0.1).tolist()
    assert all(-0.2 <= shift <= 0.1 for shift in jitter(50, -0.2, 0.1))


def test_a_figure_says_when_not_everybody_is_drawn() -> None:
    figure = go.Figure()
    say_if_sampled(figure, 3, 3, "the trend uses all")
    assert figure.layout.annotations == ()
    say_if_sampled(figure, 2, 3000, "the trend uses all")
    assert figure.layout.annotations[0].text == "2 of 3,000 people drawn; the trend uses all"


@pytest.mark.parametrize(
    ("values", "ends"),
    [([0.0, 2.0, 80.0], (2 / 1.5, 120.0)), ([3.0, 4.0], (1, 10)), ([0.0], (1, 10)), ([], (1, 10))],
)
def test_a_log_axis_holds_every_value_above_zero(values: list[float], ends: tuple[float, float]) -> None:
    assert log_range(pl.Series(values, dtype=pl.Float64)) == pytest.approx(ends)


def test_axes_and_bars() -> None:
    assert log_scale((1.0, 100.0))["range"] == [0, 2]
    assert zero_strip([-1, 1], 0, "no lesion") | {} == {
        "showgrid": False, "zeroline": False, "range": [-1, 1], "tickvals": [0], "ticktext": ["no lesion"],
    }  # fmt: skip
    bar = interval_bar([2.0], [1.0], "#000000", 6)
    assert (bar["array"], bar["arrayminus"], bar["width"]) == ([2.0], [1.0], 6)
