"""A job as it runs and what came of it: steps, scans one by one, pictures and measures, the way back."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st

from app import jobs, state
from app.arrivals import shown_name
from app.components import banner
from app.components.tables import numbers_table
from app.formatting import format_number
from app.incoming import as_written
from app.scan_picture import glance
from vocabulary import MEASURES, ZONE_NOTICE

STEPS = ("Checking the files", "Loading the model", "Measuring", "Adding to the store")
SHOWN_SCANS = 12
SHOWN_MEASURES = (
    "ventricle_volume_ml", "wmh_volume_ml", "lesion_count", "periventricular_volume_ml",
    "paraventricular_volume_ml", "juxtacortical_volume_ml", "intracranial_area_mm2",
)  # fmt: skip


@st.fragment(run_every=1.0)
def follow(folder: Path) -> None:
    """Show a running job, looking at its files once a second; the page is drawn anew when it ends."""
    job = jobs.read_job(folder)
    if job.state != "running":
        st.rerun()
    banner.answer(running_sentence(job.progress))
    now = step_of(job.progress)
    total = job.progress.get("total", 0)
    st.progress(job.progress["done"] / total if total else 0.0)
    _steps(now)
    _dealt_with(job)
    st.caption(
        f"Begun {_duration(time.time() - job.request.started)} ago. This page can be closed or reloaded, and the "
        "dashboard stopped: the measurement goes on."
    )
    if st.button("Stop measuring", key="job-stop"):
        with st.spinner("Stopping"):
            jobs.stop(job)
        st.rerun()


def _steps(now: int) -> None:
    items = []
    for place, step in enumerate(STEPS):
        mark, weight = ("✓", 400) if place < now else ("●", 700) if place == now else ("○", 400)
        current = ' aria-current="step"' if place == now else ""
        items.append(
            f'<li{current} style="font-weight:{weight}"><span style="display:inline-block;width:1.6em">{mark}</span>'
            f"{step}</li>"
        )
    st.html(f'<ol style="list-style:none;padding:0;margin:.4rem 0;line-height:1.9">{"".join(items)}</ol>')


def step_of(progress: dict[str, Any]) -> int:
    """Return which of ``STEPS`` a job is at.

    Examples
    --------
    >>> [step_of(p) for p in ({}, {"name": "", "done": 0, "total": 2}, {"name": "a", "done": 1, "total": 2},
    ...                       {"name": "b", "done": 2, "total": 2})]
    [0, 1, 2, 3]
    """
    if not progress:
        return 0
    if progress["done"] >= progress["total"]:
        return 3
    return 2 if progress["name"] else 1


def running_sentence(progress: dict[str, Any]) -> str:
    """Say how far a job is and how long it still takes.

    Examples
    --------
    >>> running_sentence({"name": "sub-1", "done": 3, "total": 20, "n_rejected": 1, "seconds_left": 83.0})
    'Measuring: 3 of 20 scans are done, 1 of them refused; about 1 min 20 s to go.'
    """
    if step_of(progress) < 2:
        return "The measurement is starting; the first scan takes longest, because the model is loaded."
    refused = f", {progress['n_rejected']:,} of them refused" if progress["n_rejected"] else ""
    done = f"{progress['done']:,} of {progress['total']:,} scans are done{refused}"
    if step_of(progress) == 3:
        return f"All but done: {done}, now the store is written."
    left = progress["seconds_left"]
    return f"Measuring: {done}{'' if left is None else f'; about {_duration(left)} to go'}."


def _duration(seconds: float) -> str:
    tens = max(10, round(seconds / 10) * 10)
    if tens < 60:
        return f"{tens} s"
    minutes, rest = divmod(tens, 60)
    if minutes < 10:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{minutes} min" if minutes < 90 else f"{minutes / 60:.1f} h"


def _dealt_with(job: jobs.Job) -> None:
    for stem, reason in job.scans[-SHOWN_SCANS:][::-1]:
        st.markdown(f"- {as_written(stem)}: {'refused. ' + as_written(reason) if reason else 'measured'}")
    if len(job.scans) > SHOWN_SCANS:
        st.markdown(f"- and {len(job.scans) - SHOWN_SCANS:,} before")


def ended(job: jobs.Job, undo: Callable[[int], None], open_subject: Callable[[dict[str, Any]], None] | None) -> None:
    """Show what came of a job.

    Parameters
    ----------
    job : one that is no longer running
    undo : called with the version to go back to
    open_subject : draws the way to a scan's page, given its row of the run's scans; None where there is no such page
    """
    if job.state != "done":
        st.error(as_written(_plain(job.error[0], job)) if job.error else "The measurement failed.")
        for line in job.error[1:]:
            st.markdown(f"- {as_written(_plain(line, job))}")
    else:
        _refusals(job)
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Add other scans", type="primary", key="job-again"):
            jobs.put_away(job)
            st.rerun()
        before = job.request.version_before
        current = state.store().current()
        undoable = job.answer.get("changed") and current is not None and current.number == job.answer["version"]
        if (
            undoable
            and before is not None
            and st.button(
                "Undo",
                key="job-undo",
                help=f"Goes back to store version {before}; pictures and labels stay on the disk",
            )
        ):
            undo(before)
    if job.state == "done":
        _scans(job, open_subject)


def ended_sentence(job: jobs.Job) -> str:
    """Say in one sentence what came of a job."""
    if job.state == "stopped":
        return "The measurement was stopped; nothing was added to the store."
    if job.state == "failed":
        return "The measurement failed; nothing was added to the store."
    answer = job.answer
    new, old, refused = (answer.get(key, 0) for key in ("n_measured", "n_reused", "n_rejected"))
    parts = [f"{_scans_in_words(new)} measured"] if new or not old else []
    parts += [f"{_scans_in_words(old)} had been measured before"] if old else []
    parts += [f"{refused:,} refused"] if refused else []
    held = "now holds" if answer.get("changed") else "held already"
    return f"{', '.join(parts)}; the store {held} them as dataset {answer['dataset']}, version {answer['version']}."


def _scans_in_words(n: int) -> str:
    return "1 scan" if n == 1 else f"{n:,} scans"


def _refusals(job: jobs.Job) -> None:
    for rejection in job.answer.get("rejections", ()):
        name, reason = as_written(shown_name(rejection["input"])), as_written(_plain(rejection["reason"], job))
        st.warning(f"**{name}** was refused: {reason}")


def _plain(text: str, job: jobs.Job) -> str:
    """Take the job's own folders out of a message."""
    for folder in (job.folder / "scans", job.folder, job.folder.parents[1]):
        text = text.replace(f"{folder}/", "").replace(str(folder), "the store's folder")
    return text


@st.cache_data(max_entries=8, show_spinner=False)
def _tables(run_folder: str) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    folder = Path(run_folder)
    scans, measures, flags = (pl.read_parquet(folder / f"{name}.parquet") for name in ("scan", "measure", "flag"))
    return scans, measures, flags


@st.cache_data(max_entries=64, show_spinner=False)
def _picture(folder: str, stem: str, run_id: str) -> Any:
    return glance(Path(folder), stem)


def _scans(job: jobs.Job, open_subject: Callable[[dict[str, Any]], None] | None) -> None:
    try:
        scans, measures, flags = _tables(job.answer["run_folder"])
    except (OSError, pl.exceptions.PolarsError):
        st.info("The files of this run are no longer there; the store still holds its measures.")
        return
    ours = {stem for stem, reason in job.scans if not reason}
    shown = scans.filter(pl.col("stem").is_in(ours)) if ours else scans
    for row in shown.head(SHOWN_SCANS).iter_rows(named=True):
        with st.container(border=True):
            _scan(job, row, measures, flags)
            if open_subject is not None:
                open_subject(row)
    if shown.height > SHOWN_SCANS:
        st.markdown(f"{shown.height - SHOWN_SCANS:,} more are on the page Scans.")
    st.caption(
        "Ventricles blue; lesions by zone: periventricular vermilion, paraventricular orange, juxtacortical yellow. "
        f"The person's left is on the left. {ZONE_NOTICE}"
    )


def _scan(job: jobs.Job, row: dict[str, Any], measures: pl.DataFrame, flags: pl.DataFrame) -> None:
    stem = row["stem"]
    said = ", ".join(
        part
        for part in (row["group"], row["sex"], None if row["age_years"] is None else f"{row['age_years']:g} years")
        if part
    )
    visit = f", visit {row['session']}" if row["session"] else ""
    st.markdown(f"**{as_written(row['subject_id'])}{as_written(visit)}**" + (f" ({said})" if said else ""))
    picture = _picture(str(Path(job.answer["out"]) / row["derivatives"]), stem, job.answer["run_id"])
    left, right = st.columns([3, 2], gap="large")
    if picture is None:
        left.markdown("The picture cannot be read.")
    else:
        left.image(picture, width="stretch")
    values = measures.filter(pl.col("stem") == stem).to_dicts()
    with right:
        if values:
            cells = [
                {"Measure": MEASURES[name].axis_title, "Value": format_number(values[0][name])}
                for name in SHOWN_MEASURES
                if name in values[0]
            ]
            key = "job-measures-" + "".join(letter if letter.isalnum() else "-" for letter in stem)
            numbers_table(pl.DataFrame(cells), key=key, left=("Measure",))
    for flag in flags.filter(pl.col("stem") == stem).iter_rows(named=True):
        st.warning(f"Look at this scan before believing its numbers: {as_written(flag['detail'])}")
