"""Patient: is this unusual for a person of this age and sex? One person against controls and against patients."""

import re
from functools import partial
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from analysis.norms.reference import Reference
from analysis.norms.score import Score
from app.access.current import may
from app.components import banner, choosing, linked
from app.components.download import download
from app.components.figure_panel import figure_with_downloads
from app.components.norms.patient_choice import choose_patient
from app.components.norms.reference_panel import (
    panel,
    reference_caption,
    reference_citation,
    reference_people,
    references,
)
from app.components.norms.scan_words import population_context, regions_of_scan, trust_in_scan
from app.components.norms.visits_panel import visits_panel
from app.components.scans.picture_key import picture_key
from app.components.tables import numbers_table
from app.figures.norms.centile_chart import Mark, centile_chart
from app.figures.norms.centile_strip import centile_strip
from app.patient import Patient, Placed, place
from app.person_report import person_report
from app.report.content import report_content
from app.report.languages import language, languages
from app.report.render import pdf
from app.scan_images import ScanFilesMissing, encoded, last_changed, read_images, slice_picture
from app.sentences.as_written import as_written
from app.sentences.formatting import format_number
from app.sentences.norm_lines import norm_lines
from app.sentences.norms import (
    SAME_WAY,
    format_centile,
    format_range,
    format_z,
    impossible_sentence,
    opening_sentence,
    reference_notice,
)
from app.state import OpenedStore
from vocabulary.measures import MEASURES, SEX_LABELS, ZONE_NOTICE, measure

PARTS = ("What is known", "By age", "Numbers", "Visits", "Report")
STRIP = "Point: centile; bar: its 95 % interval; grey: below the 3rd and above the 97th centile."
GROUP_TITLES = {"HC": "Among healthy controls", "MS": "Among people with MS"}
CHART = "Centile curves with 95 % intervals; the large mark is this person."


def link(opened: OpenedStore | None) -> st.Page:
    """Return the page to lead to from another one."""
    return st.Page(partial(page, opened), title="Patient", url_path="patient")


def page(opened: OpenedStore | None) -> None:
    """Draw the page."""
    found = references()
    scans = choose_patient(opened, found)
    if scans is None:
        return
    if not scans:
        banner.answer(
            "Is this unusual for a person of this age and sex? Choose a person, a FLAIR scan, or type values."
        )
        return
    patient = scans[0]
    placed = place(patient, found)
    if patient.synthetic and opened is not None and not all(d.synthetic for d in opened.datasets()):
        banner.synthetic_banner()
    banner.answer(_opening(patient, placed), in_full=False)
    reference = placed.controls or placed.bridged
    if reference is not None and placed.scores:
        st.markdown(f"{reference_notice(reference)} WMH: white matter hyperintensities.")
    if placed.scores:
        _strip(patient, placed)
    row = _scan_row(opened, patient)
    charted = bool(placed.scores and (placed.controls or placed.patients))
    known, by_age, numbers, visits, report = linked.tabs(PARTS, key="patient-part")
    with known:
        if row is None:
            _words(opened, patient, placed)
        else:
            left, right = st.columns([5, 3], gap="large")
            with left:
                _words(opened, patient, placed)
            with right:
                _picture(patient, row)
    with by_age:
        if charted:
            _chart(opened, scans, placed)
        else:
            st.markdown("There is no curve to place this person on: *What is known* says why.")
    with numbers, st.container(key="page-extras"):
        _table(placed)
        _about(placed)
    with visits, st.container(key="page-extras-visits"):
        _visits(opened, scans)
    with report:
        _report(opened, scans, placed)


def _words(opened: OpenedStore | None, patient: Patient, placed: Placed) -> None:
    """Say what is known and what is not; a projector shows figures alone."""
    with st.container(key="page-extras-words"):
        _sentences(placed)
        trust_in_scan(opened, patient)
        regions_of_scan(opened, patient)
        _not_possible(placed)
        if placed.controls is None:
            population_context(opened, patient)


def _opening(patient: Patient, placed: Placed) -> str:
    who = _who(patient)
    answered = placed.among("HC") or placed.among("MS")
    if not answered:
        why = impossible_sentence(placed.impossible[0]) if placed.impossible else "There is no value to place."
        return f"{who}. {why}".replace("`", "")
    return f"{who}. {opening_sentence(answered)}"


def _who(patient: Patient) -> str:
    sex = {"F": "woman", "M": "man"}.get(patient.sex or "")
    age = None if patient.age_years is None else f"{patient.age_years:g} years"
    parts = [part for part in (patient.group, sex, age) if part]
    name = "Typed values" if patient.scan_id is None else patient.subject_id
    return f"{name} ({', '.join(parts)})" if parts else name


def _strip(patient: Patient, placed: Placed) -> None:
    drawn = [score for score in placed.scores if score.centile_low is not None]
    if not drawn:
        return
    reference = placed.controls or placed.patients
    if reference is None:
        return
    _figure(
        centile_strip(placed.scores),
        _rows(placed.scores),
        reference,
        "strip",
        f"{_who(patient)}: centiles",
        STRIP,
        "Centiles of each measure with their intervals; the sentences say them in words.",
        synthetic=patient.synthetic or reference.synthetic,
    )


def _chart(opened: OpenedStore | None, scans: list[Patient], placed: Placed) -> None:
    reference = placed.controls or placed.patients
    patient = scans[0]
    if reference is None or patient.sex is None:
        return
    names = [m.measure for m in reference.models if _value(patient, m.measure, reference) is not None]
    if not names:
        return
    with st.container(key="controls-patient"):
        name = str(
            choosing.segmented_control(
                "On the chart", names, default=names[0], required=True, key="patient_measure",
                format_func=lambda n: MEASURES[n].short,
            )
        )  # fmt: skip
    marks = [
        Mark(scan.session or scan.subject_id if scan.scan_id else "typed", scan.age_years, value)
        for scan in scans
        if scan.age_years is not None and (value := _value(scan, name, reference)) is not None
    ]
    sex = patient.sex
    people = reference_people(opened, reference, name)
    drawn = panel(reference, name, sex, people)
    _figure(
        centile_chart([drawn], name, reference.group, {sex: marks}),
        drawn.curves,
        reference,
        "patient-chart",
        f"{measure(name).label} of {SEX_LABELS[sex].lower()} by age",
        CHART,
        f"Centile curves of {measure(name).axis_title} with this person marked.",
        synthetic=patient.synthetic or reference.synthetic,
    )


def _value(patient: Patient, name: str, reference: Reference) -> float | None:
    if name in patient.values:
        return float(patient.values[name])
    if name == "wmh_area_mm2" and "wmh_ratio_pct" in patient.values:
        return patient.values["wmh_ratio_pct"] * patient.values.get("intracranial_area_mm2", reference.head_mm2) / 100
    return None


def _scan_row(opened: OpenedStore | None, patient: Patient) -> dict[str, Any] | None:
    """Return the row of the patient's scan, None where nothing was measured from an image."""
    if opened is None or patient.scan_id is None:
        return None
    scans = opened.scans()
    rows = scans.filter(pl.col("scan_id") == patient.scan_id) if not scans.is_empty() else scans
    return None if rows.is_empty() else rows.row(0, named=True)


def _picture(patient: Patient, row: dict[str, Any]) -> None:
    st.markdown("## The scan")
    picture = _slice(row["derivatives"], row["stem"], last_changed(Path(row["derivatives"])), row["synthetic"])
    if picture is None:
        st.warning("The picture's files were moved or deleted.")
        return
    picture_key()
    st.image(
        picture, width="stretch", alt=f"Slice of the scan of {patient.subject_id} with most ventricle, zones in colour"
    )
    st.caption(f"The slice with most ventricle, seen from below. {ZONE_NOTICE} All slices are on the page Subject.")


@st.cache_data(max_entries=12, show_spinner=False)
def _slice(folder: str, stem: str, changed: float, synthetic: bool) -> bytes | None:
    try:
        images = read_images(Path(folder), stem)
    except ScanFilesMissing:
        return None
    return encoded(slice_picture(images, images.widest_slice, height=520, synthetic=synthetic))


def _report(opened: OpenedStore | None, scans: list[Patient], placed: Placed) -> None:
    """Offer the one-page report; nothing is made before a button is pressed."""
    if not may("export"):
        return
    patient = scans[0]
    st.markdown("## Report: one page, PDF")
    with st.container(horizontal=True, key="patient-report"):
        for code in languages():
            download(
                str(language(code).texts["name"]),
                partial(_pdf, opened, scans, placed, code),
                file_name=f"{re.sub(r'[^A-Za-z0-9._-]+', '_', patient.subject_id)}-{code}.pdf",
                mime="application/pdf",
                key=f"report-{code}",
            )


def _pdf(opened: OpenedStore | None, scans: list[Patient], placed: Placed, code: str) -> bytes:
    patient = scans[0]
    if opened is not None and patient.scan_id is not None:
        return pdf(person_report(opened.snapshot, scans, placed, code))
    return pdf(report_content(language(code), patient, placed, store_version=None))


def _sentences(placed: Placed) -> None:
    groups = [(group, title) for group, title in GROUP_TITLES.items() if placed.among(group)]
    columns = st.columns(len(groups), gap="large") if groups else []
    for column, (group, title) in zip(columns, groups, strict=True):
        with column:
            _group(placed, group, title)
    if placed.scores:
        st.caption(SAME_WAY)


def _group(placed: Placed, group: str, title: str) -> None:
    scores = placed.among(group)
    st.markdown(f"## {title}")
    st.markdown("\n".join(norm_lines(scores)).replace("<", "&lt;").replace("~", "\\~"))


def _visits(opened: OpenedStore | None, scans: list[Patient]) -> None:
    """Say what changed from visit to visit, or that there is but one."""
    if opened is None or len(scans) < 2:
        st.markdown("No second scan of this person is known here.")
        return
    held = opened.scans()
    rows = held.filter(pl.col("scan_id").is_in([scan.scan_id for scan in scans])) if not held.is_empty() else held
    if rows.height < 2:
        st.markdown("No second scan of this person was measured here.")
        return
    visits_panel(opened, rows.sort("session", nulls_last=False).to_dicts())
    visits = st.Page(lambda: None, title="Visits", url_path="visits")
    st.page_link(visits, label="Lesions that look new, enlarged or gone: the page Visits")


def _not_possible(placed: Placed) -> None:
    if placed.impossible:
        st.markdown("## What was not possible, and why")
        st.markdown("\n".join(f"- {impossible_sentence(line)}" for line in placed.impossible))


def _rows(scores: tuple[Score, ...]) -> pl.DataFrame:
    keys = (
        *("measure", "value", "unit", "group", "reference", "centile", "centile_low", "centile_high", "z"),
        *("n_reference", "n_near_age", "n_as_much", "note"),
    )
    return pl.DataFrame([{key: getattr(score, key) for key in keys} for score in scores], infer_schema_length=None)


def _table(placed: Placed) -> None:
    rows = [
        {
            "Measure": MEASURES[s.measure].label,
            "Among": "controls" if s.group == "HC" else "MS",
            "Value": format_number(s.value),
            "Unit": s.unit,
            "Centile": format_centile(s.centile),
            "95 % interval": format_range(s.centile_low, s.centile_high) if s.centile_low is not None else "–",
            "z": format_z(s.z),
            "As much or more": "–" if s.n_as_much is None else f"{s.n_as_much:,} of {s.n_reference:,}",
            "n": f"{s.n_reference:,}",
            "n near age": f"{s.n_near_age:,}",
        }
        for s in placed.scores
        if not s.refused
    ]
    if rows:
        st.markdown("## Numbers")
        numbers_table(pl.DataFrame(rows), left=("Measure", "Among", "Unit"))


def _about(placed: Placed) -> None:
    shown = [r for r in (placed.controls, placed.patients) if r is not None]
    if not shown:
        return
    with st.expander("How this was computed"):
        st.markdown(
            "\n".join(
                f"- **{as_written(r.title)}** (`{r.name}`): {r.n:,} people, protocol {r.protocol}, fitted "
                f"{r.fitted_on} by {r.software}; cohort `{r.content_sha256[:16]}`; "
                f"{as_written(r.citation) or 'no citation'}"
                for r in shown
            )
        )
        st.markdown(
            "Box-Cox t for sizes, zero-adjusted gamma (controls) or Weibull (patients) for loads, rates for loads "
            "that most controls lack; intervals by the delta method. Every definition is on the page Methods, section "
            "Norms."
        )


def _figure(
    figure: go.Figure,
    data: pl.DataFrame,
    reference: Reference,
    name: str,
    title: str,
    method: str,
    alt: str,
    *,
    synthetic: bool,
) -> None:
    figure_with_downloads(
        figure,
        data,
        caption=reference_caption(reference, method),
        citation=reference_citation(reference, title, method),
        synthetic=synthetic,
        name=name,
        title=title,
        alt=alt,
    )
