"""Regions of scans in the store, from their own files: for those without, and to be drawn on a picture."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from db.publish_regions import LESION_REGIONS, RegionTables
from pipeline.errors import GeometryError, PipelineError
from pipeline.ingest.measure_scan import placed_regions
from pipeline.ingest.region_record import region_record
from pipeline.inputs.nifti import Scan, read_scan
from pipeline.measures.cortex import cortical_border
from pipeline.regions.bullseye import bullseye
from pipeline.registration.affine import Registration
from pipeline.registration.icbm152 import icbm152
from vocabulary.run_contract import REGION_COLUMNS, REGISTRATION_COLUMNS


def regions_of_stored(
    scans: Iterable[Mapping[str, Any]], step: Callable[[str], None] = lambda _: None
) -> tuple[RegionTables, dict[str, str]]:
    """Register ICBM152 to stored scans and count their lesions by region.

    The grey levels are those of the picture kept for viewers, which are as good for a registration as the scanner's.

    Parameters
    ----------
    scans : rows of ``db.snapshot.Snapshot.scans``
    step : called with each scan's identifier before it

    Returns
    -------
    tables : of the scans whose files could be read; where no template lies on one, its registration has the reason
    left : scan_id -> why nothing was done
    """
    registrations, loads, lesions, left = [], [], [], {}
    for scan in scans:
        step(scan["scan_id"])
        try:
            image, labels, brain = _files(Path(scan["derivatives"]), scan["stem"])
        except (PipelineError, OSError) as error:
            left[scan["scan_id"]] = str(error)
            continue
        found, reason, _ = placed_regions(image, labels, brain)
        record = region_record(found, reason)
        key = pl.lit(scan["scan_id"]).alias("scan_id")
        registrations.append(pl.DataFrame([record.registration], schema=REGISTRATION_COLUMNS).select(key, pl.all()))
        loads.append(record.load_frame().select(key, pl.all()))
        lesions.append(record.lesion_frame().select(key, pl.all()))
    with_scan = {"scan_id": pl.String}
    empty = RegionTables(
        pl.DataFrame(schema=pl.Schema(with_scan | dict(REGISTRATION_COLUMNS))),
        pl.DataFrame(schema=pl.Schema(with_scan | dict(REGION_COLUMNS))),
        pl.DataFrame(schema=LESION_REGIONS),
    )
    return RegionTables(
        pl.concat([empty.registrations, *registrations]),
        pl.concat([empty.loads, *loads]),
        pl.concat([empty.lesions, *lesions]),
    ), left


def bullseye_of_stored(folder: Path, stem: str, to_template: Sequence[float]) -> NDArray[np.uint16]:
    """Return the region of every voxel of a stored scan, by the registration that the store holds; 0 outside the brain.

    Parameters
    ----------
    folder, stem : of the scan's files
    to_template : 16 numbers, row by row, as ``db.snapshot.Snapshot.registrations`` has them

    Returns
    -------
    (X, Y, Z) region numbers, RAS+

    Raises
    ------
    PipelineError, OSError : a file is absent or cannot be read, or the files lie on different grids.
    """
    image, labels, brain = _files(folder, stem)
    if brain is None:
        raise GeometryError("the scan has no intracranial mask")
    matrix = np.array(to_template, np.float64).reshape(4, 4)
    registration = Registration(icbm152(), matrix, image.affine, brain.shape, float("nan"))
    ventricle = labels == 1
    cortex = cortical_border(image.data, brain, ventricle, image.spacing_mm, wmh=labels == 2)
    return bullseye(registration, brain, ventricle, cortex, image.spacing_mm).image


def _files(folder: Path, stem: str) -> tuple[Scan, NDArray[np.uint8], NDArray[np.bool_] | None]:
    """Read a stored scan's picture, labels and intracranial mask, if it has one."""
    base = folder / stem
    image = read_scan(Path(f"{base}_desc-display_FLAIR.nii.gz"))
    labels = read_scan(Path(f"{base}_desc-tissue_dseg.nii.gz")).data.astype("uint8")
    mask = Path(f"{base}_desc-brain_mask.nii.gz")
    brain = read_scan(mask).data > 0 if mask.is_file() else None
    if labels.shape != image.data.shape or (brain is not None and brain.shape != labels.shape):
        raise GeometryError("its files lie on different grids")
    return image, labels, brain
