"""The lesions of one scan as a table whose rows can be picked to find them in the picture."""

from typing import Any

import polars as pl
import streamlit as st

from app.components import choosing
from app.components.tables import cells_in_words, numbers_in_words
from app.sentences.regions import region_name
from vocabulary.measures import ZONE_LABELS

_UNKNOWN = "undecided"
COLUMNS = {
    "whole_lesion_number": st.column_config.NumberColumn(
        "Lesion", help="Parts that touch across slices share a number", width=45
    ),
    "slice_index": st.column_config.NumberColumn("Slice", help="Counted from the feet", width=45),
    "zone": st.column_config.TextColumn("Zone", width=105),
    "sure": st.column_config.TextColumn(
        "Sure", width=60,
        help="Sure: at least four in five such lesions are drawn by hand, too, in patients like those of the training",
    ),
    "region": st.column_config.TextColumn(
        "Region", width=150, help="Where most of the lesion lies; a dash where it lies in none, or no region is known"
    ),
    "area_mm2": st.column_config.NumberColumn("Area mm²", format="%.0f", width=65),
    "distance_to_ventricle_mm": st.column_config.NumberColumn(
        "Ventricle mm", format="%.1f", width=82,
        help="From the lesion's nearest point to the ventricle, in the slice; a dash where the slice has none",
    ),
    "distance_to_cortex_mm": st.column_config.NumberColumn(
        "Cortex mm", format="%.1f", width=70,
        help="From the lesion's nearest point to the fluid around the brain or in a sulcus, in the slice",
    ),
}  # fmt: skip


def chosen_region(lesions: pl.DataFrame, *, key: str) -> tuple[str, str] | None:
    """Return name and side of the region to which the table of this key is confined, None where it shows all."""
    chosen = st.session_state.get(f"{key}-region")
    pairs = lesions.select("region", "side").drop_nulls().unique().iter_rows()
    return next(((name, side) for name, side in pairs if region_name(name, side) == chosen), None)


def lesion_table(lesions: pl.DataFrame, *, key: str) -> dict[str, Any] | None:
    """Show one row per lesion and slice, largest first, and return the picked one.

    Parameters
    ----------
    lesions : rows of one scan from ``db.snapshot.Snapshot.lesions``, zones recorded or moved

    Returns
    -------
    The picked row, with ``slice_index`` counted from 0, or None
    """
    side = pl.when(pl.col("side").is_in(["left", "right"])).then(pl.col("side") + " ").otherwise(pl.lit(""))
    named = lesions.with_columns(region=side + pl.col("region"))
    regions = named["region"].drop_nulls().unique().sort().to_list()
    if len(regions) > 1:
        region = choosing.selectbox(
            "Only lesions of a region", regions, index=None, key=f"{key}-region", placeholder="all regions", width=340
        )
        named = named.filter(pl.col("region") == region) if region else named
    ordered = named.sort("area_mm2", "lesion_number", descending=[True, False])
    shown = ordered.select(*COLUMNS).with_columns(
        pl.col("slice_index") + 1,
        pl.col("zone").replace_strict(ZONE_LABELS, default=_UNKNOWN),
        pl.col("sure").replace_strict({True: "sure", False: "unsure"}, return_dtype=pl.String, default=None),
    )
    if shown["sure"].null_count() == shown.height:
        shown = shown.drop("sure")
    cells, columns = numbers_in_words(cells_in_words(shown, "zone", "sure", "region"), COLUMNS)
    event = st.dataframe(
        cells,
        key=key,
        on_select="rerun",
        selection_mode="single-row",
        hide_index=True,
        column_config=columns,
        placeholder="–",
        height=330,
        alt="Lesion parts, largest first: lesion, slice, zone, area and distances",
    )
    picked = event["selection"]["rows"]
    return ordered.row(picked[0], named=True) if picked and picked[0] < ordered.height else None
