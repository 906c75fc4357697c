"""Lesion zones: how the lesion area is split between the zones, who has none, and every person behind it."""

from dataclasses import replace

import polars as pl
import streamlit as st

from analysis.composition import AREAS, by_volume, composition, composition_tests, measured_by
from app.components import banner, linked
from app.components.empty_states import needs
from app.components.figure_panel import figure_panel
from app.components.filter_bar import filter_bar
from app.components.tables import numbers_table
from app.figures.cohort.composition import strata_shares, ternary
from app.figures.cohort.zone_rows import HAS_SPLIT, people_by_group, people_in_rows, with_rows
from app.sentences.cohort import zones_sentence
from app.sentences.comparison import PEOPLE
from app.sentences.formatting import MISSING, format_interval, format_number, format_p, format_percent
from app.state import OpenedStore, Selection
from vocabulary.measures import GROUPS, ZONE_NOTICE, ZONES

SPLITS = {
    "group": "Group",
    "sex": "Sex",
    "age": "Age band",
    "age and sex": "Age band and sex",
}
STRATA = {
    "group": ("group",),
    "sex": ("group", "sex"),
    "age": ("group", "age_band"),
    "age and sex": ("group", "sex", "age_band"),
}
KNOWN = ["subject_id", "group", "sex", "age_years", "wmh_area_mm2", *(f"{zone}_share_pct" for zone in ZONES)]
METHOD = (
    "Centre of the composition (closed geometric mean of the zone {of}s) among people with lesions, 95 % CI by "
    "Student's t on each part's log odds, none below five people; a zone without lesions counts as {least}. People "
    "without lesions: Wilson 95 % CI."
)
LEAST = {"area": "0.65 mm²", "volume": "0.65 mm³"}
NO_BREAK_SPACE, WORD_JOINER = "\N{NO-BREAK SPACE}", "\N{WORD JOINER}"
SHORT = {"periventricular": "Periv.", "paraventricular": "Parav.", "juxtacortical": "Juxtac."}
MOST_TESTED = 100_000
"""Of more people than this a random sample is tested, so that the page stays quick; n beside the test tells."""
TERM_LABELS = {"group": "MS against HC", "sex": "Men against women", "age_years": "Age"}


@st.cache_data(max_entries=64, show_spinner=False)
def _parts(key: str, _frame: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
    return composition(_frame, by=by)


@st.cache_data(max_entries=64, show_spinner=False)
def _tests(key: str, _frame: pl.DataFrame, groups: tuple[str, ...]) -> pl.DataFrame:
    _frame = _frame.select("group", "sex", "age_years", "wmh_area_mm2", *AREAS).filter(pl.col("group").is_in(groups))
    return composition_tests(_frame.sample(MOST_TESTED, seed=1) if _frame.height > MOST_TESTED else _frame)


def page(opened: OpenedStore | None) -> None:
    """Draw the page."""
    selection = filter_bar(opened)
    of = measured_by(selection.everyone)
    if of == "volume":
        by_area = selection
        selection = replace(by_area, frame=by_volume(by_area.frame))
        selection.found_again_by(lambda: (by_area.everyone, by_volume(by_area.frame)))
    what = of or "area"
    method = METHOD.format(of=what, least=LEAST[what])
    with selection.controls:
        split = linked.segmented_control(
            "Rows",
            list(SPLITS),
            default="age",
            required=True,
            key="rows",
            format_func=lambda name: SPLITS[name],
            label_visibility="collapsed",
        )
    by_group = _parts(selection.key, selection.frame, ("group",))
    answer = zones_sentence(by_group, what)
    banner.answer(answer, selection)
    # Of everybody only those drawn are copied.
    with_lesions = int(selection.frame.select(HAS_SPLIT.sum()).item())
    if not with_lesions:
        if of is None:
            needs("the WMH area or volume of each zone", selection)
        return
    parts = with_rows(_parts(selection.key, selection.frame, STRATA[split]), STRATA[split])
    people = people_in_rows(selection.frame.select(KNOWN), STRATA[split])
    figure_panel(
        strata_shares(people, parts), parts, selection, name="zones",
        title=f"Zone shares of the lesion {what} by {SPLITS[split].lower()}", method=method, alt=answer,
    )  # fmt: skip
    st.caption(
        "WMH: white matter hyperintensities. Diamonds: the split of a typical person with its 95 % interval; none "
        "where more than half of the people lack a zone, for then no split is typical. Points: people (women circles, "
        "men squares). " + ZONE_NOTICE
    )
    _left_out(with_lesions - people.of)
    figure_panel(
        ternary(people_by_group(selection.frame.select(KNOWN)), by_group), lambda: _with_lesions(selection), selection,
        name="triangle", title="Every person with lesions, by where they lie", method=method,
        alt=answer,
    )  # fmt: skip
    with st.container(key="page-extras"):
        st.markdown("## Does the split depend on group, sex or age?")
        _tested(selection, by_group)
        st.markdown("## Every stratum")
        _parts_table(parts)
        _how(selection, method)


def _with_lesions(selection: Selection) -> pl.DataFrame:
    """Return whose lesions have a split: what of a person is drawn; of a million the rest is as large as the store."""
    return selection.frame.select(KNOWN).filter(HAS_SPLIT).drop("wmh_area_mm2")


def _left_out(people: int) -> None:
    if people:
        st.caption(f"{people:,} people with lesions are in no row: their age is unknown or in no band.")


def _tested(selection: Selection, by_group: pl.DataFrame) -> None:
    """Show the tests among the groups that have a typical split: in others they would test the value put for zeros."""
    with_lesions = by_group.filter(pl.col("n") > 0)
    typical = tuple(with_lesions.drop_nulls("centre_pct")["group"].unique(maintain_order=True))
    for group in with_lesions.filter(~pl.col("group").is_in(typical))["group"].unique(maintain_order=True):
        st.caption(f"Without {PEOPLE[group]}: most of them lack a zone, so there is no split to test.")
    if typical:
        tests = _tests(selection.key, selection.frame, typical)
        selection.shown["tests"] = lambda: tests
        _tests_table(tests if len(typical) > 1 else tests.filter(pl.col("term") != "group"))


def _tests_table(tests: pl.DataFrame) -> None:
    rows = [
        {
            "Term": TERM_LABELS[row["term"]],
            "Pillai": format_number(row["pillai"]),
            "F": format_number(row["statistic"]),
            "df": MISSING if row["df1"] is None else f"{row['df1']:.0f}, {row['df2']:,.0f}",
            "p": format_p(row["p_value"]),
            "n": f"{row['n']:,}",
            "Missing": f"{row['n_missing']:,}",
            "Note": row["note"] or "",
        }
        for row in tests.iter_rows(named=True)
    ]
    numbers_table(pl.DataFrame(rows), left=("Term", "Note"))


def _parts_table(parts: pl.DataFrame) -> None:
    rows = []
    for stratum in parts.partition_by("row", maintain_order=True):
        first = stratum.row(0, named=True)
        row = {
            "People": first["row"].replace(" ", NO_BREAK_SPACE).replace("-", f"–{WORD_JOINER}"),
            "n": f"{first['n']:,}",
            "No lesion": _lesion_free(first),
        }
        for zone in stratum.iter_rows(named=True):
            label = SHORT[zone["zone"]]
            row[f"{label} % (95 % CI)"] = _centre(zone)
            rate = zone["zero_rate"]
            row[f"{label} absent"] = MISSING if rate is None else f"{100 * rate:.0f} %"
        rows.append(row)
    numbers_table(pl.DataFrame(rows), left=("People",))


def _lesion_free(row: dict[str, float]) -> str:
    """How many have no lesion, with their share; nobody is plainly nobody."""
    return f"{row['n_lesion_free']:,} ({format_percent(row['free_rate'])})" if row["n_lesion_free"] else "0"


def _centre(zone: dict[str, float | None]) -> str:
    if zone["centre_pct"] is None:
        return MISSING
    low, high = zone["ci_low"], zone["ci_high"]
    interval = "" if low is None or high is None else f" ({format_interval(low, high)})"
    return f"{format_number(zone['centre_pct'])}{interval}"


def _how(selection: Selection, method: str) -> None:
    with st.expander("How this was computed"):
        st.markdown(
            f"{method} Shares add up to 100, so one cannot rise without another falling: they are described and tested "
            "through log-ratios, never one zone at a time. The test is a multivariate linear model of the two balances "
            "on group, sex and age (Pillai's trace), each term at fixed values of the others, among groups in which "
            "most people have every zone."
        )
        st.markdown(f"Groups shown: {', '.join(g for g in GROUPS if g in selection.filter.groups)}. {ZONE_NOTICE}")
