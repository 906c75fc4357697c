"""What can be done in an empty store, one press away: import a table, measure scans, or build the demonstration."""

import streamlit as st

from app.access.current import may, visitor
from app.state import store

BUILDING = "1,380 synthetic people are drawn and a dozen synthetic scans measured; this takes a minute or two."


def first_steps() -> None:
    """Draw the three ways to begin, of which those who may not change the store see none."""
    if not may("write"):
        st.markdown("Who may change the store can import a table, measure scans, or build a demonstration.")
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="first-steps"):
        st.page_link(_page("Data", "data"), label="Import a table")
        link_to_add_scans()
        pressed = st.button("Build the synthetic demonstration", key="build-demo")
    if not pressed:
        return
    # Hardly anybody presses it, so no page waits for what it imports.
    from app.demo_building import build_demo
    from app.sentences.as_written import as_written

    with st.spinner(BUILDING, show_time=True):
        wrong = build_demo(store().root, visitor().needs("write", "build the demonstration"))
    if wrong:
        st.error("  \n".join(as_written(line) for line in wrong))
    else:
        st.rerun()


def link_to_add_scans() -> None:
    """Lead to where scans are measured whoever may."""
    if may("write"):
        st.page_link(_page("Add scans", "add-scans"), label="Measure scans")


def _page(title: str, address: str) -> st.Page:
    return st.Page(lambda: None, title=title, url_path=address)
