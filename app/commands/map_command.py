"""`mscohort map --out DIR`: how often a place of the brain holds a lesion, in a group, and MS against HC."""

import argparse
import os
from pathlib import Path
from typing import Any

import polars as pl

from app.commands.filters import add_filter_arguments, counts, filter_from, footing, load_frame, matching_of
from app.commands.progress import ProgressLine
from app.sentences.lesion_maps import map_sentence, voxel_test_sentence, without_map
from db.store import Store, default_root
from vocabulary.measures import GROUPS, RESEARCH_ONLY


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `map`."""
    from analysis.lesion_map_comparison import LEAST_LESIONS, PERMUTATIONS, SEED

    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the maps (NIfTI, CSV)")
    parser.add_argument("--test", action="store_true", help="compare MS with HC voxel by voxel, by permutation")
    parser.add_argument(
        "--permutations", type=_positive, default=PERMUTATIONS, metavar="N", help=f"default: {PERMUTATIONS:,}"
    )
    parser.add_argument(
        "--least", type=_positive, default=LEAST_LESIONS, metavar="N",
        help=f"test voxels in which so many people have a lesion (default: {LEAST_LESIONS})",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=SEED, metavar="N", help=f"of the permutations (default: {SEED})")
    add_filter_arguments(parser)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Write the maps and return the JSON answer.

    Returns
    -------
    dict : the source, filters, n of people with a map per group, without_map, space, voxel_mm, answer (sentences),
        groups (per group n, most frequent place and its frequency), test (None unless asked for) and files

    Raises
    ------
    app.cli.UsageError : a test of fewer than two groups.
    NotInStore : nobody chosen has a lesion map; the message says what to do.
    OutputError : the folder cannot be written.
    """
    from analysis.lesion_maps import group_map
    from app.cli import UsageError
    from app.exports.lesion_maps import write_maps
    from db.errors import NotInStore
    from vocabulary.lesion_grid import SPACE, SPACING_MM, places_of

    source, everyone = load_frame(args)
    chosen = filter_from(args)
    frame = chosen.apply(everyone)
    with Store(args.store or default_root()).read() as snapshot:
        every = snapshot.lesion_maps(source.dataset_id, source.protocol_id)
    maps = frame.join(every.drop("dataset_id", "subject_id"), on=["scan_id", "protocol_id"], how="inner")
    if maps.is_empty():
        raise NotInStore(
            f"nobody chosen from '{source.dataset_id}' has a lesion map; maps come from scans that a template was "
            "brought onto: `mscohort ingest FOLDER`"
        )
    groups = {group: group_map(maps.filter(pl.col("group") == group)) for group in GROUPS}
    told = {}
    for group, held in groups.items():
        if held.n:
            shares = held.frequency()
            top = int(held.n_lesion.argmax())
            told[group] = {
                "n": held.n,
                "most_frequent_mm": places_of(pl.Series([top]).to_numpy())[0].tolist(),
                "most_people": int(held.n_lesion[top]),
                "frequency": float(shares[top]) if held.n_lesion[top] else 0.0,
                "voxels_with_a_lesion": int((held.n_lesion > 0).sum()),
            }
    tested = None
    if args.test:
        if not all(held.n for held in groups.values()):
            raise UsageError("--test compares MS with HC, and one of them has nobody with a lesion map")
        tested = _tested(args, maps)
    files = write_maps(args.out, groups, tested, synthetic=source.synthetic)
    return {
        **source.to_dict(),
        "filters": chosen.to_dict(),
        "filter_text": chosen.describe(),
        "n": counts(maps),
        **matching_of(chosen, everyone, frame),
        "without_map": frame.height - maps.height,
        "space": SPACE,
        "voxel_mm": SPACING_MM,
        "answer": [map_sentence(groups)],
        "groups": told,
        "test": None if tested is None else _summary(tested),
        "files": {name: os.fspath(path) for name, path in files.items()},
    }


def _tested(args: argparse.Namespace, maps: pl.DataFrame) -> Any:
    from analysis.lesion_map_comparison import strata_of, voxel_test

    line = ProgressLine()

    def progress(share: float) -> bool:
        line.over(f"{share:.0%} of {args.permutations:,} permutations{line.left(share, 1)}")
        return True

    found = voxel_test(
        maps,
        (maps["group"] == "MS").to_numpy(),
        strata_of(maps),
        n_permutations=args.permutations,
        least_lesions=args.least,
        seed=args.seed,
        progress=progress,
    )
    line.clear()
    return found


def _summary(found: Any) -> dict[str, Any]:
    return {
        "n_ms": found.n_first,
        "n_hc": found.n_second,
        "n_strata": found.n_strata,
        "n_alone": found.n_alone,
        "voxels_tested": int(found.voxels.size),
        "permutations": found.n_permutations,
        "seed": found.seed,
        "least_lesions": found.least_lesions,
        "smallest_p_voxel": float(found.p_voxel.min()) if found.voxels.size else None,
        "smallest_p_cluster": float(found.p_cluster.min()) if found.voxels.size else None,
        "voxels_more_in_ms": int(((found.p_cluster < 0.05) & (found.z > 0)).sum()),
        "sentence": voxel_test_sentence(found),
        "voxels_more_in_hc": int(((found.p_cluster < 0.05) & (found.z < 0)).sum()),
    }


def show(result: dict[str, Any]) -> str:
    """Return the answer for a person: the sentence, the test, the files, the source."""
    lines = list(result["answer"])
    if result["without_map"]:
        lines.append(without_map(result["without_map"]))
    test = result["test"]
    if test is not None:
        lines.append(test["sentence"])
    lines += [f"  {name}: {path}" for name, path in result["files"].items()]
    return "\n".join([*lines, footing(result), RESEARCH_ONLY])


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number of 1 or more")
    return int(text)
