"""Compare: MS against HC, one measure at a time."""

import polars as pl
import streamlit as st

from analysis.comparison import compare
from app.components import banner
from app.components.figure_panel import figure_panel
from app.components.filter_bar import filter_bar
from app.components.measure_choice import measure_choice
from app.components.tables import tests_table
from app.figures.distribution import raincloud
from app.sentences import comparison_sentence
from vocabulary import measure

METHOD = {
    "size": "Ratio of means adjusted for age (spline), sex and head size, with 95 % CI; Mann-Whitney and Welch beside it.",
    "load": "Ratio of means adjusted for age (spline), sex and head size (log link, robust 95 % CI), zeros included; "
    "two-part answer beside it.",
    "share": "Mann-Whitney among people with lesions; a share of no lesions is undefined.",
    "count": "Ratio of means adjusted for age (spline) and sex (log link, robust 95 % CI), zeros included.",
}


@st.cache_data(max_entries=64, show_spinner=False)
def _tests(key: str, _frame: pl.DataFrame, name: str) -> pl.DataFrame:
    return compare(_frame, name)


def page() -> None:
    """Draw the page."""
    selection = filter_bar()
    name = measure_choice(selection)
    tests = _tests(selection.key, selection.frame, name)
    banner.answer(comparison_sentence(tests, name))
    figure_panel(
        raincloud(selection.frame, name),
        selection.frame.select("subject_id", "group", "sex", "age_years", name),
        selection,
        name="raincloud",
        title=f"{measure(name).label}, MS and HC",
        method=METHOD[measure(name).nature],
        alt=comparison_sentence(tests, name),
    )
    with st.container(key="page-extras"):
        st.markdown("#### Every test, adjusted and raw")
        tests_table(tests)
        with st.expander("How this was computed"):
            st.markdown(f"{measure(name).definition} {METHOD[measure(name).nature]}")
