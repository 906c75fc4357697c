"""The folder of a run of scans that never was: every number is made up."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from vocabulary.measures import ZONES
from vocabulary.run_contract import MANIFEST, SCHEMAS

Person = Mapping[str, Any]


def patients(n: int, **person: Any) -> list[dict[str, Any]]:
    """Return n people with MS, women and men in turn, aged 30 and more; ``person`` overrides."""
    return [
        {"subject_id": f"{i:02}", "group": "MS", "sex": "FM"[i % 2], "age_years": 30.0 + i} | person for i in range(n)
    ]


def write_run(
    folder: Path,
    people: Sequence[Person],
    *,
    derivatives: Path,
    run_id: str = "ingest-1",
    zone_areas: Sequence[float] = (10.0, 4.0, 0.0),
    rejected: Sequence[str] = (),
    no_regions: Sequence[int] = (),
    manifest: Mapping[str, Any] | None = None,
) -> Path:
    """Write a run of one scan per person: subject_id, and session, group, sex, age_years where known.

    Every scan has one lesion per zone whose area (mm2) is not 0, in one slice of 6 mm; the first person a flag.
    All lesions lie in the left frontal region but the largest, which lies in none; ``no_regions``: on whom no template
    fits.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in SCHEMAS}
    for number, person in enumerate(people):
        session = person.get("session")
        stem = f"sub-{person['subject_id']}" + (f"_ses-{session}" if session else "")
        rows["scan"].append(
            {"stem": stem, "session": None, "group": None, "sex": None, "age_years": None}
            | dict(person)
            | {
                "file_name": f"{stem}_FLAIR.nii.gz",
                "derivatives": str(derivatives / stem.replace("_", "/") / "anat"),
                "source_sha256": stem.ljust(64, "0"),
                "n_slices": 20,
                "pixel_mm_x": 1.0,
                "pixel_mm_y": 1.0,
                "slice_spacing_mm": 6.0,
            }
        )
        zones = dict(zip(ZONES, zone_areas, strict=True))
        areas = {"intracranial": 100_000.0 + number, "ventricle": 900.0 + number, "wmh": sum(zone_areas), **zones}
        rows["measure"].append(
            {"stem": stem, "lesion_count": sum(area > 0 for area in zone_areas)}
            | {f"{name}_area_mm2": area for name, area in areas.items()}
            | {f"{name}_volume_ml": 0.006 * area for name, area in areas.items() if name != "intracranial"}
        )
        found = [(zone, area) for zone, area in zones.items() if area]
        placed = number not in no_regions
        home = {"region": "frontal", "side": "left"} if placed else {}
        lost = max((area for _, area in found), default=0.0)
        rows["registration"].append({"stem": stem} | (_placed(lost) if placed else {"reason": "no overlap"}))
        inside = sum(zone_areas) - lost
        if placed:
            rows["region_load"] += [
                {"stem": stem, "region_number": 1, "lesion_count": max(len(found) - 1, 0), "area_mm2": inside}
                | {"volume_ml": 0.006 * inside, "region_volume_ml": 90.0, "region": "frontal", "side": "left"},
                {"stem": stem, "region_number": 2, "lesion_count": 0, "area_mm2": 0.0}
                | {"volume_ml": 0.0, "region_volume_ml": 91.0, "region": "frontal", "side": "right"},
            ]
        rows["lesion"] += [
            {
                "stem": stem,
                "lesion_number": i,
                "whole_lesion_number": i,
                "slice_index": 8,
                "zone": zone,
                "area_mm2": area,
                "volume_ml": 0.006 * area,
                "distance_to_ventricle_mm": 3.5,
                "centroid_to_ventricle_mm": 3.5 + math.sqrt(area / math.pi),
                "distance_to_cortex_mm": None,
                "touches_ventricle": False,
                "touches_cortex": False,
                "centroid_x_mm": -20.0,
                "centroid_y_mm": 5.0,
                "centroid_z_mm": 30.0,
                "chance": 0.9 if i == 1 else 0.6,
                "sure": i == 1,
            }
            | (home if area < lost else {})
            for i, (zone, area) in enumerate(found, 1)
        ]
        trust = {
            "wmh_low_ml": 0.0,
            "wmh_high_ml": 0.006 * sum(zone_areas) + 1.4,
            "unlikeness": 0.4,
            "unlike_in": "noise",
        }
        if number == 0:
            reason = "it was learned on scans without a flag, and here the scan covers little of the head"
            trust |= {"wmh_low_ml": None, "wmh_high_ml": None, "no_range_reason": reason}
        rows["reliability"].append({"stem": stem, "no_range_reason": None} | trust)
        if number == 0:
            rows["flag"].append({"stem": stem, "flag": "few_slices", "detail": "20 slices, expected 24 or more"})
        about = {"manufacturer": "Siemens", "field_strength_t": 1.5 if number % 2 else 3.0}
        rows["extra_value"] += [
            {"stem": stem, "column_name": name, "number_value": None, "text_value": None}
            | {"text_value" if isinstance(value, str) else "number_value": value}
            for name, value in about.items()
        ]
    rows["rejection"] = [{"input": name, "reason": "not an image"} for name in rejected]
    for name, schema in SCHEMAS.items():
        pl.DataFrame(rows[name], schema=schema).write_parquet(folder / f"{name}.parquet")
    said = {
        "run_id": run_id,
        "kind": "ingest",
        "dataset_id": "scans",
        "protocol_id": "mscohort-1",
        "source_name": f"{len(people)} scans",
        "source_sha256": "5" * 64,
        "settings": {"model": "fake-1", "zone_rule": "study-code"},
        "zone_rule": {"name": "study-code", "version": 2},
        "model": {
            "model_id": "fake-1",
            "architecture": "unet",
            "weights_sha256": "a" * 64,
            "n_parameters": 5,
            "description": "A model that does not exist.",
            "licence": "MIT",
        },
        "software_version": "0.1.0",
        "started_at": "2026-01-01T10:00:00+00:00",
        "finished_at": "2026-01-01T10:01:00+00:00",
        "n_accepted": len(people),
        "n_rejected": len(rejected),
    } | dict(manifest or {})
    (folder / MANIFEST).write_text(json.dumps(said), encoding="utf-8")
    return folder


def _placed(lost_mm2: float) -> dict[str, Any]:
    return {
        "atlas": "bullseye",
        "space": "ICBM152",
        "to_template": [float(i % 5 == 0) for i in range(16)],
        "brain_overlap": 0.95,
        "ventricle_overlap": 0.6,
        "unassigned_area_mm2": lost_mm2,
        "unassigned_volume_ml": 0.006 * lost_mm2,
        "unassigned_count": int(lost_mm2 > 0),
        "moved_volume_ml": 0.0,
        "lesion_voxels": [500_000, 500_001],
        "seen_runs": [200_000, 900_000],
        "reason": None,
    }
