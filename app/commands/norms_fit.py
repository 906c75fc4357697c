"""`mscohort norms fit`: a reference fitted to a site's own people, and how sure its intervals are."""

import argparse
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from analysis.filters import Filter
from analysis.norms.fit_reference import fit_reference
from app.references import write_reference
from db.errors import NotInStore
from db.store import Store
from vocabulary.measures import RESEARCH_ONLY
from vocabulary.messages import counted

REASONS = {
    "failed": "failed by a reader",
    "not_passed": "not passed by a reader",
    "unknown_age_or_sex": "of unknown age or sex",
    "later_scans": "later ones of the same people",
}
"""Why a scan carries no norm."""


def run(args: argparse.Namespace, root: Path) -> dict[str, Any]:
    """Fit a reference to a dataset's people of one group and keep it in the store's folder.

    Raises
    ------
    TooFewPeople, NotFitted : the people carry no norm
    NotInStore : no such dataset or protocol
    """
    with Store(root).read() as snapshot:
        datasets = snapshot.datasets()
        if datasets.is_empty():
            raise NotInStore("the store holds no dataset; bring one in with 'mscohort import' or 'mscohort ingest'")
        named = args.dataset or datasets["dataset_id"][0]
        everyone = snapshot.cohort(named, args.protocol)
        row = datasets.row(by_predicate=pl.col("dataset_id") == named, named=True)
    protocol = args.protocol or row["protocol_ids"][0]
    where = (("reader_verdict", "pass"),) if args.only_passed else ()
    # What a reader failed is no measurement: it never makes a norm.
    sound = everyone.filter(pl.col("reader_verdict").fill_null("") != "fail")
    members = everyone.filter(pl.col("group") == args.group)
    people = Filter(protocol=protocol, where=where).apply(sound)
    name = args.name or f"{named}-{'controls' if args.group == 'HC' else 'patients'}"
    reference = fit_reference(
        people,
        name=name,
        title=f"{row['title']}: {'controls' if args.group == 'HC' else 'patients'}",
        group=args.group,
        fitted_on=f"{datetime.now(UTC):%Y-%m-%d}",
        software=f"mscohort {version('mscohort')}",
        protocol=protocol,
        dataset=named,
        content_sha256=row["content_sha256"],
        synthetic=row["synthetic"],
        citation=row["citation"] or "",
        licence=row["licence"] or "",
    )
    path = write_reference(root, reference, replace=args.replace)
    checked = []
    if args.check:
        from analysis.norms.coverage import bootstrap_check

        checked = bootstrap_check(reference, people)
    return {
        "reference": reference.name,
        "file": str(path),
        "group": reference.group,
        "protocol": protocol,
        "n": reference.n,
        "n_by_sex": reference.n_by_sex,
        "only_passed": args.only_passed,
        "n_left_out": members.height - reference.n,
        "left_out": _left_out(members, reference.n, only_passed=args.only_passed),
        "synthetic": reference.synthetic,
        "specificity": reference.specificity,
        "models": [
            {
                "measure": m.measure,
                "family": m.family,
                "n": m.n,
                "log_likelihood": m.additive.log_likelihood,
                "parameters": dict(zip(m.additive.names, m.additive.parameters, strict=True)),
            }
            for m in reference.models
        ],
        "rates": [{"measure": r.measure, "n": r.n, "n_any": r.n_any} for r in reference.rates],
        "check": checked,
    }


def _left_out(members: pl.DataFrame, n_used: int, *, only_passed: bool) -> dict[str, int]:
    """Count the rows of a group that carry no norm, each under the first reason that holds."""
    verdict = pl.col("reader_verdict").fill_null("")
    failed = members.filter(verdict == "fail")
    rest = members.filter(verdict != "fail")
    not_passed = rest.filter(verdict != "pass") if only_passed else rest.clear()
    rest = rest.filter(verdict == "pass") if only_passed else rest
    unknown = rest.filter(pl.any_horizontal(pl.col("age_years", "sex").is_null()))
    counts = {"failed": failed.height, "not_passed": not_passed.height, "unknown_age_or_sex": unknown.height}
    return counts | {"later_scans": members.height - sum(counts.values()) - n_used}


def show(result: dict[str, Any]) -> str:
    """Say what was fitted and to whom."""
    sexes = f"{result['n_by_sex']['F']:,} women, {result['n_by_sex']['M']:,} men"
    lines = [
        f"{result['reference']}: fitted to {result['n']:,} {result['group']} ({sexes}), protocol {result['protocol']}"
    ]
    lines += [
        f"  {m['measure']}: {m['family'].replace('_', ' ')}, n = {m['n']:,}, log-likelihood {m['log_likelihood']:.3f}"
        for m in result["models"]
    ]
    lines += [f"  {r['measure']}: {r['n_any']:,} of {r['n']:,} have any; no centile" for r in result["rates"]]
    if result["group"] == "HC" and result["specificity"]:
        found = result["specificity"]
        lines.append(
            f"  WMH found in these controls: median {found['wmh_area_median_mm2']:,.0f} mm², 95th centile "
            f"{found['wmh_area_p95_mm2']:,.0f} mm²"
        )
    lines += [
        f"  check, {c['measure']} at {c['who']}: interval {c['low']:.1f}-{c['high']:.1f}, bootstrap "
        f"{c['bootstrap_low']:.1f}-{c['bootstrap_high']:.1f}"
        for c in result["check"]
    ]
    if result["n_left_out"]:
        why = ", ".join(f"{n:,} {REASONS[name]}" for name, n in result["left_out"].items() if n)
        lines.append(f"  {counted(result['n_left_out'], 'scan')} left out: {why}")
    return "\n".join([*lines, f"  {result['file']}", RESEARCH_ONLY])
