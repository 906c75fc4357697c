"""One small file per finished scan: what was found, and by what, so that a run can go on where another stopped.

A record is written after the scan's images and holds their SHA-256: where it agrees, the scan is finished.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.errors import PipelineError
from pipeline.ingest.measure_scan import PROTOCOL, ScanResult
from pipeline.ingest.region_record import RegionRecord, region_record
from pipeline.inputs.clashes import Known
from pipeline.inputs.file_search import shown
from pipeline.inputs.input_scan import InputScan
from pipeline.measures.reliability import Reliability
from pipeline.measures.zoning import ZoneRule
from pipeline.segmentation.bundled_models import ModelCard
from vocabulary.files import file_sha256, read_json, write_json
from vocabulary.run_contract import LESION_COLUMNS

RECORDS = "records"


@dataclass(frozen=True)
class Method:
    """What decides a scan's numbers besides the scan."""

    protocol_id: str
    model_id: str
    weights_sha256: str
    zone_rule: str
    zone_rule_version: int
    software_version: str


@dataclass(frozen=True)
class Record:
    """What was found in one scan.

    Attributes
    ----------
    source_sha256 : of the scan's content
    method : Method
    stem : what its files are called
    geometry : n_slices, pixel_mm_x, pixel_mm_y, slice_spacing_mm
    measures : measure -> value or None
    missing : measure -> why it is None
    lesions : column of ``vocabulary.run_contract.LESION_COLUMNS`` -> values
    flags : name and detail of each
    seconds : step -> s
    files : path below the run's folder -> SHA-256
    subject_id : whose scan it is; empty in records of versions that did not write it
    source : the file it was read from, as text; empty likewise
    regions : lesions by region, or why there are none; None in records of versions that knew no regions
    study_intracranial_area_mm2 : head size by the Tabriz study's definition; None where it does not apply, and in
        records of versions that did not write it
    reliability : how far the scan can be trusted; None in records of versions that did not know
    """

    source_sha256: str
    method: Method
    stem: str
    geometry: dict[str, int | float]
    measures: dict[str, int | float | None]
    missing: dict[str, str]
    lesions: dict[str, list[Any]]
    flags: list[tuple[str, str]]
    seconds: dict[str, float]
    files: dict[str, str]
    subject_id: str = ""
    source: str = ""
    regions: RegionRecord | None = None
    study_intracranial_area_mm2: float | None = None
    reliability: Reliability | None = None

    def lesion_frame(self) -> pl.DataFrame:
        """Return the lesions as rows of ``LESION_COLUMNS``; columns that an older version did not write are null."""
        n = len(self.lesions["lesion_number"])
        columns = {name: self.lesions.get(name, [None] * n) for name in LESION_COLUMNS}
        return pl.DataFrame(columns, schema=LESION_COLUMNS)


def method_of(card: ModelCard, rule: ZoneRule, software_version: str) -> Method:
    """Return the method that a model and a rule make."""
    return Method(PROTOCOL, card.model_id, card.weights_sha256, rule.name, rule.version, software_version)


def record_of(result: ScanResult, scan: InputScan, method: Method, files: dict[str, Path], out: Path) -> Record:
    """Return the record of a scan whose files are written.

    Parameters
    ----------
    files : from ``pipeline.ingest.derivatives.write_derivatives``, below ``out``
    """
    x, y, z = result.scan.spacing_mm
    geometry = {"n_slices": result.scan.data.shape[2], "pixel_mm_x": x, "pixel_mm_y": y, "slice_spacing_mm": z}
    return Record(
        source_sha256=scan.source_sha256,
        method=method,
        stem=scan.stem,
        geometry=geometry,
        measures=dict(result.quantities.values),
        missing=dict(result.quantities.reasons),
        lesions=result.lesions.to_dict(as_series=False),
        flags=[(flag.name, flag.detail) for flag in result.flags],
        seconds=dict(result.seconds),
        files={path.relative_to(out).as_posix(): file_sha256(path) for path in files.values()},
        subject_id=scan.subject_id,
        source=shown(scan.path),
        regions=region_record(result.regions, result.no_regions_reason),
        study_intracranial_area_mm2=result.study_intracranial_area_mm2,
        reliability=result.reliability,
    )


def write_record(record: Record, out: Path) -> None:
    """Write a record; one that the same stem had before is replaced."""
    path = _path(out, record.stem)
    path.parent.mkdir(exist_ok=True)
    write_json(asdict(record), path)


def read_record(out: Path, stem: str) -> Record | None:
    """Return the record of a stem, or None where there is none that can be read."""
    try:
        return read_json(_path(out, stem), Record)
    except (OSError, ValueError):
        return None  # Nothing is lost: the scan is measured again.


def finished_record(scan: InputScan, method: Method, out: Path) -> Record | None:
    """Return the record of a scan that this method measured and whose files are all unchanged, else None."""
    record = read_record(out, scan.stem)
    if record is None or (record.source_sha256, record.method) != (scan.source_sha256, method):
        return None
    try:
        intact = all(file_sha256(out / name) == digest for name, digest in record.files.items())
    except OSError:
        return None
    return record if intact else None


def measured_before(out: Path) -> list[Known]:
    """Return every scan measured into a folder so far."""
    records = (read_record(out, path.stem) for path in sorted((out / RECORDS).glob("*.json")))
    return [
        Known(record.subject_id, record.stem, record.source_sha256, record.source or f"the image of {record.stem}")
        for record in records
        if record is not None
    ]


def required_record(out: Path, stem: str) -> Record:
    """Return the record of a scan that has just been measured.

    Raises
    ------
    PipelineError : it is gone; someone else changes the folder.
    """
    record = read_record(out, stem)
    if record is None:
        raise PipelineError(f"{_path(out, stem)}: the record is gone; does another program change this folder?")
    return record


def _path(out: Path, stem: str) -> Path:
    return out / RECORDS / f"{stem}.json"
