"""`python -m benchmarks.large_store`: very many scans, with their lesions, in one store; seconds, memory, size.

The scans are made up, records only, and stand in no contradiction: they pass every audit of the store. A hundred
lesion parts in each of 100,000 scans are ten million rows.
"""

import argparse
import hashlib
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.gather import METHOD
from db.publish_scans import publish_scans
from db.publish_table import DatasetCard
from db.store import Store
from pipeline.ingest.run_folder import run_manifest, write_tables
from vocabulary.measures import ZONES
from vocabulary.run_contract import MEASURED, SCHEMAS

DATASET = str(METHOD["dataset_id"])


def main() -> None:
    """Make the tables, publish, read, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large_store", description=__doc__)
    parser.add_argument("--scans", type=int, default=100_000, metavar="N")
    parser.add_argument("--lesions", type=int, default=100, metavar="N", help="parts of lesions in each scan")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run, store = Path(folder) / "run", Store(Path(folder) / "store")
        tables = made_up(args.scans, args.lesions, Path(folder))
        write_tables(run, tables, run_manifest(METHOD, tables, datetime.now(UTC), 0))
        del tables
        answer: dict[str, Any] = {
            "scans": args.scans,
            "lesion_rows": args.scans * args.lesions,
            "peak_mb_before": _peak(),
        }
        card = DatasetCard(DATASET, DATASET)
        answer["publish"] = _timed(lambda: publish_scans(store, run, card))
        answer["file_mb"] = round(store.versions()[-1].path.stat().st_size / 2**20)
        answer["the_same_again"] = _timed(lambda: publish_scans(store, run, card))
        answer["one_small_change"] = _timed(lambda: _change(store))
        with store.read() as snapshot:
            answer["read_everyone"] = _timed(lambda: snapshot.cohort(DATASET))
            answer["lesions_of_one_scan"] = _timed(lambda: snapshot.lesions(f"{DATASET}/sub-{args.scans // 2:06d}"))
            answer["all_scans"] = _timed(lambda: snapshot.scans(DATASET))
            answer["audits"] = _timed(snapshot.audit)
    sys.stdout.write(json.dumps(answer) + "\n")


def made_up(n: int, parts: int, out: Path) -> dict[str, pl.DataFrame]:
    """Return the tables of a run of ``n`` scans, ``parts`` parts of lesions in each."""
    chance = np.random.default_rng(1)
    stems = np.array([f"sub-{number:06d}" for number in range(n)])
    zone = chance.integers(0, len(ZONES), n * parts)
    area = chance.integers(8, 200, n * parts).astype(float)
    lesions = pl.DataFrame(
        {
            "stem": np.repeat(stems, parts),
            "lesion_number": np.tile(np.arange(1, parts + 1), n),
            "whole_lesion_number": np.tile(np.arange(1, parts + 1), n),
            "slice_index": np.tile(np.arange(parts) % 20, n),
            "zone": np.array(ZONES)[zone],
            "area_mm2": area,
            "volume_ml": area * 6 / 1000,
            **{name: chance.uniform(0, 40, n * parts).round(3) for name in _DISTANCES},
            "touches_ventricle": zone == 0,
            "touches_cortex": zone == len(ZONES) - 1,
        }
    )
    measures: dict[str, Any] = {"stem": stems, "lesion_count": np.full(n, parts)}
    for number, name in enumerate(ZONES):
        there = np.where(zone == number, area, 0.0).reshape(n, parts).sum(axis=1)
        measures |= {f"{name}_area_mm2": there, f"{name}_volume_ml": there * 6 / 1000}
    whole = area.reshape(n, parts).sum(axis=1)
    measures |= {"wmh_area_mm2": whole, "wmh_volume_ml": whole * 6 / 1000}
    measures |= {name: chance.uniform(100_000, 130_000, n) for name in MEASURED if name.startswith("intracranial")}
    measures |= {name: chance.uniform(500, 3_000, n) for name in MEASURED if name not in measures}
    known = {
        "scan": {
            "stem": stems,
            "subject_id": [stem[4:] for stem in stems],
            "group": np.where(np.arange(n) % 2, "MS", "HC"),
            "sex": np.where(np.arange(n) % 3, "F", "M"),
            "age_years": chance.uniform(18, 70, n).round(1),
            "derivatives": [str(out / "derivatives" / stem) for stem in stems],
            "source_sha256": [hashlib.sha256(stem.encode()).hexdigest() for stem in stems],
            "file_name": ["FLAIR.nii.gz"] * n,
            "n_slices": np.full(n, 20),
            **{name: np.full(n, 1.0) for name in ("pixel_mm_x", "pixel_mm_y")},
            "slice_spacing_mm": np.full(n, 6.0),
        },
        "measure": measures,
        "lesion": lesions.to_dict(),
        "registration": {"stem": stems, "reason": ["made up"] * n},
    }
    tables = {
        name: pl.DataFrame(known.get(name, {"stem": []})).select(
            (pl.col(column) if column in known.get(name, {}) else pl.lit(None)).cast(kind).alias(column)
            for column, kind in schema.items()
        )
        for name, schema in SCHEMAS.items()
    }
    return {name: table if name in known else table.clear() for name, table in tables.items()}


_DISTANCES = ("distance_to_ventricle_mm", "centroid_to_ventricle_mm", "distance_to_cortex_mm", "centroid_x_mm",
              "centroid_y_mm", "centroid_z_mm")  # fmt: skip


def _change(store: Store) -> None:
    with store.write("one small change") as connection:
        connection.execute("UPDATE dataset SET title = 'made up, again'")


def _timed(do: Callable[[], object]) -> dict[str, float]:
    began, cpu = time.perf_counter(), time.process_time()
    do()
    return {
        "seconds": round(time.perf_counter() - began, 2),
        "cpu_seconds": round(time.process_time() - cpu, 2),
        "peak_mb": _peak(),
    }


def _peak() -> int:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    main()
