"""`mscohort norms bridge`: what a value measured here would be under the released table's protocol, and how sure."""

import argparse
import math
from pathlib import Path
from typing import Any

from analysis.norms.bridge import CARRIED, WITH_CENTILE
from app.bridging import bridge_of
from db.store import Store
from vocabulary.measures import MEASURES, RESEARCH_ONLY


def run(args: argparse.Namespace, root: Path) -> dict[str, Any]:
    """Fit the bridge again on the store's released table and say what it carries.

    Raises
    ------
    NotInStore, NoBridge : there is nobody measured under both protocols
    """
    with Store(root).read() as snapshot:
        bridge = bridge_of(snapshot, args.dataset)
    return {
        "bridge": bridge.name,
        "source_protocol": bridge.source_protocol,
        "target_protocol": bridge.target_protocol,
        "how": bridge.how,
        "measures": [
            {
                "measure": m.measure,
                "n": m.n,
                "intercept": m.intercept,
                "slope": m.slope,
                "residual_factor": math.exp(m.residual_sd),
                "interval_factor": m.interval_factor,
                "loo_factor": m.loo_factor,
                "mean_width": m.mean_width,
                "carried": m.measure in CARRIED,
                "with_centile": m.measure in WITH_CENTILE,
                "lowest": m.source_values[0],
                "highest": m.source_values[-1],
            }
            for m in bridge.measures
        ],
    }


def show(result: dict[str, Any]) -> str:
    """Say what is carried and what is not."""
    ends = f"{result['source_protocol']} -> {result['target_protocol']}"
    lines = [f"{ends} ({result['how']}); no control was measured under both"]
    for m in result["measures"]:
        verdict = "carried, one-sided only" if m["carried"] else "not carried"
        verdict = "carried, with a centile" if m["with_centile"] else verdict
        lines.append(
            f"  {MEASURES[m['measure']].label}: n = {m['n']}, one SD is a factor of {m['residual_factor']:.3g}, 95 % "
            f"prediction within a factor of {m['interval_factor']:.3g}, left-out patients off by a factor of "
            f"{m['loo_factor']:.3g}, centile intervals {m['mean_width']:.0f} points wide on average: {verdict}"
        )
    return "\n".join([*lines, RESEARCH_ONLY])
