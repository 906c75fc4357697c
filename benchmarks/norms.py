"""`python -m benchmarks.norms`: how good the norms are: ten folds five times, and the coverage of their intervals.

Needs the released table (MSCOHORT_REFERENCE). Coverage: cohorts of the same ages, sexes and heads are drawn from the
shipped model, each is refitted, and the interval of seven people's ranks is held against the rank they were drawn
with. Minutes to an hour, by the number of refits.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from analysis.norms.coverage import Point, simulated_coverage
from analysis.norms.people import people_of
from analysis.norms.reference_files import shipped_references
from analysis.norms.score import score
from analysis.norms.validation import diagnose
from analysis.norms.values import person_values
from app import cli
from db.store import Store
from vocabulary.measures import PUBLISHED_PROTOCOL

TABLE = "cohort/brain_mri_analysis_results_PROCESSED_updated.csv"
POINTS = {
    "ventricle_ratio_pct": (
        *(Point(18, "F", 0.6), Point(35, "F", 0.7), Point(45, "M", 0.8), Point(42, "F", 0.36)),
        *(Point(65, "F", 0.9), Point(72, "M", 0.9), Point(25, "M", 0.2)),
    ),
    "wmh_area_mm2": (
        *(Point(35, "F", 10), Point(35, "F", 35), Point(35, "F", 60), Point(45, "M", 60)),
        *(Point(65, "F", 40), Point(22, "M", 5), Point(50, "F", 100)),
    ),
}


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.norms", description=__doc__)
    parser.add_argument("--refits", type=int, default=300, metavar="N", help="simulated cohorts per measure; 0: skip")
    parser.add_argument("--repeats", type=int, default=5, metavar="N", help="times ten folds")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    args = parser.parse_args()
    controls = next(r for r in shipped_references() if r.group == "HC")
    frame = released()
    answer: dict[str, Any] = {"score_ms": score_ms(), "folds": [], "coverage": []}
    for measure, points in POINTS.items():
        model = controls.model(measure)
        if model is None:
            raise SystemExit(f"the shipped reference has no {measure}")
        people = people_of(frame, measure)
        form, fitted = model.form(model.additive), model.additive.fit
        runs = [diagnose(measure, form, fitted, people, seed=seed) for seed in range(args.repeats)]
        for seed, run in enumerate(runs):
            row = {"measure": measure, "seed": seed, "log_score": run.log_score, "miscalibration": run.miscalibration}
            answer["folds"].append(row | {"beyond_5": run.beyond_5, "beyond_95": run.beyond_95})
        sys.stderr.write(f"{measure}: log score {np.mean([run.log_score for run in runs]):.4f}\n")
        if args.refits:
            before = time.monotonic()
            found = simulated_coverage(form, fitted, people, points, refits=args.refits)
            answer["coverage"] += [{"measure": measure} | row for row in found.iter_rows(named=True)]
            sys.stderr.write(f"{measure}: {args.refits} refits in {time.monotonic() - before:.0f} s\n")
    sys.stdout.write(json.dumps(answer) + "\n" if args.json else table(answer))


def released() -> pl.DataFrame:
    """Return the released controls of known age as a cohort frame."""
    folder = os.environ.get("MSCOHORT_REFERENCE")
    if not folder:
        raise SystemExit("set MSCOHORT_REFERENCE to the folder of the reference data")
    with tempfile.TemporaryDirectory() as store:
        words = ["import", f"{folder}/{TABLE}", "--protocol", PUBLISHED_PROTOCOL, "--store", store, "--json"]
        sys.stdout, kept = sys.stderr, sys.stdout
        try:
            done = cli.main(words)
        finally:
            sys.stdout = kept
        if done != 0:
            raise SystemExit("the released table could not be imported")
        with Store(Path(store)).read() as snapshot:
            cohort = snapshot.cohort(snapshot.datasets()["dataset_id"][0])
    return cohort.filter(pl.col("group") == "HC").drop_nulls(["sex", "age_years"])


def score_ms(runs: int = 50) -> float:
    """Return the median milliseconds of one typed value, interval included."""
    controls = next(r for r in shipped_references() if r.group == "HC")
    values = person_values(72, "M", PUBLISHED_PROTOCOL, {"wmh_area_mm2": 60.0}, head_typical=controls.head_mm2)
    took = []
    for _ in range(runs):
        before = time.perf_counter()
        score(controls, values)
        took.append(time.perf_counter() - before)
    return float(1000 * np.median(took))


def table(answer: dict[str, Any]) -> str:
    """Return the answer for a person."""
    lines = [f"one value: {answer['score_ms']:.1f} ms"]
    lines += [
        f"{r['measure']:<24}seed {r['seed']}  log score {r['log_score']:8.4f}  "
        f"miscalibration {r['miscalibration']:.2f} points  "
        f"below 5th {r['beyond_5']:.2f} %, above 95th {r['beyond_95']:.2f} %"
        for r in answer["folds"]
    ]
    lines += [
        f"{r['measure']:<24}{r['sex']} {r['age']:g} y, {r['value']:g}: true rank {r['rank']:.2f}, covered "
        f"{100 * r['covered']:.1f} % of {r['n']}, median width {r['median_width']:.1f} points"
        + (f", {r['n_failed']} refits failed" if r["n_failed"] else "")
        for r in answer["coverage"]
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
