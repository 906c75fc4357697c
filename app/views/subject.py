"""Subject: one person's scan slice by slice, every lesion, every number and where it comes from."""

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st

from analysis.model_scores.agreement import UsualErrors, usual_errors
from analysis.model_scores.targets import split_in_sentence
from app.access.current import may
from app.components import banner, linked
from app.components.download import download
from app.components.scans.person_form import person_form
from app.components.scans.review_form import review_form
from app.components.scans.scan_choice import choose_scan, no_scans, person
from app.components.scans.slice_viewer import slice_viewer
from app.components.scans.viewer_3d import viewer_3d
from app.components.tables import numbers_table
from app.export import csv_bytes
from app.model_data import shipped_models
from app.scan_images import ScanFilesMissing, ScanImages, last_changed, read_images
from app.sentences.as_written import as_written
from app.sentences.formatting import format_number
from app.sentences.reliability import trust_sentences
from app.sentences.scan_names import scan_name
from app.state import OpenedStore
from pipeline.measures.quality_flags import FLAGS
from pipeline.measures.zoning import DEFAULT_RULE
from vocabulary.acquisition import ACQUISITION
from vocabulary.measures import MEASURES
from vocabulary.messages import counted

FILES = {
    "Labels (NIfTI)": "desc-tissue_dseg.nii.gz",
    "Zones (NIfTI)": "desc-zones_dseg.nii.gz",
    "Lesion probability (NIfTI)": "desc-wmh_probseg.nii.gz",
    "How it was measured (JSON)": "desc-tissue_dseg.json",
}
PARTS = ("Measures", "Who this is", "Reader's verdict", "Files and origin")
LIKELY = "Likely between"
NOT_COMPARABLE = (
    "Measured by this software. Not comparable with the released table of the Tabriz study, which holds about a tenth "
    "of the manual ventricle area and a fifth of the manual lesion area."
)


@st.cache_resource(max_entries=12, show_spinner=False)
def _images(folder: str, stem: str, changed: float) -> ScanImages:
    return read_images(Path(folder), stem)


def link(opened: OpenedStore | None) -> st.Page:
    """Return the page to lead to from another one."""
    return st.Page(partial(page, opened), title="Subject", url_path="subject")


def page(opened: OpenedStore | None) -> None:
    """Draw the page."""
    if opened is None:
        no_scans()
    scans = opened.scans()
    if scans.is_empty():
        no_scans()
    with st.container(key="filter-bar"):
        scan = choose_scan(scans)
    banner.answer(summary(scan))
    # Above the page where everything in the store is synthetic.
    if scan["synthetic"] and not all(dataset.synthetic for dataset in opened.datasets()):
        banner.synthetic_banner()
    for flag in opened.snapshot.scan_flags(scan_id=scan["scan_id"]).iter_rows(named=True):
        st.warning(f"{FLAGS.get(flag['flag'], flag['flag'])}: {as_written(flag['detail'])}")
    _trust(opened, scan)
    lesions = opened.snapshot.lesions(scan_id=scan["scan_id"])
    folder, stem = scan["derivatives"], scan["stem"]
    changed = last_changed(Path(folder))
    try:
        images = _images(folder, stem, changed)
    except ScanFilesMissing as error:
        st.error(f"There is no picture: {as_written(str(error))}. Put the folder back, or ingest the scan again.")
    else:
        # The volume is sent to the browser only when its tab is open.
        slices, volume = st.tabs(["Slices", "3D"], key="subject-tabs", on_change="rerun")
        if volume.open:
            with volume:
                viewer_3d(folder, stem, changed, synthetic=scan["synthetic"])
        else:
            with slices:
                slice_viewer(opened, scan, images, lesions)
    with st.container(key="page-extras"):
        measures, who, verdict, origin = linked.tabs(PARTS, key="subject-part")
        with measures:
            _measures(opened, scan)
            # The address is enough to find the page, which leads here, too.
            patient = st.Page(lambda: None, title="Patient", url_path="patient")
            label = "Place this person among people of the same age and sex"
            st.page_link(patient, label=label, query_params={"person": scan["subject_id"]})
        with who:
            person_form(opened, scan)
        with verdict:
            review_form(opened, scan)
        with origin:
            _downloads(scan, lesions)
            people = opened.snapshot.cohort(scan["dataset_id"], scan["protocol_id"])
            facts = people.row(by_predicate=pl.col("scan_id") == scan["scan_id"], named=True)
            _provenance(scan, acquisition_in_words(facts))


def _trust(opened: OpenedStore, scan: dict[str, Any]) -> None:
    """Say how far the lesion load can be trusted."""
    known = opened.snapshot.reliability(scan_id=scan["scan_id"]).filter(pl.col("protocol_id") == scan["protocol_id"])
    sentences = trust_sentences(known.row(0, named=True) if known.height else None)
    if sentences:
        st.markdown(as_written(" ".join(sentences)))


def summary(scan: dict[str, Any]) -> str:
    """Say in one sentence who this is and what was found.

    Examples
    --------
    >>> who = {"subject_id": "7", "session": None, "group": "MS", "sex": "F", "age_years": 37.0}
    >>> summary(who | {"wmh_volume_ml": 0.0, "lesion_count": 0, "ventricle_volume_ml": 21.4})
    '7 (MS, woman, 37 years): no lesion was found; ventricles of 21.4 mL.'
    """
    if scan["wmh_volume_ml"] is None:
        load = "the lesion load could not be measured"
    elif scan["lesion_count"] == 0:
        load = "no lesion was found"
    else:
        n = scan["lesion_count"]
        volume = format_number(scan["wmh_volume_ml"])
        load = f"{volume} mL of white matter hyperintensities in {counted(n, 'lesion')}"
        share = scan["periventricular_share_pct"]
        load += f", {share:.0f} % of their area periventricular" if share is not None else ""
    size = scan["ventricle_volume_ml"]
    ventricles = "the ventricles could not be measured" if size is None else f"ventricles of {format_number(size)} mL"
    return f"{scan_name(scan)} ({person(scan)}): {load}; {ventricles}."


def _measures(opened: OpenedStore, scan: dict[str, Any]) -> None:
    st.markdown("## Measures")
    missing = opened.snapshot.missing_values(scan["dataset_id"])
    reasons = dict(missing.filter(pl.col("scan_id") == scan["scan_id"]).select("column_name", "reason").rows())
    errors = _errors(opened.key, opened, scan["model_id"])
    rows = pl.DataFrame(
        [
            {
                "Measure": measure.label,
                "Value": format_number(scan[name]),
                "Unit": measure.unit or "",
                LIKELY: _likely(scan, name, errors),
                "Why missing": reasons.get(name, "no reason was recorded") if scan[name] is None else "",
            }
            for name, measure in MEASURES.items()
        ]
    )
    if not any(rows["Why missing"]):
        rows = rows.drop("Why missing")
    if not any(rows[LIKELY]):
        rows = rows.drop(LIKELY)
    numbers_table(rows, left=("Measure", "Unit", "Why missing"))
    if errors and LIKELY in rows.columns:
        st.caption(
            "Likely between: where outlines by hand would lie, for 95 % of patients the model never saw "
            f"(n = {errors.n}, {split_in_sentence(errors.split)}); of amounts in proportion, where each "
            "of them had some. Other scanners: further apart. See Models."
        )
    st.caption(NOT_COMPARABLE)


@st.cache_data(max_entries=4, show_spinner=False)
def _errors(key: str, _opened: OpenedStore, model: str) -> UsualErrors | None:
    stored = usual_errors(_opened.snapshot.model_measures(), model)
    return stored or usual_errors(shipped_models().measures, model)


def _likely(scan: dict[str, Any], name: str, errors: UsualErrors | None) -> str:
    """Return between which values the truth likely lies, or nothing where the measure was not tested in this way."""
    other_zones = MEASURES[name].zone and scan["zone_rule"] != DEFAULT_RULE
    between = None if errors is None or scan[name] is None or other_zones else errors.likely(name, scan[name])
    return "" if between is None else " and ".join(format_number(limit) for limit in between)


def _downloads(scan: dict[str, Any], lesions: pl.DataFrame) -> None:
    if not may("export"):
        return
    st.markdown("## Downloads")
    with st.container(horizontal=True):
        for label, ending in FILES.items():
            path = Path(scan["derivatives"]) / f"{scan['stem']}_{ending}"
            if path.is_file():
                download(label, path.read_bytes, file_name=path.name, key=f"get-{ending}")
        table = partial(csv_bytes, lesions, synthetic=scan["synthetic"])
        name = f"{scan['stem']}_lesions.csv"
        download("Lesions (CSV)", table, file_name=name, key="get-lesions")


def acquisition_in_words(facts: Mapping[str, Any]) -> str:
    """Say how a scan was acquired, as far as it is known.

    Examples
    --------
    >>> acquisition_in_words({"manufacturer": "Siemens", "field_strength_t": 1.5, "echo_time_ms": None})
    "scanner's manufacturer Siemens, field strength 1.5 T"
    >>> acquisition_in_words({})
    'not known: neither a sidecar nor a DICOM header came with the image'
    """
    told = [
        f"{column.label[0].lower()}{column.label[1:]} " + (f"{value:g} {column.unit}" if column.unit else str(value))
        for column in ACQUISITION
        if (value := facts.get(column.name)) is not None and column.name != "slice_spacing_mm"
    ]
    return ", ".join(told) or "not known: neither a sidecar nor a DICOM header came with the image"


def _provenance(scan: dict[str, Any], acquired: str) -> None:
    with st.expander("How this was measured"):
        x, y, z = scan["pixel_mm_x"], scan["pixel_mm_y"], scan["slice_spacing_mm"]
        st.markdown(
            f"- **Model** {scan['model_id']}; how far it can be trusted is on the page Models\n"
            f"- **Zone rule** {scan['zone_rule']}, **protocol** {scan['protocol_id']}\n"
            f"- **Run** `{scan['run_id']}`, {scan['finished_at']:%Y-%m-%d %H:%M} UTC\n"
            f"- **Source** {as_written(scan['file_name'])}, {scan['n_slices']} slices, voxels {x:.2f} × {y:.2f} × "
            f"{z:.1f} mm, SHA-256 `{scan['source_sha256']}`"
        )
        st.markdown(f"- **Acquired** {as_written(acquired)}")
        path = Path(scan["derivatives"]) / f"{scan['stem']}_{FILES['How it was measured (JSON)']}"
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
            seconds = ", ".join(f"{name} {taken:.1f} s" for name, taken in said["Seconds"].items())
            software = ", ".join(f"{name} {number}" for name, number in said["Software"].items())
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            st.markdown("- The scan's own record is missing or cannot be read.")
        else:
            st.markdown(f"- **Time** {as_written(seconds)}\n- **Software** {as_written(software)}")
