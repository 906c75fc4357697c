"""What one run of many scans hands to the store: a folder of tables and a manifest, whole or not there at all.

Its tables and the manifest's keys stand in ``vocabulary.run_contract``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.errors import writing
from pipeline.ingest.derivatives import software_versions
from pipeline.ingest.region_record import BEFORE_REGIONS, RegionRecord
from pipeline.ingest.scan_records import Method, required_record
from pipeline.inputs.file_search import Rejection
from pipeline.inputs.input_scan import InputScan
from pipeline.measures.reliability import Reliability
from pipeline.segmentation.bundled_models import ModelCard
from vocabulary.acquisition import KEPT_WITH_SCANS, STUDY_HEAD
from vocabulary.extra_columns import ExtraColumn
from vocabulary.files import json_sha256, whole_folder, write_json
from vocabulary.run_contract import MANIFEST, MEASURED, SCHEMAS

RUNS = "runs"
BEFORE_RELIABILITY = Reliability(no_range_reason="measured by a version that gave no range")
_WHO = ("stem", "subject_id", "session", "group", "sex", "age_years", "source_sha256")


@dataclass(frozen=True)
class RunFolder:
    """A finished run.

    Attributes
    ----------
    path : the folder
    run_id : the same for the same scans, people, refusals and method
    n_measured : scans measured now
    n_reused : scans whose results were there already
    rejections : inputs that gave no numbers
    """

    path: Path
    run_id: str
    n_measured: int
    n_reused: int
    rejections: tuple[Rejection, ...]

    @property
    def n_scans(self) -> int:
        """Scans whose numbers are in the folder."""
        return self.n_measured + self.n_reused


def folder_of(scan: InputScan, out: Path) -> Path:
    """Return where the files of a scan lie: ``sub-X[/ses-Y]/anat``."""
    return folder_of_stem(scan.stem, out)


def folder_of_stem(stem: str, out: Path) -> Path:
    """Return where the files of a scan called ``stem`` lie; see ``folder_of``."""
    return out.joinpath(*stem.split("_"), "anat")


def write_run_folder(
    out: Path,
    dataset_id: str,
    scans: Sequence[InputScan],
    rejections: Sequence[Rejection],
    method: Method,
    card: ModelCard,
    started: datetime,
    n_reused: int,
    path: Path | None = None,
) -> RunFolder:
    """Gather the records of all scans into the tables of one run.

    Parameters
    ----------
    out : holds the records and the scans' files
    scans : those that were measured, now or before
    path : where the run goes; by default into the folder ``runs`` of ``out``, under its identifier

    Raises
    ------
    OutputError : the folder cannot be written.
    """
    tables = _tables(out, scans, rejections)
    manifest = run_manifest(_method(dataset_id, method, card), tables, started, n_reused)
    path = path or out / RUNS / str(manifest["run_id"])
    write_tables(path, tables, manifest)
    return RunFolder(path, str(manifest["run_id"]), len(scans) - n_reused, n_reused, tuple(rejections))


def run_manifest(
    method: Mapping[str, Any], tables: Mapping[str, pl.DataFrame], started: datetime, n_reused: int
) -> dict[str, Any]:
    """Return the manifest of a run; its identifier is made of what was measured, how, of whom, and what was refused.

    Parameters
    ----------
    method : the members of the manifest that say how and for which dataset
    tables : of the run, scans in order of stem, refusals in order of input
    """
    people = [list(row) for row in tables["scan"].select(_WHO[:-1]).iter_rows()]
    rejections = tables["rejection"].select("input", "reason").to_dicts()
    decided = {
        "protocol_id": method["protocol_id"],
        "model_id": method["model"]["model_id"],
        "weights_sha256": method["model"]["weights_sha256"],
        "zone_rule": method["zone_rule"]["name"],
        "zone_rule_version": method["zone_rule"]["version"],
        "software_version": method["software_version"],
    }
    contents = tables["scan"]["source_sha256"].to_list()
    source_sha256 = json_sha256([method["dataset_id"], decided, people, contents, rejections])
    return {
        "run_id": f"ingest-{source_sha256[:16]}",
        "kind": "ingest",
        **method,
        "source_name": f"{len(people) + len(rejections)} scans",
        "source_sha256": source_sha256,
        "software": software_versions(),
        "started_at": started.isoformat(timespec="seconds"),
        "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "n_accepted": len(people),
        "n_measured": len(people) - n_reused,
        "n_reused": n_reused,
        "n_rejected": len(rejections),
    }


def write_tables(path: Path, tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any]) -> None:
    """Write a run's tables and its manifest into a folder, whole or not at all.

    Raises
    ------
    OutputError : the folder cannot be written.
    """
    with writing(path), whole_folder(path) as unfinished:
        for name, table in tables.items():
            table.write_parquet(unfinished / f"{name}.parquet")
        write_json(manifest, unfinished / MANIFEST, indent=2)


def _method(dataset_id: str, method: Method, card: ModelCard) -> dict[str, Any]:
    return {
        "dataset_id": dataset_id,
        "protocol_id": method.protocol_id,
        "settings": {"model": method.model_id, "zone_rule": method.zone_rule},
        "zone_rule": {"name": method.zone_rule, "version": method.zone_rule_version},
        "model": {
            "model_id": card.model_id,
            "architecture": card.architecture,
            "weights_sha256": card.weights_sha256,
            "n_parameters": card.n_parameters,
            "description": card.description,
            "licence": card.licence,
        },
        "software_version": method.software_version,
    }


def _tables(out: Path, scans: Sequence[InputScan], rejections: Sequence[Rejection]) -> dict[str, pl.DataFrame]:
    names = ("scan", "measure", "missing_value", "flag", "extra_value", "registration", "reliability")
    rows: dict[str, list[Any]] = {name: [] for name in names}
    lesions = [pl.DataFrame(schema=SCHEMAS["lesion"])]
    loads = [pl.DataFrame(schema=SCHEMAS["region_load"])]
    for scan in scans:
        record = required_record(out, scan.stem)
        stem = {"stem": scan.stem}
        rows["scan"].append(
            {
                **{name: getattr(scan, name) for name in _WHO},
                "file_name": scan.file_name,
                "derivatives": folder_of(scan, out).relative_to(out).as_posix(),
                **record.geometry,
            }
        )
        rows["measure"].append(stem | {name: record.measures.get(name) for name in MEASURED})
        rows["missing_value"] += [stem | {"column_name": name, "reason": why} for name, why in record.missing.items()]
        rows["flag"] += [stem | {"flag": name, "detail": detail} for name, detail in record.flags]
        facts = asdict(scan.facts.acquisition) | {"slice_spacing_mm": record.geometry["slice_spacing_mm"]}
        facts |= {STUDY_HEAD.name: record.study_intracranial_area_mm2}
        rows["extra_value"] += [
            stem | _value(column, facts[column.name]) for column in KEPT_WITH_SCANS if facts[column.name]
        ]
        rows["reliability"].append(stem | _trust(record.reliability or BEFORE_RELIABILITY))
        regions = record.regions or RegionRecord({"reason": BEFORE_REGIONS})
        rows["registration"].append(stem | regions.registration)
        named = pl.lit(scan.stem).alias("stem")
        loads.append(regions.load_frame().select(named, pl.all()))
        placed = regions.lesion_frame()
        frame = record.lesion_frame().join(placed, on="whole_lesion_number", how="left", maintain_order="left")
        lesions.append(frame.select(named, pl.all()))
    tables = {name: pl.DataFrame(row, schema=SCHEMAS[name]) for name, row in rows.items()}
    tables["lesion"], tables["region_load"] = pl.concat(lesions), pl.concat(loads)
    tables["rejection"] = pl.DataFrame([asdict(rejection) for rejection in rejections], schema=SCHEMAS["rejection"])
    return tables


def _trust(known: Reliability) -> dict[str, Any]:
    return asdict(known) | {"no_range_reason": known.no_range_reason or None}


def _value(column: ExtraColumn, value: float | str) -> dict[str, Any]:
    return {
        "column_name": column.name,
        "number_value": float(value) if column.kind == "number" else None,
        "text_value": str(value) if column.kind == "category" else None,
    }
