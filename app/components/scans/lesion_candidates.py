"""Lesions that differ between two visits: pictures, and a reader's yes, no or unsure to each."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import polars as pl
import streamlit as st

from app import state
from app.access.current import may
from app.candidate_pictures import candidate_picture, pair_of
from app.components import choosing
from app.components.language import language
from app.components.tables import numbers_table
from app.lesion_visits import ComparedVisits, compared, verdicts_for, verdicts_on
from app.scan_images import encoded
from app.sentences.formatting import format_number
from app.sentences.lesion_visits import KIND_WORDS
from app.state import OpenedStore
from app.words.translating import as_name
from db.errors import StoreError
from db.review_lesions import LESION_VERDICTS, review_lesions
from pipeline.measures.lesion_change import LesionCandidate

QUESTIONS = {
    "new": "Is it a lesion that was not there before?",
    "enlarged": "Is it a lesion that has grown?",
    "vanished": "Is it a lesion that is no longer there?",
}
MOST_SHOWN = 4
"""More candidates come page by page; what was chosen on another page waits there to be recorded with the rest."""


@st.cache_resource(max_entries=4, show_spinner="Laying the two visits on each other …")
def compared_visits(key: str, changed: float, _earlier: Mapping[str, Any], _later: Mapping[str, Any]) -> ComparedVisits:
    """Return two visits compared, cached under their scans and when their files last changed."""
    return compared(_earlier, _later)


@st.cache_data(max_entries=96, show_spinner=False)
def _picture(
    key: str, number: int, outlined: bool, _found: ComparedVisits, _names: tuple[str, str], _synthetic: bool
) -> bytes:
    pair = pair_of(_found)
    one = _found.candidates[number]
    return encoded(candidate_picture(pair, one, names=_names, outlined=outlined, synthetic=_synthetic))


def candidates_panel(
    opened: OpenedStore, key: str, earlier: dict[str, Any], later: dict[str, Any], found: ComparedVisits
) -> None:
    """Draw every candidate with its picture and choice, the button that records, and all verdicts so far."""
    reviews = opened.snapshot.lesion_reviews(later["dataset_id"], later["subject_id"])
    said = verdicts_on(found.candidates, reviews, earlier, later)
    names = (f"visit {earlier['session'] or 'before'}", f"visit {later['session'] or 'after'}")
    if not found.candidates:
        return
    outlined = st.toggle("Outlines", value=True, key="candidate-outlines", help="Yellow: the candidate; blue: others")
    shown = range(len(found.candidates))
    if len(found.candidates) > MOST_SHOWN:
        pages = -(-len(found.candidates) // MOST_SHOWN)
        page = st.pagination(pages, key="candidate-page")
        shown = range((page - 1) * MOST_SHOWN, min(page * MOST_SHOWN, len(found.candidates)))
    # A widget that is not drawn forgets; choices of other pages are kept here until they are recorded.
    chosen: dict[int, str | None] = st.session_state.setdefault(f"chosen-{key}", {})
    for number in shown:
        one = found.candidates[number]
        with st.container(border=True):
            with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
                st.markdown(f"**{number + 1}. {KIND_WORDS[one.kind].capitalize()}?** {_size(one)}", width="content")
                widget = f"lesion-{key}-{number}-{said[number]}"
                st.session_state.setdefault(widget, chosen.get(number, said[number]))
                chosen[number] = choosing.segmented_control(
                    QUESTIONS[one.kind], LESION_VERDICTS, key=widget, width="content"
                )
            picture = _picture(key, number, outlined, found, names, later["synthetic"])
            st.image(picture, alt=f"{KIND_WORDS[one.kind]} lesion, candidate {number + 1}: {names[0]}, {names[1]}")
    changed = {n: verdict for n, verdict in chosen.items() if verdict and verdict != said[n]}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        initials = st.text_input("Your initials", max_chars=5, key="lesion-initials", width=120)
        pressed = st.button("Record the verdicts", key="record-lesions", type="primary", disabled=not may("write"))
        if changed:
            st.markdown(f"{len(changed)} chosen, not yet recorded")
    if pressed and _recorded(earlier, later, found, changed, reviews, initials):
        chosen.clear()
        st.rerun()
    _history(reviews, earlier, later)


def _size(one: LesionCandidate) -> str:
    before, after = format_number(one.before_ml), format_number(one.after_ml)
    volumes = {"new": f"{after} mL", "vanished": f"{before} mL before"}.get(one.kind, f"{before} to {after} mL")
    x, y, z = (f"{c:.0f}" for c in one.centroid_mm)
    side = "left" if one.centroid_mm[0] < 0 else "right"
    return f"{volumes}, slice {one.slice_index + 1}, at {x}, {y}, {z} mm ({side} of the scanner's middle)"


def _recorded(
    earlier: dict[str, Any],
    later: dict[str, Any],
    found: ComparedVisits,
    changed: Mapping[int, str],
    reviews: pl.DataFrame,
    initials: str,
) -> bool:
    if not changed:
        st.info("Nothing to record: choose yes, no or unsure.")
        return False
    verdicts = verdicts_for(found.candidates, changed, reviews, earlier, later)
    try:
        review_lesions(
            state.store(),
            earlier["scan_id"],
            later["scan_id"],
            later["protocol_id"],
            verdicts,
            n_candidates=len(found.candidates),
            initials=initials,
            reviewed_at=datetime.now(UTC).replace(tzinfo=None, microsecond=0),
        )
    except StoreError as error:
        st.error(f"Not recorded: {error}.")
        return False
    return True


def _history(reviews: pl.DataFrame, earlier: dict[str, Any], later: dict[str, Any]) -> None:
    of_these = (pl.col("earlier_scan_id") == earlier["scan_id"]) & (pl.col("later_scan_id") == later["scan_id"])
    rows = reviews.filter(of_these & (pl.col("protocol_id") == later["protocol_id"]))
    if rows.is_empty():
        return
    with st.expander(f"Every verdict so far ({rows.height})"):
        table = rows.select(
            When=pl.col("reviewed_at").dt.strftime("%Y-%m-%d %H:%M UTC"),
            Candidate=pl.col("kind").replace(KIND_WORDS),
            Slice=(pl.col("slice_index") + 1).cast(pl.String),
            Verdict=pl.col("verdict"),
            Initials=pl.Series([as_name(one, language()) for one in rows["initials"]], dtype=pl.String),
            Counts=pl.when(pl.col("current")).then(pl.lit("yes")).otherwise(pl.lit("no")),
        )
        numbers_table(table, left=("When", "Candidate", "Verdict", "Initials", "Counts"))
