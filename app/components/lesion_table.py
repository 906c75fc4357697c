"""The lesions of one scan as a table whose rows can be picked to find them in the picture."""

import polars as pl
import streamlit as st

from vocabulary import ZONE_LABELS

COLUMNS = {
    "whole_lesion_number": st.column_config.NumberColumn(
        "Lesion", help="Parts that touch across slices share a number", width="small"
    ),
    "slice_index": st.column_config.NumberColumn("Slice", help="Counted from the feet", width="small"),
    "zone": st.column_config.TextColumn("Zone"),
    "area_mm2": st.column_config.NumberColumn("Area (mm²)", format="%.0f"),
    "distance_to_ventricle_mm": st.column_config.NumberColumn(
        "To ventricle (mm)", format="%.1f", help="Nearest point, in the slice; empty where the slice has no ventricle"
    ),
    "distance_to_cortex_mm": st.column_config.NumberColumn(
        "To cortex (mm)", format="%.1f", help="Nearest point of the fluid around the brain, in the slice"
    ),
}


def lesion_table(lesions: pl.DataFrame, zones: list[str | None], *, key: str) -> dict | None:
    """Show one row per lesion and slice, largest first, and return the picked one.

    Parameters
    ----------
    lesions : rows of one scan from ``db.snapshot.Snapshot.lesions``
    zones : zone of each row, recorded or moved

    Returns
    -------
    The picked row, with ``slice_index`` counted from 0, or None
    """
    named = lesions.with_columns(
        zone=pl.Series([ZONE_LABELS.get(zone, "undecided") for zone in zones], dtype=pl.String)
    )
    ordered = named.sort("area_mm2", descending=True)
    shown = ordered.select(*COLUMNS).with_columns(pl.col("slice_index") + 1)
    event = st.dataframe(
        shown,
        key=key,
        on_select="rerun",
        selection_mode="single-row",
        hide_index=True,
        column_config=COLUMNS,
        height=420,
    )
    picked = event["selection"]["rows"]
    return ordered.row(picked[0], named=True) if picked and picked[0] < ordered.height else None
