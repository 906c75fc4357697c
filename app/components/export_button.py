"""Take the people a page shows away: one archive with every table, a data dictionary and the content hash."""

import streamlit as st

from app.exports.contents import contents
from app.exports.files import FORMATS, zip_bytes
from app.state import OpenedStore, Selection

FORMAT_LABELS = {"csv": "CSV (Excel, R, pandas)", "parquet": "Parquet", "xlsx": "Excel workbook"}


def export_button(opened: OpenedStore, selection: Selection) -> None:
    """Draw the button; nothing is gathered before it is pressed."""
    dataset = selection.dataset
    with st.popover("Export", width="content", help="The people shown, with lesions, flags, tests and a dictionary"):
        kind = st.radio("As", FORMATS, format_func=FORMAT_LABELS.get, key="export-format", persist_state="session")

        def archive() -> bytes:
            gathered = contents(
                opened.snapshot,
                dataset.dataset_id,
                dataset.protocol_id,
                selection.frame,
                selection.filter,
                selection.shown.get("tests"),
            )
            return zip_bytes(gathered, kind)

        st.download_button(
            f"Download {selection.frame.height:,} rows",
            archive,
            file_name=f"{dataset.dataset_id}-{kind}.zip",
            mime="application/zip",
            key="export-download",
            on_click="ignore",
            width="stretch",
        )
        st.caption(
            "Every table, a dictionary of its columns, and the content hash. `mscohort import` reads the unpacked "
            "folder back; `mscohort export` makes the same with the same filters."
        )
