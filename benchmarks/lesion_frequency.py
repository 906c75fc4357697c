"""`python -m benchmarks.lesion_frequency`: is the frequency map of synthetic people that of what made them?

Every person has a lesion in each of eight balls of ICBM152 with that ball's chance, brought by an affine of their own
into a scan of thick slices. The scans go the way of every scan: onto the common grid, added up. In a ball's inside the
map must be the share of people who have it, to the person, and that share lies about the chance by sampling alone.
"""

import argparse
import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from nibabel.affines import apply_affine
from numpy.typing import NDArray

from analysis.lesion_maps import group_map
from pipeline.regions.lesion_map import lesion_map
from pipeline.registration.affine import Registration
from pipeline.registration.template import Template
from vocabulary.lesion_grid import N_VOXELS, SPACE, places_of

CHANCES = (0.02, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8)
RADIUS_MM = 9.0
SHAPE = (90, 105, 26)
GRID = np.array([[2.0, 0, 0, -90], [0, 2, 0, -120], [0, 0, 5, -60], [0, 0, 0, 1.0]])
"""Voxels of 2 x 2 x 5 mm, to world, mm."""
SLACK_MM = 0.5 * math.hypot(2, 2, 5) * 1.15
"""A place is at most so far from the middle of the scan's voxel that shows it; heads are up to 15 % larger."""


def centres() -> NDArray[np.float64]:
    """Return the middles of the balls, (8, 3), mm in ICBM152."""
    return np.array([(x, y, z) for x in (-32.0, 32.0) for y in (-45.0, 25.0) for z in (-5.0, 35.0)])


def drawn_head(rng: np.random.Generator) -> NDArray[np.float64]:
    """Return how a head lies and how large it is: its scan's world to ICBM152, (4, 4), mm."""
    to_template = np.eye(4)
    to_template[:3, :3] = np.diag(np.exp(rng.normal(0, 0.05, 3).clip(-0.13, 0.13))) + rng.normal(0, 0.03, (3, 3))
    to_template[:3, 3] = rng.normal(0, 4, 3)
    return to_template


def known(to_template: NDArray[np.float64]) -> Registration:
    """Return the registration of a head that is known to lie so, on the scan's ``GRID``."""
    nothing = np.zeros((2, 2, 2), np.float32)
    return Registration(Template(SPACE, nothing, np.eye(4), nothing > 0), to_template, GRID, SHAPE, 0.95)


def drawn_person(rng: np.random.Generator) -> tuple[Registration, NDArray[np.bool_], NDArray[np.bool_]]:
    """Return where a person's head lies, their lesions on their scan, and in which balls they have one."""
    to_template = drawn_head(rng)
    has = rng.random(len(CHANCES)) < CHANCES
    places = apply_affine(to_template @ GRID, np.indices(SHAPE).reshape(3, -1).T)
    wmh = np.zeros(len(places), bool)
    for middle in centres()[has]:
        wmh |= np.linalg.norm(places - middle, axis=1) <= RADIUS_MM
    return known(to_template), wmh.reshape(SHAPE), has


def compared(people: int, seed: int) -> dict[str, Any]:
    """Return the map of so many people beside what made them: a row per ball, and where no lesion is possible."""
    rng = np.random.default_rng(seed)
    rows, have = [], []
    for _ in range(people):
        registration, wmh, has = drawn_person(rng)
        found = lesion_map(registration, wmh)
        rows.append({"lesion_voxels": found.voxels.tolist(), "seen_runs": found.seen.tolist()})
        have.append(has)
    held = group_map(pl.DataFrame(rows, schema_overrides={"lesion_voxels": pl.List(pl.UInt32)}))
    frequency = held.frequency()
    places = places_of(np.arange(N_VOXELS))
    shares, balls = np.mean(have, axis=0), []
    distance = np.stack([np.linalg.norm(places - middle, axis=1) for middle in centres()])
    for index, chance in enumerate(CHANCES):
        inside = distance[index] <= RADIUS_MM - SLACK_MM
        z = (shares[index] - chance) / math.sqrt(chance * (1 - chance) / people)
        off = float(np.abs(frequency[inside] - shares[index]).max())
        balls.append(
            {"chance": chance, "people_with": float(shares[index]), "z": float(z), "voxels": int(inside.sum())}
            | {"map_off_by": off}
        )
    outside = (distance > RADIUS_MM + SLACK_MM).all(0) & (held.n_seen > 0)
    z_squared = sum(ball["z"] ** 2 for ball in balls)
    return {
        "people": people,
        "balls": balls,
        "chi2": z_squared,
        "df": len(balls),
        "outside_voxels": int(outside.sum()),
        "outside_highest": float(frequency[outside].max()),
    }


def main(argv: Sequence[str] | None = None) -> None:
    """Draw, map, compare, print one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lesion_frequency", description=__doc__)
    parser.add_argument("--people", type=int, default=200, metavar="N", help="default: 200")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args(argv)
    print(json.dumps(compared(args.people, args.seed), indent=1))


if __name__ == "__main__":
    main()
