"""`mscohort norms score|list|fit|bridge`: normative references, and one person or a whole table placed in them."""

import argparse
from pathlib import Path
from typing import Any

from app.commands import norms_bridge, norms_fit, norms_score
from app.references import library
from db.store import default_root
from vocabulary.measures import GROUPS, RESEARCH_ONLY, SEXES

ACTIONS = ("score", "list", "fit", "bridge")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the actions of `norms` and their options."""
    parser.add_argument(
        "action",
        choices=ACTIONS,
        help="place a person or every row of a table; list references; fit one to your own controls; say what can be "
        "carried from this program's measures to the released norms",
    )
    parser.add_argument("table", nargs="?", type=Path, metavar="TABLE", help="score: a table, one row per person")
    one = parser.add_argument_group("one person (score)")
    one.add_argument("--age", type=float, metavar="YEARS", help="age in completed years")
    one.add_argument("--sex", type=str.upper, choices=SEXES, help="sex, F or M")
    one.add_argument(
        "--measure",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME=VALUE",
        help="a value, such as ventricle_ratio_pct=0.36; areas in mm², ratios in percent",
    )
    parser.add_argument("--protocol", metavar="ID", help="how the values were measured, such as tabriz-2026-published")
    parser.add_argument("--reference", metavar="NAME", help="the reference to score against (see list)")
    parser.add_argument("--group", choices=GROUPS, default="HC", help="controls (default), or place among patients")
    parser.add_argument("--out", type=Path, metavar="FILE", help="score TABLE: where the scores go, as CSV")
    own = parser.add_argument_group("a reference of your own (fit)")
    own.add_argument("--dataset", metavar="NAME", help="dataset of the store to fit to")
    own.add_argument("--name", metavar="NAME", help="what the reference is called")
    own.add_argument("--check", action="store_true", help="also compare its intervals with 200 bootstrap refits")
    own.add_argument("--only-passed", action="store_true", help="fit to scans that a reader passed, nothing else")
    own.add_argument("--replace", action="store_true", help="fit a reference of the same name anew")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Do what the action says."""
    root = args.store or default_root()
    if args.action == "list":
        return {"action": "list", **listed(root)}
    if args.action == "fit":
        return {"action": "fit", **norms_fit.run(args, root)}
    if args.action == "bridge":
        return {"action": "bridge", **norms_bridge.run(args, root)}
    return {"action": "score", **norms_score.run(args, library(root))}


def show(result: dict[str, Any]) -> str:
    """Say what was found."""
    if result["action"] == "list":
        return show_list(result)
    if result["action"] == "fit":
        return norms_fit.show(result)
    if result["action"] == "bridge":
        return norms_bridge.show(result)
    return norms_score.show(result)


def listed(root: Path) -> dict[str, Any]:
    """Return every reference at hand with who is behind it."""
    found = library(root)
    return {
        "references": [
            {
                "name": r.name,
                "title": r.title,
                "group": r.group,
                "protocol": r.protocol,
                "n": r.n,
                "n_by_sex": r.n_by_sex,
                "ages": {sex: list(r.age_range(sex)) for sex in SEXES},
                "measures": list(r.measures),
                "models": {m.measure: m.family for m in r.models},
                "specificity": r.specificity,
                "synthetic": r.synthetic,
                "fitted_on": r.fitted_on,
                "software": r.software,
                "dataset": r.dataset,
                "content_sha256": r.content_sha256,
                "citation": r.citation,
            }
            for r in found.references
        ],
        "problems": list(found.problems),
    }


def show_list(result: dict[str, Any]) -> str:
    """Return one paragraph per reference."""
    lines = []
    for r in result["references"]:
        first, last = min(a for a, _ in r["ages"].values()), max(b for _, b in r["ages"].values())
        sexes = f"{r['n_by_sex']['F']:,} women, {r['n_by_sex']['M']:,} men"
        lines.append(f"{r['name']}: {r['title']}{' (synthetic)' if r['synthetic'] else ''}")
        lines.append(f"  {r['n']:,} {r['group']} ({sexes}), {first:g}-{last:g} years, protocol {r['protocol']}")
        lines.append(f"  {', '.join(r['measures'])}")
        if r["group"] == "HC" and r["specificity"]:
            found = r["specificity"]
            lines.append(
                f"  WMH found in these controls: median {found['wmh_area_median_mm2']:,.0f} mm², "
                f"95th centile {found['wmh_area_p95_mm2']:,.0f} mm²"
            )
        lines.append(f"  fitted {r['fitted_on']} by {r['software']}")
    return "\n".join([*lines, *(f"not used: {problem}" for problem in result["problems"]), RESEARCH_ONLY])
