"""Pages about places in the brain begin with people whose scans have them."""

import polars as pl
import streamlit as st

from app.state import OpenedStore


@st.cache_data(max_entries=8, show_spinner=False)
def registrations(key: str, _opened: OpenedStore) -> pl.DataFrame:
    """Return one row per scan measured from images, with its registration or why it has none."""
    return _opened.snapshot.registrations()


def begin_with_regions(opened: OpenedStore | None) -> None:
    """Choose a dataset whose scans have regions where the address names none and the present one has none.

    To be called before the filter bar is drawn, which writes the dataset into the address: one that stands there was
    asked for or chosen, and is kept.
    """
    if opened is None or {"data", "dataset"} & set(st.query_params):
        return
    datasets = opened.datasets()
    told = registrations(opened.key, opened).filter(pl.col("reason").is_null())
    having = set(told.select("dataset_id", "protocol_id").unique().iter_rows())
    keys = [other.key for other in datasets if (other.dataset_id, other.protocol_id) in having]
    shown = st.session_state.get("dataset", datasets[0].key if datasets else None)
    if keys and shown not in keys:
        st.session_state["dataset"] = keys[0]
