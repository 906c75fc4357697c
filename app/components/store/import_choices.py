"""What only a person can say about a table: how it was measured, and which column is what."""

import streamlit as st

from app.state import OpenedStore
from app.uploads.tables import as_written, guess_columns
from db.publish_table import SYNTHETIC_PROTOCOL
from db.tables.columns import OPTIONAL, RELEASED, REQUIRED
from vocabulary.measures import MEASURES, PUBLISHED_PROTOCOL

IDENTITY_LABELS = {
    "subject_id": "Subject identifier (pseudonym)",
    "age_years": "Age (years)",
    "sex": "Sex (F or M)",
    "group": "Group (MS or HC)",
}
NOT_GIVEN = "(choose a column)"
OWN = "own"


def protocol_choice(opened: OpenedStore | None, *, released: bool) -> str:
    """Ask how the numbers were measured; empty while a way of one's own has no name yet."""
    titles = {PUBLISHED_PROTOCOL: "the Tabriz study's released table"}
    for row in opened.snapshot.protocols().iter_rows(named=True) if opened else ():
        if row["protocol_id"] not in (SYNTHETIC_PROTOCOL, PUBLISHED_PROTOCOL):
            titles[row["protocol_id"]] = "already in the store"
    options = [*titles, OWN]
    chosen = st.selectbox(
        "Protocol: how were these numbers measured?",
        options,
        index=options.index(PUBLISHED_PROTOCOL) if released else len(options) - 1,
        format_func=lambda p: "Measured in another way: name it" if p == OWN else f"{p} ({titles[p]})",
        key="upload-protocol",
        help="Slices, units, masks, zone rule and model together. Numbers of different protocols are never pooled or "
        "compared, so choose a known protocol only if these numbers were measured in exactly that way.",
    )
    if chosen != OWN:
        return str(chosen)
    named = st.text_input(
        "Name of the protocol",
        key="upload-own-protocol",
        max_chars=64,
        placeholder="for example hospital-2026",
        help="Letters, digits and . _ - ; it says that these numbers are comparable among themselves only.",
    )
    return (named or "").strip()


def column_choice(headers: list[str]) -> dict[str, str] | None:
    """Return column -> measure as a person says it; None while something is unsaid, empty when all is known."""
    known = {h.casefold(): m for h, m in RELEASED.items()} | {m: m for m in (*REQUIRED, *OPTIONAL)}
    recognised = {known[h.casefold()]: h for h in headers if h.casefold() in known}
    if set(REQUIRED) <= set(recognised):
        with st.expander("All columns recognised"):
            st.markdown("\n".join(f"- {_label(m)}: {as_written(h)}" for m, h in recognised.items()))
            ignored = [as_written(h) for h in headers if h not in recognised.values()]
            if ignored:
                st.markdown(f"Not imported: {', '.join(ignored)}")
        return {}
    st.markdown("**Which column is what?** Areas in mm², summed over slices; ratios and shares are derived from them.")
    guessed = guess_columns(headers) | recognised
    options = [NOT_GIVEN, *headers]
    chosen: dict[str, str] = {}
    places = st.columns(2, gap="large")
    for i, name in enumerate(REQUIRED):
        guess = guessed.get(name)
        column = places[2 * i // len(REQUIRED)].selectbox(
            _label(name), options, index=options.index(guess) if guess in options else 0, key=f"column-{name}"
        )
        if column != NOT_GIVEN:
            chosen[name] = column
    lacking = [_label(name) for name in REQUIRED if name not in chosen]
    twice = [c for c in dict.fromkeys(chosen.values()) if list(chosen.values()).count(c) > 1]
    if lacking:
        st.info(f"Choose a column for: {', '.join(lacking)}.")
    if twice:
        st.error(f"The column {as_written(twice[0])} is chosen twice; every measure needs its own.")
    return None if lacking or twice else {column: name for name, column in chosen.items()}


def _label(name: str) -> str:
    return IDENTITY_LABELS[name] if name in IDENTITY_LABELS else MEASURES[name].axis_title
