"""`mscohort atlas list|add|remove`: the atlases lesions can be counted by."""

import argparse
import os
from pathlib import Path
from typing import Any

from app.commands.regions_command import ATLASES
from db.store import default_root
from vocabulary.messages import counted


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the actions of `atlas`."""
    parser.add_argument("action", choices=("list", "add", "remove"))
    parser.add_argument("name", nargs="?", metavar="NAME", help="the atlas to add or remove")
    parser.add_argument("--labels", type=Path, metavar="FILE", help="NIfTI image of whole numbers, 0 outside regions")
    parser.add_argument("--table", type=Path, metavar="FILE", help="numbers and names: CSV, TSV, or NUMBER NAME a line")
    parser.add_argument(
        "--template", type=Path, metavar="FILE", help="the head the labels are drawn on, brain extracted, on their grid"
    )
    parser.add_argument("--space", metavar="NAME", help="the coordinates it is drawn in, as its source states them")
    parser.add_argument("--licence", default="not stated", metavar="TEXT", help="who may use it for what")
    parser.add_argument("--source", default="not stated", metavar="TEXT", help="where it is from")
    parser.add_argument(
        "--name", dest="names", action="append", default=[], metavar="NUMBER=NAME", help="a name the table lacks"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """List, add or remove."""
    from app.cli import UsageError
    from pipeline.regions.atlas import BUILT_IN, keep_atlas, kept_atlases, read_atlas, remove_atlas
    from pipeline.regions.bullseye import REGIONS
    from pipeline.registration.icbm152 import SPACE

    root = (args.store or default_root()) / ATLASES
    if args.action == "list":
        built_in = {
            "name": BUILT_IN,
            "space": SPACE,
            "licence": "MIT; on the ICBM152 template, whose notice stands in docs/methods.md",
            "source": "MS Cohort Explorer",
            "n_regions": len(REGIONS),
        }
        kept = [{key: getattr(card, key) for key in built_in} | {"sha256": card.sha256} for card in kept_atlases(root)]
        return {"action": "list", "atlases": [built_in, *kept]}
    if not args.name:
        raise UsageError(f"{args.action} needs the atlas' NAME")
    if args.action == "remove":
        remove_atlas(args.name, root)
        return {"action": "remove", "name": args.name}
    missing = [f"--{part}" for part in ("labels", "table", "template", "space") if getattr(args, part) is None]
    if missing:
        raise UsageError(
            f"add needs {', '.join(missing)}; an atlas is its labels, their names and the head they are drawn on"
        )
    atlas = read_atlas(
        args.name,
        args.labels,
        args.table,
        args.template,
        space=args.space,
        licence=args.licence,
        source=args.source,
        names=dict(_named(text) for text in args.names),
    )
    folder = keep_atlas(atlas, root)
    sides = {side: sum(region.side == side for region in atlas.regions) for side in ("left", "right", "both")}
    return {
        "action": "add",
        "name": args.name,
        "space": atlas.card.space,
        "n_regions": atlas.card.n_regions,
        "sides": sides,
        "folder": os.fspath(folder),
    }


def _named(text: str) -> tuple[int, str]:
    from app.cli import UsageError

    number, mark, name = text.partition("=")
    if not mark or not number.strip().isdigit() or not name.strip():
        raise UsageError(f"--name '{text}': expected NUMBER=NAME, such as 35='other white matter, left'")
    return int(number), name.strip()


def show(result: dict[str, Any]) -> str:
    """Say what there is, or what was done."""
    if result["action"] == "list":
        return "\n".join(
            f"{atlas['name']:<20} {counted(atlas['n_regions'], 'region'):<14} in {atlas['space']}; "
            f"licence: {atlas['licence']}"
            for atlas in result["atlases"]
        )
    if result["action"] == "remove":
        return f"{result['name']} was removed"
    sides = result["sides"]
    return (
        f"{result['name']}: {counted(result['n_regions'], 'region')} in {result['space']}: {sides['left']} left, "
        f"{sides['right']} right, {sides['both']} across the midline. Kept in {result['folder']}"
    )
