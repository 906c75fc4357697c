"""Visits: one person's scans after each other, what changed, and lesions that look new, enlarged or gone."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st

from analysis.change import LOWER_BOUND, changes, not_comparable
from app.components import banner, choosing, linked
from app.components.norms.visits_panel import visits_panel
from app.components.scans.lesion_candidates import candidates_panel, compared_visits
from app.components.scans.scan_choice import no_scans, person
from app.lesion_visits import ComparedVisits, verdict_counts, verdicts_on
from app.scan_images import ScanFilesMissing, last_changed
from app.sentences.as_written import as_written
from app.sentences.change import change_sentence
from app.sentences.lesion_visits import MISSED, candidates_sentence
from app.state import OpenedStore
from db.review_lesions import KINDS
from pipeline.errors import RegistrationError

PARTS = ("Volumes", "Lesions")


def page(opened: OpenedStore | None) -> None:
    """Draw the page."""
    if opened is None or opened.scans().is_empty():
        no_scans()
    people = with_visits(opened.scans())
    if not people:
        banner.answer("Nobody here was scanned twice.")
        st.markdown(
            "Two scans of a person, measured in the same way, are compared here: `mscohort ingest` with sessions "
            "(`sub-01/ses-1`, `sub-01/ses-2`), or **Add scans** with one code for both."
        )
        return
    with st.container(key="filter-bar"):
        asked = st.query_params.get("visits")
        chosen = str(linked.selectbox("Person", list(people), key="visits", filter_mode="contains", width=340))
        if asked and asked not in people:
            st.warning(f"{as_written(asked)} has no two scans in the store; this is another person.")
    visits = people[chosen]
    pair = _pair(visits)
    earlier, later = pair
    reason = not_comparable(earlier, later)
    found = None
    problem = ""
    if reason is None:
        try:
            key = _key(earlier, later)
            found = compared_visits(key, max(last_changed(Path(v["derivatives"])) for v in pair), earlier, later)
        except (RegistrationError, ScanFilesMissing) as error:
            problem = f"{error}"
    banner.answer(_opening(opened, earlier, later, found, reason, problem))
    if later["synthetic"] and not all(d.synthetic for d in opened.datasets()):
        banner.synthetic_banner()
    if problem:
        st.error(f"Lesions were not compared: {as_written(problem)}.")
    volumes, lesions = linked.tabs(PARTS, key="visits-part")
    with volumes:
        visits_panel(opened, visits)
    with lesions:
        st.markdown("## Lesions that look new, enlarged or gone")
        if found is None:
            st.caption("Not compared; the top of the page says why.")
            return
        if not found.candidates:
            st.markdown("None.")
        st.caption(MISSED)
        candidates_panel(opened, _key(earlier, later), earlier, later, found)


def with_visits(scans: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """Return everybody with two scans or more under one protocol: a name to choose by, and the scans by session."""
    found: dict[str, list[dict[str, Any]]] = {}
    columns = ["dataset_id", "protocol_id", "subject_id"]
    several = scans.select("dataset_id", "protocol_id").unique().height > 1
    for (dataset, protocol, subject), rows in scans.group_by(columns, maintain_order=True):
        if rows.height >= 2:
            name = f"{dataset}:{protocol}:{subject}" if several else str(subject)
            found[name] = rows.sort("session", nulls_last=False).to_dicts()
    return found


def _pair(visits: list[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the two visits that are compared: the last two, or those chosen."""
    pairs = list(pairwise(visits))
    if len(pairs) == 1:
        return pairs[0]
    names = [f"{a['session'] or '–'} to {b['session'] or '–'}" for a, b in pairs]
    with st.container(key="controls-visits"):
        chosen = choosing.segmented_control(
            "Lesions from visit", names, default=names[-1], required=True, key="visit-pair"
        )
    return pairs[names.index(str(chosen))]


def _key(earlier: dict[str, Any], later: dict[str, Any]) -> str:
    scans = "/".join(f"{v['scan_id']}@{v['run_id']}" for v in (earlier, later))
    return f"{scans}/{later['protocol_id']}"


def _opening(
    opened: OpenedStore,
    earlier: dict[str, Any],
    later: dict[str, Any],
    found: ComparedVisits | None,
    reason: str | None,
    problem: str,
) -> str:
    who = f"{later['subject_id']} ({person(later)})"
    rows = changes([earlier, later], LOWER_BOUND)
    load = rows.filter(pl.col("measure") == "wmh_volume_ml").row(0, named=True)
    if reason is not None:
        return f"{who}. {candidates_sentence(_told(earlier, later, None, [], reason))}"
    text = f"{who}. {change_sentence(load)}"
    if found is None:
        return text
    said = verdicts_on(
        found.candidates, opened.snapshot.lesion_reviews(later["dataset_id"], later["subject_id"]), earlier, later
    )
    return f"{text} {candidates_sentence(_told(earlier, later, found, said, None))}"


def _told(
    earlier: dict[str, Any],
    later: dict[str, Any],
    found: ComparedVisits | None,
    said: list[str | None],
    reason: str | None,
) -> dict[str, Any]:
    candidates = found.candidates if found else []
    return {
        "from_session": earlier["session"],
        "to_session": later["session"],
        "refused": reason,
        "n_not_compared": found.comparison.n_not_compared if found else 0,
        "counts": {kind: sum(c.kind == kind for c in candidates) for kind in KINDS},
        "verdicts": verdict_counts(candidates, said),
    }
