"""From a changed filter to the chart the browser is sent: people chosen, statistics, figure, JSON."""

from collections.abc import Callable

import plotly.graph_objects as go
import plotly.io as pio
import polars as pl

from analysis.age_bands import with_age_band
from analysis.comparison import compare
from analysis.correlation import correlate, difference_of, sampled
from analysis.filters import Filter
from analysis.strata import strata
from analysis.trend import age_trend
from app.figures.cohort.age_trend import age_trend_figure
from app.figures.cohort.correlation_matrix import difference_matrix, matrices
from app.figures.cohort.raincloud import raincloud
from app.figures.cohort.strata import strata_figure
from app.figures.theme import Look, dress
from benchmarks.timing import Result, Stopwatch, measure

Chart = Callable[[Stopwatch, pl.DataFrame, str], list[go.Figure]]

# What a reader might click one after the other, so that no run repeats the one before.
FILTERS = (
    Filter(),
    Filter(sexes=("F",)),
    Filter(age_min=30, age_max=49),
    Filter(lesion_positive=True),
    Filter(sexes=("M",), age_min=18, age_max=39),
    Filter(outliers="far"),
)
MEASURES = ("ventricle_ratio_pct", "wmh_ratio_pct")
VARIABLES = ("age_years", *MEASURES, "periventricular_area_mm2", "paraventricular_area_mm2", "juxtacortical_area_mm2")


def compare_chart(watch: Stopwatch, people: pl.DataFrame, name: str) -> list[go.Figure]:
    """The Compare page's raincloud; the page sends it before it computes the tests."""
    with watch.stage("figure"):
        return [raincloud(people, name)]


def compare_answer(watch: Stopwatch, people: pl.DataFrame, name: str) -> list[go.Figure]:
    """The Compare page's sentence and table, which follow the chart."""
    with watch.stage("statistics"):
        compare(people, name)
    return []


def strata_chart(watch: Stopwatch, people: pl.DataFrame, name: str) -> list[go.Figure]:
    """The Age and sex page's strata, with their bootstrap intervals."""
    with watch.stage("statistics"):
        summary = strata(people, name)
        banded = with_age_band(people.select("subject_id", "group", "sex", "age_years", name))
    with watch.stage("figure"):
        return [strata_figure(banded, summary, name)]


def trend_chart(watch: Stopwatch, people: pl.DataFrame, name: str) -> list[go.Figure]:
    """The Age and sex page's trend with its interval."""
    with watch.stage("statistics"):
        curve = age_trend(people, name)
    with watch.stage("figure"):
        return [age_trend_figure(people, curve, name)]


def correlation_chart(watch: Stopwatch, people: pl.DataFrame, name: str) -> list[go.Figure]:
    """The Correlations page: the matrix of each group (one figure) and that of their difference."""
    with watch.stage("statistics"):
        people = sampled(people)
        cells = correlate(people, VARIABLES, "spearman" if name == MEASURES[0] else "pearson")
        between = difference_of(cells)
    with watch.stage("figure"):
        return [matrices(cells, VARIABLES), difference_matrix(between, VARIABLES)]


CHARTS: dict[str, Chart] = {
    "compare": compare_chart,
    "compare, the answer beside the chart": compare_answer,
    "strata": strata_chart,
    "age trend": trend_chart,
    "correlations": correlation_chart,
}


def filter_to_chart(frame: pl.DataFrame, *, runs: int, target: float) -> list[Result]:
    """Measure every chart on a cohort frame, the filter and the measure changing from run to run."""
    results = []
    for name, chart in CHARTS.items():

        def run(watch: Stopwatch, i: int, chart: Chart = chart) -> None:
            with watch.stage("filter"):
                people = FILTERS[i % len(FILTERS)].apply(frame)
            for figure in chart(watch, people, MEASURES[i % len(MEASURES)]):
                with watch.stage("dress"):
                    dressed = dress(figure, Look(), synthetic=True)
                with watch.stage("JSON"):
                    pio.to_json(dressed, validate=False)

        results.append(
            measure(
                f"{name}, {frame.height:,} people",
                run,
                runs=runs,
                target=target if chart is not compare_answer else None,
            )
        )
    return results
