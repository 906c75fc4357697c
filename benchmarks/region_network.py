"""`python -m benchmarks.region_network`: regions told by a network against regions by registration, on held-out people.

The network learns the registered regions of patients and the true ones of synthetic heads, in K folds that leave every
patient out once. Of the bullseye it learns the fourteen parts; the shells are the person's own. On the patients held
out its regions are compared with registered ones: agreement, as nobody knows the truth, beside that of two
registrations with each other. On synthetic heads that no training saw all are compared with the truth.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from benchmarks.registered_scans import (
    SegmentedScan,
    jhu_atlas,
    reference_folder,
    reference_scans,
    shipped_network,
    synthetic_head,
)
from pipeline.measures.cortex import cortical_border
from pipeline.regions.atlas import Atlas, parcellate
from pipeline.regions.bullseye import in_shells, parts_of
from pipeline.regions.network_slices import predicted_regions, region_slices
from pipeline.regions.parcellation import Parcellation
from pipeline.registration.affine import dice, register
from pipeline.registration.deformable import refine
from pipeline.registration.icbm152 import icbm152
from vocabulary.files import write_json

if TYPE_CHECKING:
    from pipeline.regions.region_network import RegisteredScan

LEARNED_FROM, TESTED_ON = 1000, 2000
"""First seeds of the synthetic heads to learn from and of those to test on."""
SCORES = ("mean_parts_dice", "mean_regions_dice", "same_voxels_pct", "lesions_in_same_region_pct")


@dataclass(frozen=True)
class Told:
    """The regions of one scan by one method: what a network learns (``parts``), all regions, and processor seconds."""

    parts: Parcellation
    regions: Parcellation
    seconds: float


def registered(one: SegmentedScan, atlas: Atlas | None, *, bent: bool = False) -> Told:
    """Return a scan's regions by a registration; seconds are of this process and its children."""
    begun = _seconds()
    template = icbm152() if atlas is None else atlas.template
    found = register(one.scan.data, one.brain, one.scan.affine, template, ventricle=one.labels == 1)
    if bent:
        found = refine(found, one.scan.data, one.brain, one.labels)
    parts = parts_of(found, one.brain) if atlas is None else parcellate(atlas, found, one.brain)
    regions = shelled(one, parts) if atlas is None else parts
    return Told(parts, regions, _seconds() - begun)


def true(one: SegmentedScan) -> Told:
    """Return the true regions of a synthetic head."""
    if one.truth is None:
        raise ValueError(f"nobody knows the truth of {one.name}")
    parts = parts_of(one.truth, one.brain)
    return Told(parts, shelled(one, parts), 0.0)


def by_network(model: Any, one: SegmentedScan, like: Told) -> Told:
    """Return a scan's regions by a network that learned those of ``like``."""
    begun = _seconds()
    slices = region_slices(one.scan.data, one.brain, one.labels == 1, one.scan.spacing_mm)
    parts = predicted_regions(model, slices, one.brain, like.parts.regions, like.parts.atlas)
    regions = parts if like.parts is like.regions else shelled(one, parts)
    return Told(parts, regions, _seconds() - begun)


def shelled(one: SegmentedScan, parts: Parcellation) -> Parcellation:
    """Return the bullseye of a scan by its parts."""
    ventricle = one.labels == 1
    cortex = cortical_border(one.scan.data, one.brain, ventricle, one.scan.spacing_mm, wmh=one.labels == 2)
    return in_shells(parts, one.brain, ventricle, cortex, one.scan.spacing_mm)


def overlaps(found: Parcellation, truth: Parcellation) -> dict[str, float]:
    """Return Dice per region that either shows."""
    each = {}
    for region in truth.regions:
        here, there = found.image == region.number, truth.image == region.number
        if here.any() or there.any():
            each[f"{region.name}, {region.side}"] = round(dice(here, there), 4)
    return each


def compared(one: SegmentedScan, found: Told, truth: Told) -> dict[str, Any]:
    """Return Dice per part and region, and how much of the brain and of the lesions has the same region."""
    parts, regions = overlaps(found.parts, truth.parts), overlaps(found.regions, truth.regions)
    lesions = (one.labels == 2) & (truth.regions.image > 0)
    same = found.regions.image == truth.regions.image
    return {
        "seconds": found.seconds,
        "parts_dice": parts,
        "regions_dice": regions,
        "mean_parts_dice": float(np.mean(list(parts.values()))),
        "mean_regions_dice": float(np.mean(list(regions.values()))),
        "same_voxels_pct": 100 * float(same[one.brain].mean()),
        "lesions_in_same_region_pct": 100 * float(same[lesions].mean()) if lesions.any() else None,
    }


def run(args: argparse.Namespace, say: Callable[[str], None]) -> dict[str, Any]:
    """Prepare the scans, train and test; one row per architecture, fold and tested scan."""
    folder = reference_folder()
    if folder is None:
        return {"rows": []}
    from pipeline.regions.region_network import RegionTraining, registered_scan, train_regions

    atlas = None if args.atlas == "bullseye" else jhu_atlas(folder)
    learned_from: dict[str, tuple[RegisteredScan, Told]] = {}

    def placed(one: SegmentedScan) -> SegmentedScan:
        told = registered(one, atlas) if one.truth is None else true(one)
        slices = region_slices(one.scan.data, one.brain, one.labels == 1, one.scan.spacing_mm)
        learned_from[one.name] = registered_scan(one.name, slices, told.parts), told
        return one

    patients = [placed(one) for one in reference_scans(folder, shipped_network())]
    heads = [] if atlas else [placed(synthetic_head(LEARNED_FROM + index)).name for index in range(args.heads)]
    tested = [] if atlas else [placed(synthetic_head(TESTED_ON + index)) for index in range(args.tested)]
    rows: list[dict[str, Any]] = []

    def note(by: str, fold: int | None, one: SegmentedScan, found: Told) -> None:
        against = "registration" if one.truth is None else "truth"
        row = {"by": by, "fold": fold, "scan": one.name, "against": against}
        rows.append(row | compared(one, found, learned_from[one.name][1]))

    for one in tested:
        note("registration", None, one, registered(one, atlas))
    for one in [*patients, *tested] if atlas is None else ():
        note("bent registration", None, one, registered(one, atlas, bent=True))
        say(f"{one.name}: registered")
    like = learned_from[patients[0].name][1]
    how = RegionTraining(
        width=args.width, steps=args.steps, heads=args.made, rate=args.rate, skeleton_weight=args.skeleton_weight
    )
    trained = []
    folds = [patients[start :: args.folds] for start in range(args.folds)]
    for architecture in args.architectures:
        for fold, held_out in enumerate(folds):
            barred = {one.name for one in held_out}
            scans = [learned_from[name][0] for name in [*(one.name for one in patients), *heads] if name not in barred]
            begun, recent = _seconds(), []

            def heard(step: int, steps: int, loss: float, recent: list[float] = recent) -> None:
                recent.append(loss)
                if step % 100 == 0:
                    say(f"  step {step} of {steps}, loss {np.mean(recent[-100:]):.3f}")

            model = train_regions(
                architecture, scans, like.parts.regions, how, mirror=atlas is None, seed=args.seed + fold,
                progress=heard,
            )  # fmt: skip
            took = _seconds() - begun
            last = {"seconds": round(took), "loss": float(np.mean(recent[-50:])), "parameters": model.count_params()}
            trained.append({"architecture": architecture, "fold": fold} | last)
            by_network(model, held_out[0], like)  # the first answer of a network is slow
            for one in [*held_out, *tested]:
                note(architecture, fold, one, by_network(model, one, like))
            say(f"{architecture}, fold {fold + 1} of {len(folds)}: {took:.0f} s; " + ", ".join(
                f"{row['scan']} {row['mean_parts_dice']:.3f} {row['mean_regions_dice']:.3f}"
                for row in rows[-len(held_out) - len(tested) :]))  # fmt: skip
            if args.out is not None:  # what was done is kept, whatever ends the rest
                write_json(_answer(args, trained, rows), args.out, indent=1)
            if args.weights is not None:
                model.save_weights(args.weights / f"{architecture}-{fold}.weights.h5")
    return _answer(args, trained, rows)


def _answer(args: argparse.Namespace, trained: Sequence[Any], rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    settings = {name: value for name, value in vars(args).items() if name not in ("out", "weights")}
    return {"settings": settings, "trainings": trained, "summary": summary(rows), "rows": rows}


def summary(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one row per method and what it is compared with: means over scans with their 95 % interval (Student's t).

    A head that several folds' networks were tested on counts once, with the mean of its scores.
    """
    table = []
    for by, against in dict.fromkeys((row["by"], row["against"]) for row in rows):
        its = [row for row in rows if (row["by"], row["against"]) == (by, against)]
        one: dict[str, Any] = {"by": by, "against": against, "n_scans": len({row["scan"] for row in its})}
        for score in SCORES:
            one[score] = interval([row[score] for row in its], [row["scan"] for row in its])
        one["seconds"] = float(np.median([row["seconds"] for row in its]))
        for kind in ("parts_dice", "regions_dice"):
            one[kind] = {name: float(np.mean([row[kind][name] for row in its if name in row[kind]]))
                         for name in dict.fromkeys(name for row in its for name in row[kind])}  # fmt: skip
        table.append(one)
    return table


def interval(values: Sequence[float | None], scans: Sequence[str]) -> dict[str, Any]:
    """Return the mean over scans of their means, its 95 % interval by Student's t, and the range."""
    of: dict[str, list[float]] = {}
    for value, scan in zip(values, scans, strict=True):
        if value is not None:
            of.setdefault(scan, []).append(value)
    means = np.array([np.mean(found) for found in of.values()])
    if not means.size:
        return {"mean": None, "low": None, "high": None, "least": None, "most": None, "n": 0}
    mean = float(means.mean())
    half = float("nan")
    if means.size > 1:
        half = float(stats.t.ppf(0.975, means.size - 1) * means.std(ddof=1) / np.sqrt(means.size))
    return {"mean": mean, "low": mean - half, "high": mean + half, "least": float(means.min()),
            "most": float(means.max()), "n": int(means.size)}  # fmt: skip


def _seconds() -> float:
    return float(sum(os.times()[:4]))


def main(argv: Sequence[str] | None = None) -> None:
    """Train, compare, print one JSON object; progress on stderr."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.region_network", description=__doc__)
    parser.add_argument("--atlas", choices=("bullseye", "jhu"), default="bullseye", help="what is learned")
    parser.add_argument(
        "--architectures", nargs="+", default=["unet", "compact_unetr"], metavar="NAME", help="default: %(default)s"
    )
    parser.add_argument("--folds", type=int, default=5, metavar="K", help="of whole patients (default: 5)")
    parser.add_argument(
        "--heads", type=int, default=20, metavar="N", help="synthetic heads to learn from (default: 20)"
    )
    parser.add_argument("--tested", type=int, default=6, metavar="N", help="synthetic heads to test on (default: 6)")
    parser.add_argument("--width", type=int, default=8, help="channels of the first level (default: 8)")
    parser.add_argument("--steps", type=int, default=700, help="batches of sixteen slices (default: 700)")
    parser.add_argument("--made", type=int, default=120, metavar="N", help="heads made of the scans (default: 120)")
    parser.add_argument("--rate", type=float, default=1e-2, help="of learning at its highest (default: 0.01)")
    parser.add_argument("--skeleton-weight", type=float, default=1.0, help="of the skeletons' recall (default: 1)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, metavar="FILE", help="the answer, written after every training as well")
    parser.add_argument("--weights", type=Path, metavar="DIR", help="keep every network's weights there")
    args = parser.parse_args(argv)
    if args.weights is not None:
        args.weights.mkdir(parents=True, exist_ok=True)
    answer = run(args, lambda line: sys.stderr.write(line + "\n") and None)
    sys.stdout.write(json.dumps(answer, indent=1) + "\n")


if __name__ == "__main__":
    main()
