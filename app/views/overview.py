"""Overview: what stands out, who is in the cohort, who is not, what is missing, and what the numbers mean."""

from functools import partial

import polars as pl
import streamlit as st

from analysis.filters import Filter, lesion_measure
from analysis.overview import five_year_bands, missing, pyramid, zero_rates
from app.components import banner, linked
from app.components.empty_states import needs
from app.components.figure_panel import figure_panel, printed_only
from app.components.filter_bar import filter_bar
from app.components.findings import findings, prepare_findings
from app.components.inclusion_steps import latest_run, rejection_reasons, stages, steps_table
from app.components.language import language
from app.components.table_one_panel import table_one_panel
from app.components.tables import numbers_table
from app.figures.cohort.inclusion_flow import Stage, flow
from app.figures.cohort.pyramid import pyramid as pyramid_figure
from app.figures.cohort.zero_rates import zero_rates_figure
from app.sentences.as_written import as_written
from app.sentences.cohort import people_sentence
from app.state import OpenedStore, Selection, answer_key
from app.words.tables import RIGHT_TO_LEFT
from vocabulary.measures import MEASURES, PUBLISHED_PROTOCOL, ZONE_NOTICE

PARTS = ("From the source", "Age and sex", "Without lesions, missing", "Table 1", "What these numbers mean")
FLOW_METHOD = "Rows as counted by the import; people as left by each filter."
PYRAMID_METHOD = (
    "Counts of people by five-year age band, sex and group, on one scale; people of unknown age are not drawn."
)
ZERO_METHOD = (
    "Share of people whose WMH area is zero, with Wilson's 95 % interval (1927, doi:10.1080/01621459.1927.10502953)."
)
ZERO_TITLE = "No lesion at all"
WHAT_AN_AREA_IS = (
    "Numbers are **areas in mm² summed over the protocol's slices**, not volumes: they depend on how many slices are "
    "summed and how thick they are. Ratios are in percent of the intracranial area. " + ZONE_NOTICE
)


@st.cache_data(max_entries=32, show_spinner=False)
def _by_age(key: str, _frame: pl.DataFrame) -> pl.DataFrame:
    return pyramid(_frame, five_year_bands(_frame))


@st.cache_data(max_entries=32, show_spinner=False)
def _lesion_free(key: str, _frame: pl.DataFrame) -> pl.DataFrame:
    return zero_rates(_frame, [lesion_measure(_frame) or "wmh_area_mm2"], by=("group", "sex"))


@st.cache_data(max_entries=32, show_spinner=False)
def _lacking(key: str, _frame: pl.DataFrame) -> pl.DataFrame:
    return missing(_frame)


def prepare(opened: OpenedStore) -> None:
    """Make the answers about everybody in the first dataset: what a visitor sees who asks for nothing else."""
    datasets = opened.datasets()
    if datasets:
        chosen = Filter(dataset=datasets[0].dataset_id)
        people, key = chosen.apply(opened.everyone(datasets[0])), answer_key(datasets[0], chosen)
        prepare_findings(key, people, opened)


def page(opened: OpenedStore | None) -> None:
    """Draw the page."""
    selection = filter_bar(opened)
    answer = people_sentence(selection.frame)
    banner.answer(answer, selection)
    if opened is not None:
        with st.container(key="findings"):
            findings(selection, opened)
    run = latest_run(opened, selection)
    boxes = stages(selection, run)
    source, ages, lacks, table, meaning = linked.tabs(PARTS, key="overview-part")
    # Only the open tab is drawn and sent; the figures of the others are made for a PDF of the page alone.
    with source:
        _flow(source.open, boxes, selection)
    with ages:
        _ages(ages.open, answer, selection)
    with lacks:
        left, right = st.columns(2, gap="large") if lacks.open else (lacks, lacks)
        with left:
            _without_lesions(lacks.open, selection)
        if lacks.open:
            with right:
                _missing(_lacking(selection.key, selection.frame))
    if table.open:
        with table, st.container(key="page-extras"):
            table_one_panel(selection)
    if meaning.open:
        with meaning, st.container(key="page-extras-meaning"):
            _protocol(opened, selection)
            _computed(opened, selection, run)


def _flow(shown: bool, boxes: list[Stage], selection: Selection) -> None:
    titled = {"name": "flow", "title": "From the source to the people shown", "method": FLOW_METHOD}
    drawn = partial(flow, boxes, from_right=language() in RIGHT_TO_LEFT)
    if not shown:
        printed_only(drawn, selection, **titled)
        return
    rows = [{"stage": b.title, "n": b.n, "groups": b.detail, "left_out": b.left_out} for b in boxes]
    alt = "; ".join(f"{b.title}: {b.n:,}" for b in boxes)
    figure_panel(drawn(), pl.DataFrame(rows), selection, **titled, alt=alt)


def _ages(shown: bool, answer: str, selection: Selection) -> None:
    titled = {"name": "pyramid", "title": "Age and sex of each group", "method": PYRAMID_METHOD}
    if not shown:
        printed_only(lambda: pyramid_figure(_by_age(selection.key, selection.frame)), selection, **titled)
        return
    counts = _by_age(selection.key, selection.frame)
    figure_panel(pyramid_figure(counts), counts, selection, **titled, alt=answer)


def _without_lesions(shown: bool, selection: Selection) -> None:
    if lesion_measure(selection.frame) is None:
        st.markdown(f"**{ZERO_TITLE}**")
        needs("a WMH area, volume, ratio or number of lesions", selection)
        return
    titled = {"name": "zeros", "title": ZERO_TITLE, "method": ZERO_METHOD}
    if not shown:
        printed_only(lambda: zero_rates_figure(_lesion_free(selection.key, selection.frame)), selection, **titled)
        return
    zeros = _lesion_free(selection.key, selection.frame)
    rates = "; ".join(
        f"{r['group']} {r['sex']}: {r['n_zero']:,} of {r['n']:,} without a lesion" for r in zeros.to_dicts()
    )
    figure_panel(zero_rates_figure(zeros), zeros, selection, **titled, alt=rates, answer=rates)


def _missing(lacking: pl.DataFrame) -> None:
    st.markdown("**What is missing**")
    rows, complete = [], []
    for (column,), parts in lacking.partition_by("column", as_dict=True, maintain_order=True).items():
        label = MEASURES[str(column)].short if column in MEASURES else "Age"
        if not (parts["n_missing"] + parts["n_undefined"] > 0).any():
            complete.append(label)
            continue
        row = {"Column": label}
        for part in parts.iter_rows(named=True):
            rate = f" ({100 * part['missing_rate']:.1f} %)" if part["n_missing"] else ""
            undefined = f"{part['n_undefined']:,} undefined" if part["n_undefined"] else ""
            missed = f"{part['n_missing']:,}{rate}" if part["n_missing"] or not undefined else ""
            row[str(part["group"])] = ", ".join(words for words in (missed, undefined) if words)
        rows.append(row)
    if rows:
        numbers_table(pl.DataFrame(rows), left=("Column",))
        st.markdown("Undefined: a zone's share of the lesions does not exist for a person without lesions.")
    if complete:
        st.markdown(f"Complete: {', '.join(complete)}.")


def _protocol(opened: OpenedStore | None, selection: Selection) -> None:
    """Say how the numbers were measured and what they cannot tell, in the size of everything else."""
    ours = pl.col("protocol_id") == selection.dataset.protocol_id
    known = opened.snapshot.protocols().filter(ours) if opened else None
    with st.container(border=True, key="protocol"):
        st.markdown("## What these numbers mean")
        if known is not None and known.height:
            row = known.row(0, named=True)
            st.markdown(f"**{row['title']}** (`{row['protocol_id']}`). {row['description']}")
        st.markdown(WHAT_AN_AREA_IS)
        facts = [f"Zone rule: `{row['zone_rule']}`" if known is not None and known.height and row["zone_rule"] else ""]
        if selection.dataset.protocol_id == PUBLISHED_PROTOCOL:
            facts.append("Slices: those of the study, thick 2D FLAIR; pixels of 1 mm")
        facts.append("Units: mm², % of intracranial area, years")
        st.markdown(" · ".join(f for f in facts if f))
        st.markdown(
            "Numbers of different protocols are never pooled or compared: a scan measured in another way cannot be "
            "read off these people's values."
        )
        if selection.dataset.citation:
            st.markdown(f"Source: {as_written(selection.dataset.citation)}")


def _computed(opened: OpenedStore | None, selection: Selection, run: dict[str, object] | None) -> None:
    with st.expander("How this was computed"):
        st.markdown(f"{FLOW_METHOD} {PYRAMID_METHOD} {ZERO_METHOD}")
        numbers_table(steps_table(selection), left=("Step",))
        reasons = rejection_reasons(opened, run)
        if reasons.height:
            st.markdown("**Rejected rows, by reason**")
            numbers_table(reasons, left=("Column", "Reason"))
        else:
            st.markdown("No row of the source was rejected.")
