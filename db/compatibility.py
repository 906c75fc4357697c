"""Whether scans may join a dataset: asked before they are measured, and again when they are published."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from db.errors import ImportConflict
from db.publish_table import DatasetCard, check_slug, read_or_migrate
from db.snapshot import Snapshot
from db.store import Store
from vocabulary.messages import counted, was


@dataclass(frozen=True)
class Misfit:
    """Why scans may not join a dataset.

    Attributes
    ----------
    reason : what the dataset holds and what the scans are
    by_method : it holds scans measured in another way, which these may join once all are measured in one
    """

    reason: str
    by_method: bool = False

    @property
    def advice(self) -> str:
        """What to do about it on the command line."""
        own = "give the scans a dataset of their own with --dataset"
        same = ", use the same --model and --zone-rule, or measure all scans of the dataset again in one run"
        return own + (same if self.by_method else "")


def check_joining(
    store: Store, card: DatasetCard, protocol_id: str, settings: Mapping[str, Any], stems: Collection[str]
) -> None:
    """Raise now what publishing these scans would raise after they were measured.

    Parameters
    ----------
    settings : of the run to come, from `vocabulary.run_contract.method_settings`
    stems : of the scans to measure; those the dataset holds already would be replaced

    Raises
    ------
    ImportConflict : the scans may not join the dataset.
    StoreDamaged, StoreIncompatible : the store cannot be read.
    """
    check_slug("dataset", card.dataset_id)
    snapshot = read_or_migrate(store)
    if snapshot is None:
        return
    with snapshot:
        found = misfit(snapshot, card, protocol_id, settings, stems)
    if found is not None:
        raise ImportConflict(f"{found.reason}; nothing was measured; {found.advice}")


def misfit(
    snapshot: Snapshot, card: DatasetCard, protocol_id: str, settings: Mapping[str, Any], stems: Collection[str]
) -> Misfit | None:
    """Return why scans may not join a dataset, None where they may or where it is new."""
    dataset_id = card.dataset_id
    rows = snapshot.datasets().filter(pl.col("dataset_id") == dataset_id)
    if rows.is_empty():
        return None
    runs = snapshot.runs().filter(pl.col("dataset_id") == dataset_id)
    if set(runs["kind"]) - {"ingest"}:
        return Misfit(f"the dataset '{dataset_id}' came from a table, not from scans")
    synthetic = rows["synthetic"][0]
    if synthetic != card.synthetic:
        has, brings = ("synthetic", "real") if synthetic else ("real", "synthetic")
        return Misfit(f"the dataset '{dataset_id}' holds {has} scans, the run brings {brings} ones")
    ours = [f"{dataset_id}/{stem}" for stem in stems]
    others = snapshot.results(dataset_id).filter(
        (pl.col("protocol_id") == protocol_id) & ~pl.col("scan_id").is_in(ours)
    )
    for kept in others["settings"].unique(maintain_order=True):
        said = json.loads(kept)
        if said != settings:
            n = others.filter(pl.col("settings") == kept).height
            return Misfit(
                f"{counted(n, 'other scan')} of '{dataset_id}' {was(n)} measured with {_method(said)}, this run with "
                f"{_method(settings)}, and these are never pooled",
                by_method=True,
            )
    return None


def _method(settings: Mapping[str, Any]) -> str:
    return (
        f"model {settings.get('model')} ({str(settings.get('weights_sha256'))[:8]}) and zone rule "
        f"{settings.get('zone_rule')} version {settings.get('zone_rule_version')}"
    )
