"""Scans: every measured scan at a glance, what is doubtful about them, and what was refused and why."""

import math
from pathlib import Path

import polars as pl
import streamlit as st

from app import state
from app.components import banner
from app.components.scan_choice import all_scans, no_scans, person, scan_name
from app.components.tables import numbers_table
from app.formatting import format_number
from app.scan_images import PICTURE_KEY, ScanFilesMissing, last_changed, read_images, thumbnail
from app.views import subject
from pipeline.quality import FLAGS
from vocabulary import GROUPS

PER_PAGE = 24
COLUMNS = 6
ALL, FLAGGED, PLAIN = "All", "With flags", "Without flags"


@st.cache_data(max_entries=2000, show_spinner=False)
def _thumbnail(folder: str, stem: str, synthetic: bool, changed: float) -> object:
    try:
        return thumbnail(read_images(Path(folder), stem), synthetic=synthetic)
    except ScanFilesMissing:
        return None


def page() -> None:
    """Draw the page."""
    scans = all_scans()
    rejections = _rejections()
    if scans.is_empty() and rejections.is_empty():
        no_scans()
    banner.answer(summary(scans, rejections))
    if not scans.is_empty():
        chosen = _search(scans)
        _mosaic(chosen)
    _refused(rejections)
    with st.expander("What the flags mean"):
        st.markdown("\n".join(f"- **{words}** (`{name}`)" for name, words in FLAGS.items()))
        st.markdown("A flag rejects nothing: it says why a person should look before believing a number.")


def summary(scans: pl.DataFrame, rejections: pl.DataFrame) -> str:
    """Say in one sentence what was measured, what is doubtful and what was refused."""
    flagged = scans.filter(pl.col("flags").list.len() > 0).height if scans.height else 0
    people = scans.select("dataset_id", "subject_id").n_unique() if scans.height else 0
    words = [f"{scans.height:,} {_plural('scan', scans.height)} of {people:,} {'person' if people == 1 else 'people'}"]
    words.append(f"{flagged:,} with a flag that asks for a second look")
    words.append(f"{rejections.height:,} {_plural('file', rejections.height)} refused")
    return f"{words[0]} measured, {words[1]}; {words[2]}."


def _plural(word: str, n: int) -> str:
    return word if n == 1 else f"{word}s"


def _rejections() -> pl.DataFrame:
    snapshot = state.snapshot()
    if snapshot is None:
        return pl.DataFrame()
    return snapshot.rejections().filter(pl.col("kind") == "ingest")


def _search(scans: pl.DataFrame) -> pl.DataFrame:
    """Draw the search row and return the scans that match."""
    datasets = scans["dataset_id"].unique(maintain_order=True).to_list()
    names = sorted(scans["flags"].explode().drop_nulls().unique())
    with st.container(key="filter-bar"), st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        text = st.text_input("Search", key="find", placeholder="person or session", width=220)
        dataset = st.selectbox("Dataset", ["All", *datasets], key="scans-dataset", width=200)
        status = st.segmented_control("Status", [ALL, FLAGGED, PLAIN], default=ALL, required=True, key="status")
        flag = st.selectbox("Flag", ["Any", *names], key="flag", format_func=lambda n: FLAGS.get(n, n), width=300)
        groups = st.pills("Group", [*GROUPS, "unknown"], selection_mode="multi", key="scans-group")
    return matching(scans, text=text, dataset=dataset, status=status, flag=flag, groups=groups)


def matching(
    scans: pl.DataFrame, *, text: str = "", dataset: str = "All", status: str = ALL, flag: str = "Any",
    groups: list[str] | None = None,
) -> pl.DataFrame:  # fmt: skip
    """Return the scans that a search leaves; no group chosen means all."""
    if text.strip():
        name = pl.concat_str("subject_id", pl.col("session").fill_null(""), separator=" ")
        scans = scans.filter(name.str.to_lowercase().str.contains(text.strip().lower(), literal=True))
    if dataset != "All":
        scans = scans.filter(pl.col("dataset_id") == dataset)
    if status != ALL:
        scans = scans.filter((pl.col("flags").list.len() > 0) == (status == FLAGGED))
    if flag != "Any":
        scans = scans.filter(pl.col("flags").list.contains(flag))
    if groups:
        scans = scans.filter(pl.col("group").fill_null("unknown").is_in(groups))
    return scans


def _mosaic(scans: pl.DataFrame) -> None:
    if scans.is_empty():
        st.info("No scan matches. Clear the search or choose another status.")
        return
    pages = math.ceil(scans.height / PER_PAGE)
    number = 1
    if pages > 1:
        number = st.number_input(f"Page of {pages}", 1, pages, key="scans-page", width=160)
    shown = scans.slice((number - 1) * PER_PAGE, PER_PAGE)
    st.caption(f"{shown.height:,} of {scans.height:,} scans. The slice with most ventricle. {PICTURE_KEY}")
    rows = list(shown.iter_rows(named=True))
    for start in range(0, len(rows), COLUMNS):
        for column, row in zip(st.columns(COLUMNS, gap="small"), rows[start : start + COLUMNS], strict=False):
            with column:
                _card(row)


def _card(row: dict) -> None:
    folder = row["derivatives"]
    picture = _thumbnail(folder, row["stem"], row["synthetic"], last_changed(Path(folder)))
    if picture is None:
        st.warning("The picture's files were moved or deleted.")
    else:
        st.image(picture, width="stretch")
    if st.button(scan_name(row), key=f"open-{row['scan_id']}", type="tertiary", help="Open this scan slice by slice"):
        st.session_state["scan"] = row["scan_id"]
        st.switch_page(st.Page(subject.page, title="Subject", url_path="subject"))
    st.caption(
        f"{person(row)}  \nWMH {_amount(row['wmh_volume_ml'])}, ventricles {_amount(row['ventricle_volume_ml'])}"
    )
    if row["flags"]:
        st.caption(":orange[" + "; ".join(FLAGS.get(name, name) for name in row["flags"]) + "]")


def _amount(ml: float | None) -> str:
    return "not measured" if ml is None else f"{format_number(ml)} mL"


def _refused(rejections: pl.DataFrame) -> None:
    if rejections.is_empty():
        return
    st.markdown("#### Refused files")
    st.caption("Nothing of them is in the store. Put right what the reason says and ingest the same folder again.")
    table = rejections.select(
        File=pl.col("input").str.split("/").list.last(), Reason=pl.col("reason"), Dataset=pl.col("dataset_id"),
        When=pl.col("finished_at").dt.strftime("%Y-%m-%d %H:%M UTC"),
    )  # fmt: skip
    numbers_table(table.head(200), key="refused", left=("File", "Reason", "Dataset", "When"))
    if table.height > 200:
        st.caption(f"The newest 200 of {table.height:,}.")
