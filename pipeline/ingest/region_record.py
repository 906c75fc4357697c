"""What a record keeps of a scan's regions: the registration, a load per region, the region of every lesion."""

from dataclasses import dataclass, field
from typing import Any

import polars as pl

from pipeline.regions.bullseye import NAME
from pipeline.regions.scan_regions import ScanRegions
from vocabulary.run_contract import REGION_COLUMNS

BEFORE_REGIONS = "measured by a version that did not count lesions by region"
"""Why a scan has no regions whose record knows none."""
LESION_REGION = pl.Schema({"whole_lesion_number": pl.Int32, "region": pl.String, "side": pl.String})


@dataclass(frozen=True)
class RegionRecord:
    """Lesions of one scan by region.

    Attributes
    ----------
    registration : columns of ``vocabulary.run_contract.REGISTRATION_COLUMNS`` of this scan; without regions, the reason
        alone
    loads : column of ``REGION_COLUMNS`` -> values
    lesions : column of ``LESION_REGION`` -> values, one per lesion in space
    """

    registration: dict[str, Any]
    loads: dict[str, list[Any]] = field(default_factory=dict)
    lesions: dict[str, list[Any]] = field(default_factory=dict)

    def load_frame(self) -> pl.DataFrame:
        """Return the loads as rows of ``REGION_COLUMNS``; none without regions."""
        return pl.DataFrame(self.loads, schema=REGION_COLUMNS)

    def lesion_frame(self) -> pl.DataFrame:
        """Return the region and side of each lesion as rows of ``LESION_REGION``; none without regions."""
        return pl.DataFrame(self.lesions, schema=LESION_REGION)


def region_record(found: ScanRegions | None, reason: str) -> RegionRecord:
    """Return what is kept of a scan's regions, or of the reason why there are none."""
    if found is None:
        return RegionRecord({"reason": reason})
    loads, placed = found.loads, found.registration
    table = loads.loads.with_columns(
        region_number=pl.Series([region.number for region in found.regions], dtype=pl.Int32)
    )
    registration = {
        "atlas": NAME,
        "space": placed.template.space,
        "to_template": [float(value) for value in placed.to_template.ravel()],
        "brain_overlap": placed.brain_overlap,
        "ventricle_overlap": placed.ventricle_overlap,
        "unassigned_area_mm2": loads.unassigned_area_mm2,
        "unassigned_volume_ml": loads.unassigned_ml,
        "unassigned_count": loads.n_unassigned,
        "moved_volume_ml": loads.moved_ml,
        "lesion_voxels": None if found.lesion_map is None else found.lesion_map.voxels.tolist(),
        "seen_runs": None if found.lesion_map is None else found.lesion_map.seen.tolist(),
        "reason": None,
    }
    names = {"lesion_area_mm2": "area_mm2", "lesion_volume_ml": "volume_ml"}
    return RegionRecord(
        registration,
        table.rename(names).select(list(REGION_COLUMNS)).to_dict(as_series=False),
        loads.lesions.select(list(LESION_REGION)).to_dict(as_series=False),
    )
