"""What only a person can say about a table: how its numbers were measured."""

import streamlit as st

from app.components import choosing
from app.state import OpenedStore
from db.publish_table import SYNTHETIC_PROTOCOL
from vocabulary.measures import PUBLISHED_PROTOCOL

OWN = "own"


def protocol_choice(opened: OpenedStore | None, *, released: bool) -> str:
    """Ask how the numbers were measured; empty while a way of one's own has no name yet."""
    titles = {PUBLISHED_PROTOCOL: "the Tabriz study's released table"}
    for row in opened.snapshot.protocols().iter_rows(named=True) if opened else ():
        if row["protocol_id"] not in (SYNTHETIC_PROTOCOL, PUBLISHED_PROTOCOL):
            titles[row["protocol_id"]] = "already in the store"
    options = [*titles, OWN]
    chosen = choosing.selectbox(
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
