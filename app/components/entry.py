"""What a group sees of its sign-in: who they are, the way out, and a plain word where they have no role."""

from contextlib import suppress

import streamlit as st

from app.access.current import may, visitor
from app.access.sign_in import SignInError, current_sign_in
from db.audit_log import AuditLog
from db.store import default_root

_LOOK_ONLY = (
    '<style>[data-testid="stElementToolbarButton"]:has([aria-label="Download as CSV"]) {display: none;}</style>'
)


def only_with_a_role() -> None:
    """End the page's run for whoever is not signed in or has no role any more; log who comes in, once a visit."""
    person = visitor().person()
    if person is not None and person.may("view"):
        if _is_shared() and "came_in" not in st.session_state:
            st.session_state["came_in"] = True
            with suppress(OSError):
                AuditLog(default_root()).append(person.name, f"opened the dashboard as {person.role}")
        return
    st.error(person.refusal("view") if person else "Your sign-in has ended.")
    if st.button("Sign in again" if person is None else "Sign out", type="primary"):
        st.logout()
    st.stop()


def style() -> None:
    """Take the tables' own download away from those who may only look."""
    if not may("export"):
        st.html(_LOOK_ONLY)


def signed_in() -> None:
    """Say who is signed in, with the way out; nothing where the owner is alone."""
    person = visitor().person()
    if not _is_shared() or person is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="signed-in"):
        st.text(f"Signed in as {person.name}: {person.role}", width="content")
        if st.button("Sign out", key="sign-out"):
            st.logout()


def _is_shared() -> bool:
    try:
        return current_sign_in() is not None
    except SignInError:
        return True
