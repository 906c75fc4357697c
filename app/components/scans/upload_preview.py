"""What would become of uploads, before anything is measured: who each shows, what said so, what would be refused."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl
import streamlit as st

from app.components.tables import numbers_table
from app.uploads.scans import Arrival, problem, suggested_code, suggested_visit
from pipeline.inputs.discovery import image_problem
from pipeline.inputs.scan_names import SUFFIXES
from vocabulary.messages import counted

TYPED = "said here"


def upload_preview(arrivals: Sequence[Arrival], file_ids: Sequence[str]) -> None:
    """Draw one row per upload, and how many would be measured and refused.

    Parameters
    ----------
    file_ids : of the uploads, in their order; each is judged once
    """
    reasons = [
        problem(arrival) or _judged(file_id, arrival.name, arrival.content)
        for arrival, file_id in zip(arrivals, file_ids, strict=True)
    ]
    rows = [_row(arrival, reason) for arrival, reason in zip(arrivals, reasons, strict=True)]
    measured = [arrival for arrival, reason in zip(arrivals, reasons, strict=True) if not reason]
    people = len({arrival.code for arrival in measured})
    st.markdown(
        f"## {counted(len(measured), 'scan')} of {counted(people, 'person')} would be measured, "
        f"{len(arrivals) - len(measured):,} refused"
    )
    numbers_table(pl.DataFrame(rows), left=tuple(rows[0]))


@st.cache_data(max_entries=60, show_spinner="Looking at the headers")
def _judged(file_id: str, name: str, _content: Callable[[], bytes]) -> str:
    """Say why an upload would be refused by its name, size or header; pixels are not read."""
    ending = next((suffix for suffix in SUFFIXES if name.lower().endswith(suffix)), "")
    with tempfile.TemporaryDirectory(prefix="mscohort-") as folder:
        path = Path(folder) / f"FLAIR{ending}"
        path.write_bytes(_content())
        return (image_problem(path) or "").replace(str(path), name)


def _row(arrival: Arrival, reason: str) -> dict[str, str]:
    age = arrival.age_years
    named = "file name" if arrival.code == suggested_code(arrival.name) else TYPED
    told = {"group": arrival.group, "sex": arrival.sex, "age": age}
    given = [what for what, value in told.items() if value is not None]
    visit_named = "file name" if arrival.visit == suggested_visit(arrival.name) else TYPED
    by_source: dict[str, list[str]] = {}
    for what, value, source in (("subject", arrival.code, named), ("visit", arrival.visit, visit_named)):
        if value:
            by_source.setdefault(source, []).append(what)
    if given:
        by_source.setdefault(TYPED, []).extend(given)
    sources = [f"{', '.join(what)} {'' if source == TYPED else 'from '}{source}" for source, what in by_source.items()]
    return {
        "Person": arrival.code,
        "Visit": arrival.visit,
        "Group": arrival.group or "unknown",
        "Sex": arrival.sex or "unknown",
        "Age": "unknown" if age is None else f"{age:g}",
        "What said so": "; ".join(sources),
        "File": arrival.name,
        "What becomes of it": f"refused: {reason}" if reason else "measured",
    }
