"""What stands out in these people, in up to three sentences with a small figure each; every one leads to its page."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from analysis.comparison import headline
from analysis.trend import age_slope, age_trend
from app import importing, kept_answers
from app.components import banner
from app.components.chart import Drawing, chart, drawing
from app.components.figure_panel import look
from app.figures.cohort.age_trend import age_trend_figure
from app.figures.cohort.raincloud import raincloud
from app.figures.kept_figure import figure_of, text_of
from app.figures.theme import Look, dress
from app.sentences.among import stated
from app.sentences.comparison import comparison_sentence, slope_sentence
from app.sentences.typography import typeset
from app.state import OpenedStore, Selection
from vocabulary.measures import MEASURES

PAGES = {"load": "compare", "size": "compare", "age": "age-and-sex"}
"""What is found -> the page that shows it whole, in the order in which they are drawn."""
LOADS = ("wmh_ratio_pct", "wmh_area_mm2", "wmh_volume_ml")
SIZES = ("ventricle_ratio_pct", "ventricle_area_mm2", "ventricle_volume_ml")


@dataclass(frozen=True)
class Finding:
    """One sentence, what draws it, and the page that shows it whole."""

    name: str
    sentence: str
    draw: Callable[[], go.Figure]
    page: str
    measure: str


@st.cache_data(max_entries=32, show_spinner=False)
def _said(key: str, _frame: pl.DataFrame, load: str | None, size: str | None) -> dict[str, str]:
    said = {}
    if load is not None:
        said["load"] = comparison_sentence(headline(_frame, load), load)
        said["age"] = slope_sentence(age_slope(_frame, load), load)
    if size is not None:
        said["size"] = comparison_sentence(headline(_frame, size), size)
    return said


@st.cache_data(max_entries=16, show_spinner=False)
def _curve(key: str, _frame: pl.DataFrame, load: str) -> pl.DataFrame:
    return age_trend(_frame, load, by_sex=False)


@st.cache_data(max_entries=8, show_spinner=False)
def _kept(key: str, version_file: str) -> dict[str, str] | None:
    return kept_answers.read(Path(version_file), key)


def _found(key: str, frame: pl.DataFrame, version_file: str) -> list[Finding]:
    load, size = (_first(frame, names) for names in (LOADS, SIZES))
    kept = _kept(key, version_file)
    if kept is not None:
        return [_of_kept(name, kept[name]) for name in PAGES if name in kept]
    # Not within what is cached: whoever waits there for the same answer would be waited for here.
    importing.statistics()
    said = _said(key, frame, load, size)
    found = []
    if load is not None:
        found.append(Finding("load", said["load"], lambda: raincloud(frame, load, small=True), PAGES["load"], load))
    if size is not None:
        found.append(Finding("size", said["size"], lambda: raincloud(frame, size, small=True), PAGES["size"], size))
    if load is not None:
        curve = _curve(key, frame, load)
        found.append(
            Finding(
                "age",
                said["age"],
                lambda: age_trend_figure(frame, curve, load, small=True),
                PAGES["age"],
                load,
            )
        )
    return found


def _of_kept(name: str, kept: str) -> Finding:
    sentence, measure, figure = json.loads(kept)
    return Finding(name, sentence, lambda: figure_of(figure), PAGES[name], measure)


@st.cache_data(max_entries=32, show_spinner=False)
def _drawings(key: str, look: Look, _found: list[Finding]) -> list[Drawing]:
    return [drawing(dress(finding.draw(), look, synthetic=False)) for finding in _found]


def prepare_findings(key: str, frame: pl.DataFrame, opened: OpenedStore) -> None:
    """Make the findings before anybody asks for them, and keep them for the next start.

    Parameters
    ----------
    key : of the selection whose people these are
    """
    found = _found(key, frame, opened.key)
    # Drawn for what Plotly loads at the first figure, too.
    _drawings(key, Look(), found)
    if found and _kept(key, opened.key) is None:
        answers = {}
        for finding in found:
            answers[finding.name] = json.dumps([finding.sentence, finding.measure, text_of(finding.draw())])
        kept_answers.keep(Path(opened.key), key, answers)


def findings(selection: Selection, opened: OpenedStore) -> None:
    """Draw the findings side by side; nothing where the dataset has no measure of lesions or ventricles."""
    found = _found(selection.key, selection.frame, opened.key)
    if not found:
        return
    columns = st.columns(len(found), gap="medium")
    drawn = _drawings(selection.key, look(), found)
    for number, (column, finding, small) in enumerate(zip(columns, found, drawn, strict=True)):
        sentence = typeset(stated(selection.filter, finding.sentence))
        with column:
            st.markdown(sentence if number else banner.spelled(sentence))
            chart(small, key=f"small-{number}", alt=sentence, static=True)
            _to_page(finding)


def _first(frame: pl.DataFrame, names: tuple[str, ...]) -> str | None:
    return next((n for n in names if n in frame.columns and frame[n].null_count() < frame.height), None)


def _to_page(finding: Finding) -> None:
    # The address is enough to find a page; this part imports none.
    title = {"compare": "Compare", "age-and-sex": "Age and sex"}[finding.page]
    page = st.Page(lambda: None, title=title, url_path=finding.page)
    st.page_link(page, label=f"{title}: {MEASURES[finding.measure].label}", query_params={"measure": finding.measure})
