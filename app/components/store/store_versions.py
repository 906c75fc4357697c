"""The store's versions, and the way back to an older one."""

import os
from datetime import datetime

import polars as pl
import streamlit as st

from app import state
from app.access.current import may
from app.components import choosing
from app.components.language import language
from app.components.tables import numbers_table
from app.sentences.as_written import as_written
from app.uploads.tables import IncomingError, plain_errors
from app.words.translating import words_or_name
from db.errors import StoreError, StoreIncompatible
from db.publish_table import go_back
from db.snapshot import Snapshot
from db.store import Version
from db.undo import undo


def _contents(version: Version) -> dict[str, str]:
    """Return what a version holds, in words; versions never change."""
    try:
        return _read(state.version_key(version), version)
    except StoreIncompatible:
        return {"Holds": "of an older version of this program", "People": "", "Published (UTC)": ""}
    except StoreError:
        return {"Holds": "cannot be read", "People": "", "Published (UTC)": ""}


def _named(contents: dict[str, str]) -> dict[str, str]:
    """Return what a version holds, its datasets in words where the tables have them, else as names."""
    titles = contents["Holds"].split(", ")
    comma = ", " if language() == "en" else "، "
    return contents | {"Holds": comma.join(words_or_name(title, language()) for title in titles)}


@st.cache_data(max_entries=16, show_spinner=False)
def _read(key: str, _version: Version) -> dict[str, str]:
    with Snapshot(_version.number, _version.path) as snapshot:
        datasets, runs = snapshot.datasets(), snapshot.runs()
    finished = runs["finished_at"].max()
    return {
        "Holds": ", ".join(f"{r['title']}{' (synthetic)' if r['synthetic'] else ''}" for r in datasets.to_dicts()),
        "People": f"{datasets['n'].sum():,}",
        "Published (UTC)": f"{finished:%Y-%m-%d %H:%M}" if isinstance(finished, datetime) else "",
    }


def versions_section(opened: state.OpenedStore | None) -> None:
    """List the kept versions and offer the way back to each of them."""
    st.markdown("## Versions of the store")
    kept = state.store().versions()
    if opened is None:
        st.markdown("None yet. Every import makes a new version; the last five are kept, fewer where they are large.")
        return
    st.markdown(
        "Every import makes a new version; the last five are kept, fewer if they are large. Going back loses nothing."
    )
    rows = [
        {
            "Version": f"{version.number}{' (shown)' if version.number == opened.number else ''}",
            **_named(_contents(version)),
        }
        for version in reversed(kept)
    ]
    numbers_table(pl.DataFrame(rows), left=("Version", "Holds"))
    if not may("write"):
        return
    others = [version.number for version in reversed(kept) if version.number != opened.number]
    if not others:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = choosing.selectbox("Go to version", others, key="rollback-to", width=160)
        if st.button("Go to this version", key="rollback"):
            confirm_rollback(int(chosen), opened.number)


@st.dialog("Show another version of the store?")
def confirm_rollback(number: int, instead_of: int) -> None:
    """Ask once more, then make version ``number`` the live one, unless ``instead_of`` no longer is."""
    current = state.store().current()
    target = next((v for v in state.store().versions() if v.number == number), None)
    if target is None or current is None:
        st.error("That version is no longer kept. Close this and choose another.")
        return
    st.markdown(f"From version {current.number}: {_in_words(current)}")
    st.markdown(f"To version **{number}**: {_in_words(target)}")
    st.markdown(f"Everyone who uses this store will see version {number}. Version {current.number} is kept.")
    with st.container(horizontal=True):
        if st.button(f"Go to version {number}", type="primary", key="rollback-confirm"):
            try:
                with plain_errors(os.fspath(state.store().root)):
                    went_to = go_back(state.store(), number, instead_of)
            except IncomingError as error:
                st.error(as_written(str(error)))
                return
            st.session_state.pop("imported", None)
            st.session_state["went_to"] = went_to
            st.rerun()
        if st.button("Cancel", key="rollback-cancel"):
            st.rerun()


@st.dialog("Undo this?")
def confirm_undo(dataset_id: str, done: int, before: int | None) -> None:
    """Ask once more, then make a dataset what it was before version ``done``; what others did since stays."""
    current = state.store().current()
    st.markdown(
        f"The dataset **{as_written(dataset_id)}** becomes what it was before version {done}. "
        + ("" if current and current.number == done else "What was imported since stays. ")
        + "Everyone who uses this store will see that; the version shown now is kept."
    )
    with st.container(horizontal=True):
        if st.button("Undo", type="primary", key="undo-confirm"):
            try:
                with plain_errors(os.fspath(state.store().root)):
                    now = undo(state.store(), dataset_id, done, before)
            except IncomingError as error:
                st.error(as_written(str(error)))
                return
            st.session_state.pop("imported", None)
            st.session_state["went_to"] = now.number
            st.rerun()
        if st.button("Cancel", key="undo-cancel"):
            st.rerun()


def _in_words(version: Version) -> str:
    held = _contents(version)
    return as_written(f"{held['Holds'] or 'nothing'}, {held['People']} people")
