"""Filter and colour by the further columns of a dataset: EDSS, treatment, scanner. Kept in the URL like the others."""

import polars as pl
import streamlit as st

from analysis.filters import where_condition
from app.components import linked
from vocabulary.extra_columns import ExtraColumn

_KEY = "where-"


def more_filters(
    people: pl.DataFrame, extras: list[ExtraColumn]
) -> tuple[tuple[tuple[str, str], ...], ExtraColumn | None]:
    """Draw a filter for each further column, and the choice of the one that colours people.

    Returns
    -------
    where : what is asked for, as ``analysis.filters.Filter.where`` has it
    colour : the further column by which the people of every figure are coloured; None: by group
    """
    usable = [extra for extra in extras if people[extra.name].drop_nulls().n_unique() > 1]
    if not usable:
        return (), None
    asked = []
    with st.container(key="more-filters"):
        for extra in usable:
            value = _words(people, extra) if extra.kind == "category" else _range(people, extra)
            if value:
                asked.append((extra.name, value))
        colour = _colour(usable)
    return tuple(asked), colour


def _colour(usable: list[ExtraColumn]) -> ExtraColumn | None:
    titles = {extra.name: extra.axis_title for extra in usable}
    chosen = linked.selectbox(
        "Colour people by",
        ["group", *titles],
        key="colour",
        format_func=lambda name: titles.get(name, "Group"),
        help="In every figure that shows people; the rim keeps the colour of the group.",
    )
    return next((extra for extra in usable if extra.name == chosen), None)


def reset_more() -> None:
    """Put every filter on a further column back to everybody, and the colours to the groups."""
    if "colour" in st.session_state:
        st.session_state["colour"] = "group"
    for key in [str(key) for key in st.session_state if str(key).startswith(_KEY)]:
        st.session_state[key] = [] if isinstance(st.session_state[key], list) else ""


def reset_column(name: str) -> None:
    """Put the filter on one further column back to everybody."""
    key = f"{_KEY}{name}"
    if key in st.session_state:
        st.session_state[key] = [] if isinstance(st.session_state[key], list) else ""


def _words(people: pl.DataFrame, extra: ExtraColumn) -> str:
    counts = dict(people[extra.name].drop_nulls().value_counts(sort=True).iter_rows())
    words = linked.multiselect(
        extra.axis_title,
        [word for word in counts if "," not in word],
        key=f"{_KEY}{extra.name}",
        placeholder="everybody",
        help="; ".join(f"{word}: {n:,}" for word, n in list(counts.items())[:20]),
    )
    return ",".join(words)


def _range(people: pl.DataFrame, extra: ExtraColumn) -> str:
    values = people[extra.name].drop_nulls().to_numpy()
    if not values.size:
        return ""
    ends = [f"{end:g}" for end in (values.min(), values.max())]
    text = linked.text_input(
        extra.axis_title,
        key=f"{_KEY}{extra.name}",
        placeholder=f"everybody; {' to '.join(ends)}, as in {':'.join(ends)}",
        help="One number, several parted by commas, or a range: 0:3.5, 4: or :6. People without a value are left out.",
    )
    asked = (text or "").strip()
    if not asked:
        return ""
    try:
        where_condition(people, extra.name, asked)
    except ValueError as error:
        st.error(str(error))
        return ""
    return asked
