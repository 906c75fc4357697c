"""The study's own networks: beside ours on Models, and its README against its own file on Published vs recomputed."""

import polars as pl
import streamlit as st

from analysis.published.networks import (
    ARCHITECTURES,
    COMPARABLE,
    FILE_SOURCE,
    NOT_AT_HAND,
    README_MS_PER_IMAGE,
    README_SOURCE,
    TISSUES,
    beside_ours,
    iou,
    network_numbers,
)
from analysis.published.published_numbers import PUBLISHED_AT
from app.components.tables import numbers_table
from app.figures.published.verdicts import VERDICT_LABELS
from app.model_data import ModelData
from app.sentences.formatting import MISSING

SCORES = {"dice": "Dice", "precision": "Precision", "recall": "Recall"}


def networks_beside_ours(data: ModelData, summaries: pl.DataFrame, titles: dict[str, str]) -> None:
    """Show the study's Dice, precision and recall beside ours, with what compares and what does not."""
    architectures = {
        row["model_id"]: row["architecture"] for row in data.models.iter_rows(named=True) if row["model_id"] in titles
    }
    table = beside_ours(summaries, architectures)
    st.markdown("## Beside the study's own networks")
    st.markdown(COMPARABLE)
    rows = []
    for (architecture, tissue, model), part in table.group_by(
        "architecture", "tissue", "model_id", maintain_order=True
    ):
        row = {
            "Network": ARCHITECTURES[str(architecture)],
            "Tissue": TISSUES[str(tissue)],
            "Ours": titles.get(str(model), "not tested in this way") if model else "not tested in this way",
        }
        for metric, label in SCORES.items():
            found = part.filter(pl.col("metric") == metric).row(0, named=True)
            row[f"{label}, study"] = f"{found['study']:.3f}"
            row[f"{label}, ours"] = MISSING if found["ours"] is None else f"{found['ours']:.3f}"
        n = part["n"].drop_nulls()
        row["n, ours"] = f"{n[0]:,}" if len(n) else MISSING
        rows.append(row)
    numbers_table(pl.DataFrame(rows), left=("Network", "Tissue", "Ours"), wrap=True)
    st.caption(
        f"Study: {FILE_SOURCE}, {PUBLISHED_AT}; pooled over the pixels of 199 slices. Ours: means over patients."
    )


def networks_as_published() -> None:
    """Show every score the study printed for its networks, its README against its own file."""
    numbers = network_numbers()
    rows = []
    for (architecture, tissue), part in numbers.group_by("architecture", "tissue", maintain_order=True):
        by_metric = {row["metric"]: row for row in part.iter_rows(named=True)}
        row = {"Network": ARCHITECTURES[str(architecture)], "Tissue": TISSUES[str(tissue)]}
        for metric, label, digits in (("dice", "Dice", 3), ("precision", "Precision", 3), ("recall", "Recall", 3),
                                      ("hd95_px", "HD95 (pixels)", 1)):  # fmt: skip
            found = by_metric[metric]
            row[label] = f"{found['value']:.{digits}f}" + _readme(found)
        row["IoU"] = MISSING if tissue == "overall" else f"{iou(by_metric['dice']['value']):.3f}"
        rows.append(row)
    st.markdown(
        f"Four networks, {numbers.height} scores ({FILE_SOURCE}); in brackets what the {README_SOURCE} prints where it "
        f"is not the same number. It gives {README_MS_PER_IMAGE} ms per image. {NOT_AT_HAND} On the page **Models** "
        "these scores stand beside ours."
    )
    numbers_table(pl.DataFrame(rows), left=("Network", "Tissue"))
    st.caption(COMPARABLE)


def _readme(row: dict[str, str | None]) -> str:
    if row["readme"] is None or row["verdict"] == "exact":
        return ""
    return f" (README {row['readme']}: {VERDICT_LABELS[str(row['verdict'])].lower()})"
