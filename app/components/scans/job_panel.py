"""A job as it runs: its steps, its scans one by one, how long it still takes, and the way to stop it."""

import time
from pathlib import Path
from typing import Any

import streamlit as st

from app.access.current import may, visitor
from app.components import banner
from app.components.part import part
from app.jobs.job import Job, read_job, stop_job
from app.sentences.as_written import as_written

STEPS = ("Checking the files", "Loading the model", "Measuring", "Adding to the store")
SHOWN_SCANS = 12


@part(run_every=1.0)
def follow(folder: Path) -> None:
    """Show a running job, looking at its files once a second; the page is drawn anew when it ends."""
    job = read_job(folder)
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
    if may("write") and st.button("Stop measuring", key="job-stop"):
        with st.spinner("Stopping"):
            stop_job(job, visitor().needs("write", "stop a measurement"))
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


def _dealt_with(job: Job) -> None:
    for stem, reason in job.scans[-SHOWN_SCANS:][::-1]:
        st.markdown(f"- {as_written(stem)}: {'refused. ' + as_written(reason) if reason else 'measured'}")
    if len(job.scans) > SHOWN_SCANS:
        st.markdown(f"- and {len(job.scans) - SHOWN_SCANS:,} before")
