"""Read the folder a finished run of scans left: a manifest and ten tables, checked before anything is published."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from db.errors import RunFolderError
from vocabulary.messages import first_line, printable
from vocabulary.run_contract import (
    KEYS,
    KNOWN,
    LATER_COLUMNS,
    LATER_TABLES,
    MANIFEST,
    MANIFEST_KEYS,
    MODEL_KEYS,
    REQUIRED,
    SCHEMAS,
    ZONE_RULE_KEYS,
    method_settings,
)


@dataclass(frozen=True)
class FinishedRun:
    """A run of scans, read and checked.

    Attributes
    ----------
    manifest : as in ``vocabulary.run_contract.MANIFEST_KEYS``
    tables : name -> frame, as in ``vocabulary.run_contract.SCHEMAS``
    settings : what must be equal for numbers to be comparable: model, its weights, zone rule and its version
    started, finished : UTC, without a zone, as the store keeps times
    """

    manifest: dict[str, Any]
    tables: dict[str, pl.DataFrame]
    settings: dict[str, Any]
    started: datetime
    finished: datetime


def read_run(folder: Path) -> FinishedRun:
    """Read a run folder.

    Raises
    ------
    RunFolderError : a file is absent, cannot be read, lacks a column, or contradicts another; the message says which.
    """
    manifest = _manifest(folder / MANIFEST)
    tables = {name: _table(folder / f"{name}.parquet", schema) for name, schema in SCHEMAS.items()}
    tables["reliability"] = _with_every_scan(tables["reliability"], tables["scan"])
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


def _with_every_scan(reliability: pl.DataFrame, scans: pl.DataFrame) -> pl.DataFrame:
    """Add a row with the reason to scans of which an earlier version of the software said nothing."""
    if reliability.height:
        return reliability
    unknown = scans.select("stem", no_range_reason=pl.lit("measured by a version that gave no range"))
    return pl.concat([reliability, unknown], how="diagonal")


def _table(path: Path, schema: pl.Schema) -> pl.DataFrame:
    if path.stem in LATER_TABLES and path.parent.is_dir() and not path.exists():
        return pl.DataFrame(schema=schema)
    try:
        frame = pl.read_parquet(path, glob=False)
    except FileNotFoundError as error:
        raise RunFolderError(f"{path.parent}: not the folder of a finished run, it has no {path.name}") from error
    except (OSError, PolarsError) as error:
        raise RunFolderError(f"{path}: cannot be read as Parquet: {first_line(error)}") from error
    later = [name for name in LATER_COLUMNS.get(path.stem, ()) if name not in frame.columns]
    frame = frame.with_columns(pl.lit(None, schema[name]).alias(name) for name in later)
    absent = [name for name in schema if name not in frame.columns]
    if absent:
        raise RunFolderError(f"{path}: lacks the columns {', '.join(absent)}; was it written by another version?")
    try:
        return frame.select(pl.col(name).cast(kind) for name, kind in schema.items())
    except PolarsError as error:
        raise RunFolderError(f"{path}: a column is of another type than expected: {first_line(error)}") from error


def _check_tables(folder: Path, tables: dict[str, pl.DataFrame]) -> None:
    for name, columns in REQUIRED.items():
        for column in columns:
            if tables[name][column].null_count():
                raise RunFolderError(f"{folder}: a row of {name}.parquet has no {column}")
    for name, key in KEYS.items():
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
    untold = tables["scan"].join(tables["reliability"], on="stem", how="anti")
    if untold.height:
        raise RunFolderError(f"{folder}: reliability.parquet lacks {_named(untold, ('stem',))}")
    unplaced = tables["scan"].join(tables["registration"], on="stem", how="anti")
    if unplaced.height:
        raise RunFolderError(f"{folder}: registration.parquet lacks {_named(unplaced, ('stem',))}")
    for (name, column), known in KNOWN.items():
        odd = tables[name].filter(~pl.col(column).is_in(known))
        if odd.height:
            found = printable(odd[column][0])
            raise RunFolderError(f"{folder}: {name}.parquet has {column} '{found}', expected one of {', '.join(known)}")
    _check_people(folder, tables["scan"])


def _check_people(folder: Path, scans: pl.DataFrame) -> None:
    """Refuse a person who is described in two ways; one scan may know more than another."""
    for column in ("group", "sex"):
        told = scans.drop_nulls(column).group_by("subject_id").agg(pl.col(column).n_unique()).filter(pl.col(column) > 1)
        if told.height:
            raise RunFolderError(f"{folder}: scan.parquet gives {printable(told['subject_id'][0])} several {column}")


def _named(rows: pl.DataFrame, key: tuple[str, ...]) -> str:
    return ", ".join(printable(str(value)) for value in rows.select(key).row(0))
