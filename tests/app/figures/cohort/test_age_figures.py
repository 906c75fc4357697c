"""Figures by age: the trend, the strata and the zones."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
import polars as pl
import pytest

from analysis.age_bands import with_age_band
from analysis.strata import strata
from analysis.trend import age_trend
from app.figures.cohort import age_trend as trend_module
from app.figures.cohort.age_trend import age_trend_figure
from app.figures.cohort.strata import strata_figure
from app.figures.cohort.zones_by_age import zones_by_age
from vocabulary.measures import ZONES

BANDS = [(18, 39), (40, None)]
LOAD = "wmh_ratio_pct"


@pytest.fixture
def people() -> pl.DataFrame:
    """Return 60 controls and 43 patients: a tenth without lesions, two men with MS, one person of unknown age."""
    rng = np.random.default_rng(7)
    n = 103
    wmh = np.where(np.arange(n) % 10 == 0, 0.0, rng.integers(4, 900, n)).astype(float)
    frame = pl.DataFrame(
        {
            "subject_id": [f"P{i}" for i in range(n)],
            "group": ["HC"] * 60 + ["MS"] * 43,
            "sex": ["F", "M"] * 30 + ["F"] * 41 + ["M"] * 2,
            "age_years": [*np.linspace(20, 70, 60).round(), *np.linspace(25, 60, 40).round(), None, 44.0, 50.0],
            "wmh_area_mm2": wmh,
            LOAD: wmh / 1100,
            "ventricle_ratio_pct": rng.uniform(0.2, 0.9, n),
        }
    )
    parts = {
        f"{zone}_area_mm2": pl.col("wmh_area_mm2") * share for zone, share in zip(ZONES, (0.5, 0.5, 0), strict=True)
    }
    return frame.with_columns(**parts)


def _markers(figure: go.Figure) -> list[Any]:
    return [trace for trace in figure.data if trace.mode == "markers" and trace.marker.size in (4, 5, 9)]


def _ids(traces: list[Any]) -> list[str]:
    return [row[0] for trace in traces for row in trace.customdata]


def test_trend_draws_every_person_of_known_age_once(people: pl.DataFrame) -> None:
    figure = age_trend_figure(people, age_trend(people, LOAD), LOAD)
    assert sorted(_ids(_markers(figure))) == sorted(people.drop_nulls("age_years")["subject_id"])


def test_zeros_of_a_load_are_on_the_strip_and_the_axis_above_is_logarithmic(people: pl.DataFrame) -> None:
    figure = age_trend_figure(people, age_trend(people, LOAD), LOAD)
    zeros = people.drop_nulls("age_years").filter(pl.col(LOAD) == 0)["subject_id"]
    assert sorted(_ids([t for t in _markers(figure) if t.yaxis == "y2"])) == sorted(zeros)
    assert figure.layout.yaxis.type == "log"
    assert figure.layout.yaxis2.ticktext == ("no lesion",)


def test_the_strip_stays_when_nobody_is_on_it(people: pl.DataFrame) -> None:
    one = people.filter(pl.col(LOAD) > 0).head(1)
    figure = age_trend_figure(one, age_trend(one, LOAD), LOAD)
    assert "y2" in {trace.yaxis for trace in figure.data}
    low, high = figure.layout.yaxis.range
    # A labelled tick, a whole power of ten, is on the axis whatever the value.
    assert np.floor(high) >= np.ceil(low)


def test_trend_is_not_drawn_beyond_the_people(people: pl.DataFrame) -> None:
    figure = age_trend_figure(people, age_trend(people, LOAD), LOAD)
    lines = {trace.name: trace.x for trace in figure.data if trace.mode == "lines" and trace.name}
    assert (min(lines["MS trend"]), max(lines["MS trend"])) == (25, 60)
    assert (min(lines["HC trend"]), max(lines["HC trend"])) == (20, 70)


def test_trends_by_sex_are_solid_for_women_and_dashed_for_men(people: pl.DataFrame) -> None:
    figure = age_trend_figure(people, age_trend(people, LOAD, by_sex=True), LOAD)
    dashes = {trace.name: trace.line.dash for trace in figure.data if trace.mode == "lines" and trace.name}
    # Two men with MS are too few for a trend.
    assert dashes == {"HC women": "solid", "HC men": "dash", "MS women": "solid"}


def test_a_size_has_one_linear_axis(people: pl.DataFrame) -> None:
    figure = age_trend_figure(people, age_trend(people, "ventricle_ratio_pct"), "ventricle_ratio_pct")
    assert figure.layout.yaxis.type == "linear"
    assert figure.layout.yaxis.title.text == "Ventricle ratio (% of intracranial area)"
    assert "yaxis2" not in figure.layout


def test_sampling_is_said(people: pl.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trend_module, "MAX_POINTS", 20)
    figure = age_trend_figure(people, age_trend(people, LOAD), LOAD)
    assert len(_ids(_markers(figure))) == 40
    assert figure.layout.annotations[0].text == "40 of 102 people drawn; the trend uses all"


def test_sparse_strata_are_people_and_never_boxes(people: pl.DataFrame) -> None:
    summary = strata(people, LOAD, BANDS)
    figure = strata_figure(with_age_band(people, BANDS), summary, LOAD)
    hollow = [t for t in _markers(figure) if t.marker.size == 9]
    assert sorted(_ids(hollow)) == ["P101", "P102"]
    boxes = [trace for trace in figure.data if trace.fill == "toself"]
    # Women: HC and MS; men: HC only.
    assert sorted((t.xaxis, t.line.color) for t in boxes) == [("x", "#009E73"), ("x", "#AA4499"), ("x2", "#009E73")]


def test_strata_show_the_median_its_interval_and_every_n(people: pl.DataFrame) -> None:
    summary = strata(people, LOAD, BANDS)
    figure = strata_figure(with_age_band(people, BANDS), summary, LOAD)
    row = summary.row(
        by_predicate=(pl.col("group") == "HC") & (pl.col("sex") == "M") & (pl.col("age_band") == "40+"), named=True
    )
    [ring] = [t for t in figure.data if t.marker.size == 10 and t.xaxis == "x2" and t.marker.line.color == "#009E73"]
    assert ring.y[1] == row["median"]
    assert ring.error_y.array[1] == pytest.approx(row["median_high"] - row["median"])
    assert f"HC {row['n']}" in figure.layout.xaxis4.ticktext[1]
    assert "MS 2" in figure.layout.xaxis4.ticktext[1]


def test_share_of_zeros_stands_above_the_strip(people: pl.DataFrame) -> None:
    summary = strata(people, LOAD, BANDS)
    figure = strata_figure(with_age_band(people, BANDS), summary, LOAD)
    written = [text for trace in figure.data if trace.mode == "text" for text in trace.text]
    rates = summary.filter(pl.col("n") > 0)["zero_rate"]
    assert sorted(written) == sorted(f"{100 * rate:.0f} %" for rate in rates)


def test_a_median_of_zero_lies_on_the_strip(people: pl.DataFrame) -> None:
    patients = people.filter(pl.col("group") == "MS").with_columns(sex=pl.lit("F"))
    summaries = {
        zone: strata(patients, f"{zone}_area_mm2", BANDS).filter((pl.col("group") == "MS") & (pl.col("sex") == "F"))
        for zone in ZONES
    }
    figure = zones_by_age(with_age_band(patients, BANDS), summaries)
    rings = {t.yaxis for t in figure.data if t.mode == "markers" and t.marker.size == 10}
    assert rings == {"y", "y2", "y6"}
    assert [a.text for a in figure.layout.annotations] == [f"<b>{zone.capitalize()}</b>" for zone in ZONES]
    assert figure.layout.yaxis.title.text == "WMH area in the zone (mm²)"


def test_only_one_sex_makes_one_panel(people: pl.DataFrame) -> None:
    women = people.filter(pl.col("sex") == "F")
    figure = strata_figure(with_age_band(women, BANDS), strata(women, LOAD, BANDS), LOAD)
    assert [a.text for a in figure.layout.annotations] == ["<b>Women</b>"]
