"""Table 1 on a page: who is in the cohort, by group, and the same as Word, CSV or LaTeX."""

from functools import partial
from importlib.metadata import version

import polars as pl
import streamlit as st

from analysis.table_one import table_one
from app.access.current import may
from app.components.download import download
from app.components.file_names import file_part
from app.components.language import language
from app.components.part import Panel, on_opening
from app.components.tables import numbers_table
from app.exports.table_one_files import KINDS, table_bytes
from app.sentences.table_one import HEADERS, NOTES, cells
from app.state import Selection
from vocabulary.measures import RESEARCH_ONLY, SYNTHETIC_NOTICE

KIND_LABELS = {"docx": "Word", "csv": "CSV", "tex": "LaTeX"}
CHARACTERISTIC = "Characteristic"


@st.cache_data(max_entries=32, show_spinner=False)
def _rows(key: str, _frame: pl.DataFrame, extras: tuple[str, ...]) -> list[tuple[str, ...]]:
    return cells(table_one(_frame, extras))


def table_one_panel(selection: Selection) -> None:
    """Draw the table with its downloads; the command `mscohort table1` prints the same cells."""
    rows = _rows(selection.key, selection.frame, tuple(column.name for column in selection.extras))
    with st.container(
        key="figure-head-table-one", horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        st.html('<h2 class="figure-title">Table 1: who is in the cohort</h2>', width="content")
        if may("export"):
            downloads = partial(_downloads, selection, rows)
            on_opening(Panel("Download", downloads, "tool-download-table-one", "Download this table"))
    numbers_table(
        pl.DataFrame(rows, schema=[CHARACTERISTIC, *HEADERS[1:]], orient="row"),
        left=(CHARACTERISTIC,),
    )
    st.markdown(NOTES)


def _downloads(selection: Selection, rows: list[tuple[str, ...]]) -> None:
    dataset = selection.dataset
    source = (
        f"{dataset.dataset_id}, protocol {dataset.protocol_id}, store version {dataset.version}, "
        f"cohort {dataset.content_sha256[:16]}, mscohort {version('mscohort')}"
    )
    notes = [
        *([SYNTHETIC_NOTICE] if dataset.synthetic else []),
        NOTES,
        source,
        f"Filter: {selection.filter.describe()} ({selection.counts_in_words})",
        *(f"{words} left out" for words in selection.left_out),
        RESEARCH_ONLY,
    ]
    lang = language()
    title = f"Table 1. {dataset.title}: {selection.filter.describe()}"
    for kind in KINDS:
        download(
            KIND_LABELS[kind],
            partial(table_bytes, kind, HEADERS, rows, title=title, notes=notes, synthetic=dataset.synthetic, lang=lang),
            file_name=f"table-1-{file_part(selection)}.{kind}",
            key=f"table-one-{kind}",
            width="stretch",
        )
