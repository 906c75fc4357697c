"""Subject: one person's scan slice by slice, every lesion, every number and where it comes from."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import streamlit as st

from app import state
from app.components import banner
from app.components.figure_panel import CONFIG, look
from app.components.lesion_table import lesion_table
from app.components.scan_choice import all_scans, choose_scan, no_scans, person, scan_name
from app.components.tables import numbers_table
from app.components.viewer_3d import viewer_3d
from app.components.zone_limits import shares, zone_limits, zones_under
from app.figures.theme import dress
from app.figures.zone_shares import zone_shares
from app.formatting import format_number
from app.scan_images import PICTURE_KEY, ScanFilesMissing, ScanImages, last_changed, read_images, slice_picture
from pipeline.quality import FLAGS
from vocabulary import MEASURES, ZONE_NOTICE, ZONES

STYLES = ("Filled", "Outlines", "None")
NOT_COMPARABLE = (
    "Measured by this software. Not comparable with the released table of the Tabriz study, which holds about a tenth "
    "of the manual ventricle area and a fifth of the manual lesion area."
)


@st.cache_resource(max_entries=12, show_spinner=False)
def _images(folder: str, stem: str, changed: float) -> ScanImages:
    return read_images(Path(folder), stem)


def page() -> None:
    """Draw the page."""
    scans = all_scans()
    if scans.is_empty():
        no_scans()
    with st.container(key="filter-bar"):
        scan = choose_scan(scans)
    banner.answer(summary(scan))
    if scan["synthetic"]:
        banner.synthetic_banner()
    for flag in state.snapshot().scan_flags(scan_id=scan["scan_id"]).iter_rows(named=True):
        st.warning(f"{FLAGS.get(flag['flag'], flag['flag'])}: {flag['detail']}")
    lesions = state.snapshot().lesions(scan_id=scan["scan_id"])
    folder, stem = scan["derivatives"], scan["stem"]
    changed = last_changed(Path(folder))
    slices, volume = st.tabs(["Slices", "3D"])
    try:
        images = _images(folder, stem, changed)
    except ScanFilesMissing as error:
        with slices:
            st.error(f"No picture: {error}. Ingest the scan again, or put the folder back.")
    else:
        with slices:
            _slices(scan, images, lesions)
        with volume:
            if st.toggle("Open the 3D viewer", key="open-3d", help="Sends about a megabyte to your browser"):
                viewer_3d(folder, stem, changed)
    with st.container(key="page-extras"):
        _measures(scan)
        _files(folder, stem, lesions)
        _provenance(scan)


def summary(scan: dict) -> str:
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
        load = f"{volume} mL of white matter hyperintensities in {n:,} lesion{'s' * (n != 1)}"
        share = scan["periventricular_share_pct"]
        load += f", {share:.0f} % of their area periventricular" if share is not None else ""
    size = scan["ventricle_volume_ml"]
    ventricles = "the ventricles could not be measured" if size is None else f"ventricles of {format_number(size)} mL"
    return f"{scan_name(scan)} ({person(scan)}): {load}; {ventricles}."


@st.fragment
def _slices(scan: dict, images: ScanImages, lesions: pl.DataFrame) -> None:
    """Draw the picture beside the lesions; only this part is drawn again when a slider moves."""
    key = scan["scan_id"]
    position = f"slice-{key}"
    picture, table = st.columns([5, 4], gap="large")
    with st.container(key="controls-zones"):
        rule = zone_limits(scan["zone_rule"])
    moved = zones_under(lesions, rule)
    with table:
        st.markdown(f"**{lesions.height:,} lesion parts**, one per slice; pick a row to find it")
        picked = lesion_table(lesions, moved["zone"].to_list(), key=f"lesions-{key}") if lesions.height else None
        st.caption(ZONE_NOTICE)
    if picked and st.session_state.get(f"picked-{key}") != picked["lesion_number"]:
        st.session_state[position] = picked["slice_index"] + 1
    st.session_state[f"picked-{key}"] = picked["lesion_number"] if picked else None
    st.session_state.setdefault(position, images.widest_slice + 1)
    with picture:
        _picture(scan, images, moved if rule else None, picked, position)
    if rule is not None:
        _moved_shares(scan, lesions, rule)


def _picture(scan: dict, images: ScanImages, moved: pl.DataFrame | None, picked: dict | None, position: str) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.button("◀", key="slice-down", on_click=_step, args=(position, -1, images.depth), help="One slice down")
        number = st.slider("Slice, from the feet", 1, images.depth, key=position) if images.depth > 1 else 1
        st.button("▶", key="slice-up", on_click=_step, args=(position, 1, images.depth), help="One slice up")
        style = st.segmented_control(
            "Colours", ["Filled", "Outlines", "None"], default="Filled", required=True, key="style"
        )
        opacity = st.slider("Opacity", 0.1, 1.0, 0.55, 0.05, key="opacity", width=140, disabled=style == STYLES[2])
    index = number - 1
    numbers = images.lesion_numbers() if moved is not None or picked else None
    zones = None
    if moved is not None and numbers.max() == moved.height:
        lookup = [0, *(ZONES.index(zone) + 1 if zone else 0 for zone in moved.sort("lesion_number")["zone"])]
        zones = np.array(lookup, np.uint8)[numbers]
    marked = numbers[..., index] == picked["lesion_number"] if picked else None
    st.image(
        slice_picture(
            images, index, opacity=0 if style == STYLES[2] else opacity, outlines=style == STYLES[1], zones=zones,
            marked=marked, synthetic=scan["synthetic"],
        ),
        width="stretch",
    )  # fmt: skip
    st.caption(
        f"Slice {number} of {images.depth}, {images.heights_mm[index]:.0f} mm in scanner coordinates; voxels "
        f"{images.spacing_mm[0]:.2f} × {images.spacing_mm[1]:.2f} × {images.spacing_mm[2]:.1f} mm. {PICTURE_KEY}"
    )


def _step(position: str, by: int, depth: int) -> None:
    st.session_state[position] = min(max(st.session_state[position] + by, 1), depth)


def _moved_shares(scan: dict, lesions: pl.DataFrame, rule) -> None:
    """Show what the moved limits do to this scan and to all scans of the dataset measured by the same rule."""
    everyone = all_scans().filter(
        (pl.col("dataset_id") == scan["dataset_id"]) & (pl.col("zone_rule") == scan["zone_rule"])
    )
    cohort = (
        state.snapshot()
        .lesions(dataset_id=scan["dataset_id"])
        .join(everyone.select("scan_id"), on="scan_id", how="semi")
    )
    tables = []
    for name, rows in (("This scan", lesions), (f"All {everyone.height:,} scans", cohort)):
        tables += [
            shares(rows, f"{name}, {scan['zone_rule']}"),
            shares(zones_under(rows, rule), f"{name}, moved limits"),
        ]
    st.markdown("**What the moved limits change**")
    figure = dress(zone_shares(pl.concat(tables)), look(), synthetic=scan["synthetic"])
    st.plotly_chart(figure, config=CONFIG, key="moved-shares")
    st.caption("Moved limits are shown here only: the store and every other page keep the recorded rule.")


def _measures(scan: dict) -> None:
    st.markdown("#### Measures")
    reasons = {
        row["column_name"]: row["reason"]
        for row in state.snapshot().missing_values(scan["dataset_id"]).iter_rows(named=True)
        if row["scan_id"] == scan["scan_id"]
    }
    rows = [
        {
            "Measure": measure.label,
            "Value": format_number(scan[name]) if scan[name] is not None else "–",
            "Unit": measure.unit or "",
            "Note": reasons.get(name, "") if scan[name] is None else "",
        }
        for name, measure in MEASURES.items()
    ]
    numbers_table(pl.DataFrame(rows), key="subject-measures", left=("Measure", "Unit", "Note"))
    st.caption(NOT_COMPARABLE)


def _files(folder: str, stem: str, lesions: pl.DataFrame) -> None:
    st.markdown("#### Downloads")
    endings = {
        "Labels (NIfTI)": "desc-tissue_dseg.nii.gz",
        "Zones (NIfTI)": "desc-zones_dseg.nii.gz",
        "Lesion probability (NIfTI)": "desc-wmh_probseg.nii.gz",
        "How it was measured (JSON)": "desc-tissue_dseg.json",
    }
    with st.container(horizontal=True):
        for label, ending in endings.items():
            path = Path(folder) / f"{stem}_{ending}"
            if path.is_file():
                st.download_button(label, path.read_bytes, file_name=path.name, on_click="ignore", key=f"get-{ending}")
        st.download_button(
            "Lesions (CSV)", lesions.write_csv(), file_name=f"{stem}_lesions.csv", on_click="ignore", key="get-lesions"
        )


def _provenance(scan: dict) -> None:
    with st.expander("How this was measured"):
        st.markdown(
            f"Model **{scan['model_id']}**, zone rule **{scan['zone_rule']}**, protocol **{scan['protocol_id']}**, run "
            f"`{scan['run_id']}`, {scan['finished_at']:%Y-%m-%d %H:%M} UTC. "
            f"Source file SHA-256 `{scan['source_sha256']}`. How far to trust the model: page **Models**."
        )
        path = Path(scan["derivatives"]) / f"{scan['stem']}_desc-tissue_dseg.json"
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            st.caption("The scan's own record is missing.")
        else:
            seconds = ", ".join(f"{name} {taken:.1f} s" for name, taken in said["Seconds"].items())
            software = ", ".join(f"{name} {number}" for name, number in said["Software"].items())
            st.caption(f"Took: {seconds}. Software: {software}.")
