"""`python -m benchmarks.zones`: zones by distance transforms against nested loops, on the reference patients.

The loops read each rule literally, pixel against pixel, and share no code with ``pipeline.zoning``. They need one to
two minutes per patient and distance rule, so one patient is the default.
"""

import argparse
import json
import math
import os
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.measures.cortex import cortical_border
from pipeline.measures.zoning import CORTEX_MM, ZONE_RULES, ZoneRule, lesion_parts, zone_image, zone_of
from pipeline.segmentation.preprocessing import find_recipe
from pipeline.segmentation.tissues import Tissue, allowed_code
from pipeline.training.labelled_scans import load_patient
from vocabulary.measures import ZONES

Mask = NDArray[np.bool_]
Pixel = tuple[int, int]

_NEIGHBOURS = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j]


def nested_loops(
    wmh: Mask, ventricle: Mask, border: Mask, spacing_mm: Sequence[float], rule: ZoneRule
) -> NDArray[np.uint8]:
    """Give zones by a literal reading of the rule: every lesion pixel against every pixel it could be near.

    Parameters
    ----------
    wmh, ventricle, border : (X, Y, Z) bool; ``border`` is the fluid on the cortex and all that lies outside the brain
    spacing_mm : voxel size along X, Y, Z, mm

    Returns
    -------
    (X, Y, Z) uint8: 0 no lesion, 1 periventricular, 2 paraventricular, 3 juxtacortical
    """
    width, height = spacing_mm[:2]
    zones = np.zeros(wmh.shape, np.uint8)

    def nearest(part: Collection[tuple[float, float]], others: list[Pixel]) -> float:
        least = math.inf
        for i, j in part:
            for k, m in others:
                distance = math.hypot((i - k) * width, (j - m) * height)
                least = min(least, distance)
        return least

    for z in range(wmh.shape[2]):
        fluid, outer = _pixels(ventricle[:, :, z]), _pixels(border[:, :, z])
        for part in _parts(_pixels(wmh[:, :, z])):
            around = {(i + di, j + dj) for i, j in part for di, dj in [*_NEIGHBOURS, (0, 0)]}
            centre = (sum(i for i, _ in part) / len(part), sum(j for _, j in part) / len(part))
            if rule.ventricle_mm is None:
                near = any(pixel == other for pixel in around for other in fluid)
            else:
                near = nearest(part, fluid) <= rule.ventricle_mm
            if rule.centroid_mm is not None and not near:
                near = nearest([centre], fluid) <= rule.centroid_mm
            if rule.cortex_mm is None:
                cortical = nearest(around, outer) <= CORTEX_MM
                cortical |= any(not (0 <= i < wmh.shape[0] and 0 <= j < wmh.shape[1]) for i, j in around)
            else:
                cortical = nearest(part, outer) <= rule.cortex_mm
            small = rule.cortex_area_mm2 is None or len(part) * width * height <= rule.cortex_area_mm2
            zone = "periventricular" if near else ("juxtacortical" if cortical and small else "paraventricular")
            for i, j in part:
                zones[i, j, z] = ZONES.index(zone) + 1
    return zones


def _pixels(mask: Mask) -> list[Pixel]:
    return [(int(i), int(j)) for i, j in np.argwhere(mask)]


def _parts(pixels: list[Pixel]) -> Iterator[list[Pixel]]:
    """Yield the 8-connected parts, by flood fill."""
    left = set(pixels)
    while left:
        part, edge = [], [left.pop()]
        while edge:
            i, j = edge.pop()
            part.append((i, j))
            for di, dj in _NEIGHBOURS:
                if (i + di, j + dj) in left:
                    left.remove((i + di, j + dj))
                    edge.append((i + di, j + dj))
        yield part


def reference_masks(folder: Path) -> tuple[Mask, Mask, Mask, Mask, tuple[float, float, float]]:
    """Return manual WMH and ventricles, the brain, fluid on the cortex and voxel size of one reference patient.

    One of the ten has no brain mask; what stands out from the air (head and all) takes its place, which is good enough
    to compare two ways of computing the same distances.
    """
    scan = load_patient(folder, find_recipe("head"))
    wmh, ventricle = scan.truth == Tissue.WMH, scan.truth == Tissue.VENTRICLE
    outside = scan.codes == allowed_code([Tissue.BACKGROUND])
    brain = ~outside if outside.any() else scan.original > 0.05
    cortex = cortical_border(scan.original, brain, ventricle, scan.spacing_mm, wmh=wmh)
    return wmh, ventricle, brain, cortex, scan.spacing_mm


def compare(folder: Path, rule: ZoneRule) -> dict[str, Any]:
    """Measure both ways on one patient; ``ours_s`` is the best of three, the loops run once."""
    wmh, ventricle, brain, cortex, spacing = reference_masks(folder)
    ours_seconds = []
    for _ in range(3):
        started = time.process_time()
        parts, image = lesion_parts(wmh, ventricle, brain, spacing, cortex)
        ours = zone_image(image, [zone_of(part, rule) for part in parts])
        ours_seconds.append(time.process_time() - started)
    started = time.process_time()
    theirs = nested_loops(wmh, ventricle, ~brain | cortex, spacing, rule)
    loops = time.process_time() - started
    return {
        "patient": folder.name,
        "rule": rule.name,
        "lesion_pixels": int(wmh.sum()),
        "different_pixels": int((ours != theirs).sum()),
        "ours_s": min(ours_seconds),
        "loops_s": loops,
    }


def main() -> None:
    """Compare and print one line per patient and rule, and a sum per rule."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.zones", description=__doc__)
    parser.add_argument("--patients", type=int, default=1, metavar="N", help="how many of the ten")
    parser.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    args = parser.parse_args()
    named = os.environ.get("MSCOHORT_REFERENCE")
    if not named:
        sys.stderr.write("zones: left out, needs the reference data: set MSCOHORT_REFERENCE to their folder\n")
        return
    folders = sorted(path.parent for path in Path(named).glob("mri/*/three_class_manual.nii.gz"))[: args.patients]
    rows = []
    for folder in folders:
        for rule in ZONE_RULES.values():
            rows.append(compare(folder, rule))
            sys.stderr.write(_line(rows[-1]["patient"], [rows[-1]]))
    totals = {name: [row for row in rows if row["rule"] == name] for name in ZONE_RULES}
    if args.json:
        sys.stdout.write(json.dumps({"rows": rows}) + "\n")
    else:
        sys.stdout.write("".join(_line(f"{len(folders)} patients", its) for its in totals.values()))


def _line(who: str, rows: list[dict[str, Any]]) -> str:
    different, pixels, ours, loops = (
        sum(row[key] for row in rows) for key in ("different_pixels", "lesion_pixels", "ours_s", "loops_s")
    )
    agreed = f"{100 * (1 - different / pixels):.2f} % of {pixels} lesion pixels agree" if pixels else "no lesion"
    return f"{who}, {rows[0]['rule']}: {agreed}; {ours:.3f} s, loops {loops:.1f} s, {loops / ours:,.0f} times\n"


if __name__ == "__main__":
    main()
