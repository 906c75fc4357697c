"""Data: what the store holds, a new table on its way in, and the way back."""

from functools import partial

import polars as pl
import streamlit as st

from app.components import banner
from app.components.download import download
from app.components.export_button import export_dataset
from app.components.language import language, words
from app.components.store.import_form import imported_section, upload_section
from app.components.store.store_versions import confirm_undo, versions_section
from app.components.tables import cells_in_words, numbers_table
from app.export import csv_bytes
from app.state import OpenedStore
from app.views import overview
from app.words.translating import as_name, words_or_name
from db.snapshot import Snapshot
from vocabulary.messages import counted

SHOWN_REJECTIONS = 200


def page(opened: OpenedStore | None) -> None:
    """Draw the page."""
    banner.answer(sentence(opened.snapshot if opened else None))
    went_to = st.session_state.pop("went_to", None)
    if went_to is not None:
        st.success(f"The store is now at version {went_to}.")
    imported_section(opened, st.Page(partial(overview.page, opened), title="Overview", default=True), confirm_undo)
    upload_section(opened)
    if opened is not None:
        _datasets(opened.snapshot)
        export_dataset(opened)
    versions_section(opened)
    if opened is not None:
        _history(opened.snapshot)
    with st.expander("How this works"):
        st.markdown(
            "An import checks every row for types, ranges, codes, duplicate identifiers, areas larger than the "
            "intracranial area and zone areas that do not add up to the WMH area. Nothing is written unless all rows "
            "are sound or you leave the others behind. A missing age is allowed and stays empty. The same table twice "
            "changes nothing. `mscohort import` does the same from the command line."
        )


def sentence(opened: Snapshot | None) -> str:
    """Say what the store holds."""
    if opened is None:
        return "The store is empty. Drop a cohort table below, or run mscohort demo for synthetic people."
    held = opened.datasets()
    count = "one dataset" if held.height == 1 else counted(held.height, "dataset")
    synthetic = held.filter(pl.col("synthetic"))["n"].sum()
    note = ", all of them synthetic" if synthetic == held["n"].sum() else ""
    note = f", {synthetic:,} of them synthetic" if synthetic and not note else note
    return f"The store holds {count} of {counted(int(held['n'].sum()), 'person')}{note}: version {opened.version}."


def _datasets(opened: Snapshot) -> None:
    st.markdown("## Datasets")
    rows = [
        {
            "Dataset": as_name(row["title"], language())
            if row["title"] == row["dataset_id"]
            else row["title"] + (" (synthetic)" if row["synthetic"] else ""),
            "Name": as_name(row["dataset_id"], language()),
            "Protocol": ", ".join(row["protocol_ids"]),
            "People": f"{row['n']:,}",
            "HC": f"{row['n_hc']:,}",
            "MS": f"{row['n_ms']:,}",
            "Content hash": row["content_sha256"][:16],
        }
        for row in opened.datasets().iter_rows(named=True)
    ]
    numbers_table(pl.DataFrame(rows), left=("Dataset", "Name", "Protocol", "Content hash"))
    with st.expander("Full content hashes and citations"):
        for row in opened.datasets().iter_rows(named=True):
            st.code(
                f"{row['dataset_id']}  SHA-256 {row['content_sha256']}\n{row['citation'] or ''}".strip(), language=None
            )


def _history(opened: Snapshot) -> None:
    st.markdown("## Imports so far")
    rows = [
        {
            "Finished (UTC)": f"{row['finished_at']:%Y-%m-%d %H:%M}",
            "Source": words_or_name(row["source_name"], language()),
            "Dataset": as_name(row["dataset_id"], language()),
            "Protocol": row["protocol_id"],
            "Accepted": f"{row['n_accepted']:,}",
            "Rejected": f"{row['n_rejected']:,}",
        }
        for row in opened.runs().iter_rows(named=True)
    ]
    numbers_table(pl.DataFrame(rows), left=("Finished (UTC)", "Source", "Dataset", "Protocol"))
    rejections = opened.rejections()
    if rejections.is_empty():
        st.markdown("No row was ever rejected.")
        return
    with st.expander(f"Rejected rows and why ({rejections.height:,} problems)"):
        st.dataframe(
            cells_in_words(rejections.drop("run_id").head(SHOWN_REJECTIONS), "reason").rename(
                {
                    "input": words("Source"),
                    "row_number": words("Row"),
                    "column_name": words("Column"),
                    "reason": words("Reason"),
                }
            ),
            hide_index=True,
            key="rejections",
        )
        download(
            "Download all (CSV)",
            lambda: csv_bytes(rejections),
            file_name="rejections.csv",
            mime="text/csv",
            key="rejections-csv",
        )
