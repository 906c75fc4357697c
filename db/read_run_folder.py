"""Read the folder a finished run of scans left: a manifest and six tables, checked before anything is published."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from db.errors import RunFolderError, first_line, printable
from vocabulary.measures import GROUPS, MEASURES, SEXES, ZONES

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

SCHEMAS: Mapping[str, pl.Schema] = {
    # One row per scan. group, sex, age_years (years) are null where nobody gave them.
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
    # One row per lesion and slice; distances and centroids in mm, scanner RAS+.
    "lesion": pl.Schema(
        {
            "stem": pl.String,
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
        }
    ),
    # One row per measure that is null.
    "missing_value": pl.Schema({"stem": pl.String, "column_name": pl.String, "reason": pl.String}),
    # One row per reason to doubt a scan.
    "flag": pl.Schema({"stem": pl.String, "flag": pl.String, "detail": pl.String}),
    # One row per input that was not measured.
    "rejection": pl.Schema({"input": pl.String, "reason": pl.String}),
}
"""The Parquet tables of a run folder, ``<name>.parquet``, and their columns."""

_KEYS = {
    "scan": ("stem",),
    "measure": ("stem",),
    "lesion": ("stem", "lesion_number"),
    "missing_value": ("stem", "column_name"),
    "flag": ("stem", "flag"),
}
_KNOWN = {("scan", "group"): GROUPS, ("scan", "sex"): SEXES, ("lesion", "zone"): ZONES}
_REQUIRED = {
    "scan": ("stem", "subject_id", "file_name", "derivatives", "source_sha256"),
    "lesion": ("lesion_number", "whole_lesion_number", "slice_index", "area_mm2", "volume_ml"),
}


@dataclass(frozen=True)
class FinishedRun:
    """A run of scans, read and checked.

    Attributes
    ----------
    manifest : as in ``MANIFEST_KEYS``
    tables : name -> frame, as in ``SCHEMAS``
    settings : what must be equal for numbers to be comparable: model, its weights, zone rule and its version
    started, finished : UTC, without a zone, as the store keeps times
    """

    manifest: dict[str, Any]
    tables: dict[str, pl.DataFrame]
    settings: dict[str, Any]
    started: datetime
    finished: datetime


def method_settings(model_id: str, weights_sha256: str, zone_rule: str, zone_rule_version: int) -> dict[str, Any]:
    """Return what must be equal for scans to be pooled, as a run keeps it."""
    return {
        "model": model_id,
        "weights_sha256": weights_sha256,
        "zone_rule": zone_rule,
        "zone_rule_version": zone_rule_version,
    }


def read_run(folder: Path) -> FinishedRun:
    """Read a run folder.

    Raises
    ------
    RunFolderError : a file is absent, cannot be read, lacks a column, or contradicts another; the message says which.
    """
    manifest = _manifest(folder / MANIFEST)
    tables = {name: _table(folder / f"{name}.parquet", schema) for name, schema in SCHEMAS.items()}
    _check_tables(folder, tables)
    for count, name in (("n_accepted", "scan"), ("n_rejected", "rejection")):
        if manifest[count] != tables[name].height:
            raise RunFolderError(
                f"{folder}: {MANIFEST} says {count} {manifest[count]}, {name}.parquet has {tables[name].height} rows"
            )
    model, rule = manifest["model"], manifest["zone_rule"]
    method = method_settings(model["model_id"], model["weights_sha256"], rule["name"], rule["version"])
    settings = manifest["settings"] | method
    times = [_time(folder, key, manifest[key]) for key in ("started_at", "finished_at")]
    return FinishedRun(manifest, tables, settings, *times)


def _manifest(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise RunFolderError(f"{path.parent}: not the folder of a finished run, it has no {path.name}") from error
    except (OSError, ValueError) as error:
        raise RunFolderError(f"{path}: cannot be read: {first_line(error)}") from error
    _check_keys(path, "", said, MANIFEST_KEYS)
    _check_keys(path, "model.", said["model"], MODEL_KEYS)
    _check_keys(path, "zone_rule.", said["zone_rule"], ZONE_RULE_KEYS)
    if said["kind"] != "ingest":
        raise RunFolderError(f"{path}: kind is '{printable(said['kind'])}', expected 'ingest'")
    return dict(said)


def _check_keys(path: Path, prefix: str, said: object, expected: Mapping[str, type]) -> None:
    for key, kind in expected.items():
        value = said.get(key) if isinstance(said, dict) else None
        if not isinstance(value, kind) or isinstance(value, bool):
            raise RunFolderError(
                f"{path}: '{prefix}{key}' is {'absent' if value is None else printable(repr(value))}, "
                f"expected {kind.__name__}"
            )


def _time(folder: Path, key: str, said: str) -> datetime:
    try:
        moment = datetime.fromisoformat(said)
    except ValueError as error:
        raise RunFolderError(f"{folder / MANIFEST}: '{key}' is '{printable(said)}', expected a time") from error
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _table(path: Path, schema: pl.Schema) -> pl.DataFrame:
    try:
        frame = pl.read_parquet(path, glob=False)
    except FileNotFoundError as error:
        raise RunFolderError(f"{path.parent}: not the folder of a finished run, it has no {path.name}") from error
    except (OSError, PolarsError) as error:
        raise RunFolderError(f"{path}: cannot be read as Parquet: {first_line(error)}") from error
    absent = [name for name in schema if name not in frame.columns]
    if absent:
        raise RunFolderError(f"{path}: lacks the columns {', '.join(absent)}; was it written by another version?")
    try:
        return frame.select(pl.col(name).cast(kind) for name, kind in schema.items())
    except PolarsError as error:
        raise RunFolderError(f"{path}: a column is of another type than expected: {first_line(error)}") from error


def _check_tables(folder: Path, tables: dict[str, pl.DataFrame]) -> None:
    for name, columns in _REQUIRED.items():
        for column in columns:
            if tables[name][column].null_count():
                raise RunFolderError(f"{folder}: a row of {name}.parquet has no {column}")
    for name, key in _KEYS.items():
        again = tables[name].filter(tables[name].select(key).is_duplicated())
        if again.height:
            raise RunFolderError(f"{folder}: {name}.parquet has several rows for {_named(again, key)}")
        if name == "scan":
            continue
        strangers = tables[name].join(tables["scan"], on="stem", how="anti")
        if strangers.height:
            raise RunFolderError(f"{folder}: {name}.parquet tells of {_named(strangers, key)}, scan.parquet does not")
    unmeasured = tables["scan"].join(tables["measure"], on="stem", how="anti")
    if unmeasured.height:
        raise RunFolderError(f"{folder}: measure.parquet lacks {_named(unmeasured, ('stem',))}")
    for (name, column), known in _KNOWN.items():
        odd = tables[name].filter(~pl.col(column).is_in(known))
        if odd.height:
            found = printable(odd[column][0])
            raise RunFolderError(f"{folder}: {name}.parquet has {column} '{found}', expected one of {', '.join(known)}")
    _check_people(folder, tables["scan"])


def _check_people(folder: Path, scans: pl.DataFrame) -> None:
    """Refuse a person who is described in two ways; one scan may know more than another."""
    for column in ("group", "sex", "age_years"):
        told = scans.drop_nulls(column).group_by("subject_id").agg(pl.col(column).n_unique()).filter(pl.col(column) > 1)
        if told.height:
            raise RunFolderError(f"{folder}: scan.parquet gives {printable(told['subject_id'][0])} several {column}")


def _named(rows: pl.DataFrame, key: tuple[str, ...]) -> str:
    return ", ".join(printable(str(value)) for value in rows.select(key).row(0))
