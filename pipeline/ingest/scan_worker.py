"""What a worker process does with each scan: convert, measure, write its files, then its record."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.errors import ImageError, PipelineError
from pipeline.ingest.derivatives import write_derivatives
from pipeline.ingest.measure_scan import ScanResult, measure_scan, with_notes
from pipeline.ingest.run_folder import folder_of
from pipeline.ingest.scan_records import Method, record_of, write_record
from pipeline.inputs.dicom import converted
from pipeline.inputs.input_scan import InputScan
from pipeline.measures.zoning import ZoneRule
from pipeline.segmentation.bundled_models import ModelCard, load_model
from vocabulary.files import umask_like
from vocabulary.messages import one_line


@dataclass(frozen=True)
class Measured:
    """A scan whose files and record are written."""

    stem: str


@dataclass(frozen=True)
class Refused:
    """A scan that cannot be measured, and why."""

    reason: str


@dataclass(frozen=True)
class Unwritable:
    """Results that cannot be kept, and why: no scan after this one could be."""

    reason: str


def prepare(
    card: ModelCard, models: Path, rule: ZoneRule, method: Method, out: Path, dataset: str, threads: int, runtime: str
) -> Callable[[InputScan], Measured | Refused | Unwritable]:
    """Load the model, once per process, and return what measures one scan.

    Parameters
    ----------
    models : folder of the model's weights
    out : folder for all results
    threads : how many processor threads the networks may use
    runtime : what runs them, of ``pipeline.segmentation.runtime``
    """
    os.umask(umask_like(out))  # A worker makes files for this folder alone.
    # Read when TensorFlow is imported, by load_model. On a graphics card, workers must leave each other memory.
    os.environ |= {"TF_NUM_INTRAOP_THREADS": str(threads), "TF_NUM_INTEROP_THREADS": "1"}
    os.environ |= {"TF_FORCE_GPU_ALLOW_GROWTH": "true", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
    model = load_model(card, models, runtime=runtime, threads=threads)

    def measure(scan: InputScan) -> Measured | Refused | Unwritable:
        try:
            result = _measured(scan)
        except PipelineError as error:
            return Refused(_without_path(error, scan.path))
        provenance = {"Sources": [scan.file_name], "SourceSHA256": scan.source_sha256, "Dataset": dataset}
        try:
            stripped = any(change.startswith("brain-extracted") for change in scan.changed)
            folder = folder_of(scan, out)
            files = write_derivatives(result, folder, scan.stem, provenance, skull_stripped=stripped)
            write_record(record_of(result, scan, method, files, out), out)
        except (PipelineError, OSError) as error:
            return Unwritable(one_line(error))
        return Measured(scan.stem)

    def _measured(scan: InputScan) -> ScanResult:
        with converted(scan.path, scan.files) as image:
            result = measure_scan(image.path, model, rule, regions=True)
            result = replace(result, flags=with_notes(result.flags, scan.changed, (*scan.reader, *image.warnings)))
        if result.source_sha256 != scan.source_sha256 and not scan.is_dicom:
            raise ImageError("it changed while it was being read; run again")
        return result

    return measure


def _without_path(error: PipelineError, path: Path) -> str:
    """Return the message without the path it begins with: the rejection names the input already."""
    return one_line(error).removeprefix(" ".join(f"{path}: ".split()) + " ").strip()
