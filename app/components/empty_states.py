"""Friendly states for when there is nothing to show: each says what to do next."""

from collections.abc import Callable
from typing import NoReturn

import streamlit as st

from app.components.first_steps import first_steps
from app.state import Selection
from vocabulary.measures import MEASURES

STUDY_URL = "github.com/Mahdi-Bashiri/MRI_MS_Insights"
TABLE_NAME = "brain_mri_analysis_results_PROCESSED_updated.csv"


def no_dataset() -> NoReturn:
    """Say that the store is empty and how to fill it; ends the page."""
    st.header("No cohort yet")
    st.markdown(
        "Import a table of measurements, measure FLAIR scans, or look around in synthetic people, as `mscohort demo` "
        "makes them. This page refreshes by itself when data arrive."
    )
    first_steps()
    st.stop()


def no_match(reset: Callable[[], None]) -> NoReturn:
    """Say that the filter matches nobody and offer a reset; ends the page."""
    st.header("Nobody matches these filters")
    st.markdown("Widen the age range or bring back a group or sex.")
    st.button("Show everyone", on_click=reset, key="reset-empty")
    st.stop()


def nobody_described(n: int) -> NoReturn:
    """Say that nobody told the group and sex of the people scanned, and how to; ends the page."""
    st.header("Nobody here has a group and a sex")
    st.markdown(
        f"Of the {n:,} people in this dataset nobody gave both the group (MS or HC) and the sex, so there is nobody to "
        "describe or compare. Measure the scans again with a table of people, `mscohort ingest ... "
        "--participants FILE`: scans that are unchanged are not measured twice. Or choose another dataset above."
    )
    st.stop()


def no_measure() -> NoReturn:
    """Say that the dataset has no measure, and what to do; ends the page."""
    st.header("This page needs a measure")
    st.markdown(
        "The dataset has no area, volume, ratio or count of ventricles or lesions, only what else its table says of "
        "these people. **Correlations** shows its further columns. Import a table with a measure on the **Data** page, "
        "or choose another dataset above."
    )
    st.stop()


def no_regions(reasons: list[str], elsewhere: list[str]) -> NoReturn:
    """Say that nobody here has lesions by region, why, and what to do; ends the page.

    Parameters
    ----------
    reasons : why scans of these people have none; empty where these people have no scan
    elsewhere : titles of datasets whose scans have
    """
    st.header("No lesions by region here")
    if reasons:
        st.markdown(f"These people were scanned, but their lesions were put in no region: {'; '.join(reasons)}.")
    else:
        st.markdown(
            "These people came from a table, which says nothing of where their lesions are. Regions come from scans: "
            "measure some on the page **Add scans** or with `mscohort ingest FOLDER`."
        )
    if elsewhere:
        st.markdown(f"Scans with regions are in **{', '.join(elsewhere)}**: choose it as the dataset above.")
    st.stop()


def no_maps() -> NoReturn:
    """Say that these people's scans have regions and no lesion map, and what to do; ends the page."""
    st.header("No lesion maps here")
    st.markdown(
        "These scans were measured by an earlier version, which kept no lesion maps. Measure them again on the page "
        "**Add scans** or with `mscohort ingest FOLDER`."
    )
    st.stop()


def needs(what: str, selection: Selection) -> None:
    """Say what a part of a page needs and the dataset lacks, and what it has instead."""
    frame = selection.everyone
    has = [m.label for name, m in MEASURES.items() if name in frame.columns and frame[name].null_count() < frame.height]
    st.info(f"This needs {what}, which this dataset does not have. It has: {', '.join(has) or 'no measure'}.")


def needs_released_table() -> NoReturn:
    """Say where the study's released table is published and how to import it; ends the page."""
    st.header("This page needs the study's released table")
    st.markdown(
        f"It is published at {STUDY_URL} under the MIT licence (file `{TABLE_NAME}`). "
        "Drop it on the **Data** page, or run:"
    )
    st.code(f"mscohort import {TABLE_NAME} --protocol tabriz-2026-published", language=None)
    st.stop()
