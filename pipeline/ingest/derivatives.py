"""Files of one measured scan, named as BIDS derivatives, in the grid of the file that was measured.

Every file appears whole or not at all, and its bytes depend on the scan, the model and the rule alone; only the
sidecar also says how long it took and what software did it.
"""

from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import OutputError, writing
from pipeline.ingest.measure_scan import PROTOCOL, ScanResult
from pipeline.inputs.nifti import write_like
from pipeline.measures.quantification import ratios_and_shares
from vocabulary.acquisition import STUDY_HEAD
from vocabulary.files import private_folder, write_json
from vocabulary.measures import RESEARCH_ONLY, ZONE_NOTICE, ZONES

FILES = {
    "labels": "desc-tissue_dseg.nii.gz",
    "zones": "desc-zones_dseg.nii.gz",
    "brain": "desc-brain_mask.nii.gz",
    "wmh_probability": "desc-wmh_probseg.nii.gz",
    "display": "desc-display_FLAIR.nii.gz",
    "display_sidecar": "desc-display_FLAIR.json",
    "sidecar": "desc-tissue_dseg.json",
}
"""What each file holds -> the end of its name, after the scan's stem and an underscore."""

_DISPLAY = {"Description": "The FLAIR image in 256 grey levels, for viewers; not for measuring."}
_SOFTWARE = (
    "mscohort",
    "numpy",
    "scipy",
    "nibabel",
    "onnxruntime",
    "picsl-greedy",
    "keras",
    "tensorflow",
    "tensorflow-cpu",
)


def write_derivatives(
    result: ScanResult,
    out: Path,
    stem: str,
    provenance: dict[str, Any] | None = None,
    *,
    skull_stripped: bool = False,
) -> dict[str, Path]:
    """Write the files of one scan.

    Parameters
    ----------
    result : from ``pipeline.ingest.measure_scan.measure_scan``
    out : folder, made if it is not there
    stem : beginning of every name, such as ``sub-101228_ses-1``
    provenance : more to record in the sidecar, such as the run; must be JSON
    skull_stripped : the brain had been extracted from the image before

    Returns
    -------
    Paths by key of ``FILES``; ``brain`` is absent where the model has no brain class.

    Raises
    ------
    OutputError : the folder or a file cannot be written.
    """
    try:
        private_folder(out)
    except OSError as error:
        raise OutputError(f"{out}: the folder cannot be made ({error.strerror}); choose another") from error
    scan, found = result.scan, result.segmentation
    paths = {key: out / f"{stem}_{ending}" for key, ending in FILES.items()}
    write_like(found.labels, scan, paths["labels"])
    write_like(result.zone_image, scan, paths["zones"])
    if found.intracranial is None:
        paths.pop("brain").unlink(missing_ok=True)
    else:
        write_like(found.intracranial, scan, paths["brain"])
    write_like(_steps(found.wmh_probability, 0.0, 1.0), scan, paths["wmh_probability"], unit=1 / 255)
    write_like(windowed(scan.data, found.intracranial), scan, paths["display"])
    with writing(paths["display_sidecar"]):
        write_json(_DISPLAY | {"SkullStripped": skull_stripped}, paths["display_sidecar"], indent=2)
    # Last: whoever finds the sidecar finds everything it speaks of.
    with writing(paths["sidecar"]):
        write_json(sidecar(result, provenance), paths["sidecar"], indent=2)
    return paths


def windowed(data: NDArray[np.float32], brain: NDArray[np.bool_] | None) -> NDArray[np.uint8]:
    """Return the image as grey levels 0 to 255 as a reader would window it.

    Black is the 1st percentile of all voxels, white a tenth of the range above the brain's 99.8th percentile, so
    that fat does not darken the brain; without a brain mask it is that of all voxels.

    Parameters
    ----------
    data : (X, Y, Z) float32
    brain : (X, Y, Z) bool or None
    """
    low = float(np.percentile(data, 1))
    inside = data[brain] if brain is not None and brain.any() else data
    high = low + 1.1 * (float(np.percentile(inside, 99.8)) - low)
    if high <= low:
        low, high = float(data.min()), float(data.max())
    return _steps(data, low, high)


def _steps(data: NDArray[np.float32], low: float, high: float) -> NDArray[np.uint8]:
    """Return 256 steps from low to high, slice by slice, because all at once takes several times the memory."""
    steps = np.empty(data.shape, np.uint8)
    for z in range(data.shape[2]):
        steps[:, :, z] = np.round(np.clip((data[:, :, z] - low) / (high - low), 0, 1) * 255)
    return steps


def sidecar(result: ScanResult, provenance: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return what is known about how the labels came about, and the measures, as one JSON object."""
    values = result.quantities.values
    return {
        "Description": f"Ventricles and white matter hyperintensities (WMH). {RESEARCH_ONLY}",
        "Sources": [result.path.name],
        "SourceSHA256": result.source_sha256,
        "LabelMap": {"background": 0, "ventricle": 1, "wmh": 2},
        "ZoneLabelMap": {zone: number for number, zone in enumerate(ZONES, 1)},
        "ZoneNotice": ZONE_NOTICE,
        "SpacingMM": list(result.scan.spacing_mm),
        "Protocol": PROTOCOL,
        "Model": {
            "name": result.model.model_id,
            "weights_sha256": result.model.weights_sha256,
            "recipe": result.model.recipe,
        },
        "ZoneRule": {"name": result.rule.name, "version": result.rule.version},
        "Measures": {**values, **ratios_and_shares(values)},
        "AdditionalMeasures": {STUDY_HEAD.name: result.study_intracranial_area_mm2},
        "NotMeasured": {
            **result.quantities.reasons,
            **({STUDY_HEAD.name: result.study_intracranial_reason} if result.study_intracranial_reason else {}),
        },
        "Reliability": asdict(result.reliability) | {"properties": result.properties},
        "Regions": _regions(result),
        "Flags": [{"name": flag.name, "detail": flag.detail} for flag in result.flags],
        "Seconds": {name: round(taken, 3) for name, taken in result.seconds.items()},
        "Software": software_versions(),
        **(provenance or {}),
    }


def _regions(result: ScanResult) -> dict[str, Any]:
    if result.regions is None:
        return {"NotMeasured": result.no_regions_reason}
    placed = result.regions.registration
    return {
        "Space": placed.template.space,
        "ToTemplate": placed.to_template.tolist(),
        "BrainOverlap": placed.brain_overlap,
        "VentricleOverlap": placed.ventricle_overlap,
    }


def software_versions() -> dict[str, str]:
    """Return the versions of what takes part in measuring a scan, of what is installed."""
    found = {}
    for name in _SOFTWARE:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
