"""`python -m benchmarks.gather`: the parts of a run of very many scans put together; seconds and memory.

The scans are made up, records only: tables as a part leaves them, without images.
"""

import argparse
import hashlib
import json
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
import polars as pl

from pipeline.ingest.bids_dataset import describe_dataset
from pipeline.ingest.run_folder import run_manifest, write_tables
from pipeline.ingest.shards import SHARDS, Shard, gather
from vocabulary.run_contract import LESION_COLUMNS, MEASURED, SCHEMAS

METHOD = {
    "dataset_id": "made-up",
    "protocol_id": "mscohort-1",
    "settings": {"model": "made-up", "zone_rule": "study-code"},
    "zone_rule": {"name": "study-code", "version": 3},
    "model": {"model_id": "made-up", "architecture": "none", "weights_sha256": "0" * 64, "n_parameters": 1,
              "description": "made up", "licence": "none"},
    "software_version": version("mscohort"),
}  # fmt: skip


def main() -> None:
    """Make parts, gather them, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gather", description=__doc__)
    parser.add_argument("--scans", type=int, default=100_000, metavar="N")
    parser.add_argument("--parts", type=int, default=20, metavar="N")
    parser.add_argument("--lesions", type=int, default=10, metavar="N", help="parts of lesions in each scan")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        describe_dataset(out, "made-up")
        stems = np.array([f"sub-{number:06d}" for number in range(args.scans)])
        for number in range(1, args.parts + 1):
            part = Shard(number, args.parts)
            _write(out, part, [stem for stem in stems if part.has(stem)], args.lesions)
        before = _peak_mb()
        began, cpu = time.perf_counter(), time.process_time()
        run = gather(out)
        answer = {
            "scans": run.n_scans,
            "parts": args.parts,
            "lesion_rows": args.scans * args.lesions,
            "seconds": round(time.perf_counter() - began, 2),
            "cpu_seconds": round(time.process_time() - cpu, 2),
            "peak_mb": round(_peak_mb()),
            "peak_mb_before": round(before),
        }
    sys.stdout.write(json.dumps(answer) + "\n")


def _write(out: Path, part: Shard, stems: list[str], lesions: int) -> None:
    """Leave the tables of one part."""
    n = len(stems)
    numbers = np.random.default_rng(part.number)
    known = {
        "scan": {
            "stem": stems,
            "subject_id": [stem[4:] for stem in stems],
            "group": ["MS" if number % 2 else "HC" for number in range(n)],
            "age_years": numbers.uniform(18, 70, n),
            "source_sha256": [hashlib.sha256(stem.encode()).hexdigest() for stem in stems],
            "file_name": ["FLAIR.nii.gz"] * n,
            "n_slices": [20] * n,
        },
        "measure": {"stem": stems} | {name: numbers.integers(1, 100, n) for name in MEASURED},
        "lesion": {"stem": np.repeat(stems, lesions)}
        | {name: numbers.uniform(0, 9, n * lesions) for name, kind in LESION_COLUMNS.items() if kind == pl.Float64},
    }
    tables = {
        name: pl.DataFrame(known.get(name, {"stem": []})).select(
            (pl.col(column) if column in known.get(name, {}) else pl.lit(None)).cast(kind).alias(column)
            for column, kind in schema.items()
        )
        for name, schema in SCHEMAS.items()
    }
    tables = {name: table if name in known else table.clear() for name, table in tables.items()}
    write_tables(out / SHARDS / part.folder, tables, run_manifest(METHOD, tables, datetime.now(UTC), 0))


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
