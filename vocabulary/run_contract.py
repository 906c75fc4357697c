"""What a run of scans hands over: a manifest and ten tables, the same for who writes and who reads them."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from vocabulary.acquisition import KEPT_WITH_SCANS
from vocabulary.measures import GROUPS, MEASURES, SEXES, ZONES

SIDES = ("left", "right", "both")
"""Of a region; ``both`` crosses the midline."""

MANIFEST = "manifest.json"
"""Who measured what, when and how; times in UTC, as ISO 8601."""

MANIFEST_KEYS: Mapping[str, type] = {
    "run_id": str,
    "kind": str,
    "dataset_id": str,
    "protocol_id": str,
    "source_name": str,
    "source_sha256": str,
    "settings": dict,
    "zone_rule": dict,
    "model": dict,
    "software_version": str,
    "started_at": str,
    "finished_at": str,
    "n_accepted": int,
    "n_rejected": int,
}
MODEL_KEYS: Mapping[str, type] = {
    "model_id": str,
    "architecture": str,
    "weights_sha256": str,
    "n_parameters": int,
    "description": str,
    "licence": str,
}
ZONE_RULE_KEYS: Mapping[str, type] = {"name": str, "version": int}

MEASURED = tuple(name for name in MEASURES if not name.endswith("_pct"))
"""Measures a run gives; the store derives ratios and shares."""

LESION_COLUMNS = pl.Schema(
    {
        "lesion_number": pl.Int32,
        "whole_lesion_number": pl.Int32,
        "slice_index": pl.Int32,
        "zone": pl.String,
        "area_mm2": pl.Float64,
        "volume_ml": pl.Float64,
        "distance_to_ventricle_mm": pl.Float64,
        "centroid_to_ventricle_mm": pl.Float64,
        "distance_to_cortex_mm": pl.Float64,
        "touches_ventricle": pl.Boolean,
        "touches_cortex": pl.Boolean,
        "centroid_x_mm": pl.Float64,
        "centroid_y_mm": pl.Float64,
        "centroid_z_mm": pl.Float64,
        "chance": pl.Float64,
        "sure": pl.Boolean,
    }
)
"""What is kept of a lesion's part in one slice: distances in mm, null where the slice holds no ventricle or no cortex;
centroids in mm, scanner RAS+; the chance (0 to 1) that an outline by hand touches the whole lesion, and whether it is
sure by the model's card, null where the model knows none."""

RELIABILITY_COLUMNS = pl.Schema(
    {
        "wmh_low_ml": pl.Float64,
        "wmh_high_ml": pl.Float64,
        "no_range_reason": pl.String,
        "unlikeness": pl.Float64,
        "unlike_in": pl.String,
    }
)
"""How far a scan can be trusted: the load an outline by hand may hold (95 %), or why no range is given; how unlike the
model's training it is (1: the limit), and in what most, null where the model does not know."""

REGISTRATION_COLUMNS = pl.Schema(
    [
        ("atlas", pl.String),
        ("space", pl.String),
        ("to_template", pl.List(pl.Float64)),
        ("brain_overlap", pl.Float64),
        ("ventricle_overlap", pl.Float64),
        ("unassigned_area_mm2", pl.Float64),
        ("unassigned_volume_ml", pl.Float64),
        ("unassigned_count", pl.Int32),
        ("moved_volume_ml", pl.Float64),
        ("lesion_voxels", pl.List(pl.UInt32)),
        ("seen_runs", pl.List(pl.UInt32)),
        ("reason", pl.String),
    ]
)
"""Of a scan's registration; ``lesion_voxels`` and ``seen_runs`` on the grid of ``vocabulary.lesion_grid``."""
REGION_COLUMNS = pl.Schema(
    {
        "region_number": pl.Int32,
        "region": pl.String,
        "side": pl.String,
        "area_mm2": pl.Float64,
        "volume_ml": pl.Float64,
        "lesion_count": pl.Int32,
        "region_volume_ml": pl.Float64,
    }
)

SCHEMAS: Mapping[str, pl.Schema] = {
    # One row per scan. group, sex, age_years (years) are null where nobody gave them. derivatives: folder of its files,
    # relative to the folder of results, in which the run lies as runs/RUN, so that both can be moved together.
    "scan": pl.Schema(
        {
            "stem": pl.String,
            "subject_id": pl.String,
            "session": pl.String,
            "group": pl.String,
            "sex": pl.String,
            "age_years": pl.Float64,
            "file_name": pl.String,
            "derivatives": pl.String,
            "source_sha256": pl.String,
            "n_slices": pl.Int32,
            "pixel_mm_x": pl.Float64,
            "pixel_mm_y": pl.Float64,
            "slice_spacing_mm": pl.Float64,
        }
    ),
    # One row per scan: areas in mm2, volumes in mL; null with a row in missing_value.
    "measure": pl.Schema({"stem": pl.String, **dict.fromkeys(MEASURED, pl.Float64), "lesion_count": pl.Int32}),
    # One row per lesion and slice.
    # region and side null where it lies in no region, or no region is known.
    "lesion": pl.Schema([("stem", pl.String), *LESION_COLUMNS.items(), ("region", pl.String), ("side", pl.String)]),
    # One row per scan: where the template lies and how well it fits (Dice's overlaps, 0 to 1), and what belongs to no
    # region; or the reason why there are none. to_template: person's world to template, mm, 16 numbers row by row.
    "registration": pl.Schema([("stem", pl.String), *REGISTRATION_COLUMNS.items()]),
    # One row per scan and region of its atlas: areas in mm2, volumes in mL; region_volume_ml is 0 for a region that the
    # scan does not show.
    "region_load": pl.Schema([("stem", pl.String), *REGION_COLUMNS.items()]),
    # One row per measure that is null.
    "missing_value": pl.Schema({"stem": pl.String, "column_name": pl.String, "reason": pl.String}),
    # One row per reason to doubt a scan.
    "flag": pl.Schema({"stem": pl.String, "flag": pl.String, "detail": pl.String}),
    # One row per scan.
    "reliability": pl.Schema([("stem", pl.String), *RELIABILITY_COLUMNS.items()]),
    # One row per scan and fact that is known of it, see vocabulary.acquisition.KEPT_WITH_SCANS.
    "extra_value": pl.Schema(
        {"stem": pl.String, "column_name": pl.String, "number_value": pl.Float64, "text_value": pl.String}
    ),
    # One row per input that was not measured.
    "rejection": pl.Schema({"input": pl.String, "reason": pl.String}),
}
"""The Parquet tables of a run folder, ``<name>.parquet``, and their columns."""

KEYS: Mapping[str, tuple[str, ...]] = {
    "scan": ("stem",),
    "measure": ("stem",),
    "lesion": ("stem", "lesion_number"),
    "registration": ("stem",),
    "region_load": ("stem", "region_number"),
    "missing_value": ("stem", "column_name"),
    "flag": ("stem", "flag"),
    "reliability": ("stem",),
    "extra_value": ("stem", "column_name"),
}
LATER_TABLES = ("reliability",)
LATER_COLUMNS: Mapping[str, tuple[str, ...]] = {"lesion": ("chance", "sure")}
"""Tables and columns that run folders of earlier versions lack; they are read without."""
KNOWN: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("extra_value", "column_name"): tuple(column.name for column in KEPT_WITH_SCANS),
    ("scan", "group"): GROUPS,
    ("scan", "sex"): SEXES,
    ("lesion", "zone"): ZONES,
    ("lesion", "side"): SIDES,
    ("region_load", "side"): SIDES,
}
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "scan": ("stem", "subject_id", "file_name", "derivatives", "source_sha256"),
    "lesion": ("lesion_number", "whole_lesion_number", "slice_index", "area_mm2", "volume_ml"),
    "region_load": tuple(REGION_COLUMNS),
}


def method_settings(model_id: str, weights_sha256: str, zone_rule: str, zone_rule_version: int) -> dict[str, Any]:
    """Return what must be equal for scans to be pooled, as a run keeps it."""
    return {
        "model": model_id,
        "weights_sha256": weights_sha256,
        "zone_rule": zone_rule,
        "zone_rule_version": zone_rule_version,
    }
