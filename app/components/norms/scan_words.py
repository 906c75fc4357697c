"""What a scan says beside its centiles: where its lesions are, how far to trust it, what other studies found."""

import polars as pl
import streamlit as st

from app.patient import Patient
from app.sentences.as_written import as_written
from app.sentences.formatting import format_number
from app.sentences.regions import where_lesions_are
from app.sentences.reliability import trust_sentences
from app.state import OpenedStore

VCI_AGE = 45
VCI_MAP = (
    "the median below 45 years in 14,876 people of 15 population studies was 0.25 mL (Meta VCI Map 2024, "
    "doi:10.1016/j.neurobiolaging.2024.11.006), from other scanners and other programs."
)


def population_context(opened: OpenedStore | None, patient: Patient) -> None:
    """Say what population studies found by another method, for a scan that has no centile here; it is no centile."""
    if opened is None or patient.scan_id is None or patient.age_years is None or patient.age_years >= VCI_AGE:
        return
    held = opened.scans()
    rows = held.filter(pl.col("scan_id") == patient.scan_id) if not held.is_empty() else held
    if rows.height and rows["wmh_volume_ml"][0] is not None:
        st.markdown(
            f"For orientation, by another method and no centile: {format_number(rows['wmh_volume_ml'][0])} mL of WMH "
            f"here; {VCI_MAP}"
        )


def regions_of_scan(opened: OpenedStore | None, patient: Patient) -> None:
    """Say where the lesions of a scan are; no centile, for there are no norms for regions."""
    if opened is None or patient.scan_id is None:
        return
    words = where_lesions_are(opened.snapshot.region_loads(scan_id=patient.scan_id))
    if words:
        st.markdown(f"{words} No centiles: there are no norms for regions.")


def trust_in_scan(opened: OpenedStore | None, patient: Patient) -> None:
    """Say how far a scan's lesion load can be trusted."""
    if opened is None or patient.scan_id is None:
        return
    known = opened.snapshot.reliability(scan_id=patient.scan_id).filter(pl.col("protocol_id") == patient.protocol)
    sentences = trust_sentences(known.row(0, named=True) if known.height else None)
    if sentences:
        st.markdown(as_written(" ".join(sentences)))
