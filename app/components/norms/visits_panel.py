"""A person's visits after each other: a figure, the changes in words, and where their limits come from."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from analysis.change import LOWER_BOUND, changes
from app.components.figure_panel import figure_with_downloads
from app.figures.norms.trajectory import ages_at, trajectory
from app.sentences.change import change_sentence
from app.state import OpenedStore
from vocabulary.measures import RESEARCH_ONLY

NO_AGES = (
    "Visits stand at equal distances: the age at each is not known, or does not rise from one to the next (BIDS: "
    "`sub-X_sessions.tsv`). "
)
METHOD = "Band: where measuring the visit before again would lie in 95 of 100 cases (same scan processed twice)."


def visits_panel(opened: OpenedStore, visits: Sequence[dict[str, Any]]) -> None:
    """Draw the visits of one person, measured in one way, in their order."""
    st.markdown("## From visit to visit")
    found = changes(visits)
    dataset = next(d for d in opened.datasets() if d.dataset_id == visits[0]["dataset_id"])
    title = f"{visits[0]['subject_id']}: {len(visits)} visits"
    if not found["refused"].is_not_null().all():
        cite = f"{title}. {dataset.title}, protocol {visits[0]['protocol_id']}. {METHOD} {RESEARCH_ONLY}"
        figure_with_downloads(
            trajectory(visits, LOWER_BOUND),
            found,
            caption=f"{METHOD}<br>{RESEARCH_ONLY}",
            citation=cite,
            synthetic=bool(visits[0]["synthetic"]),
            name="visits",
            title=title,
            alt="Lesion and ventricle volume at each visit; the sentences below say what changed.",
        )
    st.markdown("\n".join(f"- {change_sentence(row)}" for row in found.iter_rows(named=True)))
    unknown = "" if ages_at(visits) else NO_AGES
    st.caption(
        f"{unknown}Grey: where measuring the visit before again would lie; the limit comes from the same scan "
        "processed twice, a lower bound. A change is no sign of disease activity by itself, and thick slices carry no "
        "brain volume."
    )
