"""The person a reader picked: marked on every figure and page through the link, with ways to their other pages."""

from typing import Any

import polars as pl
import streamlit as st

from app.address import content, link
from app.components.chart import clicked_in
from app.components.tables import numbers_table
from app.sentences.as_written import as_written
from app.sentences.formatting import format_number
from app.sentences.scan_names import scan_labels
from app.state import Dataset, OpenedStore, Selection
from vocabulary.extra_columns import extra_named
from vocabulary.measures import MEASURES, SEX_LABELS

KEY = "person"
"""The same key as the box of the page Patient, so that who is marked is also who is placed."""
_PICKED_IN = "picked-in"
_NOT_SHOWN = frozenset({"dataset_id", "scan_id", "run_id", "protocol_id", "subject_id"})


def pick(figure: str) -> None:
    """Mark the person whose point was clicked in the figure of this key; called before the page is drawn anew."""
    known = clicked_in(figure)
    if known and isinstance(known[0], str) and known[0]:
        st.session_state["picked"] = known[0]
        st.session_state[_PICKED_IN] = figure


def picked_in(figure: str) -> bool:
    """Tell whether the last pick was in the figure of this key."""
    return bool(st.session_state.get(_PICKED_IN) == figure)


def marked_person(people: pl.DataFrame) -> str | None:
    """Return the code of who is marked among these people: picked in a figure, named by the address, or from before."""
    picked = st.session_state.pop("picked", None)
    named = (link.asked(KEY) or [""])[-1]
    known = people["subject_id"]
    if picked is not None and picked in known:
        st.session_state[KEY] = picked
    elif named:
        if named in known:
            st.session_state[KEY] = named
        else:
            link.note(f"This link marks the person '{named[:60]}', whom this dataset does not have.")
    person = st.session_state.get(KEY)
    found = person if isinstance(person, str) and person in known else None
    link.write(KEY, [found] if found else ())
    return found


def person_panel(opened: OpenedStore, selection: Selection) -> None:
    """Draw the marked person as a chip that opens what is known of them, and leads to their other pages."""
    person = selection.person
    if person is None:
        return
    with st.popover(f"● {as_written(person)}", width="content", key="person-chip", help="The marked person"):
        row = selection.everyone.filter(pl.col("subject_id") == person).row(0, named=True)
        if selection.frame.filter(pl.col("subject_id") == person).is_empty():
            st.info("The filters leave this person out, so no figure shows them.")
        numbers_table(known_of(row), left=("What",))
        ways(opened, selection.dataset, person)
        st.button("Unmark", key="person-unmark", on_click=_unmark)


def known_of(row: dict[str, Any]) -> pl.DataFrame:
    """Return what is known of a person under the names that people read, one row each; what is missing is left out."""
    rows = []
    for column, value in row.items():
        if column in _NOT_SHOWN or value is None:
            continue
        if column in MEASURES:
            rows.append((MEASURES[column].axis_title, format_number(value)))
        elif column == "sex":
            rows.append(("Sex", {"Women": "woman", "Men": "man"}[SEX_LABELS[value]]))
        elif column in ("group", "age_years", "session", "reader_verdict"):
            label = {"group": "Group", "age_years": "Age (years)", "session": "Session", "reader_verdict": "Reader"}
            rows.append((label[column], f"{value:g}" if isinstance(value, float) else as_written(str(value))))
        else:
            shown = format_number(value) if isinstance(value, float) else as_written(str(value))
            rows.append((extra_named(column).axis_title, shown))
    return pl.DataFrame(rows, schema={"What": pl.String, "Value": pl.String}, orient="row")


def ways(opened: OpenedStore, dataset: Dataset, person: str) -> None:
    """Lead to the person's place among others, to their scans, and to the same code in other datasets."""
    # The address is enough to find a page; this part imports none.
    data = content.written(dataset)
    patient = st.Page(lambda: None, title="Patient", url_path="patient")
    label = f"Place {as_written(person)} among people of the same age and sex"
    st.page_link(patient, label=label, query_params={KEY: person, "data": data})
    labels = scan_labels(opened.scans())
    scans = opened.scans().filter(pl.col("subject_id") == person)
    subject = st.Page(lambda: None, title="Subject", url_path="subject")
    for scan in scans.head(3).iter_rows(named=True):
        visit = f", session {as_written(scan['session'])}" if scan["session"] else ""
        st.page_link(subject, label=f"See the scan{visit}", query_params={"scan": labels[scan["scan_id"]]})
    compare = st.Page(lambda: None, title="Compare", url_path="compare")
    for other in opened.datasets():
        if other.key != dataset.key and person in opened.everyone(other)["subject_id"]:
            label = f"The same code in {as_written(other.title)}"
            st.page_link(compare, label=label, query_params={KEY: person, "data": content.written(other)})


def _unmark() -> None:
    st.session_state.pop(KEY, None)
