"""Age and sex: how a measure goes with age in women and men of each group."""

import polars as pl
import streamlit as st

from analysis.age_bands import Bands, band_label, with_age_band
from analysis.strata import outside, strata
from analysis.trend import age_slope, age_trend
from app.components import banner, linked
from app.components.age_bands import age_bands
from app.components.figure_panel import figure_panel
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
    curve = _trend(selection.key, selection.frame, name, by_sex)
    answer = slope_sentence(_slopes(selection.key, selection.frame, name), name)
    banner.answer(answer, selection)
    method = f"{TREND_METHOD[what.nature]}; {INTERVAL}"
    with_age, by_band, by_zone = linked.tabs(PARTS, key="age-part")
    with with_age:
        figure_panel(
            age_trend_figure(selection.frame, curve, name),
            curve,
            selection,
            name="trend",
            title=f"{what.label} by age",
            method=method,
            alt=answer,
        )
    summary = _strata(selection.key, selection.frame, name, bands)
    selection.shown["tests"] = summary
    with by_band:
        figure_panel(
            strata_figure(with_age_band(selection.frame.select([*PEOPLE, name]), bands), summary, name),
            summary,
            selection,
            name="strata",
            title=f"{what.label} by age band, women and men",
            method=STRATA_METHOD,
            alt=f"Medians and quartiles of {what.label} by age band, sex and group; the table below has the same.",
            answer=strata_sentence(summary, name),
        )
        with st.container(key="page-extras"):
            st.markdown("## Every stratum")
            strata_table(summary)
    with by_zone:
        _zone_panel(selection, bands)
    with st.container(key="page-extras-how"):
        _computed(selection, bands, name, method)


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
    numbers_table(pl.DataFrame(rows), key="strata-table", left=("Group", "Sex"))


def _interval(low: float | None, high: float | None) -> str:
    return MISSING if low is None or high is None else format_interval(low, high)


def _zone_panel(selection: Selection, bands: Bands) -> None:
    patients = selection.frame.select([*PEOPLE, *ZONE_AREAS]).filter(pl.col("group") == "MS")
    if patients["age_years"].drop_nulls().is_empty():
        st.caption("Lesion zones by age are drawn for people with MS; none of known age is shown.")
        return
    summaries = _zones(selection.key, selection.frame, bands)
    figure_panel(
        zones_by_age(with_age_band(patients, bands), summaries),
        pl.concat([summary.with_columns(pl.lit(zone).alias("zone")) for zone, summary in summaries.items()]),
        selection,
        name="zones",
        title="WMH area by zone and age band, people with MS",
        method=ZONE_METHOD,
        alt=ZONES_SHOWN,
        answer=ZONES_SHOWN,
    )


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
