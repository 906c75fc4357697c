"""Figures of the norms: what is drawn, and that a person without lesions or centile is drawn as such."""

import numpy as np
import polars as pl
import pytest

from analysis.norms.curves import centile_curves, none_curve
from analysis.norms.reference_files import shipped_references
from analysis.norms.score import score
from analysis.norms.values import person_values
from app.figures.norms.centile_chart import Mark, Panel, centile_chart
from app.figures.norms.centile_strip import centile_strip
from app.figures.norms.diagnostics import diagnostics_figure
from app.figures.norms.none_by_age import none_by_age
from vocabulary.measures import PUBLISHED_PROTOCOL

CONTROLS = shipped_references()[0]


def panel(measure: str, sex: str, people: pl.DataFrame | None = None) -> Panel:
    return Panel(sex, centile_curves(CONTROLS, measure, sex), CONTROLS.ages[sex], people)


def test_curves_end_with_the_people_and_hold_their_interval() -> None:
    for sex, oldest in (("F", 74), ("M", 72)):
        curve = centile_curves(CONTROLS, "ventricle_ratio_pct", sex)
        assert (curve["age"].min(), curve["age"].max()) == (18, oldest)
        assert (curve["low"] < curve["value"]).all() and (curve["value"] < curve["high"]).all()
        by_centile = curve.filter(pl.col("age") == 40).sort("centile")["value"].to_list()
        assert by_centile == sorted(by_centile)


def test_published_quantiles_come_out() -> None:
    curve = centile_curves(CONTROLS, "ventricle_ratio_pct", "F", (50.0, 95.0)).filter(pl.col("age") == 35)
    assert [round(v, 4) for v in curve["value"]] == [0.4153, 0.7495]


def test_low_centiles_of_a_load_are_none() -> None:
    curve = centile_curves(CONTROLS, "wmh_area_mm2", "F").filter(pl.col("age") == 35)
    assert curve.filter(pl.col("centile") <= 10)["value"].to_list() == [0, 0]
    none = none_curve(CONTROLS, "wmh_area_mm2", "F").filter(pl.col("age") == 35).row(0, named=True)
    assert [round(none[key], 3) for key in ("none", "low", "high")] == [0.193, 0.165, 0.225]
    assert none_curve(CONTROLS, "ventricle_ratio_pct", "F").is_empty()


def test_a_chart_draws_people_curves_ages_and_the_person() -> None:
    people = pl.DataFrame({"subject_id": ["a", "b"], "age_years": [30.0, 40.0], "value": [0.0, 20.0]})
    marks = {"F": [Mark("P", 37.0, 0.0), Mark("Q", 37.0, 80.0)]}
    figure = centile_chart(
        [panel("wmh_area_mm2", "F", people), panel("wmh_area_mm2", "M")], "wmh_area_mm2", "HC", marks
    )
    ids = [row[0] for trace in figure.data if trace.customdata is not None for row in trace.customdata]
    assert {"a", "b"} <= set(ids)
    drawn = {label.text: label for label in figure.layout.annotations}
    assert (drawn["<b>P</b>"].y, drawn["<b>Q</b>"].y) == (0, pytest.approx(np.log10(80)))
    assert drawn["<b>P</b>"].yref != drawn["<b>Q</b>"].yref, "without a lesion on a strip of its own"
    bars = [trace for trace in figure.data if trace.type == "bar"]
    assert [sum(bar.y) for bar in bars] == [668, 323]


def test_who_is_far_out_stands_on_the_edge_and_is_counted() -> None:
    people = pl.DataFrame({"subject_id": ["a", "b"], "age_years": [30.0, 40.0], "value": [0.4, 9.0]})
    figure = centile_chart([panel("ventricle_ratio_pct", "F", people)], "ventricle_ratio_pct", "HC")
    top = figure.layout.yaxis.range[1]
    assert top < 2, "the curves fill the chart"
    [edge] = [t for t in figure.data if t.type == "scatter" and t.marker.symbol == "triangle-up"]
    assert edge.y[0] < top and list(edge.customdata[0])[:3:2] == ["b", 9.0]
    assert any(label.text.startswith("▲ 1 above") for label in figure.layout.annotations)
    marks = {"F": [Mark("P", 37.0, 2.3)]}
    figure = centile_chart([panel("ventricle_ratio_pct", "F", people)], "ventricle_ratio_pct", "HC", marks)
    assert figure.layout.yaxis.range[1] > 2.3, "the person is always within"


def test_a_strip_draws_intervals_and_no_point_without_a_lesion() -> None:
    asked = {"ventricle_ratio_pct": 0.36, "wmh_area_mm2": 0.0, "juxtacortical_area_mm2": 0.0}
    values = person_values(42, "F", PUBLISHED_PROTOCOL, asked, head_typical=111_000)
    figure = centile_strip(score(CONTROLS, values))
    assert sum(trace.mode == "lines" for trace in figure.data) == 2
    assert sum(trace.mode == "markers" for trace in figure.data) == 1
    assert len(centile_strip([]).data) == 0


def test_diagnostics_and_the_chance_of_none_are_drawn() -> None:
    assert len(diagnostics_figure(CONTROLS.diagnostics[0]).data) == 5
    figure = none_by_age({sex: none_curve(CONTROLS, "wmh_area_mm2", sex) for sex in ("F", "M")}, "HC")
    assert [trace.line.dash for trace in figure.data if trace.name] == ["solid", "dash"]
