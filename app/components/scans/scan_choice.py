"""Which scan is looked at: a select box kept in the URL, shared by whoever links to a scan."""

from typing import Any, NoReturn

import polars as pl
import streamlit as st

from app.address import link
from app.components import linked
from app.components.first_steps import link_to_add_scans
from app.sentences.as_written import as_written
from app.sentences.scan_names import scan_labels
from vocabulary.measures import SEX_LABELS

NOBODY_KNOWN = "group, sex and age unknown"


def no_scans() -> NoReturn:
    """Say that nothing was measured from images yet, and how to begin; ends the page."""
    st.header("No scans yet")
    st.markdown(
        "Upload a FLAIR scan on the page **Add scans**, or measure many at once with `mscohort ingest FOLDER`. "
        "`mscohort demo` measures a dozen synthetic scans to try the page with."
    )
    link_to_add_scans()
    st.stop()


def person(row: dict[str, Any]) -> str:
    """Describe who was scanned: 'MS, woman, 37 years'; what is unknown is left out.

    Examples
    --------
    >>> person({"group": "MS", "sex": "F", "age_years": 37.0})
    'MS, woman, 37 years'
    >>> person({"group": None, "sex": None, "age_years": None})
    'group, sex and age unknown'
    """
    sex = {"Women": "woman", "Men": "man"}[SEX_LABELS[row["sex"]]] if row["sex"] else None
    age = None if row["age_years"] is None else f"{row['age_years']:.0f} years"
    return ", ".join(part for part in (row["group"], sex, age) if part) or NOBODY_KNOWN


def choose_scan(scans: pl.DataFrame) -> dict[str, Any]:
    """Draw the select box, with the scan that the URL names chosen, and return the chosen scan's row."""
    rows = {row["scan_id"]: row for row in scans.iter_rows(named=True)}
    labels = scan_labels(scans)
    # Links hold identifiers; the address holds what the box shows, which is a person's code. Both are read.
    asked = st.query_params.get("scan")
    if asked in rows:
        link.asked("scan")
        st.session_state["scan"] = asked
    elif asked and asked not in labels.values():
        link.asked("scan")
        st.warning(f"The store holds no scan {as_written(asked)}; this is another one.")
    chosen = linked.selectbox(
        "Scan", list(rows), key="scan", format_func=labels.__getitem__, filter_mode="contains", width=340
    )
    return rows[chosen]
