"""`python -m benchmarks.ingest`: a cohort's worth of scans through `mscohort ingest`, with its time, memory and room.

The scans are synthetic; the command, its workers, the network and the store are the real ones. With ``--store`` the
scans written and measured are kept, and the same call goes on where it was stopped.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.memory import Sample, at, sample
from benchmarks.synthetic_bids import write_scans
from benchmarks.timing import Result, summarise
from pipeline.ingest.scan_records import RECORDS, read_record

MARKS = (0.1, 0.5, 1.0)
_COMMAND = (sys.executable, "-c", "from app.cli import main; raise SystemExit(main())", "ingest")
_EVERY_SECONDS = 0.5


def measure_ingest(
    root: Path, scans: int, slices: int, workers: int | None, model: str | None = None
) -> dict[str, Any]:
    """Write the scans, run the command in a process of its own, and say what it took.

    Parameters
    ----------
    root : folder for the scans and the store; what is there from before is used
    workers, model : None leaves the choice to the command

    Raises
    ------
    RuntimeError : the command failed; the message ends with its last lines.
    """
    name = f"synthetic-{scans}x{slices}"
    bids, store = root / name, root / "store"
    started = time.perf_counter()
    participants = write_scans(bids, scans, slices, _written)
    writing = time.perf_counter() - started
    progress, answer, log = (root / f"{name}.{kind}" for kind in ("progress", "json", "log"))
    progress.write_text("", encoding="utf-8")
    command = [*_COMMAND, bids, "--participants", participants, "--dataset", name, "--store", store, "--json"]
    command += ["--progress-file", progress, *(["--workers", str(workers)] if workers else [])]
    command += ["--model", model] if model else []
    started = time.time()
    with answer.open("w") as stdout, log.open("w") as stderr:
        process = subprocess.Popen([os.fspath(part) for part in command], stdout=stdout, stderr=stderr)
        try:
            samples = _watch(process, progress)
        finally:
            process.kill()
            process.wait()
    ended = time.time()
    if process.returncode:
        last = "\n".join(log.read_text(encoding="utf-8").splitlines()[-5:])
        raise RuntimeError(f"mscohort ingest ended with {process.returncode}; all it said is in {log}:\n{last}")
    said = json.loads(answer.read_text(encoding="utf-8"))
    out = Path(said["out"])
    return {
        "scans": scans,
        "slices": slices,
        **{count: said[count] for count in ("n_measured", "n_reused", "n_rejected")},
        "reasons": sorted({rejection["reason"] for rejection in said["rejections"]}),
        "writing_minutes": round(writing / 60, 2),
        "minutes": round((ended - started) / 60, 2),
        "publishing_seconds": round(ended - progress.stat().st_mtime, 1),
        "per_scan": _per_scan(out).to_dict(),
        "memory_mb": [asdict(at(samples, mark)) for mark in MARKS],
        "input_mb": _megabytes(bids),
        "derivatives_mb": _megabytes(out),
        "store_mb": round(_megabytes(store) - _megabytes(out), 1),
        "dataset": name,
        "store": os.fspath(store),
    }


def _watch(process: subprocess.Popen[bytes], progress: Path) -> list[Sample]:
    """Look at the memory of the command and its workers until it ends."""
    samples = []
    while process.poll() is None:
        lines = progress.read_text(encoding="utf-8").splitlines()
        now = json.loads(lines[-1]) if lines else {"done": 0, "total": 1}
        samples.append(sample(process.pid, now["done"] / now["total"]))
        _over(f"measuring: {now['done']:,} of {now['total']:,}" if lines else "checking the scans")
        time.sleep(_EVERY_SECONDS)
    _over("")
    return samples


def _per_scan(out: Path) -> Result:
    """Return how long the workers took over each scan, from its record."""
    records = (read_record(out, path.stem) for path in sorted((out / RECORDS).glob("*.json")))
    seconds = [record.seconds for record in records if record is not None]
    stages = {step: [one[step] for one in seconds] for step in seconds[0]}
    return summarise("one scan in its worker", [sum(one.values()) for one in seconds], stages=stages)


def _megabytes(folder: Path) -> float:
    return round(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6, 1)


def _written(done: int, total: int) -> None:
    _over(f"writing: {done:,} of {total:,}")


def _over(text: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{text:<40}" + ("" if text else "\r"))


def _table(said: dict[str, Any]) -> str:
    scan = said["per_scan"]
    stages = ", ".join(f"{name} {ms / 1000:.2f}" for name, ms in scan["stages_ms"].items())
    lines = [
        f"{said['scans']:,} scans of {said['slices']} slices: {said['n_measured']:,} measured, {said['n_reused']:,} "
        f"measured before, {said['n_rejected']:,} rejected",
        *(f"  rejected: {reason}" for reason in said["reasons"]),
        f"mscohort ingest: {said['minutes']:.1f} min, of that after the last scan (run folder, publication) "
        f"{said['publishing_seconds']:.1f} s; writing the scans before: {said['writing_minutes']:.1f} min",
        f"one scan in its worker, s: median {scan['p50_ms'] / 1000:.2f}, p95 {scan['p95_ms'] / 1000:.2f}, longest "
        f"{scan['max_ms'] / 1000:.2f}; median of {stages}",
        *(
            f"memory, largest in the tenth before {one['done']:.0%}: command {_shown(one['parent_mb'])}, "
            f"largest worker {_shown(one['worker_mb'])}"
            for one in said["memory_mb"]
        ),
        f"on disk: scans {said['input_mb']:,.0f} MB, derivatives {said['derivatives_mb']:,.0f} MB, "
        f"store without them {said['store_mb']:,.1f} MB",
    ]
    return "\n".join(lines) + "\n"


def _shown(mb: float | None) -> str:
    return "unknown" if mb is None else f"{mb:,.0f} MB"


def main() -> None:
    """Measure and print: a few lines, or one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ingest", description=__doc__)
    parser.add_argument("--scans", type=int, default=1380, metavar="N", help="default: 1380, the size of the cohort")
    parser.add_argument("--slices", type=int, default=20, metavar="N", help="of each scan, 1 to 20 (default: 20)")
    parser.add_argument("--workers", type=int, metavar="N", help="scans measured at once (default: the command's own)")
    parser.add_argument("--model", metavar="NAME", help="segments them (default: the command's own)")
    parser.add_argument("--store", type=Path, metavar="DIR", help="keep scans and store here, and go on from them")
    parser.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mscohort-bench-") as scratch:
        try:
            said = measure_ingest(args.store or Path(scratch), args.scans, args.slices, args.workers, args.model)
        except (ValueError, RuntimeError) as error:
            parser.exit(1, f"{parser.prog}: {error}\n")
    sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n" if args.json else _table(said))


if __name__ == "__main__":
    main()
