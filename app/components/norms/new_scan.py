"""A FLAIR scan uploaded on Patient: measured as on Add scans, then placed among people of the same age and sex."""

import polars as pl
import streamlit as st

from app.access.current import may, visitor
from app.components import banner, choosing
from app.components.scans.job_panel import follow
from app.components.scans.job_result import ended, ended_sentence
from app.components.scans.measure_form import upload_form
from app.components.store.store_versions import confirm_undo
from app.jobs.job import Job, latest_job, put_job_away
from app.patient import Patient, patient_of
from app.sentences.scan_names import scan_name
from app.state import OpenedStore, store

OPENING = "Drop a FLAIR scan: it is measured on this machine and then placed among people of the same age and sex."
NEEDED = (
    "Give sex and age with it: without them nobody is known to be of the same age and sex. The scan then stands in the "
    "store like any other."
)


def patient_of_upload(opened: OpenedStore | None) -> list[Patient] | None:
    """Draw the upload, the measurement as it runs, or what came of it.

    Returns
    -------
    The measured scan's person; None while there is none, the page then has its answer already
    """
    job = latest_job(store().root)
    if job is None:
        banner.answer(OPENING)
        st.markdown(NEEDED)
        upload_form(opened)
        return None
    if job.state == "running":
        follow(job.folder)
        return None
    found = _measured(opened, job) if opened is not None and job.state == "done" else pl.DataFrame()
    if opened is None or found.is_empty():
        banner.answer(ended_sentence(job))
        ended(opened, job, confirm_undo, st.Page(lambda: None, title="Subject", url_path="subject"))
        return None
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        rows = {scan_name(row): row for row in found.iter_rows(named=True)}
        chosen = rows[str(choosing.selectbox("Measured scan", list(rows), key="uploaded-scan", width=260))]
        if may("write") and st.button("Another scan", key="upload-again"):
            put_job_away(job, visitor().needs("write", "put a measurement's result away"))
            st.rerun()
    dataset = next(d for d in opened.datasets() if d.key == f"{chosen['dataset_id']}:{chosen['protocol_id']}")
    everyone = opened.everyone(dataset).filter(pl.col("subject_id") == chosen["subject_id"])
    flags = tuple(chosen["flags"])
    row = everyone.row(by_predicate=pl.col("scan_id") == chosen["scan_id"], named=True)
    return [patient_of(row, content_sha256=dataset.content_sha256, synthetic=dataset.synthetic, flags=flags)]


def _measured(opened: OpenedStore, job: Job) -> pl.DataFrame:
    """Return the scans of a finished job as the store holds them."""
    held = opened.scans()
    if held.is_empty():
        return held
    ours = [stem for stem, reason in job.scans if not reason]
    of_run = (pl.col("dataset_id") == job.answer["dataset"]) & (pl.col("run_id") == job.answer["run_id"])
    shown = held.filter(of_run)
    return shown.filter(pl.col("stem").is_in(ours)) if ours else shown
