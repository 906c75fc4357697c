"""`mscohort clusters`: groups of people with like patterns of lesions, how stable they are, or that there are none."""

import argparse
from typing import Any

from app.commands.filters import add_filter_arguments, counts, filter_from, footing, load_frame, matching_of
from app.commands.progress import ProgressLine
from app.json_rows import rows_of
from app.sentences.clusters import clusters_sentence, left_out
from app.sentences.formatting import format_table
from db.store import Store, default_root
from vocabulary.measures import RESEARCH_ONLY


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `clusters`."""
    from analysis.region_clusters import REPRESENTATIONS, SEED

    parser.add_argument(
        "--pattern", choices=list(REPRESENTATIONS), default="composition",
        help="; ".join(f"{name}: {text}" for name, text in REPRESENTATIONS.items()) + " (default: composition)",
    )  # fmt: skip
    parser.add_argument("--save", metavar="NAME", help="keep who is in which cluster as a column of the dataset")
    parser.add_argument("--seed", type=int, default=SEED, metavar="N", help=f"default: {SEED}")
    add_filter_arguments(parser)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Look for clusters, keep them where asked, and return the JSON answer.

    Returns
    -------
    dict : the source, filters, n of people with regions per group, answer (sentences), pattern, k (null where there are
        none), reason, by_k, clusters (per cluster n by group, age, sex), profiles, members, saved (null unless kept)

    Raises
    ------
    NotInStore : nobody chosen has regions.
    UsageError : nothing to save, for there are no clusters.
    """
    from analysis.region_clusters import find_clusters, members_described, profiles
    from analysis.regions import people_by_region
    from app.cli import UsageError
    from db.errors import NotInStore
    from db.save_clusters import save_clusters

    source, everyone = load_frame(args)
    chosen = filter_from(args)
    frame = chosen.apply(everyone)
    store = Store(args.store or default_root())
    with store.read() as snapshot:
        by_region = people_by_region(frame, snapshot.region_loads(dataset_id=source.dataset_id))
    if by_region.is_empty():
        raise NotInStore(
            f"nobody chosen from '{source.dataset_id}' has lesions by region; they come from scans that a template was "
            "brought onto: `mscohort ingest FOLDER`"
        )
    line = ProgressLine()

    def progress(share: float) -> bool:
        line.over(f"clusters: {share:.0%} of people drawn again{line.left(share, 1)}")
        return True

    found = find_clusters(by_region, args.pattern, seed=args.seed, progress=progress)
    line.clear()
    saved = None
    if args.save is not None:
        if found.k is None:
            raise UsageError(f"there is nothing to save: no stable clusters ({found.reason})")
        kept = save_clusters(store, source.dataset_id, source.protocol_id, args.save, found.people)
        saved = {"column": kept.column, "label": kept.label, "n": kept.n, "store_version": kept.version}
    persons = frame.join(by_region.select("scan_id", "protocol_id").unique(), on=["scan_id", "protocol_id"], how="semi")
    return {
        **source.to_dict(),
        "filters": chosen.to_dict(),
        "filter_text": chosen.describe(),
        "n": counts(persons),
        **matching_of(chosen, everyone, frame),
        "answer": [sentence for sentence in (clusters_sentence(found), left_out(found)) if sentence],
        "pattern": found.representation,
        "k": found.k,
        "reason": found.reason or None,
        "n_clustered": found.people.height if found.k else 0,
        "n_without_lesions": found.n_without,
        "by_k": rows_of(found.by_k),
        "clusters": rows_of(members_described(frame, found)),
        "profiles": rows_of(profiles(by_region, found)),
        "members": rows_of(found.people.drop_nulls("cluster").select("subject_id", "scan_id", "cluster", "silhouette")),
        "saved": saved,
    }


def show(result: dict[str, Any]) -> str:
    """Return the answer for a person: the sentence, how stable each number of clusters is, who is in them."""
    lines = [*result["answer"], ""]
    if result["by_k"]:
        rows = [
            (
                f"{row['k']}", f"{row['stability']:.2f}", f"{row['stability_low']:.2f}", f"{row['silhouette']:.3f}",
                f"{row['silhouette_reference']:.3f}",
            )
            for row in result["by_k"]
        ]  # fmt: skip
        headers = (
            "clusters",
            "adjusted Rand index",
            "10th percentile",
            "silhouette",
            "without clusters (95th percentile)",
        )
        lines.append(format_table(headers, rows))
    if result["clusters"]:
        people = [
            (row["cluster"], f"{row['n']:,}", f"{row['n_ms']:,}", f"{row['n_hc']:,}", f"{row['n_women']:,}",
             "-" if row["age_mean"] is None else f"{row['age_mean']:.1f}", f"{row['load_ml']:.2f}")
            for row in result["clusters"]
        ]  # fmt: skip
        who = ("cluster", "n", "MS", "HC", "women", "mean age", "mean load mL")
        lines += ["", format_table(who, people)]
    if result["saved"]:
        saved = result["saved"]
        lines += ["", f"kept as the column {saved['column']} of {result['dataset']} ({saved['n']:,} people): "
                  f"--where {saved['column']}=A"]  # fmt: skip
    return "\n".join([*lines, footing(result), RESEARCH_ONLY])
