"""The one filter bar: who is shown as a line of chips, and the panel that changes it; kept in the address for links."""

from collections.abc import Callable

import polars as pl
import streamlit as st

from analysis.filters import Filter
from analysis.matching import CALIPER_YEARS, MATCHED
from app import state
from app.address import content, link, versions
from app.components import banner, linked, matched_controls
from app.components.age_choice import age_choice, reset_ages
from app.components.empty_states import no_dataset, no_match, nobody_described
from app.components.export_button import export_button
from app.components.language import language
from app.components.marked_person import marked_person, person_panel
from app.components.more_filters import more_filters, reset_column, reset_more
from app.components.saved_cohorts import EVERYBODY, cohort_choice, save_people
from app.figures.palette import GROUP_COLOURS
from app.sentences.among import parts
from app.words.translating import as_name, translated
from vocabulary.extra_columns import ExtraColumn, show_extras
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
    with st.container(key="filter-bar", horizontal=True, vertical_alignment="center", gap="small"):
        dataset = dataset_choice(available)
        people = opened.everyone(dataset)
        extras = opened.extras(dataset)
        show_extras(extras)
        controls = st.container(
            key="page-controls", horizontal=True, vertical_alignment="center", gap="small", width="content"
        )
        chips = st.container(key="chips", horizontal=True, vertical_alignment="center", gap="xsmall", width="content")
        with st.popover("Filters", width="content", key="filters", help="Group, sex, age, lesions, outliers and more"):
            chosen, colour = _panel(opened, dataset, people, extras)
            saving = st.container()
        export_place = st.container(width="content")
        who_place = st.container(width="content")
    with chips:
        _chips(chosen)
    content_key = f"{dataset.version}/{dataset.key}/{dataset.content_sha256}"
    left = _applied(chosen, people, content_key)
    person = marked_person(people)
    selection = state.Selection(dataset, chosen, people, left, tuple(extras), colour, person=person, controls=controls)
    selection.found_again_by(lambda: _found_again(opened, dataset, chosen, content_key))
    with chips:
        person_panel(opened, selection)
    if dataset.synthetic and not all(d.synthetic for d in available):
        banner.synthetic_banner()
    with saving:
        save_people(selection)
    with export_place:
        export_button(opened, selection)
    with who_place:
        _say_who(selection)
    if people.height and not selection.comparable.height:
        nobody_described(people.height)
    if selection.frame.is_empty():
        no_match(reset)
    matched_controls.show_balance(selection)
    return selection


def _panel(
    opened: state.OpenedStore, dataset: state.Dataset, people: pl.DataFrame, extras: list[ExtraColumn]
) -> tuple[Filter, ExtraColumn | None]:
    """Draw every filter; return what they choose, and the further column that colours people."""
    with st.container(key="filter-panel"):
        cohort = cohort_choice(opened, dataset)
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            groups = linked.pills(
                "Group",
                GROUPS,
                selection_mode="multi",
                default=GROUPS,
                key="group",
                help=" · ".join(f"{k}: {v}" for k, v in GROUP_LABELS.items()),
            )
            sexes = linked.pills(
                "Sex",
                SEXES,
                selection_mode="multi",
                default=SEXES,
                key="sex",
                format_func=lambda name: SEX_LABELS[name],
            )
        age = age_choice(people)
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            lesions = linked.toggle(
                "Only people with lesions",
                key="lesions",
                help="Leaves out everyone whose WMH area is zero.",
            )
            passed = _passed(people)
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            outliers = linked.selectbox(
                "Outliers",
                list(OUTLIER_LABELS),
                key="outliers",
                format_func=lambda name: OUTLIER_LABELS[name],
                width=210,
                help="Off by default. 'Far': beyond 3 interquartile ranges on the log scale within group and sex. The "
                "study's rule removes nearly every control with a deep lesion; see Published vs recomputed.",
            )
            matched, caliper = matched_controls.matching()
        chosen_where, colour = more_filters(people, extras)
        st.button("Reset", key="reset", on_click=reset, help="Back to everyone")
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
        where=(*chosen_where, *passed),
        cohort=cohort,
    )
    return chosen, colour


def _chips(chosen: Filter) -> None:
    """Show every restriction as a chip that a click takes away."""
    for key, restriction in parts(chosen).items():
        st.button(f"{restriction} ✕", key=f"chip-{key}", on_click=_clear, args=(key,), help="Take this filter away")


def _clear(key: str) -> None:
    clear: dict[str, Callable[[], None]] = {
        "group": lambda: st.session_state.update(group=list(GROUPS)),
        "sex": lambda: st.session_state.update(sex=list(SEXES)),
        "age": reset_ages,
        "lesions": lambda: st.session_state.update(lesions=False),
        "outliers": lambda: st.session_state.update(outliers="keep"),
        "cohort": lambda: st.session_state.update(cohort=EVERYBODY),
        "matched": lambda: st.session_state.update(matched=False),
        "where-reader_verdict": lambda: st.session_state.update(passed=False),
    }
    clear.get(key, lambda: reset_column(key.removeprefix("where-")))()


def _passed(people: pl.DataFrame) -> tuple[tuple[str, str], ...]:
    """Offer to keep to scans that a reader passed, where a reader passed any."""
    verdicts = people["reader_verdict"]
    if verdicts.null_count() == people.height or "pass" not in verdicts:
        return ()
    only = linked.toggle(
        "Only passed scans",
        key="passed",
        help="Leaves out every scan that no reader passed; the verdicts are on the pages Scans and Subject.",
    )
    return (("reader_verdict", "pass"),) if only else ()


def _applied(chosen: Filter, people: pl.DataFrame, key: str) -> pl.DataFrame:
    """Return the people a filter leaves; says so where the dataset has not what it asks for."""
    left, said = _left(chosen, people, key)
    if said:
        st.info(f"{said[:1].upper()}{said[1:]}.")
    return left


def _left(chosen: Filter, people: pl.DataFrame, key: str) -> tuple[pl.DataFrame, str]:
    try:
        return matched_controls.filtered(chosen, people, key), ""
    except ValueError as error:
        return chosen.everyone().apply(people).clear(), str(error)


def _found_again(opened: state.OpenedStore, dataset: state.Dataset, chosen: Filter, key: str) -> state.Frames:
    people = opened.everyone(dataset)
    return people, _left(chosen, people, key)[0]


def reset() -> None:
    """Put every filter back to its default."""
    st.session_state.update(
        group=list(GROUPS), sex=list(SEXES), lesions=False, outliers="keep", matched=False, passed=False
    )
    st.session_state.update(per_patient=MATCHED, caliper=CALIPER_YEARS)
    if "cohort" in st.session_state:
        st.session_state["cohort"] = EVERYBODY
    reset_more()
    reset_ages()


def dataset_choice(available: list[state.Dataset]) -> state.Dataset:
    """Draw the select box of datasets that pages share and return the chosen one; no box where there is but one.

    The address carries the dataset with its content, so that a link shows the same people or says that it cannot.
    """
    by_key = {d.key: d for d in available}
    titles = [d.title for d in available]
    code = language()

    def label(key: str) -> str:
        dataset = by_key[key]
        protocol = f" ({dataset.protocol_id})" if titles.count(dataset.title) > 1 else ""
        if dataset.title == dataset.dataset_id and not dataset.synthetic:
            return as_name(dataset.title, code) + protocol
        unsaid = dataset.synthetic and "synthetic" not in dataset.title.lower()
        return translated(dataset.title + protocol + (" (synthetic)" if unsaid else ""), code)

    if st.session_state.get("dataset") not in by_key:
        st.session_state["dataset"] = available[0].key
    if len(by_key) == 1:
        chosen = available[0]
    else:
        key = st.selectbox(
            "Dataset",
            list(by_key),
            key="dataset",
            persist_state="session",
            width=min(max(90, *(62 + 8 * len(label(key)) for key in by_key)), 320),
            format_func=label,
            label_visibility="collapsed",
        )
        chosen = by_key[key]
    versions.seen(chosen)
    link.write("data", [content.written(chosen)])
    return chosen


def _say_who(selection: state.Selection) -> None:
    """Say who is left: n per group, always, and how many the filter left out."""
    counts = selection.counts
    said = [
        f'<span style="color:{GROUP_COLOURS[g]}">●</span> <b>{g}</b> <span>n = {counts[g]:,}</span>'
        for g in selection.filter.groups
    ]
    comparable = selection.comparable.height
    hidden = comparable - selection.frame.height
    whole = "everyone whose group and sex are known" if selection.left_out else "everyone in the dataset"
    further = [f"{hidden:,} of {comparable:,} filtered out" if hidden else whole, *selection.left_out]
    unknown = selection.frame["age_years"].null_count()
    if unknown:
        further.append(f"{unknown:,} of unknown age")
    # Each in a box of its own, so that each is put into another language for itself.
    said += [f"<span>{words}</span>" for words in further]
    st.html(f'<div class="who" role="status">{" · ".join(said)}</div>')
