"""One FLAIR scan from file to measures: read, segment, zone, quantify, and the flags that ask for a second look."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.errors import GeometryError, RegistrationError
from pipeline.inputs.modality import check_is_mri
from pipeline.inputs.nifti import Scan, read_scan
from pipeline.measures.lesion_rows import lesion_rows
from pipeline.measures.quality_flags import (
    FLAGS,
    Flag,
    beyond_skull_pct,
    no_regions,
    quality_flags,
    refuse_what_no_head_is,
)
from pipeline.measures.quantification import Quantities
from pipeline.measures.reliability import Reliability, reliability
from pipeline.measures.study_intracranial import study_intracranial_area
from pipeline.measures.zoned_labels import measure_labels, zone_labels
from pipeline.measures.zoning import LesionPart, ZoneRule
from pipeline.regions.scan_regions import ScanRegions, scan_regions
from pipeline.registration.affine import greedy_found
from pipeline.segmentation.image_properties import image_properties
from pipeline.segmentation.inference import WHOLE, Segmentation, segment
from pipeline.segmentation.lesion_chance import mean_log_odds
from pipeline.segmentation.networks.registry import find_preset
from pipeline.segmentation.preprocessing import find_recipe
from vocabulary.files import file_sha256

if TYPE_CHECKING:
    from pipeline.segmentation.bundled_models import LoadedModel, ModelCard

PROTOCOL = "mscohort-1"
"""How these numbers are measured; rises when the same scan and model would give other numbers."""


NO_GREEDY = "the registration program greedy is not installed; see requirements/regions.txt"
"""Why a scan has no regions where it could not be registered."""
NOT_ASKED = "regions were not asked for"
LARGE_VOXELS = 3_000_000
"""Of a larger scan steps are taken one after another: what each needs for itself would take memory beside the other."""


@dataclass(frozen=True)
class ScanResult:
    """Everything that was found in one scan. All arrays lie on the grid of ``scan.data``: (X, Y, Z), RAS+.

    Attributes
    ----------
    path : the file read
    source_sha256 : of the file's bytes
    scan : the image
    model : card of the model that segmented it
    rule : the zone rule
    segmentation : labels, probabilities, intracranial mask
    parts, zones : every slice's part of every lesion, and its zone; None where no zone could be decided
    zone_image : uint8; 0 no lesion or no zone, 1 periventricular, 2 paraventricular, 3 juxtacortical
    lesions : the parts as rows of ``vocabulary.run_contract.LESION_COLUMNS``
    quantities : measures, and the reason of each that is None
    study_intracranial_area_mm2 : the Tabriz study's head size, or None with ``study_intracranial_reason``
    regions : lesions by region of the bullseye, or None with ``no_regions_reason``
    flags : reasons to look at the scan
    seconds : how long each step took
    properties : of the image, see ``pipeline.segmentation.image_properties``
    """

    path: Path
    source_sha256: str
    scan: Scan
    model: "ModelCard"
    rule: ZoneRule
    segmentation: Segmentation
    parts: list[LesionPart]
    zones: list[str | None]
    zone_image: NDArray[np.uint8]
    lesions: pl.DataFrame
    quantities: Quantities
    study_intracranial_area_mm2: float | None
    study_intracranial_reason: str
    regions: ScanRegions | None
    no_regions_reason: str
    flags: tuple[Flag, ...]
    seconds: dict[str, float]
    properties: dict[str, float]

    @property
    def reliability(self) -> Reliability:
        """How far the numbers can be trusted; it depends on all flags, so it is asked when they are complete."""
        return reliability(self.model, self.quantities.values["wmh_volume_ml"], self.flags, self.properties)


def with_notes(flags: Sequence[Flag], changed: Sequence[str], converter: Sequence[str]) -> tuple[Flag, ...]:
    """Return flags with what is known of an image beside its pixels: what was done to it, what its converter said.

    Parameters
    ----------
    flags : from measuring it
    changed : from ``pipeline.inputs.image_kind.changes``
    converter : warnings, one line each
    """
    found = {flag.name: flag.detail for flag in flags}
    for name, notes in (("changed", changed), ("converter", converter)):
        if notes:
            found[name] = "; ".join((*notes, *([found[name]] if name in found else [])))
    return tuple(Flag(name, found[name]) for name in FLAGS if name in found)


def measure_scan(
    path: Path,
    model: "LoadedModel",
    rule: ZoneRule,
    *,
    regions: bool = False,
    step: Callable[[str], None] | None = None,
) -> ScanResult:
    """Measure one scan.

    Slices are axial planes, whatever the scan was acquired in: the volume is reordered to RAS+, never resampled.

    Parameters
    ----------
    path : NIfTI file of one FLAIR volume
    model : networks and how to use them, from ``pipeline.segmentation.bundled_models.load_model``
    rule : ZoneRule
    regions : also count the lesions by region, which needs the registration program and about two seconds of a core
    step : called with the name of each step as it begins: read, segment, zone, quantify, regions

    Raises
    ------
    PipelineError : the file cannot be read, or holds labels, CT or no head.
    """
    seconds: dict[str, float] = {}

    @contextmanager
    def timed(name: str) -> Iterator[None]:
        if step:
            step(name)
        begun = time.perf_counter()
        yield
        seconds[name] = time.perf_counter() - begun

    with timed("read"):
        scan = read_scan(path)
        digest = file_sha256(path)
    preset = find_preset(model.card.network)
    # What does not wait for the step before is done beside it, by a thread of its own.
    with ThreadPoolExecutor(1) as beside:
        checked = beside.submit(check_is_mri, scan)
        study = beside.submit(study_intracranial_area, scan.data, scan.spacing_mm)
        if scan.data.size > LARGE_VOXELS:
            checked.result()
            wait([study])
        with timed("segment"):
            try:
                segmentation = segment(
                    scan.data,
                    scan.spacing_mm,
                    model.networks,
                    find_recipe(model.card.recipe),
                    channels=preset.channels,
                    decision=model.card.decision,
                    flips=model.card.flips,
                    window=model.card.window if preset.any_size else WHOLE,
                )
            finally:
                checked.result()  # that it is no MRI says more than what else is wrong with it
        labels, brain = segmentation.labels, segmentation.intracranial
        looks = beside.submit(image_properties, scan.data, labels, brain, scan.spacing_mm, segmentation.disagreement)
        beyond = beside.submit(beyond_skull_pct, scan, segmentation)
        if scan.data.size > LARGE_VOXELS:
            wait([beyond])  # and what came before it
        with timed("zone"):
            zoned = zone_labels(scan.data, labels, brain, scan.spacing_mm, rule)
            odds = mean_log_odds(labels, segmentation.wmh_probability) if model.card.lesion_chance else None
            rows = lesion_rows(zoned.parts, zoned.zones, scan.affine, odds, model.card.lesion_chance)
        with timed("quantify"):
            quantities = measure_labels(labels, brain, zoned, scan.spacing_mm)
            study_area, study_reason = study.result()
            properties = looks.result()
            flags = quality_flags(scan, segmentation, quantities, properties, beyond.result(), model.card.familiarity)
            refuse_what_no_head_is(path, flags, segmentation, scan.spacing_mm)
    placed, why_not = None, NOT_ASKED
    if regions:
        with timed("regions"):
            placed, why_not, doubts = placed_regions(scan, labels, brain)
        flags += doubts
    return ScanResult(
        path=path,
        source_sha256=digest,
        scan=scan,
        model=model.card,
        rule=rule,
        segmentation=segmentation,
        parts=zoned.parts,
        zones=zoned.zones,
        zone_image=zoned.image,
        lesions=rows,
        quantities=quantities,
        study_intracranial_area_mm2=study_area,
        study_intracranial_reason=study_reason,
        regions=placed,
        no_regions_reason=why_not,
        flags=flags,
        seconds=seconds,
        properties=properties,
    )


def placed_regions(
    scan: Scan, labels: NDArray[np.uint8], brain: NDArray[np.bool_] | None
) -> tuple[ScanRegions | None, str, tuple[Flag, ...]]:
    """Return a scan's regions; or None, the reason, and a flag where the scan itself is the reason.

    Parameters
    ----------
    scan : the FLAIR
    labels : (X, Y, Z), 0 background, 1 ventricle, 2 WMH
    brain : (X, Y, Z) bool, intracranial mask, or None where the model draws none
    """
    if brain is None:
        return None, "the model draws no brain, so no template can be laid on it", ()
    if not greedy_found():
        return None, NO_GREEDY, ()
    try:
        return scan_regions(scan, labels, brain), "", ()
    except (RegistrationError, GeometryError) as error:
        return None, str(error), (no_regions(str(error)),)
