"""Add scans: FLAIR images in, measures out, in a process of their own that never holds up the dashboard."""

import streamlit as st

from app import state
from app.access.current import visitor
from app.components import banner
from app.components.scans.job_panel import follow
from app.components.scans.job_result import ended, ended_sentence
from app.components.scans.measure_form import add_form
from app.components.store.store_versions import confirm_undo
from app.jobs.job import latest_job, put_job_away
from app.views import subject

OPENING = (
    "Drop a FLAIR scan: its ventricles and lesions are found and measured on this machine, usually within a minute."
)


def page(opened: state.OpenedStore | None) -> None:
    """Draw the page: the form, the running job, or what came of the last one."""
    job = latest_job(state.store().root)
    if job is not None and job.state != "running" and "went_to" in st.session_state:
        # Undone: what came of the job is no longer true.
        put_job_away(job, visitor().needs("write", "put a measurement's result away"))
        job = None
    if job is None:
        banner.answer(OPENING)
        _went_to()
        add_form(opened)
    elif job.state == "running":
        follow(job.folder)
    else:
        banner.answer(ended_sentence(job))
        ended(opened, job, confirm_undo, subject.link(opened))
    with st.expander("How this works"):
        st.markdown(
            "Each scan is read, its slices segmented by the model (how far to trust it: see Models), every lesion put "
            "into a zone, and everything is measured; the labels are written in the scan's own grid beside the "
            "store. A scan that cannot be measured is refused with its reason and the others go on. The same scan is "
            "never measured twice with the same model, zone rule and version. One measurement runs at a time. "
            "`mscohort ingest` does the same from the command line."
        )


def _went_to() -> None:
    went_to = st.session_state.pop("went_to", None)
    if went_to is not None:
        st.success(f"The store is now at version {went_to}.")
