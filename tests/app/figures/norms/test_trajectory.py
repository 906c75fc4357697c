"""Visits stand where the person's age says, or at equal distances where it says nothing."""

import pytest

from analysis.change import LOWER_BOUND
from app.figures.norms.trajectory import ages_at, trajectory


def visits(*ages: float | None) -> list[dict[str, object]]:
    return [
        {"session": str(i), "age_years": age, "wmh_volume_ml": 2.0 + i, "ventricle_volume_ml": 20.0}
        for i, age in enumerate(ages, 1)
    ]


def test_known_ages_set_the_distances() -> None:
    figure = trajectory(visits(30.0, 31.0, 35.0), LOWER_BOUND)
    line = next(trace for trace in figure.data if trace.mode == "lines+markers+text")
    assert list(line.x) == [30.0, 31.0, 35.0]
    assert list(figure.layout.xaxis.ticktext) == ["visit 1<br>30 years", "visit 2<br>31 years", "visit 3<br>35 years"]
    band = figure.data[0]
    assert (min(band.x), max(band.x)) == (pytest.approx(30.1), 31.0)


def test_labels_that_would_lie_on_each_other_are_left_to_the_pointer() -> None:
    figure = trajectory(visits(30.0, 30.1, 35.0), LOWER_BOUND)
    assert list(figure.layout.xaxis.tickvals) == [30.0, 35.0]


@pytest.mark.parametrize("ages", [(30.0, None), (30.0, 30.0), (31.0, 30.0)])
def test_ages_that_say_nothing_of_the_time_between_leave_equal_distances(ages: tuple[float | None, ...]) -> None:
    assert ages_at(visits(*ages)) is None
    figure = trajectory(visits(*ages), LOWER_BOUND)
    assert list(figure.layout.xaxis.tickvals) == [0, 1]
    assert list(figure.layout.xaxis.ticktext) == ["visit 1", "visit 2"]
