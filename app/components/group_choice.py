"""Which two groups a comparison is about: MS and HC, two values of any column, or two saved cohorts."""

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from analysis.filters import Filter, where_condition, where_in_words
from analysis.two_groups import FIRST, SECOND, TwoGroups, by_column
from app.components import linked
from app.components.saved_cohorts import saved_in
from app.state import OpenedStore, Selection
from vocabulary.extra_columns import ExtraColumn

MS_HC, COHORTS = "MS and HC", "Two saved cohorts"
HOW, _FIRST, _SECOND = "between", "first", "second"


@dataclass(frozen=True)
class Compared:
    """What a page compares.

    Attributes
    ----------
    selection : its people, two groups in the places of MS and HC
    names : of the two groups; None where they are MS and HC
    n_in_both : people left out because both groups have them
    """

    selection: Selection
    names: tuple[str, str] | None = None
    n_in_both: int = 0


def groups_compared(opened: OpenedStore, selection: Selection) -> Compared:
    """Draw the choice and return whom it compares; MS and HC while a choice is incomplete, which is said."""
    columns = {e.name: e for e in selection.extras if selection.everyone[e.name].drop_nulls().n_unique() > 1}
    saved = saved_in(opened, selection.dataset)
    ways = [MS_HC, *columns, *([COHORTS] if len(saved) > 1 else [])]
    if len(ways) == 1:
        for name in linked.named_only(HOW):
            linked.say_unknown("a comparison of", name, ways)
        return Compared(selection)
    if st.session_state.get(HOW, MS_HC) not in ways:
        st.session_state[HOW] = MS_HC
    with st.popover(
        "Groups", width="content", key="controls-groups", help="Compare any two groups, not only MS and HC"
    ):
        way = linked.selectbox(
            "Compare", ways, key=HOW, width=300, format_func=lambda w: columns[w].axis_title if w in columns else w
        )
        two = None
        if way == COHORTS:
            two = _two_cohorts(list(saved), saved)
        elif way in columns:
            two = _two_values(selection, columns[way])
    if two is None:
        return Compared(selection)
    try:
        placed = two.take_places(selection.everyone)
    except ValueError as error:
        st.info(f"{str(error)[0].upper()}{str(error)[1:]}.")
        return Compared(selection)
    shown = replace(selection, frame=placed.frame, names=two.names)
    counts = shown.counts
    both = f"; {placed.n_in_both:,} people are in both and in neither here" if placed.n_in_both else ""
    st.caption(
        f"Compared: {two.names[0]} (n = {counts[FIRST]:,}) with {two.names[1]} (n = {counts[SECOND]:,}), by the tests "
        f"and in the colours of MS and HC{both}."
    )
    return Compared(shown, two.names, placed.n_in_both)


def _two_cohorts(names: list[str], saved: dict[str, Filter]) -> TwoGroups | None:
    first, second = _two_boxes(names)
    if first == second:
        st.info("Choose two different cohorts.")
        return None
    return TwoGroups((first, second), (saved[first], saved[second]))


def _two_values(selection: Selection, column: ExtraColumn) -> TwoGroups | None:
    if column.kind == "category":
        words = selection.everyone[column.name].drop_nulls().value_counts(sort=True)[column.name].to_list()
        first, second = _two_boxes([word for word in words if "," not in word])
        if first == second:
            st.info("Choose two different values.")
            return None
        names = (first, second)
    else:
        middle = f"{float(np.median(selection.everyone[column.name].drop_nulls().to_numpy())):g}"
        with st.container(horizontal=True):
            first = linked.text_input("One group", key=_FIRST, placeholder=f"{middle}:", width=140).strip()
            second = linked.text_input("The other", key=_SECOND, placeholder=f":{middle}", width=140).strip()
        st.caption(f"Ranges of {column.axis_title}, both ends included: 0:3.5, 4: or :2022.")
        if not first or not second:
            return None
        try:
            for value in (first, second):
                where_condition(selection.everyone, column.name, value)
        except ValueError as error:
            st.error(str(error))
            return None
        names = (where_in_words(column.name, first), where_in_words(column.name, second))
        if names[0] == names[1]:
            return None
    return by_column(selection.filter, column.name, first, second, names)


def _two_boxes(names: list[str]) -> tuple[str, str]:
    for key, at in ((_FIRST, 0), (_SECOND, 1)):
        if st.session_state.get(key) not in names:
            st.session_state[key] = names[min(at, len(names) - 1)]
    with st.container(horizontal=True):
        first = str(linked.selectbox("One group", names, key=_FIRST, width=190))
        second = str(linked.selectbox("The other", names, index=min(1, len(names) - 1), key=_SECOND, width=190))
    return first, second
