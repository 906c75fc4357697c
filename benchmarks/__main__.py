"""`python -m benchmarks`: measure everything, print a table, or one JSON object."""

import argparse
import json
import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from analysis.synthetic.models import N_PEOPLE
from benchmarks.charts import filter_to_chart
from benchmarks.stores import build, import_file, read
from benchmarks.study import study
from benchmarks.timing import Result

SMALL_TARGET, LARGE_TARGET = 0.3, 1.0
PAGES = ("", "compare", "age-and-sex", "correlations", "lesion-zones", "published-vs-recomputed", "data", "methods")
PACKAGES = ("duckdb", "plotly", "polars", "scipy", "streamlit")


def main() -> None:
    """Parse, measure, print. Missed targets are marked; they are no error, as a busy machine misses them, too."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object on stdout; progress goes to stderr")
    parser.add_argument("--large", type=int, default=1_000_000, metavar="N", help="people of the large cohort; 0: skip")
    parser.add_argument("--runs", type=int, default=30, metavar="N", help="runs of each measurement (large: a third)")
    parser.add_argument("--no-browser", action="store_true", help="leave out the dashboard in a real browser")
    args = parser.parse_args()

    results: list[Result] = []
    memory: dict[str, float | None] = {}
    with tempfile.TemporaryDirectory() as folder:
        sizes = [(N_PEOPLE, args.runs, SMALL_TARGET), (args.large, max(args.runs // 3, 1), LARGE_TARGET)]
        for n, runs, target in (size for size in sizes if size[0]):
            _say(f"{n:,} people")
            root = Path(folder) / str(n)
            results.append(build(root, n))
            reading, frame = read(root, runs=5)
            results.append(reading)
            if n == N_PEOPLE:
                results.append(import_file(n, runs=runs))
                results += study(frame, runs=runs)
            results += filter_to_chart(frame, runs=runs, target=target)
            if not args.no_browser:
                from benchmarks.server import dashboard

                _say(f"{n:,} people in the browser")
                times, used = dashboard(root, f"{n:,} people", PAGES, runs=max(runs // 3, 3))
                results += times
                memory |= used
    machine = _machine()
    if args.json:
        answer = {"machine": machine, "results": [r.to_dict() for r in results], "server_memory_mb": memory}
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(_table(results, memory, machine))


def _machine() -> dict[str, Any]:
    return {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "processors": os.cpu_count(),
        "load_average": [round(load, 1) for load in os.getloadavg()] if hasattr(os, "getloadavg") else None,
        "system": platform.platform(),
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }


def _table(results: list[Result], memory: dict[str, float | None], machine: dict[str, Any]) -> str:
    lines = [", ".join(f"{key} {value}" for key, value in machine.items()), ""]
    lines.append(f"{'ms':<58}{'p50':>9}{'p95':>9}{'max':>9}{'runs':>6}{'cpu':>9}{'target':>8}  median of each stage")
    for result in results:
        row = result.to_dict()
        target = "" if row["target_ms"] is None else f"{row['target_ms']:,.0f}"
        verdict = "" if result.met in (None, True) else " MISSED"
        cpu = "" if row["cpu_ms"] is None else f"{row['cpu_ms']:,.0f}"
        stages = ", ".join(f"{name} {ms:,.0f}" for name, ms in row["stages_ms"].items())
        times = "".join(f"{row[key]:>9,.0f}" for key in ("p50_ms", "p95_ms", "max_ms"))
        lines.append(f"{result.name:<58}{times}{result.n_runs:>6}{cpu:>9}{target:>8}  {stages}{verdict}")
    if memory:
        lines += ["", f"{'server memory, MB resident':<58}"]
        lines += [f"{name:<58}{'unknown' if mb is None else f'{mb:,.0f}':>9}" for name, mb in memory.items()]
    return "\n".join(lines) + "\n"


def _say(line: str) -> None:
    sys.stderr.write(f"measuring: {line}\n")


if __name__ == "__main__":
    main()
