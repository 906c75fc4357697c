"""Take the people a page shows away: one archive with every table, a data dictionary and the content hash."""

from collections.abc import Callable

import polars as pl
import streamlit as st

from analysis.filters import Filter
from app.access.current import may
from app.components import choosing
from app.components.download import download
from app.components.language import language
from app.components.page_files import page_files
from app.components.part import Panel, on_opening
from app.exports.contents import Contents, contents
from app.exports.files import FORMATS, Format, zip_bytes
from app.state import Dataset, OpenedStore, Selection
from app.words.translating import as_name

FORMAT_LABELS: dict[Format, str] = {"csv": "CSV (Excel, R, pandas)", "parquet": "Parquet", "xlsx": "Excel workbook"}


def export_button(opened: OpenedStore, selection: Selection) -> None:
    """Draw the button for the people a page shows; nothing is gathered before it is pressed."""
    if not may("export"):
        return
    dataset = selection.dataset
    n_people = selection.frame.height

    def panel() -> None:
        page_files(selection)
        st.divider()
        kind = _format("export-format")

        def archive() -> bytes:
            tests = selection.shown.get("tests")
            gathered = _gathered(opened, dataset, selection.frame, selection.filter, tests() if tests else None)
            return zip_bytes(gathered, kind)

        _download(f"Download {n_people:,} rows", archive, f"{dataset.dataset_id}-{kind}", "export-download")

    on_opening(Panel("Export", panel, "export", "This page as PDF or slides; the people shown as tables"))


def export_dataset(opened: OpenedStore) -> None:
    """Offer everybody of a dataset, also those whose group or sex is not known, and later visits."""
    if not may("export"):
        return
    available = {d.key: d for d in opened.datasets()}
    titles = [d.title for d in available.values()]
    code = language()

    def label(key: str) -> str:
        dataset = available[key]
        name = as_name(dataset.title, code) if dataset.title == dataset.dataset_id else dataset.title
        return name + (f" ({dataset.protocol_id})" if titles.count(dataset.title) > 1 else "")

    def panel() -> None:
        chosen = available[str(choosing.selectbox("Dataset", list(available), format_func=label, key="export-dataset"))]
        kind = _format("export-dataset-format")
        _download(
            f"Download {opened.everyone(chosen).height:,} rows",
            lambda: zip_bytes(_gathered(opened, chosen, opened.everyone(chosen), None, None), kind),
            f"{chosen.dataset_id}-{kind}",
            "export-dataset-download",
        )

    on_opening(Panel("Export a dataset", panel, "export-a-dataset"))


def _gathered(
    opened: OpenedStore, dataset: Dataset, people: pl.DataFrame, chosen: Filter | None, tests: pl.DataFrame | None
) -> Contents:
    return contents(opened.snapshot, dataset.dataset_id, dataset.protocol_id, people, chosen, tests)


def _format(key: str) -> Format:
    chosen = choosing.radio("As", FORMATS, format_func=FORMAT_LABELS.__getitem__, key=key, persist_state="session")
    return next(kind for kind in FORMATS if kind == chosen)


def _download(label: str, archive: Callable[[], bytes], stem: str, key: str) -> None:
    download(label, archive, file_name=f"{stem}.zip", mime="application/zip", key=key, width="stretch")
    st.caption(
        "Every table, a dictionary of its columns, and the content hash. `mscohort import` reads the unpacked folder "
        "back; `mscohort export` makes the same with the same filters."
    )
