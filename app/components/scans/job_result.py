"""What came of a job: what was refused and why, pictures and measures of the rest, the way on and the way back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import streamlit as st
from numpy.typing import NDArray

from app.access.current import may, visitor
from app.commands.join_command import joined_lines
from app.components.scans.scan_choice import person
from app.components.tables import numbers_table
from app.jobs.job import Job, put_job_away
from app.scan_images import ScanFilesMissing, read_images, slice_picture
from app.sentences.as_written import as_written
from app.sentences.formatting import format_number
from app.sentences.scan_names import scan_labels, scan_name
from app.state import OpenedStore
from app.uploads.scans import shown_name
from pipeline.measures.quality_flags import FLAGS
from vocabulary.measures import MEASURES, ZONE_NOTICE
from vocabulary.messages import counted

SHOWN_SCANS = 12
GLANCES = 3
SHOWN_MEASURES = (
    "ventricle_volume_ml", "wmh_volume_ml", "lesion_count", "periventricular_volume_ml",
    "paraventricular_volume_ml", "juxtacortical_volume_ml", "intracranial_area_mm2",
)  # fmt: skip


def ended(opened: OpenedStore | None, job: Job, undo: Callable[[str, int, int | None], None], subject: Any) -> None:
    """Show what came of a job.

    Parameters
    ----------
    opened : None where the store is empty
    job : one that is no longer running
    undo : called with the dataset, the version that is to go and the one it was made of
    subject : the page that shows one scan
    """
    if job.state != "done":
        first, *more = [as_written(_plain(line, job)) for line in job.error] or ["The measurement failed."]
        (st.info if job.state == "stopped" else st.error)(first)
        for line in more:
            st.markdown(f"- {line}")
    for rejection in job.answer.get("rejections", ()):
        name, reason = as_written(shown_name(rejection["input"])), as_written(_plain(rejection["reason"], job))
        st.warning(f"**{name}** was refused: {reason}")
    for line in job.answer.get("found", ()):
        st.caption(as_written(_plain(f"{line[0].upper()}{line[1:]}", job)))
    for report in job.answer.get("joined", ()):
        st.caption(
            as_written(f"Kept from {report['source']}: {'; '.join(line.strip() for line in joined_lines(report))}")
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        if may("write") and st.button("Add other scans", type="primary", key="job-again"):
            put_job_away(job, visitor().needs("write", "put a measurement's result away"))
            st.rerun()
        # Not the version when the job began: others may have imported something while it measured.
        before = job.answer.get("version_before")
        undoable = may("write") and opened is not None and job.answer.get("changed")
        told = "The dataset becomes what it was before; pictures and labels stay on the disk"
        if undoable and before is not None and st.button("Undo", key="job-undo", help=told):
            undo(job.answer["dataset"], job.answer["version"], before)
    if job.state == "done" and opened is not None:
        _scans(opened, job, subject)


def ended_sentence(job: Job) -> str:
    """Say in one sentence what came of a job."""
    if job.state == "stopped":
        return "The measurement was stopped; nothing was added to the store."
    if job.state == "failed":
        return "The measurement failed; nothing was added to the store."
    answer = job.answer
    new, old, refused = (answer.get(key, 0) for key in ("n_measured", "n_reused", "n_rejected"))
    parts = [f"{counted(new, 'scan')} measured"] if new or not old else []
    parts += [f"{counted(old, 'scan')} had been measured before"] if old else []
    parts += [f"{refused:,} refused"] if refused else []
    held = "now holds" if answer.get("changed") else "held already"
    return f"{', '.join(parts)}; the store {held} them as dataset {answer['dataset']}, version {answer['version']}."


def _plain(text: str, job: Job) -> str:
    """Take the job's own folders out of a message."""
    for folder in (job.folder / "scans", job.folder, job.folder.parents[1]):
        text = text.replace(f"{folder}/", "").replace(str(folder), "the store's folder")
    return text


@st.cache_data(max_entries=64, show_spinner=False)
def _glance(folder: str, stem: str, run_id: str) -> NDArray[np.uint8] | None:
    """Return a few slices side by side, spread over those with ventricle or lesion; None where files are missing."""
    try:
        images = read_images(Path(folder), stem)
    except ScanFilesMissing:
        return None
    marked = np.flatnonzero((images.tissue > 0).any((0, 1)))
    pool = marked if marked.size else np.arange(images.depth)
    # Neither the lowest nor the highest of them: little is seen there.
    picks = pool[np.linspace(0, pool.size - 1, min(GLANCES, pool.size) + 2).round().astype(int)[1:-1]]
    return np.hstack([slice_picture(images, int(index), height=420) for index in picks])


def _scans(opened: OpenedStore, job: Job, subject: Any) -> None:
    """Show the scans this job dealt with, as the store holds them."""
    ours = [stem for stem, reason in job.scans if not reason]
    held = opened.scans()
    if held.is_empty():
        return
    shown = held.filter((pl.col("dataset_id") == job.answer["dataset"]) & (pl.col("run_id") == job.answer["run_id"]))
    shown = shown.filter(pl.col("stem").is_in(ours)) if ours else shown
    if shown.is_empty():
        st.info("The store no longer holds this run.")
        return
    labels = scan_labels(held)
    for row in shown.head(SHOWN_SCANS).iter_rows(named=True):
        with st.container(border=True):
            _scan(row)
            st.page_link(
                subject, label="Open it: every slice, lesion and measure", query_params={"scan": labels[row["scan_id"]]}
            )
    if shown.height > SHOWN_SCANS:
        st.markdown(f"{shown.height - SHOWN_SCANS:,} more are on the page Scans.")
    st.caption(
        "Ventricles blue; lesions by zone: periventricular vermilion, paraventricular orange, juxtacortical yellow. "
        f"The person's right is on the left, as radiologists hang it. {ZONE_NOTICE} Areas measured here are "
        "not comparable with those of the released table."
    )


def _scan(row: dict[str, Any]) -> None:
    st.markdown(f"**{as_written(scan_name(row))}** ({as_written(person(row))})")
    for flag in row["flags"]:
        st.warning(f"Look at this scan before believing its numbers. {FLAGS.get(flag, flag)}.")
    left, right = st.columns([3, 2], gap="large")
    picture = _glance(row["derivatives"], row["stem"], row["run_id"])
    if picture is None:
        left.markdown("The picture's files were moved or deleted.")
    else:
        left.image(picture, width="stretch")
    cells = [{"Measure": MEASURES[name].axis_title, "Value": format_number(row[name])} for name in SHOWN_MEASURES]
    with right:
        numbers_table(pl.DataFrame(cells), left=("Measure",))
