"""From the rows of the source to the people shown: the stages of the flow and the reasons of every rejection."""

import polars as pl

from analysis.overview import inclusion
from app.figures.cohort.inclusion_flow import Stage
from app.state import OpenedStore, Selection


def stages(selection: Selection, run: dict[str, object] | None) -> list[Stage]:
    """Return the stages of the flow of inclusion.

    Parameters
    ----------
    run : the import that brought the dataset, as `db.snapshot.Snapshot.runs` lists it; None when unknown
    """
    everyone, shown = selection.everyone, selection.frame
    aged = shown.drop_nulls("age_years")
    found = []
    if run is not None and run["kind"] == "ingest":
        # Scans may come in several runs, so the counts of the newest are not those of the dataset.
        found.append(Stage("Scans measured", everyone.height, _groups(everyone)))
    elif run is not None:
        accepted, rejected = int(str(run["n_accepted"])), int(str(run["n_rejected"]))
        found.append(Stage("Rows in the source", accepted + rejected))
        found.append(Stage("Imported", everyone.height, _groups(everyone), f"{rejected:,} rejected"))
    else:
        found.append(Stage("Imported", everyone.height, _groups(everyone)))
    comparable = selection.comparable
    if selection.left_out:
        found.append(Stage("To compare", comparable.height, _groups(comparable), ", ".join(selection.left_out)))
    found.append(
        Stage("Shown here", shown.height, _groups(shown), f"{comparable.height - shown.height:,} filtered out")
    )
    found.append(Stage("In age figures", aged.height, _groups(aged), f"{shown.height - aged.height:,} of unknown age"))
    return found


def latest_run(opened: OpenedStore | None, selection: Selection) -> dict[str, object] | None:
    """Return the newest run that brought the dataset into the store."""
    if opened is None:
        return None
    dataset = selection.dataset
    runs = opened.runs().filter(
        (pl.col("dataset_id") == dataset.dataset_id) & (pl.col("protocol_id") == dataset.protocol_id)
    )
    return runs.row(0, named=True) if runs.height else None


def steps_table(selection: Selection) -> pl.DataFrame:
    """Return the filter's steps as text, ready to be shown."""
    steps = inclusion(selection.everyone, selection.filter)
    counts = [pl.col(c).map_elements("{:,}".format, return_dtype=pl.String) for c in ("n", "n_hc", "n_ms", "n_removed")]
    return steps.select("step", *counts).rename(
        {"step": "Step", "n": "People left", "n_hc": "HC", "n_ms": "MS", "n_removed": "Left out by it"}
    )


def rejection_reasons(opened: OpenedStore | None, run: dict[str, object] | None) -> pl.DataFrame:
    """Return how many rows of the source were refused for which reason, most frequent first."""
    if opened is None or run is None:
        return pl.DataFrame({"Column": [], "Reason": [], "Rows": []})
    refused = opened.snapshot.rejections(str(run["run_id"]))
    found = refused.group_by("column_name", "reason").len("n").sort("n", descending=True)
    return found.select(
        pl.col("column_name").fill_null("").alias("Column"),
        pl.col("reason").alias("Reason"),
        pl.col("n").map_elements("{:,}".format, return_dtype=pl.String).alias("Rows"),
    )


def _groups(frame: pl.DataFrame) -> str:
    counts = dict(frame.group_by("group").len().rows())
    return " · ".join(f"{group} {counts[group]:,}" for group in ("HC", "MS") if group in counts)
