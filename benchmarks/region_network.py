"""`python -m benchmarks.region_network`: regions told by a network against regions by registration, on held-out people.

The network learns the registered regions of the study's seven training patients and of synthetic heads; with
``--folds K`` in K trainings that leave every patient out once. On the patients held out its regions are compared with
registered ones: agreement, as nobody knows the truth. On synthetic heads that no training saw both are compared with
the truth.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.registered_scans import (
    SegmentedScan,
    bullseye_of,
    jhu_atlas,
    reference_folder,
    reference_scans,
    shipped_network,
    synthetic_head,
    true_bullseye,
)
from pipeline.regions.atlas import Atlas, parcellate
from pipeline.regions.network_slices import RegionSlices, predicted_regions, region_slices
from pipeline.regions.parcellation import Parcellation
from pipeline.registration.affine import dice, register
from pipeline.registration.icbm152 import icbm152
from pipeline.training.labelled_scans import STUDY_TEST
from vocabulary.files import write_json

LEARNED_FROM, TESTED_ON = 1000, 2000
"""First seeds of the synthetic heads to learn from and of those to test on."""


def registered(one: SegmentedScan, atlas: Atlas | None) -> tuple[Parcellation, float]:
    """Return a scan's regions by an affine registration, and its processor seconds (this process and its children)."""
    begun = _seconds()
    template = icbm152() if atlas is None else atlas.template
    found = register(one.scan.data, one.brain, one.scan.affine, template, ventricle=one.labels == 1)
    regions = bullseye_of(one, found) if atlas is None else parcellate(atlas, found, one.brain)
    return regions, _seconds() - begun


def compared(one: SegmentedScan, found: Parcellation, truth: Parcellation) -> dict[str, Any]:
    """Return Dice per region that either shows, and how much of the lesion volume has the same region."""
    overlaps = {}
    for region in truth.regions:
        here, there = found.image == region.number, truth.image == region.number
        if here.any() or there.any():
            overlaps[f"{region.name}, {region.side}"] = round(dice(here, there), 4)
    lesions = (one.labels == 2) & (truth.image > 0)
    same = found.image[lesions] == truth.image[lesions]
    return {
        "dice": overlaps,
        "mean_dice": float(np.mean(list(overlaps.values()))),
        "same_voxels_pct": 100 * float((found.image == truth.image)[one.brain].mean()),
        "lesions_in_same_region_pct": 100 * float(same.mean()) if same.size else None,
    }


def told(model: Any, one: SegmentedScan, slices: RegionSlices, like: Parcellation) -> tuple[Parcellation, float]:
    """Return a scan's regions by a network, and its processor seconds, the making of the slices included."""
    begun = _seconds()
    region_slices(one.scan.data, one.brain, one.labels == 1, one.scan.spacing_mm)
    found = predicted_regions(model, slices, one.brain, like.regions, like.atlas)
    return found, _seconds() - begun


def run(args: argparse.Namespace, say: Callable[[str], None]) -> dict[str, Any]:
    """Prepare the scans, train and test; one row per architecture, fold and tested scan."""
    folder = reference_folder()
    if folder is None:
        return {"rows": []}
    from pipeline.regions.region_network import RegionTraining, registered_scan, train_regions

    atlas = None if args.atlas == "bullseye" else jhu_atlas(folder)
    by_registration: dict[str, tuple[Parcellation, float]] = {}
    slices: dict[str, RegionSlices] = {}

    def placed(one: SegmentedScan) -> SegmentedScan:
        by_registration[one.name] = registered(one, atlas)
        slices[one.name] = region_slices(one.scan.data, one.brain, one.labels == 1, one.scan.spacing_mm)
        say(f"{one.name}: registered in {by_registration[one.name][1]:.1f} s")
        return one

    patients = [placed(one) for one in reference_scans(folder, shipped_network())]
    heads = [] if atlas else [placed(synthetic_head(LEARNED_FROM + index)) for index in range(args.heads)]
    tested = [] if atlas else [placed(synthetic_head(TESTED_ON + index)) for index in range(args.tested)]
    rows = []
    for one in tested:
        found, seconds = by_registration[one.name]
        truth = true_bullseye(one)
        rows.append({"by": "registration", "fold": None, "scan": one.name, "against": "truth", "seconds": seconds}
                    | compared(one, found, truth))  # fmt: skip
    how = RegionTraining(width=args.width, steps=args.steps, skeleton_weight=args.skeleton_weight)
    trained = []
    study = [one for one in patients if one.name in STUDY_TEST]
    folds = [patients[start :: args.folds] for start in range(args.folds)] if args.folds > 1 else [study]
    for architecture in args.architectures:
        for fold, held_out in enumerate(folds):
            learned = [one for one in [*patients, *heads] if one not in held_out]
            scans = [registered_scan(one.name, slices[one.name], by_registration[one.name][0]) for one in learned]
            begun, recent = time.process_time(), []

            def note(step: int, steps: int, loss: float, recent: list[float] = recent) -> None:
                recent.append(loss)
                if step % 100 == 0:
                    say(f"  step {step} of {steps}, loss {np.mean(recent[-100:]):.3f}")

            regions = by_registration[learned[0].name][0].regions
            model = train_regions(
                architecture, scans, regions, how, mirror=atlas is None, seed=args.seed + fold, progress=note
            )
            took = time.process_time() - begun
            last = {"seconds": round(took), "loss": float(np.mean(recent[-50:])), "parameters": model.count_params()}
            trained.append({"architecture": architecture, "fold": fold} | last)
            for one in [*held_out, *tested]:
                like = by_registration[one.name][0]
                against = like if one.truth is None else true_bullseye(one)
                found, seconds = told(model, one, slices[one.name], like)
                row = {"by": architecture, "fold": fold, "scan": one.name, "seconds": seconds}
                rows.append(row | {"against": "truth" if one.truth else "registration"} | compared(one, found, against))
            say(f"{architecture}, fold {fold + 1} of {len(folds)}: {took:.0f} s; " + ", ".join(
                f"{row['scan']} {row['mean_dice']:.3f}" for row in rows[-len(held_out) - len(tested) :]))  # fmt: skip
            if args.out is not None:  # what was done is kept, whatever ends the rest
                write_json(_answer(args, trained, rows), args.out, indent=1)
    return _answer(args, trained, rows)


def _answer(args: argparse.Namespace, trained: Sequence[Any], rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    settings = {name: value for name, value in vars(args).items() if name != "out"}
    return {"settings": settings, "trainings": trained, "summary": summary(rows), "rows": rows}


def summary(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one row per method and what it is compared with: means over scans, and the range of the scans' means."""
    table = []
    for by, against in dict.fromkeys((row["by"], row["against"]) for row in rows):
        its = [row for row in rows if (row["by"], row["against"]) == (by, against)]
        regions: dict[str, list[float]] = {}
        for row in its:
            for name, value in row["dice"].items():
                regions.setdefault(name, []).append(value)
        means = [row["mean_dice"] for row in its]
        in_same = [row["lesions_in_same_region_pct"] for row in its if row["lesions_in_same_region_pct"] is not None]
        table.append(
            {
                "by": by,
                "against": against,
                "n_scans": len({row["scan"] for row in its}),
                "mean_dice": float(np.mean(means)),
                "lowest_scan": min(means),
                "highest_scan": max(means),
                "lesions_in_same_region_pct": float(np.mean(in_same)) if in_same else None,
                "same_voxels_pct": float(np.mean([row["same_voxels_pct"] for row in its])),
                "seconds": float(np.median([row["seconds"] for row in its])),
                "regions": {name: float(np.mean(values)) for name, values in regions.items()},
            }
        )
    return table


def _seconds() -> float:
    import os

    spent: NDArray[np.float64] = np.array(os.times()[:4])
    return float(spent.sum())


def main(argv: Sequence[str] | None = None) -> None:
    """Train, compare, print one JSON object; progress on stderr."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.region_network", description=__doc__)
    parser.add_argument("--atlas", choices=("bullseye", "jhu"), default="bullseye", help="what is learned")
    parser.add_argument(
        "--architectures", nargs="+", default=["unet", "multi_res_unet"], metavar="NAME", help="default: %(default)s"
    )
    parser.add_argument(
        "--folds", type=int, default=1, metavar="K", help="1 holds out the study's test patients (default)"
    )
    parser.add_argument(
        "--heads", type=int, default=12, metavar="N", help="synthetic heads to learn from (default: 12)"
    )
    parser.add_argument("--tested", type=int, default=6, metavar="N", help="synthetic heads to test on (default: 6)")
    parser.add_argument("--width", type=int, default=12, help="channels of the first level (default: 12)")
    parser.add_argument("--steps", type=int, default=500, help="batches of eight slices (default: 500)")
    parser.add_argument("--skeleton-weight", type=float, default=1.0, help="of the skeletons' recall (default: 1)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, metavar="FILE", help="the answer, written after every training as well")
    args = parser.parse_args(argv)
    answer = run(args, lambda line: sys.stderr.write(line + "\n") and None)
    sys.stdout.write(json.dumps(answer, indent=1) + "\n")


if __name__ == "__main__":
    main()
