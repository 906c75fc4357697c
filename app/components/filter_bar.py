"""The one filter bar: dataset, group, sex, age, lesions, outliers, matched controls; kept in the URL for links."""

import html
import math

import polars as pl
import streamlit as st

from analysis.filters import Filter, where_in_words
from analysis.matching import CALIPER_YEARS, MATCHED
from app import state
from app.components import banner, matched_controls
from app.components.empty_states import no_dataset, no_match, nobody_described
from app.components.export_button import export_button
from app.components.more_filters import more_filters, reset_more
from app.figures.palette import GROUP_COLOURS
from vocabulary.extra_columns import show_extras
from vocabulary.measures import GROUP_LABELS, GROUPS, SEX_LABELS, SEXES

OUTLIER_LABELS = {
    "keep": "Keep everyone",
    "far": "Hide far outliers",
    "study": "Hide by the study's rule",
}


def filter_bar(opened: state.OpenedStore | None) -> state.Selection:
    """Draw the bar and return what it selects; stops the page with a friendly state when there is nothing to show."""
    available = opened.datasets() if opened else []
    if opened is None or not available:
        no_dataset()
    with st.container(key="filter-bar"), st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        dataset = dataset_choice(available)
        people = opened.everyone(dataset)
        groups = st.pills(
            "Group",
            GROUPS,
            selection_mode="multi",
            default=GROUPS,
            key="group",
            bind="query-params",
            persist_state="session",
            help=" · ".join(f"{k}: {v}" for k, v in GROUP_LABELS.items()),
        )
        sexes = st.pills(
            "Sex",
            SEXES,
            selection_mode="multi",
            default=SEXES,
            key="sex",
            bind="query-params",
            persist_state="session",
            format_func=lambda name: SEX_LABELS[name],
        )
        ages = _age_range(people)
        age = _age(ages)
        lesions = st.toggle(
            "Only people with lesions",
            key="lesions",
            bind="query-params",
            persist_state="session",
            help="Leaves out everyone whose WMH area is zero.",
        )
        outliers = st.selectbox(
            "Outliers",
            list(OUTLIER_LABELS),
            key="outliers",
            bind="query-params",
            persist_state="session",
            format_func=lambda name: OUTLIER_LABELS[name],
            width=190,
            help="Off by default. 'Far': beyond 3 interquartile ranges on the log scale within group and sex. The "
            "study's rule removes nearly every control with a deep lesion; see Published vs recomputed.",
        )
        matched, caliper = matched_controls.matching()
        extras = opened.extras(dataset)
        show_extras(extras)
        chosen_where, colour = more_filters(people, extras)
        where = (*chosen_where, *_passed(people))
        st.button("Reset", key="reset", on_click=reset, args=(ages,), help="Back to everyone")
        export_place = st.container(width="content")
    chosen = Filter(
        dataset=dataset.dataset_id,
        groups=tuple(g for g in GROUPS if g in groups),
        sexes=tuple(s for s in SEXES if s in sexes),
        age_min=age[0],
        age_max=age[1],
        lesion_positive=lesions,
        outliers=outliers,
        matched=matched,
        caliper=caliper,
        where=where,
    )
    left = _applied(chosen, people, f"{dataset.version}/{dataset.key}/{dataset.content_sha256}")
    selection = state.Selection(dataset, chosen, people, left, tuple(extras), colour)
    if dataset.synthetic and not all(d.synthetic for d in available):
        banner.synthetic_banner()
    with export_place:
        export_button(opened, selection)
    _say_who(selection)
    if people.height and not selection.comparable.height:
        nobody_described(people.height)
    if selection.frame.is_empty():
        no_match(reset, ages)
    matched_controls.show_balance(selection)
    return selection


def _passed(people: pl.DataFrame) -> tuple[tuple[str, str], ...]:
    """Offer to keep to scans that a reader passed, where a reader passed any."""
    if "pass" not in people["reader_verdict"]:
        return ()
    only = st.toggle(
        "Only passed scans",
        key="passed",
        bind="query-params",
        persist_state="session",
        help="Leaves out every scan that no reader passed; the verdicts are on the pages Scans and Subject.",
    )
    return (("reader_verdict", "pass"),) if only else ()


def _applied(chosen: Filter, people: pl.DataFrame, key: str) -> pl.DataFrame:
    """Return the people a filter leaves; says so where the dataset has not what it asks for."""
    try:
        return matched_controls.filtered(chosen, people, key)
    except ValueError as error:
        said = str(error)
        st.info(f"{said[:1].upper()}{said[1:]}.")
        return chosen.everyone().apply(people).clear()


def reset(ages: tuple[int, int] | None = None) -> None:
    """Put every filter back to its default; ``ages`` is the full range of the age slider."""
    st.session_state.update(
        group=list(GROUPS), sex=list(SEXES), lesions=False, outliers="keep", matched=False, passed=False
    )
    st.session_state.update(per_patient=MATCHED, caliper=CALIPER_YEARS)
    reset_more()
    if ages:
        st.session_state["age"] = ages


def dataset_choice(available: list[state.Dataset]) -> state.Dataset:
    """Draw the select box of datasets that pages share and return the chosen one; no box where there is but one."""
    by_key = {d.key: d for d in available}
    if len(by_key) == 1:
        return available[0]
    titles = [d.title for d in available]

    def label(key: str) -> str:
        dataset = by_key[key]
        protocol = f" ({dataset.protocol_id})" if titles.count(dataset.title) > 1 else ""
        return dataset.title + protocol + (" (synthetic)" if dataset.synthetic else "")

    chosen = st.selectbox(
        "Dataset",
        list(by_key),
        key="dataset",
        bind="query-params",
        persist_state="session",
        width=220,
        format_func=label,
    )
    return by_key[chosen]


def _age_range(people: pl.DataFrame) -> tuple[int, int] | None:
    """Return the youngest and oldest age in whole years; None when there is no range to choose from."""
    ages = people["age_years"].drop_nulls()
    if ages.is_empty():
        return None
    low, high = math.floor(ages.min()), math.ceil(ages.max())  # type: ignore[arg-type]
    return (low, high) if low < high else None


def _age(ages: tuple[int, int] | None) -> tuple[int | None, int | None]:
    if ages is None:
        return None, None
    low, high = ages
    start, end = st.slider(
        "Age (years)", low, high, ages, key="age", bind="query-params", persist_state="session", width=200
    )
    # The full range keeps people of unknown age; narrowing it leaves them out, and the line below says so.
    return (None if start == low else start), (None if end == high else end)


def _say_who(selection: state.Selection) -> None:
    """Say who is left: n per group, always, and everything the filter did."""
    counts = selection.counts
    parts = [
        f'<span style="color:{GROUP_COLOURS[g]}">●</span> <b>{g}</b> n = {counts[g]:,}' for g in selection.filter.groups
    ]
    comparable = selection.comparable.height
    hidden = comparable - selection.frame.height
    whole = "everyone whose group and sex are known" if selection.left_out else "everyone in the dataset"
    parts += [f"{hidden:,} of {comparable:,} filtered out" if hidden else whole, *selection.left_out]
    unknown = selection.frame["age_years"].null_count()
    if unknown:
        parts.append(f"{unknown:,} of unknown age")
    parts += [html.escape(where_in_words(column, value)) for column, value in selection.filter.where]
    if selection.filter.outliers != "keep":
        parts.append(f"<b>outliers hidden</b> ({OUTLIER_LABELS[selection.filter.outliers].lower()})")
    st.html(f'<div class="who" role="status">{" · ".join(parts)}</div>')
