"""Who was measured under both protocols: the shipped out-of-sample measures beside the released table's rows."""

import polars as pl

from analysis.norms.bridge import HEAD, Bridge, fit_bridge, study_heads
from analysis.norms.reference_files import shipped_references
from app.model_data import shipped_models
from db.errors import NotInStore
from db.snapshot import Snapshot
from pipeline.segmentation.bundled_models import DEFAULT_MODEL
from vocabulary.measures import PUBLISHED_PROTOCOL

SOURCE_PROTOCOL = "mscohort-1"
SPLIT = "cv5-raw"
"""Scans as the scanner made them, each measured by networks that never saw the patient. Head size needs no network: it
is that of all public scans, raw and prepared."""
NAME = "mscohort-1-to-tabriz-2026"


def bridge_of(snapshot: Snapshot, dataset: str | None = None) -> Bridge:
    """Fit the bridge from this program's measures to the released table, on the patients in both.

    Raises
    ------
    NotInStore : the store does not hold the released table
    NoBridge : too few of its people were measured here
    """
    rows = snapshot.datasets().filter(pl.col("protocol_ids").list.contains(PUBLISHED_PROTOCOL))
    named = dataset or (rows["dataset_id"][0] if rows.height else None)
    if named is None:
        raise NotInStore(f"the store holds nobody measured under {PUBLISHED_PROTOCOL}; import the released table first")
    released = snapshot.cohort(named, PUBLISHED_PROTOCOL)
    found = shipped_models().measures.filter((pl.col("model_id") == DEFAULT_MODEL) & (pl.col("split") == SPLIT))
    measures = [*(name for name in found["measure"].unique() if name in released.columns), HEAD]
    target = released.select("subject_id", "sex", "age_years", *measures).unpivot(
        index=["subject_id", "sex", "age_years"], variable_name="measure", value_name="target"
    )
    heads = study_heads().select("subject_id", pl.lit(HEAD).alias("measure"), "source")
    pairs = pl.concat([found.select("subject_id", "measure", source="found"), heads]).join(
        target, on=["subject_id", "measure"]
    )
    controls = next(r for r in shipped_references() if r.group == "HC")
    return fit_bridge(
        pairs.drop_nulls(["source", "target"]),
        name=NAME,
        source=SOURCE_PROTOCOL,
        target=PUBLISHED_PROTOCOL,
        how=f"{DEFAULT_MODEL}, {SPLIT}: networks that never saw the patient",
        controls=controls,
    )
