"""Age and sex: how a measure goes with age in women and men of each group."""

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from analysis.age_bands import Bands, band_label, with_age_band
from analysis.strata import outside, strata
from analysis.trend import age_slope, age_trend
from app.components import banner, linked
from app.components.age_bands import age_bands
from app.components.figure_panel import figure_panel, printed_only
from app.components.filter_bar import filter_bar
from app.components.measure_choice import measure_choice
from app.components.tables import numbers_table
from app.figures.cohort.age_trend import age_trend_figure
from app.figures.cohort.strata import strata_figure
from app.figures.cohort.zones_by_age import zones_by_age
from app.sentences.comparison import slope_sentence, strata_sentence
from app.sentences.formatting import MISSING, format_interval, format_number
from app.sentences.typography import ranges
from app.state import OpenedStore, Selection
from vocabulary.measures import AGE_BANDS, SEX_LABELS, ZONE_NOTICE, ZONES, measure

PARTS = ("With age", "By age band", "Zones by age")
PEOPLE = ["subject_id", "group", "sex", "age_years"]
ZONE_AREAS = [f"{zone}_area_mm2" for zone in ZONES]
TREND_METHOD = {
    "size": "Geometric mean by a natural cubic spline of age (3 degrees of freedom) on the logarithm",
    "load": "Mean, zeros included, by a natural cubic spline of age (3 degrees of freedom) with a log link",
    "count": "Mean, zeros included, by a natural cubic spline of age (3 degrees of freedom) with a log link",
    "share": "Mean among people with lesions by a natural cubic spline of age (3 degrees of freedom), fractional logit",
}
INTERVAL = "robust pointwise 95 % interval; drawn only between the youngest and the oldest person, never beyond."
STRATA_METHOD = (
    "Box: quartiles; ring and whisker: median with its 95 % interval between order statistics; strata of "
    "fewer than five people are drawn as individuals only."
)
ZONES_SHOWN = "Medians and quartiles of the WMH area in each zone by age band among people with MS."
ZONE_METHOD = (
    "People with MS, women and men together, zeros included. Box: quartiles; ring and whisker: median with its 95 % "
    "interval; the strip counts those with no lesion in the zone. Zones are drawn apart, never stacked: "
    "medians of parts do not add up. " + ZONE_NOTICE
)


@st.cache_data(max_entries=64, show_spinner=False)
def _trend(key: str, _frame: pl.DataFrame, name: str, by_sex: bool) -> pl.DataFrame:
    return age_trend(_frame, name, by_sex)


@st.cache_data(max_entries=64, show_spinner=False)
def _slopes(key: str, _frame: pl.DataFrame, name: str) -> pl.DataFrame:
    return age_slope(_frame, name)


@st.cache_data(max_entries=64, show_spinner=False)
def _strata(key: str, _frame: pl.DataFrame, name: str, bands: Bands) -> pl.DataFrame:
    return strata(_frame, name, bands)


@st.cache_data(max_entries=16, show_spinner=False)
def _zones(key: str, _frame: pl.DataFrame, bands: Bands) -> dict[str, pl.DataFrame]:
    patients = _frame.select("group", "age_years", *ZONE_AREAS).filter(pl.col("group") == "MS")
    together = patients.with_columns(pl.lit("F").alias("sex"))
    return {
        zone: strata(together, f"{zone}_area_mm2", bands)
        .filter((pl.col("group") == "MS") & (pl.col("sex") == "F"))
        .drop("sex")
        for zone in ZONES
    }


def page(opened: OpenedStore | None) -> None:
    """Draw the page."""
    selection = filter_bar(opened)
    with selection.controls:
        name = measure_choice(selection)
        with st.popover("Options", width="content", key="controls-options", help="Age bands, trends by sex"):
            bands = age_bands()
            by_sex = linked.toggle("Trends for women and men", key="trend_sex")
    problem = st.session_state.pop("bands_problem", None)
    if problem:
        st.warning(problem)
    selection.command[:] = ["strata", name]
    if list(bands) != list(AGE_BANDS):
        selection.command.extend(["--bands", ",".join(map(band_label, bands))])
    what = measure(name)
    answer = slope_sentence(_slopes(selection.key, selection.frame, name), name)
    banner.answer(answer, selection)
    method = f"{TREND_METHOD[what.nature]}; {INTERVAL}"
    selection.shown["tests"] = lambda: _strata(selection.key, selection.frame, name, bands)
    with_age, by_band, by_zone = linked.tabs(PARTS, key="age-part")
    # Only the open tab is drawn and sent; the figures of the others are made for a PDF of the page alone.
    with with_age:
        _trend_panel(with_age.open, selection, name, by_sex, method, answer)
    with by_band:
        _band_panel(by_band.open, selection, name, bands)
    with by_zone:
        _zone_panel(by_zone.open, selection, bands)
    with st.container(key="page-extras-how"):
        _computed(selection, bands, name, method)


def _trend_panel(shown: bool, selection: Selection, name: str, by_sex: bool, method: str, answer: str) -> None:
    titled = {"name": "trend", "title": f"{measure(name).label} by age", "method": method}

    def drawn() -> go.Figure:
        return age_trend_figure(selection.frame, _trend(selection.key, selection.frame, name, by_sex), name)

    if shown:
        curve = _trend(selection.key, selection.frame, name, by_sex)
        figure_panel(drawn(), curve, selection, **titled, alt=answer)
    else:
        printed_only(drawn, selection, **titled)


def _band_panel(shown: bool, selection: Selection, name: str, bands: Bands) -> None:
    label = measure(name).label
    titled = {"name": "strata", "title": f"{label} by age band, women and men", "method": STRATA_METHOD}

    def drawn() -> go.Figure:
        people = with_age_band(selection.frame.select([*PEOPLE, name]), bands)
        return strata_figure(people, _strata(selection.key, selection.frame, name, bands), name)

    if not shown:
        printed_only(drawn, selection, **titled)
        return
    summary = _strata(selection.key, selection.frame, name, bands)
    alt = f"Medians and quartiles of {label} by age band, sex and group; the table below has the same."
    figure_panel(drawn(), summary, selection, **titled, alt=alt, answer=strata_sentence(summary, name))
    with st.container(key="page-extras"):
        st.markdown("## Every stratum")
        strata_table(summary)


def strata_table(summary: pl.DataFrame) -> None:
    """Show every stratum that has anybody, with sensible digits."""
    rows = [
        {
            "Group": row["group"],
            "Sex": SEX_LABELS[row["sex"]],
            "Age": ranges(row["age_band"]),
            "n": f"{row['n']:,}",
            "Missing": f"{row['n_missing']:,}",
            "Mean": format_number(row["mean"]),
            "95 % CI of mean": _interval(row["mean_low"], row["mean_high"]),
            "SD": format_number(row["sd"]),
            "Median": format_number(row["median"]),
            "95 % CI of median": _interval(row["median_low"], row["median_high"]),
            "Quartiles": _interval(row["q1"], row["q3"]),
            "Zero": "" if row["zero_rate"] is None else f"{100 * row['zero_rate']:.0f} %",
        }
        for row in summary.iter_rows(named=True)
        if row["n"] + row["n_missing"]
    ]
    if not rows:
        st.caption("Nobody shown has an age in these bands.")
        return
    numbers_table(pl.DataFrame(rows), left=("Group", "Sex"))


def _interval(low: float | None, high: float | None) -> str:
    return MISSING if low is None or high is None else format_interval(low, high)


def _zone_panel(shown: bool, selection: Selection, bands: Bands) -> None:
    ages = selection.frame.select("group", "age_years").filter(pl.col("group") == "MS")["age_years"]
    if ages.null_count() == len(ages):
        st.caption("Lesion zones by age are drawn for people with MS; none of known age is shown.")
        return
    titled = {"name": "zones", "title": "WMH area by zone and age band, people with MS", "method": ZONE_METHOD}

    def drawn() -> go.Figure:
        people = selection.frame.select([*PEOPLE, *ZONE_AREAS]).filter(pl.col("group") == "MS")
        return zones_by_age(with_age_band(people, bands), _zones(selection.key, selection.frame, bands))

    if not shown:
        printed_only(drawn, selection, **titled)
        return
    summaries = _zones(selection.key, selection.frame, bands)
    every = pl.concat([summary.with_columns(pl.lit(zone).alias("zone")) for zone, summary in summaries.items()])
    figure_panel(drawn(), every, selection, **titled, alt=ZONES_SHOWN, answer=ZONES_SHOWN)


def _computed(selection: Selection, bands: Bands, name: str, method: str) -> None:
    left_out = outside(selection.frame, bands)
    with st.expander("How this was computed"):
        st.markdown(f"{measure(name).definition} {method} {STRATA_METHOD}")
        st.markdown(ZONE_METHOD)
        st.markdown(
            "The answer above is the difference between people ten years of age apart, from the same models with age "
            "as a straight line and sex held fixed; none where they span less than ten years. Intervals of means: on "
            "the logarithm (shares: the log odds) of the mean, only where enough people make them hold: 100, of "
            "shares 70, of sizes 250. "
            f"{left_out['age_unknown']:,} of unknown age and {left_out['no_band']:,} in no age band are in no stratum. "
            "This is a cross-section: differences between ages are differences between people, not change within them."
        )
