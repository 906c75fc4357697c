"""`python -m benchmarks.regions`: do regions add up, how much is unassigned, how well registrations lie.

The reference patients, segmented by the shipped network, and five scans of another scanner, by the bullseye and the
study's 34 regions: overlaps, processor seconds, lesion volume that belongs to no region, and the sum of the parts, in
voxels; the same for the bent template. Then synthetic heads, of which the region of every voxel is known: how much of
the lesion volume comes into the right one, by the affine registration and by the bent template. A thick slice may show
two regions one above the other: how much of the lesion volume lies in the region of its slices' middle (``middle_pct``)
is the most that ``thirds_pct``, by the thirds of a slice's thickness, can reach, and a voxel given to any region within
its slice's thickness counts as well (``shown_pct``).
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.registered_scans import (
    SegmentedScan,
    bullseye_of,
    jhu_atlas,
    reference_folder,
    reference_scans,
    regions_within_slices,
    shipped_network,
    synthetic_head,
)
from pipeline.regions.atlas import Atlas
from pipeline.regions.scan_regions import scan_regions
from pipeline.registration.affine import register
from pipeline.registration.deformable import refine
from pipeline.registration.icbm152 import icbm152

FIRST_HEAD = 1
MOST_UNASSIGNED_PCT = 5.0


def measured(one: SegmentedScan, atlas: Atlas | None) -> dict[str, Any]:
    """Return one scan's regions: overlaps, seconds, loads, and whether the parts add up to the whole."""
    begun = _seconds()
    found = scan_regions(one.scan, one.labels, one.brain, atlas)
    took, wmh = _seconds() - begun, one.labels == 2
    loads = found.loads
    n_regional, n_whole = int((loads.image > 0).sum()), int(wmh.sum())
    voxel_ml = float(np.prod(one.scan.spacing_mm)) / 1000
    total = sum(loads.loads["lesion_volume_ml"]) + loads.unassigned_ml
    return {
        "scan": one.name,
        "atlas": "bullseye" if atlas is None else atlas.card.name,
        "brain_overlap": found.registration.brain_overlap,
        "ventricle_overlap": found.registration.ventricle_overlap,
        "seconds": took,
        "wmh_ml": loads.wmh_volume_ml,
        "unassigned_ml": loads.unassigned_ml,
        "unassigned_pct": 100 * loads.unassigned_ml / loads.wmh_volume_ml if n_whole else None,
        "moved_pct": 100 * loads.moved_ml / loads.wmh_volume_ml if n_whole else None,
        "voxels": n_whole,
        # In voxels nothing is rounded; of the sum in mL only floating point is left.
        "voxels_off": n_regional + round(loads.unassigned_ml / voxel_ml) - n_whole,
        "ml_off": total - loads.wmh_volume_ml,
        "loads_ml": {
            f"{row['region']}, {row['side']}": row["lesion_volume_ml"] for row in loads.loads.iter_rows(named=True)
        },
    }


def bent(one: SegmentedScan) -> dict[str, Any]:
    """Return how well the template bent to a scan lies: overlaps, how far it had to stretch, processor seconds.

    The ventricles guide the bending, so their overlap afterwards says how well it followed them, not how good it is.
    """
    affine = register(one.scan.data, one.brain, one.scan.affine, icbm152(), ventricle=one.labels == 1)
    begun = _seconds()
    found = refine(affine, one.scan.data, one.brain, one.labels)
    return {
        "scan": one.name,
        "brain_overlap": found.brain_overlap,
        "ventricle_overlap": found.ventricle_overlap,
        "local_volume": found.local_volume,
        "seconds": _seconds() - begun,
    }


def in_the_right_region(one: SegmentedScan) -> dict[str, Any]:
    """Return how much of a synthetic head's lesion volume comes into its true region, and how far places are off."""
    within, true_places, lesions = regions_within_slices(one), one.true_places(), one.labels == 2
    truth = within[1]
    begun = _seconds()
    affine = register(one.scan.data, one.brain, one.scan.affine, icbm152(), ventricle=one.labels == 1)
    after_affine = _seconds()
    deformed = refine(affine, one.scan.data, one.brain, one.labels)
    seconds = {"affine": after_affine - begun, "deformable": _seconds() - after_affine}
    in_middle = (within == truth)[:, lesions]
    row: dict[str, Any] = {"scan": one.name, "voxels": int(lesions.sum()), "middle_pct": 100 * float(in_middle.mean())}
    row["brain_overlap"] = affine.brain_overlap
    for name, found in (("affine", affine), ("deformable", deformed)):
        told = bullseye_of(one, found).image
        same = told[lesions] == truth[lesions]
        shown = (within == told)[:, lesions].any(0)
        off = np.linalg.norm(found.coordinates() - true_places, axis=-1)[one.brain]
        row[f"{name}_right_pct"] = 100 * float(same.mean())
        row[f"{name}_thirds_pct"] = 100 * float((within == told)[:, lesions].mean())
        row[f"{name}_shown_pct"] = 100 * float(shown.mean())
        row[f"{name}_off_mm"] = float(np.median(off))
        row[f"{name}_seconds"] = seconds[name]
    row["local_volume"] = deformed.local_volume
    return row


def _seconds() -> float:
    return float(sum(os.times()[:4]))


def main(argv: Sequence[str] | None = None) -> None:
    """Measure and print: one line per scan on stderr, the table or one JSON object on stdout."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.regions", description=__doc__)
    parser.add_argument("--heads", type=int, default=8, metavar="N", help="synthetic heads (default: 8)")
    parser.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    args = parser.parse_args(argv)
    rows: list[dict[str, Any]] = []
    bendings: list[dict[str, Any]] = []
    folder = reference_folder()
    if folder is not None:
        jhu = jhu_atlas(folder)
        for one in reference_scans(folder, shipped_network(), external=True):
            for atlas in (None, jhu):
                rows.append(measured(one, atlas))
                sys.stderr.write(_line(rows[-1]))
            bendings.append(bent(one))
            sys.stderr.write(json.dumps(bendings[-1]) + "\n")
    heads = []
    for index in range(args.heads):
        heads.append(in_the_right_region(synthetic_head(FIRST_HEAD + index)))
        sys.stderr.write(json.dumps(heads[-1]) + "\n")
    if args.json:
        sys.stdout.write(json.dumps({"rows": rows, "bent": bendings, "heads": heads}) + "\n")
        return
    for atlas in dict.fromkeys(row["atlas"] for row in rows):
        its = [row for row in rows if row["atlas"] == atlas]
        shares = [row["unassigned_pct"] for row in its if row["unassigned_pct"] is not None]
        over = [row["scan"] for row in its if (row["unassigned_pct"] or 0) > MOST_UNASSIGNED_PCT]
        sys.stdout.write(
            f"{atlas}, {len(its)} scans: brain overlap {_range(row['brain_overlap'] for row in its)}, unassigned "
            f"{_range(shares, 1)} % (above {MOST_UNASSIGNED_PCT:g} %: {', '.join(over) or 'none'}), parts off by "
            f"{sum(abs(row['voxels_off']) for row in its)} of {sum(row['voxels'] for row in its)} voxels, "
            f"{_range((row['seconds'] for row in its), 1)} s of a processor core\n"
        )
    if bendings:
        ventricles = [row["ventricle_overlap"] for row in bendings if row["ventricle_overlap"] is not None]
        sys.stdout.write(
            f"bent, {len(bendings)} scans: brain overlap {_range(row['brain_overlap'] for row in bendings)}, "
            f"ventricles, which guide it, {_range(ventricles, 2)}, local volume "
            f"{min(row['local_volume'][0] for row in bendings):.2f} to "
            f"{max(row['local_volume'][1] for row in bendings):.2f} times the affine, "
            f"{_range((row['seconds'] for row in bendings), 1)} s of a processor core more\n"
        )
    voxels = [row["voxels"] for row in heads]
    if heads:
        middle = [row["middle_pct"] for row in heads]
        sys.stdout.write(
            f"{len(heads)} synthetic heads: {np.average(middle, weights=voxels):.1f} % ({_range(middle, 1)}) of the "
            "lesion volume lies in the region of its slices' middle\n"
        )
    for name in ("affine", "deformable") if heads else ():
        right, shown = ([row[f"{name}_{key}_pct"] for row in heads] for key in ("right", "shown"))
        off = _range((row[f"{name}_off_mm"] for row in heads), 1)
        sys.stdout.write(
            f"{name}: in the right region {np.average(right, weights=voxels):.1f} % of all lesion volume, of a head "
            f"{np.median(right):.1f} at the median ({_range(right, 1)}); by thirds of a slice "
            f"{np.average([row[f'{name}_thirds_pct'] for row in heads], weights=voxels):.1f} %; in a region "
            f"its slice shows there {np.average(shown, weights=voxels):.1f} % ({_range(shown, 1)}); "
            f"places {off} mm off\n"
        )


def _line(row: dict[str, Any]) -> str:
    share = "no lesion" if row["unassigned_pct"] is None else f"unassigned {row['unassigned_pct']:.2f} %"
    ventricles = "-" if row["ventricle_overlap"] is None else f"{row['ventricle_overlap']:.2f}"
    return (
        f"{row['scan']}, {row['atlas']}: brain {row['brain_overlap']:.3f}, ventricles {ventricles}, "
        f"{row['wmh_ml']:.2f} mL, {share}, moved {row['moved_pct'] or 0:.1f} %, off by {row['voxels_off']} voxels, "
        f"{row['seconds']:.1f} s\n"
    )


def _range(values: Any, digits: int = 3) -> str:
    low, *_, high = sorted([*values] * 2)
    return f"{low:.{digits}f} to {high:.{digits}f}"


if __name__ == "__main__":
    main()
