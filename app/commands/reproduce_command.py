"""`mscohort reproduce`: the published study, number by number, recomputed from the released table."""

import argparse
from typing import Any

import polars as pl

from analysis.published.abstract import NOTE, abstract_discrepancies
from analysis.published.flaws import flaws
from analysis.published.published_numbers import PUBLISHED_AT, is_released_table
from analysis.published.reproduce import VERDICTS, reproduce
from db.errors import NotInStore, StoreMissing
from db.snapshot import Snapshot
from db.store import Store, default_root
from vocabulary.measures import PUBLISHED_PROTOCOL

HOW_TO_GET = (
    f"it is published at {PUBLISHED_AT}: download its cohort CSV, then "
    f"run 'mscohort import FILE --protocol {PUBLISHED_PROTOCOL}'"
)
NOT_RELEASED = "this is not the study's released table, so its numbers cannot be expected to agree"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `reproduce`."""
    parser.add_argument("--dataset", metavar="NAME", help="default: the study's released table")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Recompute every published number and count the verdicts."""
    root = args.store or default_root()
    try:
        snapshot = Store(root).read()
    except StoreMissing as error:
        raise StoreMissing(f"no cohort store in {root}, so no released table either; {HOW_TO_GET}") from error
    with snapshot:
        dataset, frame = released_frame(snapshot, args.dataset)
        version = snapshot.version
    rows = reproduce(frame)
    counts = rows.group_by("place", maintain_order=True).agg(
        pl.len().alias("n_numbers"),
        *((pl.col("verdict") == verdict).sum().alias(f"n_{verdict.replace(' ', '_')}") for verdict in VERDICTS),
    )
    totals = counts.select(pl.exclude("place").sum()).row(0, named=True)
    return {
        "dataset": dataset,
        "store_version": version,
        "n_subjects": frame.height,
        "is_released_table": is_released_table(frame),
        **totals,
        "by_source": counts.rename({"place": "source"}).to_dicts(),
        "flaws": flaws(frame).to_dicts(),
        "abstract": {"note": NOTE, "rows": abstract_discrepancies(frame).to_dicts()},
        "rows": rows.to_dicts(),
    }


def released_frame(snapshot: Snapshot, dataset: str | None = None) -> tuple[str, pl.DataFrame]:
    """Find the table to recompute the study from.

    Parameters
    ----------
    snapshot : Snapshot
        an open store.
    dataset : str, optional
        its name; by default the released table, else the newest real table measured under the study's protocol.

    Returns
    -------
    name and cohort frame of the dataset.

    Raises
    ------
    NotInStore : no such dataset, or none that could be the released table.
    """
    if dataset is not None:
        return dataset, snapshot.cohort(dataset)
    measured = pl.col("protocol_ids").list.contains(PUBLISHED_PROTOCOL) & ~pl.col("synthetic")
    names = snapshot.datasets().filter(measured)["dataset_id"].to_list()
    if not names:
        raise NotInStore(f"the study's released table is not in the store; {HOW_TO_GET}")
    frames = {name: snapshot.cohort(name, PUBLISHED_PROTOCOL) for name in names}
    return next(
        ((name, frame) for name, frame in frames.items() if is_released_table(frame)), next(iter(frames.items()))
    )


def show(result: dict[str, Any]) -> str:
    """Summarise by source, then list every number that is not exact with what would be sound."""
    heading = (
        f"{result['dataset']}, {result['n_subjects']:,} people: {result['n_exact']:,} of {result['n_numbers']:,} exact"
    )
    lines = [heading]
    if not result["is_released_table"]:
        lines.append(f"note: {NOT_RELEASED}")
    lines += ["", f"{'source':<20}{'numbers':>9}{'exact':>8}{'rounding':>10}{'not reproduced':>16}"]
    lines += [
        f"{row['source']:<20}{row['n_numbers']:>9,}{row['n_exact']:>8,}{row['n_rounding']:>10,}{row['n_not_reproduced']:>16,}"
        for row in result["by_source"]
    ]
    lines += ["", "Not exact:"] + [line for row in result["rows"] if row["verdict"] != "exact" for line in _lines(row)]
    lines += ["", "What the study's rules change:"]
    lines += [f"{flaw['number']:>3}. {flaw['title']}: {flaw['what_it_changes']}." for flaw in result["flaws"]]
    return "\n".join([*lines, "", result["abstract"]["note"]])


def _lines(row: dict[str, Any]) -> list[str]:
    who = " ".join(word for word in (row["group"], row["sex"], row["age_group"]) if word.lower() != "all")
    name = f"{row['place']}, {row['quantity']}" + (f" ({who})" if who else "")
    lines = [f"  {name}: {row['published']} printed, {row['recomputed_text']} recomputed"]
    return lines + ([f"      {row['sound']}"] if row["sound"] else [])
