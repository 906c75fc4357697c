import numpy as np
import plotly.graph_objects as go
import polars as pl
import pytest

from analysis.correlation import SCHEMA, correlate, difference_of
from app.figures.cohort.correlation_matrix import difference_matrix, matrices
from app.figures.palette import DIVERGING
from app.figures.theme import Look, dress
from app.sentences.labels import variable_label

VARIABLES = ("age_years", "ventricle_ratio_pct", "wmh_ratio_pct")


def cell(x: str, y: str, r: float | None, p: float | None, **more: object) -> dict[str, object]:
    known = {"group": "HC", "x": x, "y": y, "r": r, "p_value": p, "p_adjusted": p, "family_size": 3, "n": 100}
    limits = {"ci_low": None if r is None else r - 0.1, "ci_high": None if r is None else r + 0.1}
    return {**known, **limits, "part_whole": False, "note": None if r is not None else "too few", **more}


@pytest.fixture
def cells() -> pl.DataFrame:
    return pl.DataFrame(
        [
            cell("age_years", "ventricle_ratio_pct", 0.9, 0.001),
            cell("age_years", "wmh_ratio_pct", -0.12, 0.4),
            cell("ventricle_ratio_pct", "wmh_ratio_pct", None, None, part_whole=True, reason="one whole"),
        ],
        schema=SCHEMA,
    )


def heatmaps(figure: go.Figure) -> list[np.ndarray]:
    return [np.array(trace.z, dtype=float) for trace in figure.data if trace.type == "heatmap"]


def texts(figure: go.Figure) -> list[str]:
    numbers = [text for trace in figure.data for text in trace.text or ()]
    return [*numbers, *(title.text for title in figure.layout.annotations)]


def test_lower_triangle_holds_each_pair_once(cells: pl.DataFrame) -> None:
    clear, pale = heatmaps(matrices(cells, VARIABLES))
    assert clear[1, 0] == 0.9
    assert pale[2, 0] == -0.12
    assert np.isfinite(clear).sum() + np.isfinite(pale).sum() == 2


def test_pairs_that_do_not_survive_are_faded(cells: pl.DataFrame) -> None:
    colours = [[c for _, c in t.colorscale] for t in matrices(cells, VARIABLES).data if t.type == "heatmap"]
    assert colours[0] == [colour for _, colour in DIVERGING]
    assert all(colour.startswith("rgba") for colour in colours[1])


def test_numbers_are_printed_bold_only_where_clear(cells: pl.DataFrame) -> None:
    assert {"<b>.90</b>", "−.12", "–"} <= set(texts(matrices(cells, VARIABLES)))


def test_text_contrasts_with_a_strong_cell() -> None:
    pair = ("age_years", "wmh_ratio_pct")
    light, blue = (pl.DataFrame([cell(*pair, r, 0.001)], schema=SCHEMA) for r in (0.05, -1.0))
    figures = [dress(matrices(cells, pair), Look()) for cells in (light, blue)]
    colours = [list(trace.textfont.color) for figure in figures for trace in figure.data if trace.text]
    assert colours == [["#10161D"], ["#FFFFFF"]]


def test_pairs_by_construction_are_hatched(cells: pl.DataFrame) -> None:
    lines = [t for t in matrices(cells, VARIABLES).data if t.type == "scatter" and t.mode == "lines" and t.x]
    assert len(lines) == 1
    places = [v for v in lines[0].x if v is not None]
    assert 0.5 <= min(places) <= max(places) <= 1.5


def test_a_click_finds_the_pair(cells: pl.DataFrame) -> None:
    [markers] = [t for t in matrices(cells, VARIABLES).data if t.customdata is not None]
    assert list(markers.customdata[0]) == ["age_years", "ventricle_ratio_pct"]
    assert "r = 0.900 (95 % CI 0.80 to 1.00), n = 100" in markers.hovertext[0]
    assert "not defined: too few" in markers.hovertext[2]


def test_order_of_variables_decides_the_place(cells: pl.DataFrame) -> None:
    clear, _ = heatmaps(matrices(cells, tuple(reversed(VARIABLES))))
    assert clear[2, 1] == 0.9


def test_only_groups_with_people_are_drawn(cells: pl.DataFrame) -> None:
    assert sum("<b>HC</b>" in t or "<b>MS</b>" in t for t in texts(matrices(cells, VARIABLES))) == 1


def test_difference_is_ms_minus_hc() -> None:
    frame = pl.DataFrame(
        {
            "group": ["HC"] * 4 + ["MS"] * 4,
            "sex": ["F", "M"] * 4,
            "age_years": [20.0, 30, 40, 50] * 2,
            "wmh_ratio_pct": [4.0, 3, 2, 2.5, 1, 2, 4, 3],
        }
    )
    differences = difference_of(correlate(frame, ("age_years", "wmh_ratio_pct")))
    figure = difference_matrix(differences, ("age_years", "wmh_ratio_pct"))
    # Ranks by hand: HC r = -0.8, MS r = 0.8.
    assert "1.60" in texts(figure)
    assert "MS − HC = 1.600" in next(t for t in figure.data if t.hovertext is not None).hovertext[0]


def test_labels() -> None:
    assert [variable_label(n) for n in ("age_years", "sex", "wmh_ratio_pct")] == ["Age", "Male sex", "WMH"]
