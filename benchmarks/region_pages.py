"""`python -m benchmarks.region_pages`: what the pages Regions and Lesion map compute after a filter, for 1,380 people.

Loads and lesion maps are drawn, none is anybody's. Everything between the store and the browser is timed: joining, the
summary, the two-part tests, left against right, the figures; adding up the maps, the difference, the picture. Processor
seconds of one core, because they do not depend on what else the machine does; the memory is that of this process.
"""

import argparse
import json
import resource
from collections.abc import Sequence

import numpy as np
import polars as pl

from analysis.lesion_maps import difference, group_map
from analysis.regions import asymmetry, by_lobe, people_by_region, region_tests, summary
from analysis.synthetic.cohort import synthetic_cohort
from app.figures.cohort.bullseye import bullseye
from app.figures.cohort.glass_brain import glass_brain
from app.figures.cohort.region_rates import region_rates
from app.map_images import ShownMap, map_picture
from app.scan_images import encoded
from app.views.regions import cells
from benchmarks.timing import Stopwatch, measure
from pipeline.regions.bullseye import REGIONS
from vocabulary.lesion_grid import N_VOXELS

LESION_VOXELS = 1200
"""Mean of a person's lesions on the common grid: 10 mL in voxels of 8 mm3."""


def drawn(n: int, seed: int = 1) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return n people, their loads by region, and their lesion maps."""
    rng = np.random.default_rng(seed)
    people = synthetic_cohort(seed=seed, n=n).with_columns(
        scan_id=pl.format("demo/{}", pl.col("subject_id")), protocol_id=pl.lit("p")
    )
    scans, k = people["scan_id"].to_list(), len(REGIONS)
    counts = rng.poisson(np.where(people["group"].to_numpy() == "MS", 1.2, 0.1)[:, None], (n, k))
    volumes = counts * rng.gamma(1.5, 0.15, (n, k))
    loads = pl.DataFrame(
        {
            "scan_id": np.repeat(scans, k),
            "protocol_id": "p",
            "region_number": np.tile([region.number for region in REGIONS], n),
            "region": np.tile([region.name for region in REGIONS], n),
            "side": np.tile([region.side for region in REGIONS], n),
            "area_mm2": (volumes * 1000 / 6.9).ravel(),
            "volume_ml": volumes.ravel(),
            "lesion_count": counts.ravel().astype(np.int32),
            "region_volume_ml": 30.0,
        }
    )
    voxels = [np.unique(rng.integers(300_000, 800_000, rng.poisson(LESION_VOXELS))).tolist() for _ in scans]
    runs = [[100_000 + i, 900_000 + i] for i in range(n)]
    maps = pl.DataFrame(
        {"scan_id": scans, "protocol_id": "p", "lesion_voxels": voxels, "seen_runs": runs},
        schema_overrides={"lesion_voxels": pl.List(pl.UInt32), "seen_runs": pl.List(pl.UInt32)},
    )
    return people, loads, maps


def main(argv: Sequence[str] | None = None) -> None:
    """Draw, measure and print one JSON object per page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.region_pages", description=__doc__)
    parser.add_argument("--people", type=int, default=1380, metavar="N", help="default: 1380")
    parser.add_argument("--runs", type=int, default=3, help="default: 3")
    args = parser.parse_args(argv)
    people, loads, maps = drawn(args.people)

    def regions(watch: Stopwatch, i: int) -> None:
        chosen = people.filter(pl.col("age_years") > 20 + i)  # another filter every time, as nothing is kept
        with watch.stage("join"):
            by_region = people_by_region(chosen, loads)
        with watch.stage("summary"):
            told = summary(by_region)
            lobes = by_lobe(by_region)
            told_lobes = summary(lobes)
        with watch.stage("tests"):
            region_tests(by_region)
            region_tests(lobes)
        with watch.stage("left and right"):
            asymmetry(by_region)
        with watch.stage("figures"):
            bullseye(cells(told, "MS"), unit="mean mL in MS", group="MS").to_json()
            glass_brain(cells(told_lobes, "MS"), unit="mean mL in MS", group="MS").to_json()
            region_rates(told).to_json()

    def lesion_maps(watch: Stopwatch, i: int) -> None:
        chosen = people.filter(pl.col("age_years") > 20 + i).join(maps, on=["scan_id", "protocol_id"])
        with watch.stage("add up"):
            groups = {group: group_map(chosen.filter(pl.col("group") == group)) for group in ("HC", "MS")}
        with watch.stage("difference"):
            values = difference(groups["MS"], groups["HC"], 20)
        with watch.stage("picture"):
            encoded(map_picture(ShownMap(values, "difference", 1.0), synthetic=True))

    for name, run, target in (("Regions", regions, 1.0), ("Lesion map", lesion_maps, 2.0)):
        found = measure(f"{name}, {args.people:,} people", run, runs=args.runs, target=target)
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(found.to_dict() | {"peak_mb": round(peak_mb), "voxels": N_VOXELS}))


if __name__ == "__main__":
    main()
