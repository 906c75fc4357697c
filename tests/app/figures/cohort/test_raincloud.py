"""The raincloud: everybody is in it, zeros stand apart, and its look is a template."""

import plotly.graph_objects as go
import polars as pl
import pytest

from app.figures.cohort.raincloud import MAX_POINTS, raincloud
from app.figures.theme import Look, captioned, dress
from vocabulary.measures import SYNTHETIC_NOTICE


def people(ms: list[float | None], hc: list[float | None], name: str = "wmh_ratio_pct") -> pl.DataFrame:
    values = [*ms, *hc]
    return pl.DataFrame(
        {
            "subject_id": [f"P{i}" for i in range(len(values))],
            "group": ["MS"] * len(ms) + ["HC"] * len(hc),
            "sex": ["F", "M"] * (len(values) // 2) + ["F"] * (len(values) % 2),
            "age_years": [40.0] * len(values),
            name: pl.Series(values, dtype=pl.Float64),
        }
    )


def drawn_ids(figure: go.Figure) -> set[str]:
    return {row[0] for trace in figure.data if trace.customdata is not None for row in trace.customdata}


def texts(figure: go.Figure) -> str:
    labels = [text for axis in figure.select_yaxes() for text in axis.ticktext or ()]
    return " ".join([*labels, *(note.text for note in figure.layout.annotations)])


def test_everybody_is_drawn_once_and_zeros_stand_apart() -> None:
    frame = people([0.0, 0.2, 0.4, 1.5], [0.0, 0.0, 0.01, 0.02, None])
    figure = raincloud(frame, "wmh_ratio_pct")
    assert drawn_ids(figure) == set(frame.drop_nulls("wmh_ratio_pct")["subject_id"])
    strip = [trace for trace in figure.data if trace.xaxis in (None, "x") and trace.customdata is not None]
    assert sum(len(trace.x) for trace in strip) == 3
    assert "n = 4" in texts(figure)
    assert "1 missing" in texts(figure)
    assert "50.0 %" in texts(figure)
    assert figure.layout.xaxis2.type == "log"


def test_a_size_has_one_linear_axis() -> None:
    figure = raincloud(people([0.3, 0.4], [0.5, 0.6], "ventricle_ratio_pct"), "ventricle_ratio_pct")
    [axis] = figure.select_xaxes()
    assert axis.type == "linear"
    assert axis.title.text == "Ventricle ratio (% of intracranial area)"


@pytest.mark.parametrize(("ms", "hc"), [([], []), ([0.0], []), ([0.5], [0.5, 0.5]), ([None], [None])])
def test_thin_data_are_drawn_without_a_made_up_cloud(ms: list[float | None], hc: list[float | None]) -> None:
    figure = raincloud(people(ms, hc), "wmh_ratio_pct")
    assert not [trace for trace in figure.data if trace.fill == "toself"]


def test_no_density_beyond_the_values_seen() -> None:
    figure = raincloud(people([10.0, 20.0, 30.0, 100.0], [90.0, 95.0, 99.0, 100.0], "periventricular_share_pct"),
                       "periventricular_share_pct")  # fmt: skip
    clouds = [trace for trace in figure.data if trace.fill == "toself"]
    assert len(clouds) == 2
    assert all(min(cloud.x) >= 0 and max(cloud.x) <= 100 for cloud in clouds)


def test_a_sample_is_drawn_of_very_many_and_says_so() -> None:
    figure = raincloud(people([0.1 + i / 1e5 for i in range(MAX_POINTS + 500)], [0.1, 0.2]), "wmh_ratio_pct")
    assert f"{MAX_POINTS:,} of {MAX_POINTS + 500:,} people drawn" in texts(figure)


def test_dressing_again_replaces_the_look_and_keeps_the_data() -> None:
    figure = raincloud(people([0.2, 0.4], [0.1, 0.3]), "wmh_ratio_pct")
    dark = dress(figure, Look(dark=True), synthetic=True)
    assert dark.layout.template.layout.paper_bgcolor == Look(dark=True).paper
    assert dark.layout.template.layout.annotations[0].text == "SYNTHETIC"
    light = dress(figure, Look())
    assert light.layout.template.layout.paper_bgcolor == "#FFFFFF"
    assert not light.layout.template.layout.annotations


def test_an_exported_figure_carries_its_caption_and_leaves_the_shown_one_alone() -> None:
    figure = raincloud(people([0.2, 0.4], [0.1, 0.3]), "wmh_ratio_pct")
    before = len(figure.layout.annotations)
    page = captioned(figure, "Tabriz: everyone; HC n = 2<br>Method.", synthetic=True)
    said = page.layout.annotations[-1].text
    assert said.startswith(f"<b>{SYNTHETIC_NOTICE}</b>")
    assert "HC n = 2" in said
    assert page.layout.height > figure.layout.height
    assert len(figure.layout.annotations) == before
