import numpy as np
import plotly.graph_objects as go
import polars as pl
import pytest

from app.figures.cohort import scatter
from app.figures.cohort.scatter import pair_scatter, scale_of


@pytest.fixture
def people() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "subject_id": ["a", "b", "c", "d"],
            "group": ["HC", "HC", "MS", "MS"],
            "sex": ["F", "M", "F", "F"],
            "age_years": [30.0, 40.0, 50.0, None],
            "wmh_ratio_pct": [0.0, 0.01, 1.0, 0.1],
        }
    )


def drawn(figure: go.Figure) -> dict[str, tuple[float, float]]:
    return {
        person[0]: (x, y)
        for trace in figure.data
        if trace.customdata is not None
        for person, x, y in zip(trace.customdata, trace.x, trace.y, strict=True)
    }


def test_everybody_with_both_values_is_a_point(people: pl.DataFrame) -> None:
    points = drawn(pair_scatter(people, "age_years", "wmh_ratio_pct"))
    assert set(points) == {"a", "b", "c"}
    assert points["c"] == (50.0, 0.0)
    assert points["b"] == (40.0, -2.0)


def test_zeros_lie_on_a_strip_below_the_smallest_load(people: pl.DataFrame) -> None:
    figure = pair_scatter(people, "age_years", "wmh_ratio_pct")
    assert drawn(figure)["a"][1] < -2.2
    assert list(figure.layout.yaxis.ticktext) == ["0.01", "0.1", "1", "0"]


def test_people_left_out_are_counted(people: pl.DataFrame) -> None:
    texts = [a.text for a in pair_scatter(people, "age_years", "wmh_ratio_pct").layout.annotations]
    assert "n = 2" in texts
    assert "n = 1; 1 without both values" in texts


def test_sex_is_told_by_shape(people: pl.DataFrame) -> None:
    traces = pair_scatter(people, "age_years", "wmh_ratio_pct").data
    assert {t.name: t.marker.symbol for t in traces} == {"HC women": "circle", "HC men": "square", "MS women": "circle"}


def test_more_people_than_can_be_seen_are_sampled_and_said(
    people: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scatter, "MAX_POINTS", 1)
    figure = pair_scatter(people, "age_years", "wmh_ratio_pct")
    assert len(drawn(figure)) == 2
    assert "1 of n = 2 drawn" in [a.text for a in figure.layout.annotations]


def test_nobody_with_both_values(people: pl.DataFrame) -> None:
    figure = pair_scatter(people.with_columns(age_years=None), "age_years", "wmh_ratio_pct")
    assert not figure.data
    assert figure.layout.annotations[-1].text == "Nobody has both values"


@pytest.mark.parametrize("pair_of", [("sex", "age_years"), ("wmh_ratio_pct", "sex"), ("age_years", "age_years")])
def test_any_pair_can_be_drawn(people: pl.DataFrame, pair_of: tuple[str, str]) -> None:
    assert len(drawn(pair_scatter(people, *pair_of))) >= 3


def test_scale_of_a_load_without_zeros_has_no_strip() -> None:
    assert scale_of(pl.Series([0.1, 10.0]), "wmh_ratio_pct").zero is None


def test_scale_of_a_load_nobody_has() -> None:
    scale = scale_of(pl.Series([0.0, 0.0]), "wmh_ratio_pct")
    assert scale.ticks == {0.0: "0"}
    assert np.abs(scale.position(np.array([0.0, 0.0]), 1)).max() < 0.2
