"""`python -m benchmarks.discovery`: very many files found, read once and told apart; seconds and memory.

The files are tiny volumes of noise in a BIDS layout, each with a content of its own.
"""

import argparse
import gzip
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import nibabel
import numpy as np

from pipeline.inputs.discovery import survey

SHAPE = (32, 32, 3)


def main() -> None:
    """Write the files, look at them, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.discovery", description=__doc__)
    parser.add_argument("--files", type=int, default=100_000, metavar="N")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _write(Path(folder), args.files)
        before = _peak_mb()
        began, cpu = time.perf_counter(), time.process_time()
        found = survey([Path(folder)])
        answer = {
            "files": args.files,
            "scans": len(found.scans),
            "refused": len(found.refused),
            "seconds": round(time.perf_counter() - began, 1),
            "cpu_seconds": round(time.process_time() - cpu, 1),
            "peak_mb": _peak_mb(),
            "peak_mb_before": before,
        }
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.exit(0 if len(found.scans) == args.files else 1)


def _write(folder: Path, n: int) -> None:
    chance = np.random.default_rng(1)
    head = nibabel.Nifti1Image(np.zeros(SHAPE, np.int16), np.diag((1.0, 1.0, 6.0, 1.0))).header
    start = head.binaryblock + bytes(4)
    people = ["participant_id\tgroup\tsex\tage"]
    for number in range(n):
        person = f"sub-{number:06d}"
        place = folder / person / "anat"
        place.mkdir(parents=True)
        volume = chance.integers(0, 1000, SHAPE, np.int16)
        (place / f"{person}_FLAIR.nii.gz").write_bytes(gzip.compress(start + volume.tobytes(order="F"), 1))
        people.append(f"{person}\t{'MS' if number % 2 else 'HC'}\tF\t{20 + number % 50}")
    (folder / "participants.tsv").write_text("\n".join(people) + "\n")


def _peak_mb() -> int:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    main()
