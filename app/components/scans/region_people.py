"""From a region to its people, and from a person to the slice: pick a region, a row, and see the lesion."""

from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st

from app.components import linked
from app.components.scans.picture_key import picture_key
from app.components.tables import cells_in_words, numbers_in_words
from app.scan_images import ScanFilesMissing, ScanImages, encoded, last_changed, read_images, slice_picture
from app.sentences.as_written import as_written
from app.sentences.formatting import format_number, format_percent
from app.sentences.regions import region_name
from app.sentences.scan_names import scan_labels
from app.state import OpenedStore, Selection
from vocabulary.messages import counted

KEY = "region"
COLUMNS = {
    "subject_id": st.column_config.TextColumn("Person", width=140),
    "group": st.column_config.TextColumn("Group", width=60),
    "sex": st.column_config.TextColumn("Sex", width=50),
    "age_years": st.column_config.NumberColumn("Age", format="%.0f", width=50),
    "load_ml": st.column_config.NumberColumn("Load mL", format="%.2f", width=75),
    "share_pct": st.column_config.NumberColumn("% of region", format="%.1f", width=90),
}


def choose_clicked(clicked: list[Any] | None) -> None:
    """Choose the region that was clicked in a figure, whose points carry an empty name and the region's number."""
    if clicked is not None and len(clicked) > 1:
        st.session_state[KEY] = int(clicked[1])


def region_people(opened: OpenedStore, selection: Selection, by_region: pl.DataFrame) -> None:
    """Let a region be chosen, list who has lesions there, and show the slice of a picked person."""
    names = {
        number: region_name(region, side)
        for number, region, side in by_region.select("region_number", "region", "side")
        .unique(maintain_order=True)
        .sort("region_number")
        .iter_rows()
    }
    if st.session_state.get(KEY) not in {None, *names}:
        del st.session_state[KEY]
    with st.container(key="controls-region"):
        number = linked.selectbox(
            "Region: click one above, or choose",
            list(names),
            index=None,
            key=KEY,
            format_func=lambda value: names[value],
            placeholder="Whose lesions lie in a region?",
            width=420,
        )
    if number is None:
        return
    there = by_region.filter(pl.col("region_number") == number)
    people = there.filter(pl.col("load_ml") > 0).sort("load_ml", "subject_id", descending=[True, False])
    st.markdown(f"**{names[number]}**: {people.height:,} of {counted(there.height, 'person')} have a lesion.")
    if people.is_empty():
        return
    left, right = st.columns([1, 1], gap="large")
    with left:
        share = 100 * pl.col("load_ml") / pl.col("region_volume_ml")
        shown = people.with_columns(share_pct=share).select(*COLUMNS)
        cells, columns = numbers_in_words(cells_in_words(shown, "group"), COLUMNS)
        event = st.dataframe(
            cells,
            key=f"people-of-region-{number}",
            on_select="rerun",
            selection_mode="single-row",
            hide_index=True,
            column_config=columns,
            placeholder="–",
            height=min(38 + 35 * people.height, 430),
            alt=f"People with lesions in {names[number]}, most first",
        )
        st.caption("Pick a person to see the slice that holds most of it.")
    rows = event["selection"]["rows"]
    with right:
        _slice(opened, selection, people.row(rows[0] if rows and rows[0] < people.height else 0, named=True))


@st.cache_resource(max_entries=6, show_spinner=False)
def _images(folder: str, stem: str, changed: float) -> ScanImages:
    return read_images(Path(folder), stem)


def _slice(opened: OpenedStore, selection: Selection, person: dict[str, Any]) -> None:
    scans = opened.scans().filter(
        (pl.col("scan_id") == person["scan_id"]) & (pl.col("protocol_id") == person["protocol_id"])
    )
    if scans.is_empty():
        return
    scan = scans.row(0, named=True)
    lesions = opened.snapshot.lesions(scan_id=scan["scan_id"]).filter(
        (pl.col("protocol_id") == scan["protocol_id"])
        & (pl.col("region") == person["region"])
        & (pl.col("side") == person["side"])
    )
    words = (
        f"{as_written(person['subject_id'])}: {format_number(person['load_ml'])} mL, "
        f"{format_percent(100 * person['load_ml'] / person['region_volume_ml'])} of the region"
    )
    if lesions.is_empty():
        st.markdown(f"{words}. No lesion has most of itself there: what lies there belongs to its neighbours' lesions.")
    else:
        _picture(scan, lesions.sort("area_mm2", descending=True).row(0, named=True), words, selection)
    page = st.Page(lambda: None, title="Subject", url_path="subject")
    labels = scan_labels(opened.scans())
    st.page_link(
        page,
        label=f"Open the scan of {as_written(person['subject_id'])}",
        query_params={"scan": labels[scan["scan_id"]]},
    )


def _picture(scan: dict[str, Any], lesion: dict[str, Any], words: str, selection: Selection) -> None:
    try:
        images = _images(scan["derivatives"], scan["stem"], last_changed(Path(scan["derivatives"])))
    except ScanFilesMissing:
        st.markdown(f"{words}. The scan's pictures are not where they were.")
        return
    index = int(lesion["slice_index"])
    if index >= images.depth:
        st.markdown(f"{words}. The scan's pictures come from another measurement.")
        return
    marked = images.lesion_numbers[..., index] == lesion["lesion_number"]
    picture = slice_picture(images, index, height=520, marked=marked, synthetic=selection.dataset.synthetic)
    words_for_it = f"Slice {index + 1}, the lesion ringed, the person's right on the left"
    st.image(encoded(picture), width="stretch", alt=words_for_it)
    picture_key(undecided=images.has_undecided)
    st.caption(
        f"{words}. Slice {index + 1} of {images.depth}; the largest part of its largest lesion is ringed. R is the "
        "person's right."
    )
