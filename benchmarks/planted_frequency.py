"""`python -m benchmarks.planted_frequency`: does the lesion map give back a frequency planted by region?

A second generator, which shares no lesion with the balls of ``benchmarks.lesion_frequency``. Every region of the
bullseye has a rate of its own, so that every place of the white matter has a chance. A person's lesions are where
smooth noise of their own lies below what that chance asks: ragged blobs of any size, some large and branched, many
small, more in some people than in others. The chance of a lesion at a place is the planted one exactly, and people are
independent, so that the map's mean in a region lies about the planted mean by chance alone, of which the people's own
spread is the measure.

``--registered`` takes such people the whole way: bent heads with wide ventricles, thick slices with noise, the
template registered to each of them. Their map is also compared with the lesions that these very people have in the
template (``grown``): what it lacks of those is what registration and slices cost, and no chance of who was drawn.
"""

import argparse
import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from nibabel.affines import apply_affine
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage, special

from analysis.lesion_maps import group_map
from app.map_images import ShownMap, map_picture
from benchmarks.lesion_frequency import GRID, SHAPE, drawn_head, known
from pipeline.regions.bullseye import LOBES, REGIONS, SHELLS, bullseye
from pipeline.regions.lesion_map import lesion_map
from pipeline.registration.affine import Registration, register
from pipeline.registration.icbm152 import icbm152, template_map
from pipeline.synthetic.anatomy import anatomy
from pipeline.synthetic.flair import person_of, scanned
from vocabulary.lesion_grid import AFFINE, SPACING_MM
from vocabulary.lesion_grid import SHAPE as COMMON

RATES = dict(zip(SHELLS, (0.6, 0.3, 0.14, 0.06), strict=True))
LOBE_FACTORS = dict(zip(LOBES, (1.0, 0.8, 0.5, 1.2, 0.6), strict=True))
RIGHT_FACTORS = dict(zip(LOBES, (1.0, 1.6, 2.0, 0.25, 0.5), strict=True))
"""The right side's rate over the left side's: a map that mistakes one for the other must not pass."""
ELSEWHERE = 0.05
SOFT_MM = 5.0
"""Rates run into each other as softly as a Gaussian of this SD."""
LEAST = 0.004
"""Chances below this are none, so that there are places without."""
GRAIN_MM = 3.5
"""SD of the Gaussian that makes the noise smooth: how coarse lesions are."""
SHARED = 0.25
"""Share of the noise's variance that is the same all over a person: some have many lesions, some few."""

Drawn = tuple[Registration, NDArray[np.bool_], NDArray[np.bool_] | None]
"""Where a head lies, its lesions on the scan, and those in the template, on the common grid, where they are known."""
People = Callable[[np.random.Generator], Drawn]
Numbers = NDArray[np.intp]
Chances = NDArray[np.floating]
Noise = NDArray[np.float32]


@dataclass(frozen=True)
class Planted:
    """The chance of a lesion at every voxel of the common grid, (X, Y, Z), and the number of its region, 0 for none."""

    chance: Chances
    region: Numbers


@lru_cache(maxsize=1)
def planted() -> Planted:
    """Return the chance of a lesion at every place of ICBM152; the same every time."""
    template = icbm152()
    if template.ventricle is None:
        raise ValueError("the template has no ventricles")
    brain, ventricle = template.brain[::2, ::2, ::2], template.ventricle[::2, ::2, ::2]
    white, grey = template_map("wm")[::2, ::2, ::2], template_map("gm")[::2, ::2, ::2]
    fluid = brain & ~ventricle & (white + grey < 0.35)
    laid = Registration(template, np.eye(4), AFFINE, COMMON, 1.0)
    region = bullseye(laid, brain, ventricle, fluid, (SPACING_MM,) * 3).image.astype(np.intp)
    rates = np.zeros(len(REGIONS) + 1)
    for one in REGIONS:
        lobe, _, shell = one.name.rpartition(", ")
        right = RIGHT_FACTORS.get(lobe, 1.0) if one.side == "right" else 1.0
        rates[one.number] = RATES[shell] * LOBE_FACTORS[lobe] * right if lobe in LOBE_FACTORS else ELSEWHERE
    chance = ndimage.gaussian_filter(rates[region] * ((white > 0.5) & ~ventricle), SOFT_MM / SPACING_MM)
    return Planted(np.where(chance < LEAST, 0, chance), region)


def smooth_noise(rng: np.random.Generator, shape: Sequence[int], spacing_mm: Sequence[float]) -> Noise:
    """Return noise of variance 1 everywhere, exactly, that is alike within ``GRAIN_MM``."""
    sd = [GRAIN_MM / mm for mm in spacing_mm]
    # Noise that goes on at the other edge has the same variance at the edges as in the middle.
    noise = ndimage.gaussian_filter(rng.standard_normal(shape, np.float32), sd, mode="wrap")
    # Along each axis the variance shrinks by the sum of the squared weights.
    tips = [np.eye(1, 2 * size + 1, size)[0] for size in (math.ceil(5 * each) + 1 for each in sd)]
    weights = [ndimage.gaussian_filter1d(tip, each) for tip, each in zip(tips, sd, strict=True)]
    noise /= math.sqrt(math.prod(float((each**2).sum()) for each in weights))
    return math.sqrt(1 - SHARED) * noise + math.sqrt(SHARED) * np.float32(rng.standard_normal())


def grown(noise: Noise, chance: Chances) -> NDArray[np.bool_]:
    """Return where noise of variance 1 is lower than the chance asks: there lies a lesion, with that chance."""
    return np.asarray(noise < special.ndtri(chance))


def at_known_places(rng: np.random.Generator) -> Drawn:
    """Return a head whose place is known, and its lesions, grown on the scan's own voxels."""
    laid = known(drawn_head(rng))
    voxels = np.indices(SHAPE).reshape(3, -1).T
    steps = apply_affine(np.linalg.inv(AFFINE) @ laid.to_template @ GRID, voxels).T
    chance = ndimage.map_coordinates(planted().chance, steps, order=1).reshape(SHAPE)
    return laid, grown(smooth_noise(rng, SHAPE, np.diag(GRID)[:3]), np.where(chance < LEAST / 2, 0, chance)), None


def at_registered_places(rng: np.random.Generator) -> Drawn:
    """Return a bent head with lesions grown in it, scanned in thick slices, and the registration found for it."""
    shape = anatomy().white.shape
    steps = np.indices(shape, np.float32).reshape(3, -1) / 2
    chance = ndimage.map_coordinates(planted().chance.astype(np.float32), steps, order=1).reshape(shape)
    lesions = grown(smooth_noise(rng, shape, (1.0, 1.0, 1.0)), np.where(chance < LEAST / 2, 0, chance))
    person = person_of(rng, "MS", "F" if rng.random() < 0.7 else "M", float(rng.uniform(20, 60)))
    scan = scanned(rng, lesions.astype(np.int32), ["periventricular"], person)
    found = register(scan.data, scan.brain, scan.affine, icbm152(), ventricle=scan.labels == 1)
    return found, scan.labels == 2, lesions[::2, ::2, ::2]


def drawn(
    people: int, seed: int, how: People
) -> Iterator[tuple[dict[str, list[int]], NDArray[np.bool_], NDArray[np.bool_] | None]]:
    """Yield a row of ``group_map`` per person, the lesions on their scan, and those in the template where known."""
    for one in range(people):
        registration, wmh, in_template = how(np.random.default_rng((2027, seed, one)))
        found = lesion_map(registration, wmh)
        yield {"lesion_voxels": found.voxels.tolist(), "seen_runs": found.seen.tolist()}, wmh, in_template


def compared(
    people: int, seed: int, how: People = at_known_places, *, mirrored: bool = False, picture: Path | None = None
) -> dict[str, Any]:
    """Return the map of so many people beside what was planted: in every region, voxel by voxel, and where nothing was.

    Parameters
    ----------
    people, seed : how many, and which
    how : draws a person
    mirrored : compare with the planted chances of the other side instead, which a map must not agree with
    picture : planted and recovered map are drawn there, PNG
    """
    truth = planted()
    chance = (truth.chance[::-1] if mirrored else truth.chance).ravel(order="F")
    region = truth.region.ravel(order="F")
    rows, blobs = [], []
    own = np.zeros(len(REGIONS) + 1)
    for row, wmh, in_template in drawn(people, seed, how):
        if in_template is not None:
            own += np.bincount(region[in_template.ravel(order="F")], minlength=own.size)
        rows.append(row)
        pieces, _ = ndimage.label(wmh)
        blobs.append(np.bincount(pieces.ravel())[1:])
    held = group_map(pl.DataFrame(rows, schema_overrides={"lesion_voxels": pl.List(pl.UInt32)}))
    frequency = held.frequency()
    possible = (chance > 0) & (region > 0) & (held.n_seen == people)
    size = np.bincount(region[possible], minlength=len(REGIONS) + 1)
    of_region = np.bincount(region[possible], chance[possible], len(REGIONS) + 1) / np.maximum(size, 1)
    shares = np.empty((people, len(REGIONS) + 1))
    for index, row in enumerate(rows):
        voxels = np.array(row["lesion_voxels"], np.intp)
        shares[index] = np.bincount(region[voxels[possible[voxels]]], minlength=size.size) / np.maximum(size, 1)
    regions = []
    for one in REGIONS:
        # A few voxels at the edge of a region's white matter are no region.
        if size[one.number] * SPACING_MM**3 < 500:
            continue
        its = shares[:, one.number]
        off, error = its.mean() - of_region[one.number], its.std(ddof=1) / math.sqrt(people)
        regions.append({
            "region": one.name, "side": one.side, "voxels": int(size[one.number]),
            "planted": float(of_region[one.number]), "map": float(its.mean()),
            "off": float(off), "error": float(error), "z": float(off / error),
        })  # fmt: skip
    number = {(one.name, one.side): one.number for one in REGIONS}
    sides = {}
    for name in (each["region"] for each in regions if each["side"] == "left"):
        left, right = number[name, "left"], number[name, "right"]
        its = shares[:, left] - shares[:, right]
        off, error = its.mean() - (of_region[left] - of_region[right]), its.std(ddof=1) / math.sqrt(people)
        sides[name] = float(off / error)
    # Where few lesions are expected, a share has no bell shape about its chance.
    tested = possible & (chance * people >= 5)
    z = (frequency - chance)[tested] / np.sqrt(chance * (1 - chance) / people)[tested]
    # A voxel of the scan is so large that a place may be shown by what lies beside it.
    away = ndimage.distance_transform_edt((chance == 0).reshape(COMMON, order="F"), sampling=SPACING_MM)
    nowhere = (away.ravel(order="F") > 4) & (held.n_seen > 0)
    if picture is not None:
        _drawn_above(np.where(held.n_seen > 0, chance, np.nan), frequency, people).save(picture)
    counts = [each.size for each in blobs]
    whole = {}
    if own.any():
        voxels_of = np.bincount(region, minlength=own.size)
        theirs = np.bincount(region, weights=held.n_lesion, minlength=own.size)
        kept = {one.number: float(theirs[one.number] / own[one.number]) for one in REGIONS if own[one.number] > 0}
        # Grown lesions reach beneath the lowest slice; regions of the cerebrum do not.
        above = [one.number for one in REGIONS if one.name.partition(",")[0] in LOBES and one.number in kept]
        whole = {
            "map_of_grown": float(theirs[above].sum() / own[above].sum()),
            "map_of_grown_by_region": {f"{REGIONS[n - 1].name}, {REGIONS[n - 1].side}": kept[n] for n in above},
            "grown_correlation": float(
                np.corrcoef(own[above] / voxels_of[above], theirs[above] / voxels_of[above])[0, 1]
            ),
        }
    return whole | {
        "people": people,
        "planted_from": float(chance[possible].min()),
        "planted_to": float(chance[possible].max()),
        "lesions_per_person": [float(each) for each in np.percentile(counts, (5, 50, 95))],
        "regions": regions,
        "largest_region_off": max(abs(one["off"]) for one in regions),
        "regions_beyond_1_96": sum(abs(one["z"]) > 1.96 for one in regions),
        "largest_region_z": max(abs(one["z"]) for one in regions),
        "left_minus_right_z": sides,
        "largest_side_z": max(abs(each) for each in sides.values()),
        "region_correlation": float(np.corrcoef([(one["planted"], one["map"]) for one in regions], rowvar=False)[0, 1]),
        "voxels": int(tested.sum()),
        "voxel_correlation": float(np.corrcoef(chance[tested], frequency[tested])[0, 1]),
        "voxel_mean_z_squared": float((z**2).mean()),
        "voxel_mean_off": float((frequency - chance)[tested].mean()),
        "nowhere_voxels": int(nowhere.sum()),
        "nowhere_highest": float(frequency[nowhere].max()),
    }


def _drawn_above(chance: Chances, frequency: NDArray[np.float32], people: int) -> Image.Image:
    """Return the planted chances above the map of people, one scale for both."""
    most = float(np.nanmax(chance))
    parts: list[NDArray[np.uint8]] = []
    for values, title in ((chance, "planted chance of a lesion"), (frequency, f"lesion map, n = {people}")):
        shown = map_picture(ShownMap(values.astype(np.float32), "MS", most), synthetic=True)
        strip = Image.new("RGB", (shown.shape[1], 30), (0, 0, 0))
        text = f"{title}, 0 to {most:.0%}"
        ImageDraw.Draw(strip).text((6, 6), text, (255, 255, 255), ImageFont.load_default(size=16))
        parts += [np.asarray(strip), shown]
    return Image.fromarray(np.concatenate(parts))


def main(argv: Sequence[str] | None = None) -> None:
    """Draw, map, compare, print one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.planted_frequency", description=__doc__)
    parser.add_argument("--people", type=int, default=200, metavar="N", help="default: 200")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=1, metavar="R", help="so many groups of people (default: 1)")
    parser.add_argument("--registered", action="store_true", help="bent heads, registered (5 s of a processor each)")
    parser.add_argument(
        "--picture", type=Path, metavar="FILE", help="planted and recovered map of the first group, PNG"
    )
    args = parser.parse_args(argv)
    how = at_registered_places if args.registered else at_known_places
    found = [
        compared(args.people, args.seed + index, how, picture=None if index else args.picture)
        for index in range(args.repeats)
    ]
    print(json.dumps({"first": found[0], "all": _of_all(found)}, indent=1))


def _of_all(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return what holds over all groups: how often a region's mean is further from the planted than it should be."""
    z = np.array([one["z"] for each in found for one in each["regions"]])
    sides = np.array([z for each in found for z in each["left_minus_right_z"].values()])
    squared = [each["voxel_mean_z_squared"] for each in found]
    return {
        "groups": len(found),
        "regions_beyond_1_96_pct": 100 * float(np.mean(np.abs(z) > 1.96)),
        "mean_z": float(z.mean()),
        "sides_beyond_1_96_pct": 100 * float(np.mean(np.abs(sides) > 1.96)),
        "voxel_mean_z_squared": [float(np.mean(squared)), float(np.min(squared)), float(np.max(squared))],
    }


if __name__ == "__main__":
    main()
