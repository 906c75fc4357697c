"""Scans: every measured scan at a glance, what is doubtful about them, and what was refused and why."""

import math
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st

from app.components import banner, choosing, linked
from app.components.download import download
from app.components.scans.picture_key import picture_key
from app.components.scans.review_form import BADGES, NOBODY, WORDS
from app.components.scans.scan_choice import NOBODY_KNOWN, no_scans, person
from app.components.scans.side_by_side import side_by_side
from app.components.tables import numbers_table
from app.export import csv_bytes
from app.scan_images import ScanFilesMissing, encoded, last_changed, read_images, thumbnail
from app.sentences.as_written import as_written
from app.sentences.formatting import format_number
from app.sentences.scan_names import scan_labels, scan_name
from app.state import OpenedStore
from app.views import subject
from pipeline.measures.quality_flags import FLAGS
from vocabulary.measures import GROUPS
from vocabulary.messages import counted, was

PER_PAGE = 24
SIZES = {"Small": 8, "Medium": 6, "Large": 3}
"""How many pictures stand beside each other."""
ALL, PLAIN, FLAGGED = "All", "Without flags", "With any flag"
ORDERS = {
    "Person": ("subject_id", False),
    "Largest lesion load": ("wmh_volume_ml", True),
    "Smallest lesion load": ("wmh_volume_ml", False),
    "Largest ventricles": ("ventricle_volume_ml", True),
    "Most flags": ("n_flags", True),
}


@st.cache_data(max_entries=1000, show_spinner=False)
def _thumbnail(folder: str, stem: str, synthetic: bool, changed: float) -> bytes | None:
    try:
        return encoded(thumbnail(read_images(Path(folder), stem), synthetic=synthetic))
    except ScanFilesMissing:
        return None


def page(opened: OpenedStore | None) -> None:
    """Draw the page."""
    if opened is None:
        no_scans()
    scans, rejections = opened.scans(), _rejections(opened)
    if scans.is_empty() and rejections.is_empty():
        no_scans()
    banner.answer(summary(scans, rejections))
    if not scans.is_empty():
        _mosaic(opened, _search(scans), scans.height)
    _reviews(opened)
    _refused(rejections)
    with st.expander("What the flags mean"):
        st.markdown("\n".join(f"- **{words}** (`{name}`)" for name, words in FLAGS.items()))
        st.markdown("A flag rejects nothing: it says why a person should look before believing a number.")


def summary(scans: pl.DataFrame, rejections: pl.DataFrame) -> str:
    """Say in one sentence what was measured, what is doubtful and what was refused."""
    refused = rejections.height
    last = f"{counted(refused, 'file')} {was(refused)} refused" if refused else "no file was refused"
    if scans.is_empty():
        return f"No scan is measured; {last}."
    people = scans.select("dataset_id", "subject_id").n_unique()
    flagged = scans.filter(pl.col("flags").list.len() > 0).height
    doubts = f"{flagged:,} with a flag that asks for a second look" if flagged else "none with a flag"
    return f"{counted(scans.height, 'scan')} of {counted(people, 'person')} measured, {doubts}; {last}."


def _rejections(opened: OpenedStore) -> pl.DataFrame:
    found = opened.snapshot.rejections().filter(pl.col("kind") == "ingest")
    # Newest first: a file refused again by a later run is one refused file.
    return found.unique(["dataset_id", "input"], keep="first", maintain_order=True)


def _search(scans: pl.DataFrame) -> pl.DataFrame:
    """Draw the search row, with no choice that could choose nothing, and return the scans that match, in order."""
    found: dict[str, Any] = {}
    datasets = scans["dataset_id"].unique(maintain_order=True).to_list()
    names = [name for name in FLAGS if name in set(scans["flags"].explode())]
    groups = [group for group in (*GROUPS, "unknown") if group in set(scans["group"].fill_null("unknown"))]
    with st.container(key="filter-bar"), st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        found["text"] = st.text_input("Search", key="find", placeholder="person or session", width=190)
        if len(datasets) > 1:
            found["dataset"] = choosing.selectbox("Dataset", [ALL, *datasets], key="scans-dataset", width=170)
        if len(groups) > 1:
            found["group"] = choosing.selectbox("Group", [ALL, *groups], key="scans-group", width=120)
        if names:
            found["flag"] = choosing.selectbox(
                "Flags", [ALL, PLAIN, FLAGGED, *names], key="flag", format_func=lambda n: FLAGS.get(n, n), width=260
            )
        if scans["reader_verdict"].null_count() < scans.height:
            found["verdict"] = choosing.selectbox(
                "Reader", [ALL, *WORDS, NOBODY], key="verdict-filter", format_func=lambda v: WORDS.get(v, v), width=160
            )
        order = choosing.selectbox("Sort by", list(ORDERS), key="scans-order", width=200)
        linked.segmented_control("Pictures", list(SIZES), default="Medium", required=True, key="size")
    column, descending = ORDERS[order]
    counted = matching(scans, **found).with_columns(n_flags=pl.col("flags").list.len())
    return counted.sort(column, "scan_id", descending=[descending, False], nulls_last=True)


def matching(
    scans: pl.DataFrame,
    *,
    text: str = "",
    dataset: str = ALL,
    group: str = ALL,
    flag: str = ALL,
    verdict: str = ALL,
) -> pl.DataFrame:
    """Return the scans that a search leaves.

    Parameters
    ----------
    text : part of a person's or session's code, in any case
    group : MS, HC or unknown
    flag : a name of ``pipeline.measures.quality_flags.FLAGS``, ``FLAGGED`` or ``PLAIN``
    verdict : pass, doubt or fail of a reader, or ``NOBODY``
    """
    if text.strip():
        name = pl.concat_str("subject_id", pl.col("session").fill_null(""), separator=" ")
        scans = scans.filter(name.str.to_lowercase().str.contains(text.strip().lower(), literal=True))
    if dataset != ALL:
        scans = scans.filter(pl.col("dataset_id") == dataset)
    if group != ALL:
        scans = scans.filter(pl.col("group").fill_null("unknown") == group)
    if flag in (PLAIN, FLAGGED):
        scans = scans.filter((pl.col("flags").list.len() > 0) == (flag == FLAGGED))
    elif flag != ALL:
        scans = scans.filter(pl.col("flags").list.contains(flag))
    if verdict != ALL:
        scans = scans.filter(pl.col("reader_verdict").fill_null(NOBODY) == verdict)
    return scans


def _mosaic(opened: OpenedStore, scans: pl.DataFrame, n_all: int) -> None:
    if scans.is_empty():
        st.info("No scan matches. Clear the search, or choose another group or flag.")
        return
    pages = math.ceil(scans.height / PER_PAGE)
    top = st.container()
    number = 1
    if pages > 1:
        # A search may leave fewer pages than the one that was open.
        st.session_state["scans-page"] = min(st.session_state.get("scans-page", 1), pages)
        number = st.pagination(pages, key="scans-page")
    shown = scans.slice((number - 1) * PER_PAGE, PER_PAGE)
    with top:
        few = f"{shown.height:,} of " if pages > 1 else ""
        left = f" that match, of {n_all:,}" if scans.height < n_all else ""
        st.caption(
            f"{few}{counted(scans.height, 'scan')}{left}, each at the slice with most ventricle, seen "
            "from below: R is the person's right. Bars: lesion load against the largest shown."
        )
        picture_key()
    side_by_side(scans)
    rows = list(shown.iter_rows(named=True))
    columns = SIZES[st.session_state.get("size") or "Medium"]
    largest = max((row["wmh_volume_ml"] or 0.0 for row in rows), default=0.0)
    for start in range(0, len(rows), columns):
        for column, row in zip(st.columns(columns, gap="small"), rows[start : start + columns], strict=False):
            with column.container(gap="xxsmall"):
                _card(opened, row, largest)


def _card(opened: OpenedStore, row: dict[str, Any], largest: float) -> None:
    """Draw one scan: picture, name, who it is, and its loads; ``largest`` load (mL) fills the bar."""
    folder = row["derivatives"]
    picture = _thumbnail(folder, row["stem"], row["synthetic"], last_changed(Path(folder)))
    if picture is None:
        st.warning("The picture's files were moved or deleted.")
    else:
        st.image(picture, width="stretch", alt=f"Scan of {scan_name(row)}")
    name = f"**{as_written(scan_name(row))}**"
    if st.button(name, key=f"open-{row['scan_id']}", type="tertiary", help="Open this scan slice by slice"):
        st.switch_page(subject.link(opened), query_params={"scan": scan_labels(opened.scans())[row["scan_id"]]})
    who = person(row)
    lines = [] if who == NOBODY_KNOWN else [who]
    lines += [f"Lesions {_amount(row['wmh_volume_ml'])}", f"Ventricles {_amount(row['ventricle_volume_ml'])}"]
    st.caption("  \n".join(lines))
    if row["wmh_volume_ml"] is not None and largest > 0:
        share = 100 * row["wmh_volume_ml"] / largest
        st.html(f'<div class="load-bar" aria-hidden="true"><div style="width:{share:.1f}%"></div></div>')
    if row["reader_verdict"]:
        st.caption(BADGES[row["reader_verdict"]])
    for name in row["flags"]:
        st.caption(f"⚑ {FLAGS.get(name, name)}")


def _amount(ml: float | None) -> str:
    return "not measured" if ml is None else f"{format_number(ml)} mL"


def _reviews(opened: OpenedStore) -> None:
    """Count what readers said, and offer every verdict as a file."""
    found = opened.snapshot.reviews()
    if found.is_empty():
        return
    counts = dict(found.filter(pl.col("current")).group_by("verdict").len().iter_rows())
    said = ", ".join(f"{counts[verdict]:,} {words}" for verdict, words in WORDS.items() if verdict in counts)
    st.markdown("## Readers' verdicts")
    st.markdown(
        f"{said or 'None on the present measurements'}. The filter bar of other pages can keep to passed scans."
    )
    table = partial(csv_bytes, found)
    download("Every verdict (CSV)", table, file_name="reviews.csv", key="get-reviews")


def _refused(rejections: pl.DataFrame) -> None:
    if rejections.is_empty():
        return
    st.markdown("## Refused files")
    st.caption("Nothing of them is in the store. Put right what the reason says and ingest the same folder again.")
    table = rejections.select(
        File=pl.col("input").str.split("/").list.last(), Reason=pl.col("reason"), Dataset=pl.col("dataset_id"),
        When=pl.col("finished_at").dt.strftime("%Y-%m-%d %H:%M UTC"),
    )  # fmt: skip
    numbers_table(table.head(200), left=("File", "Reason", "Dataset", "When"))
    if table.height > 200:
        st.caption(f"The newest 200 of {table.height:,}.")
