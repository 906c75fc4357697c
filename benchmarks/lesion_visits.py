"""`python -m benchmarks.lesion_visits`: planted new, grown and vanished lesions between two visits, found and missed.

Synthetic people are scanned twice, their heads laid differently; both scans go the whole way: the shipped network,
rigid registration, comparison. The same with the true lesions in the network's place says what registration and rule
alone make of it. A planted change is found when a candidate of its kind lies on it; a candidate on none is false.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from nibabel.affines import apply_affine
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.measures.lesion_change import LesionCandidate
from pipeline.measures.visits_compared import compare_visits
from pipeline.registration.visits import Visit
from pipeline.segmentation.bundled_models import DEFAULT_MODEL, LoadedModel, find_model, load_model
from pipeline.segmentation.inference import WHOLE, segment
from pipeline.segmentation.networks.registry import find_preset
from pipeline.segmentation.preprocessing import find_recipe
from pipeline.segmentation.runtime import start_runtime
from pipeline.segmentation.tissues import Tissue
from pipeline.synthetic.flair import SyntheticScan
from pipeline.synthetic.visits import SyntheticVisits, synthetic_visits

KINDS = ("new", "enlarged", "vanished")
REACH_MM = 4.0
"""A candidate this near in its slices, or in the slice beside, lies on a planted change."""


def visit(scan: SyntheticScan, model: LoadedModel | None) -> Visit:
    """Return a scan with its true lesions, or with those that the network finds."""
    if model is None:
        return Visit(scan.data, scan.brain, scan.labels == Tissue.WMH, scan.affine)
    preset = find_preset(model.card.network)
    x, y, z = (float(mm) for mm in np.linalg.norm(scan.affine[:3, :3], axis=0))
    found = segment(
        scan.data, (x, y, z), model.networks, find_recipe(model.card.recipe), channels=preset.channels,
        decision=model.card.decision, flips=model.card.flips, window=model.card.window if preset.any_size else WHOLE,
    )  # fmt: skip
    if found.intracranial is None:
        raise SystemExit("the model tells no brain")
    return Visit(scan.data, found.intracranial, found.labels == Tissue.WMH, scan.affine)


def planted(visits: SyntheticVisits) -> Iterator[dict[str, Any]]:
    """Yield each planted change with the voxels of the later scan where it lies."""
    back = np.linalg.inv(visits.earlier.affine) @ visits.pose @ visits.later.affine
    laid = ndimage.affine_transform(
        visits.earlier.numbers, back[:3, :3], back[:3, 3], output_shape=visits.later.numbers.shape, order=0
    )
    for row in visits.changes.iter_rows(named=True):
        place = (laid if row["kind"] == "vanished" else visits.later.numbers) == row["number"]
        yield row | {"place": place}


def shown(row: dict[str, Any]) -> bool:
    """Tell whether the true labels of both scans show a planted change: thick slices swallow some."""
    before, after = row["before_ml"], row["after_ml"]
    if row["kind"] == "enlarged":
        return bool(before > 0 and after >= 2 * before and after - before >= 0.05)
    return bool(max(before, after) > 0)


def judged(visits: SyntheticVisits, found: Sequence[LesionCandidate]) -> list[dict[str, Any]]:
    """Return one row per planted change (found or not, and as what) and one per false candidate."""
    spacing = np.linalg.norm(visits.later.affine[:3, :3], axis=0)
    reach = [int(np.ceil(REACH_MM / mm)) for mm in spacing[:2]]
    near = np.ones((2 * reach[0] + 1, 2 * reach[1] + 1, 3), bool)
    masks = [_mask(one.voxels, visits.later.numbers.shape) for one in found]
    taken: set[int] = set()
    rows = []
    for row in planted(visits):
        place = ndimage.binary_dilation(row["place"], near)
        hits = [i for i, mask in enumerate(masks) if (mask & place).any()]
        same = [i for i in hits if found[i].kind == row["kind"]]
        taken.update(hits)
        what = {name: row[name] for name in ("kind", "zone", "before_ml", "after_ml")}
        rows.append(what | {"shown": shown(row), "found": bool(same), "as": [found[i].kind for i in hits]})
    rows += [
        {"kind": one.kind, "false": True, "before_ml": one.before_ml, "after_ml": one.after_ml}
        for i, one in enumerate(found)
        if i not in taken
    ]
    return rows


def compare(visits: SyntheticVisits, model: LoadedModel | None) -> tuple[list[dict[str, Any]], float, float]:
    """Return the judged candidates, how far registration is off at the lesions (mm), and the overlap of the brains."""
    one, other = visit(visits.earlier, model), visit(visits.later, model)
    compared = compare_visits(one, other)
    off = _off_by(visits, compared.laid.to_earlier)
    return judged(visits, compared.candidates), off, compared.laid.overlap


def _off_by(visits: SyntheticVisits, to_earlier: NDArray[np.float64]) -> float:
    points = apply_affine(visits.later.affine, np.argwhere(visits.later.brain)[::997])
    there = apply_affine(visits.pose, points) - apply_affine(to_earlier, points)
    return float(np.linalg.norm(there, axis=1).mean())


def _mask(voxels: NDArray[np.intp], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    mask = np.zeros(shape, bool)
    voxels = voxels[((voxels >= 0) & (voxels < shape)).all(1)]
    mask[tuple(voxels.T)] = True
    return mask


def summary(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Count per kind: planted, shown by thick slices, found of these, missed, false candidates."""
    table = []
    for kind in KINDS:
        real = [row for row in rows if row["kind"] == kind and not row.get("false")]
        seen = [row for row in real if row["shown"]]
        table.append(
            {
                "kind": kind,
                "planted": len(real),
                "shown": len(seen),
                "found": sum(row["found"] for row in seen),
                "missed": sum(not row["found"] for row in seen),
                "as_another_kind": sum(bool(row["as"]) and not row["found"] for row in seen),
                "false": sum(row["kind"] == kind for row in rows if row.get("false")),
            }
        )
    return table


def main(argv: Sequence[str] | None = None) -> None:
    """Draw the people, compare their visits, print the table as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lesion_visits", description=__doc__)
    parser.add_argument("--people", type=int, default=12, metavar="N", help="default: 12")
    parser.add_argument("--seed", type=int, default=1, help="of the first person (default: 1)")
    parser.add_argument("--truth-only", action="store_true", help="leave the network out")
    args = parser.parse_args(argv)
    model = None
    if not args.truth_only:
        model = load_model(find_model(DEFAULT_MODEL), runtime=start_runtime())
    rows: dict[str, list[dict[str, Any]]] = {"true_lesions": [], "network": []}
    off, stayed = [], 0
    for seed in range(args.seed, args.seed + args.people):
        visits = synthetic_visits(seed)
        stayed += visits.n_stayed
        for name, used in (("true_lesions", None), ("network", model)):
            if name == "true_lesions" or used is not None:
                found, distance, overlap = compare(visits, used)
                rows[name] += found
                off.append(
                    {"seed": seed, "lesions": name, "off_by_mm": round(distance, 2), "overlap": round(overlap, 3)}
                )
    tables = {name: summary(found) for name, found in rows.items() if found}
    answer = {"people": args.people, "stayed": stayed, "tables": tables, "registration": off, "rows": rows}
    print(json.dumps(answer, indent=1))


if __name__ == "__main__":
    main()
