"""Saved cohorts in the filter panel: choose one, save the people shown under a name, take a name away."""

import json
from datetime import UTC, datetime

import polars as pl
import streamlit as st

from analysis.filters import Filter
from app.access.current import may
from app.components import linked
from app.state import Dataset, OpenedStore, Selection, store
from db.errors import StoreError
from db.saved_cohorts import SavedCohort, remove_cohort, rule_text, save_cohort

EVERYBODY = "everybody"
_SAID = "cohort-said"


def saved_in(opened: OpenedStore, dataset: Dataset) -> dict[str, Filter]:
    """Return the saved cohorts of a dataset, name -> rule."""
    held = opened.saved_cohorts().filter(
        (pl.col("dataset_id") == dataset.dataset_id) & (pl.col("protocol_id") == dataset.protocol_id)
    )
    return {row["name"]: Filter.from_dict(json.loads(row["rule"])) for row in held.iter_rows(named=True)}


def cohort_choice(opened: OpenedStore, dataset: Dataset) -> tuple[str, Filter] | None:
    """Draw the select box where a cohort is saved; return the chosen one's name and rule."""
    saved = saved_in(opened, dataset)
    if not saved:
        # A link may name one: it is said that there is none.
        for name in linked.named_only("cohort"):
            linked.say_unknown("the cohort", name, saved)
        return None
    names = [EVERYBODY, *saved]
    if st.session_state.get("cohort", EVERYBODY) not in names:
        st.session_state["cohort"] = EVERYBODY
    chosen = str(linked.selectbox("Saved cohort", names, key="cohort", width=240))
    if chosen == EVERYBODY:
        return None
    return chosen, saved[chosen]


def save_people(selection: Selection) -> None:
    """Draw the field and the button that save the people shown, and the button that forgets the chosen cohort."""
    if not may("write"):
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        name = st.text_input("Save these people as", key="cohort-name", max_chars=60, placeholder="a name", width=240)
        st.button("Save", key="cohort-save", disabled=not (name or "").strip(), on_click=_save, args=(selection,))
        if selection.filter.cohort is not None:
            st.button("Forget this cohort", key="cohort-remove", on_click=_remove, args=(selection.filter.cohort[0],))
    said = st.session_state.pop(_SAID, None)
    if said is not None:
        (st.success if said[0] else st.error)(said[1])


def _save(selection: Selection) -> None:
    dataset = selection.dataset
    rule = Filter.from_dict(selection.filter.to_dict() | {"protocol": dataset.protocol_id})
    name = " ".join(str(st.session_state["cohort-name"]).split())
    cohort = SavedCohort(
        name=name,
        dataset_id=dataset.dataset_id,
        protocol_id=dataset.protocol_id,
        rule=rule_text(rule.to_dict()),
        n=selection.frame.height,
        content_sha256=dataset.content_sha256,
        saved_at=datetime.now(UTC).replace(tzinfo=None, microsecond=0),
    )
    try:
        save_cohort(store(), cohort)
    except StoreError as error:
        st.session_state[_SAID] = (False, f"{str(error)[0].upper()}{str(error)[1:]}.")
    else:
        st.session_state[_SAID] = (True, f"Saved: {name}, {cohort.n:,} people. Compare offers it as a group.")
        st.session_state["cohort-name"] = ""


def _remove(name: str) -> None:
    try:
        remove_cohort(store(), name)
    except StoreError as error:
        st.session_state[_SAID] = (False, f"{str(error)[0].upper()}{str(error)[1:]}.")
    else:
        st.session_state["cohort"] = EVERYBODY
        st.session_state[_SAID] = (True, f"{name} is no longer saved; its people stay.")
