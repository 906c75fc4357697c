"""The button "Check with pingouin": the same tests by another program, side by side."""

from typing import Any

import polars as pl
import streamlit as st

from app.components.tables import numbers_table
from app.second_opinion.ask import CheckFailed, Question, second_opinion
from app.second_opinion.questions import about_comparison, about_correlations
from app.sentences.formatting import MISSING
from app.sentences.second_opinion import exact, said
from app.state import Selection

MOST_CHECKED = 100_000
"""Of more people the check would take longer than anybody waits."""
TABLE_PIXELS = 420


@st.cache_data(max_entries=8, show_spinner=False)
def _asked(key: str, _questions: list[Question], _untested: list[str]) -> dict[str, Any]:
    return second_opinion(_questions, _untested)


def check_comparison(key: str, people: pl.DataFrame, name: str, tests: pl.DataFrame, adjustment: str) -> None:
    """Draw the button of Compare and, once pressed, what pingouin says of the same people and covariates.

    Parameters
    ----------
    key : identifies the people and the covariates
    """
    key = f"{key}/{name}/{adjustment}"
    if _wanted(key, people.height):
        _show(key, *about_comparison(people, name, tests, adjustment))


def check_correlations(selection: Selection, people: pl.DataFrame, cells: pl.DataFrame, adjustment: str) -> None:
    """Draw the button of Correlations and, once pressed, what pingouin says of the same people."""
    shown = cells.select("x", "y", "method", "partial").unique(maintain_order=True).rows()
    key = f"{selection.key}/{shown}/{adjustment}"
    if _wanted(key, people.height):
        _show(key, *about_correlations(people, cells, adjustment))


def _wanted(key: str, n: int) -> bool:
    pressed = st.button(
        "Check with pingouin",
        key="check",
        disabled=n > MOST_CHECKED,
        help="Runs the same tests by another program, in a process of its own, and shows both numbers. A few seconds.",
    )
    if pressed:
        st.session_state["checked"] = key
    return bool(st.session_state.get("checked") == key)


def _show(key: str, questions: list[Question], untested: list[str]) -> None:
    try:
        with st.spinner("Asking pingouin …"):
            check = _asked(key, questions, untested)
    except CheckFailed as error:
        st.info(f"{str(error)[0].upper()}{str(error)[1:]}.")
        return
    st.markdown(said(check))
    rows = [
        {
            "Test": row["test"],
            "Number": row["number"],
            "Ours": exact(row["ours"]),
            "pingouin": exact(row["theirs"]),
            "Difference": MISSING if row["difference"] is None else f"{row['difference']:.1e}",
            "Note": row["note"] or "",
        }
        for row in check["rows"]
    ]
    with st.container(height=TABLE_PIXELS if len(rows) > 14 else "content", border=False):
        numbers_table(pl.DataFrame(rows), left=("Test", "Number", "Note"))
