"""One person ringed in a figure: at each of their marks, on the axes of the mark, and nobody else."""

import plotly.graph_objects as go
import polars as pl

from app.figures.cohort.raincloud import raincloud
from app.figures.marking import marked

PEOPLE = pl.DataFrame(
    {
        "subject_id": [f"P{i}" for i in range(8)],
        "group": ["MS", "HC"] * 4,
        "sex": ["F", "F", "M", "M"] * 2,
        "age_years": [20.0 + i for i in range(8)],
        "wmh_area_mm2": [0.0, 3.0, 40.0, 5.0, 60.0, 0.0, 80.0, 9.0],
    }
)


def test_the_ring_lies_on_the_person() -> None:
    plain = raincloud(PEOPLE, "wmh_area_mm2")
    ringed = marked(plain, "P4", "#000000")
    [ring] = ringed.data[len(plain.data) :]
    [trace] = [t for t in plain.data if t.customdata is not None and "P4" in [row[0] for row in t.customdata]]
    at = [row[0] for row in trace.customdata].index("P4")
    assert (ring.x[0], ring.y[0], ring.xaxis) == (60.0, trace.y[at], trace.xaxis)
    assert ring.text == ("P4",)


def test_somebody_without_lesions_is_ringed_on_the_strip() -> None:
    plain = raincloud(PEOPLE, "wmh_area_mm2")
    [ring] = marked(plain, "P0", "#000000").data[len(plain.data) :]
    assert ring.xaxis == "x"


def test_nobody_else_is_marked() -> None:
    plain = raincloud(PEOPLE, "wmh_area_mm2")
    assert marked(plain, "P99", "#000000") is plain
    cells = go.Figure(go.Heatmap(z=[[1.0]], customdata=[[["P1", "x"]]]))
    assert marked(cells, "P1", "#000000") is cells
