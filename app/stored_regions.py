"""Regions of scans that are in the store without: from their own files, without segmenting them again."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from db.publish_regions import LESION_REGIONS, RegionTables
from pipeline.errors import PipelineError
from pipeline.ingest.measure_scan import placed_regions
from pipeline.ingest.region_record import region_record
from pipeline.inputs.nifti import read_scan
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
        base = Path(scan["derivatives"]) / scan["stem"]
        try:
            image = read_scan(Path(f"{base}_desc-display_FLAIR.nii.gz"))
            labels = read_scan(Path(f"{base}_desc-tissue_dseg.nii.gz")).data.astype("uint8")
            mask = Path(f"{base}_desc-brain_mask.nii.gz")
            brain = read_scan(mask).data > 0 if mask.is_file() else None
        except (PipelineError, OSError) as error:
            left[scan["scan_id"]] = str(error)
            continue
        if labels.shape != image.data.shape or (brain is not None and brain.shape != labels.shape):
            left[scan["scan_id"]] = "its files lie on different grids"
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
