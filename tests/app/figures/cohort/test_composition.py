import plotly.graph_objects as go
import polars as pl
import pytest

from app.figures.cohort import zone_rows
from app.figures.cohort.composition import strata_shares, ternary
from app.figures.cohort.zone_rows import people_by_group, people_in_rows
from app.figures.palette import ZONE_COLOURS
from vocabulary.measures import ZONES

BY = ("group",)


@pytest.fixture
def people() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "subject_id": ["a", "b", "c"],
            "group": ["HC", "MS", "MS"],
            "sex": ["F", "M", "F"],
            "age_years": [30.0, 40.0, None],
            "wmh_area_mm2": [900.0, 800.0, 700.0],
            "periventricular_share_pct": [100.0, 60.0, 20.0],
            "paraventricular_share_pct": [0.0, 30.0, 20.0],
            "juxtacortical_share_pct": [0.0, 10.0, 60.0],
        }
    )


@pytest.fixture
def parts() -> pl.DataFrame:
    free = {"free_rate": 20.0, "free_low": 10.0, "free_high": 35.0, "n_lesion_free": 1}
    hc = [
        {"group": "HC", "row": "HC", "zone": z, "n": 1, "centre_pct": None, "ci_low": None, "ci_high": None}
        for z in ZONES
    ]
    ms = [
        {"group": "MS", "row": "MS", "zone": z, "n": 2, "centre_pct": c, "ci_low": c - 5, "ci_high": c + 5}
        for z, c in zip(ZONES, (50.0, 30.0, 20.0), strict=True)
    ]
    return pl.DataFrame([row | free for row in (*hc, *ms)])


def centres(figure: go.Figure) -> list[go.Scatter]:
    return [t for t in figure.data if t.marker.symbol == "diamond" and len(t.a if t.type == "scatterternary" else t.x)]


def test_centres_carry_the_zone_colours(people: pl.DataFrame, parts: pl.DataFrame) -> None:
    found = centres(strata_shares(people_in_rows(people, BY), parts))
    assert [(t.x[0], t.marker.color) for t in found] == [
        (50.0, ZONE_COLOURS["periventricular"]),
        (30.0, ZONE_COLOURS["paraventricular"]),
        (20.0, ZONE_COLOURS["juxtacortical"]),
    ]
    assert (found[0].error_x.array[0], found[0].error_x.arrayminus[0]) == (5.0, 5.0)


def test_a_stratum_without_a_typical_split_shows_its_people_only(people: pl.DataFrame, parts: pl.DataFrame) -> None:
    controls = pl.col("group") == "HC"
    figure = strata_shares(people_in_rows(people.filter(controls), BY), parts.filter(controls))
    assert centres(figure) == []
    people_drawn = [t.customdata[0][0] for t in figure.data if len(t.x) and t.marker.symbol in ("circle", "square")]
    assert people_drawn == ["a"] * 3


def test_rows_say_how_many_have_lesions(people: pl.DataFrame, parts: pl.DataFrame) -> None:
    figure = strata_shares(people_in_rows(people, BY), parts)
    assert list(figure.layout.yaxis.ticktext) == ["<b>HC</b><br>1 with lesions", "<b>MS</b><br>2 with lesions"]


def test_lesion_free_people_stand_beside(people: pl.DataFrame, parts: pl.DataFrame) -> None:
    rates = [t for t in strata_shares(people_in_rows(people, BY), parts).data if t.marker.symbol == "circle-open"]
    assert [t.x[0] for t in rates] == [20.0, 20.0]
    assert list(rates[1].customdata[0]) == ["MS", 1, 3, 10.0, 35.0]


def test_more_people_than_can_be_seen_are_sampled_and_said(
    people: pl.DataFrame, parts: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zone_rows, "MAX_POINTS", 2)
    assert "2 of 3 people drawn" in [
        a.text for a in strata_shares(people_in_rows(people, BY), parts).layout.annotations
    ]


def test_triangle_tells_the_measured_shares(people: pl.DataFrame, parts: pl.DataFrame) -> None:
    figure = ternary(people_by_group(people), parts)
    points = {
        p[0]: (p[2:], a)
        for t in figure.data
        if t.customdata is not None
        for p, a in zip(t.customdata, t.a, strict=True)
    }
    assert list(points["b"][0]) == [60.0, 30.0, 10.0]
    assert abs(points["b"][1] - 60) <= 1
    assert [t.a[0] for t in centres(figure)] == [50.0]


def test_triangle_of_one_group(people: pl.DataFrame, parts: pl.DataFrame) -> None:
    figure = ternary(people_by_group(people.filter(pl.col("group") == "HC")), parts)
    assert [a.text for a in figure.layout.annotations] == ["<b>HC</b> healthy controls, n = 1"]


def test_the_triangle_says_of_how_many_a_sample_is_drawn(
    people: pl.DataFrame, parts: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zone_rows, "MAX_POINTS", 1)
    figure = ternary(people_by_group(people), parts)
    assert [a.text for a in figure.layout.annotations] == [
        "<b>HC</b> healthy controls, n = 1",
        "<b>MS</b> multiple sclerosis, 1 of 2 drawn",
    ]
