"""A scan slice by slice beside its lesions: pick one to find it, move the limits of the zones to see what follows."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from app.components.chart import chart
from app.components.download import download
from app.components.figure_panel import look
from app.components.part import part
from app.components.scans.lesion_table import chosen_region, lesion_table
from app.components.scans.picture_choices import PICTURE, beside, picture_choices
from app.components.scans.picture_key import picture_key
from app.components.scans.zone_limits import zone_limits
from app.figures.cohort.zone_shifts import zone_shifts
from app.figures.slice import LesionMark, slice_figure
from app.figures.theme import dress
from app.scan_images import ScanImages, encoded, last_changed, lesion_places, png, slice_picture
from app.sentences.as_written import as_written
from app.sentences.reliability import proof_of_sure, sure_sentence
from app.sentences.zone_changes import change_sentence, zone_shares_of, zones_under
from app.state import OpenedStore
from pipeline.errors import PipelineError
from pipeline.measures.zoning import ZoneRule
from pipeline.regions.bullseye import REGIONS
from pipeline.segmentation.bundled_models import list_models
from vocabulary.measures import ZONE_NOTICE
from vocabulary.messages import counted

REGIONS_NOTE = (
    " Fine lines: regions of the bullseye, by an affine registration that is off by some millimetres; white: the "
    "chosen one."
)
OTHER_FILES = (
    "The picture's files come from another measurement than the numbers: rows cannot be found in the picture. Ingest "
    "the scan again."
)


@st.cache_resource(max_entries=6, show_spinner=False)
def _lesions_of_all(key: str, _opened: OpenedStore, dataset_id: str, zone_rule: str) -> pl.DataFrame:
    """Return the lesions of a dataset's scans that were measured by one zone rule."""
    scans = _opened.scans().filter((pl.col("dataset_id") == dataset_id) & (pl.col("zone_rule") == zone_rule))
    return _opened.snapshot.lesions(dataset_id=dataset_id).join(scans.select("scan_id"), on="scan_id", how="semi")


@st.cache_resource(max_entries=6, show_spinner="Laying the regions on the scan …")
def _regions_of(folder: str, stem: str, changed: float, to_template: tuple[float, ...]) -> NDArray[np.uint16]:
    from app.stored_regions import bullseye_of_stored

    return bullseye_of_stored(Path(folder), stem, to_template)


def _placed(opened: OpenedStore, scan: dict[str, Any]) -> tuple[float, ...] | None:
    """Return where the template lies in the scan, None where no region is known."""
    told = opened.snapshot.registrations(scan_id=scan["scan_id"])
    told = told.filter((pl.col("protocol_id") == scan["protocol_id"]) & pl.col("reason").is_null())
    return None if told.is_empty() else tuple(told["to_template"][0])


@part()
def slice_viewer(opened: OpenedStore, scan: dict[str, Any], images: ScanImages, lesions: pl.DataFrame) -> None:
    """Draw the picture beside the lesions; only this part of the page is drawn again when a slider moves."""
    position = f"slice-{scan['scan_id']}"
    agree = images.agree_with(lesions)
    left, right = st.columns([4, 5], gap="large")
    with right:
        table = st.container()
        with st.container(key="controls-zones"):
            rule = zone_limits(scan["zone_rule"]) if agree and lesions.height else None
        choices = st.container(key="picture-choices")
    moved = zones_under(lesions, rule)
    with table:
        picked = _lesions(scan, moved, agree, position)
    st.session_state.setdefault(position, images.widest_slice + 1)
    with left:
        _picture(opened, scan, images, (moved if agree else None, rule is not None), picked, position, choices)
    if rule is not None:
        with right:
            _change(opened, scan, rule)


def _lesions(scan: dict[str, Any], lesions: pl.DataFrame, agree: bool, position: str) -> dict[str, Any] | None:
    """Draw the table and return the picked row, after moving the picture to its slice."""
    if lesions.is_empty():
        st.markdown("**No lesion was found** in this scan.")
        return None
    if not agree:
        st.warning(OTHER_FILES)
    whole = lesions["whole_lesion_number"].n_unique()
    st.markdown(
        f"**{counted(whole, 'lesion')} in {counted(lesions.height, 'part')}**, one part per slice. "
        "Pick a row to find it in the picture."
    )
    last = f"picked-{scan['scan_id']}"
    picked = lesion_table(lesions, key=f"lesions-{scan['scan_id']}")
    if picked and st.session_state.get(last) != picked["lesion_number"]:
        st.session_state[position] = picked["slice_index"] + 1
    st.session_state[last] = picked["lesion_number"] if picked else None
    st.caption(ZONE_NOTICE)
    certainty = sure_sentence(lesions)
    if certainty:
        st.caption(f"{certainty} {_proof(scan)}")
    return picked if agree else None


def _picture(
    opened: OpenedStore,
    scan: dict[str, Any],
    images: ScanImages,
    lesions: tuple[pl.DataFrame | None, bool],
    picked: dict[str, Any] | None,
    position: str,
    choices: DeltaGenerator,
) -> None:
    """Draw the slice; ``lesions``: the rows that agree with the picture, and whether moved limits made their zones.

    ``choices`` is where it is chosen how the picture is shown.
    """
    rows, moved = lesions
    number = 1
    if images.depth > 1:
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.button("▼", key="slice-down", on_click=_step, args=(position, -1, images.depth), shortcut="S")
            number = st.slider("Slice, counted from the feet", 1, images.depth, key=position)
            st.button("▲", key="slice-up", on_click=_step, args=(position, 1, images.depth), shortcut="W")
    index = number - 1
    place, under = st.container(key=PICTURE), st.container()
    unsure = None if rows is None else images.unsure_by(rows)
    picture_key(undecided=images.has_undecided, unsure=unsure is not None)
    placed = _placed(opened, scan)
    with choices:
        look_of = picture_choices(opened, scan, has_regions=placed is not None)
    regions, region = _region_lines(scan, images, rows, placed, shown=look_of.regions)
    zones = images.zones_by(rows) if moved and rows is not None else None
    marked: NDArray[np.bool_] | None = None
    if picked is not None:
        marked = images.lesion_numbers[..., index] == picked["lesion_number"]

    def drawn(opacity: float | None) -> NDArray[np.uint8]:
        return slice_picture(
            images, index, opacity=opacity, zones=zones, marked=marked, synthetic=scan["synthetic"],
            window=look_of.window, hollow=None if unsure is None else unsure[..., index],
            regions=None if regions is None else regions[..., index], region=region,
        )  # fmt: skip

    picture = drawn(look_of.opacity)
    x, y, z = images.spacing_mm
    alt = f"Slice {number} of {images.depth}, the person's right on the left, ventricles and lesions coloured"
    with place:
        if look_of.zoom:
            told = {} if rows is None else {row["lesion_number"]: _told(row) for row in rows.iter_rows(named=True)}
            marks = [LesionMark(*at, told.get(n, f"Lesion {n}")) for n, at in lesion_places(images, index).items()]
            figure = slice_figure(encoded(picture), (picture.shape[1], picture.shape[0]), marks)
            chart(figure, key="zoomed", alt=alt, wheel_zooms=True)
        elif look_of.plain:
            coloured, plain = st.columns(2, gap="small")
            coloured.image(encoded(picture), width="stretch", alt=alt)
            plain.image(encoded(drawn(None)), width="stretch", alt=f"The same slice without colours, {number}")
        else:
            st.image(encoded(picture), width="stretch", alt=alt)
    with under:
        if look_of.zoom:
            st.caption("The wheel zooms, dragging moves, a double click shows it whole; the pointer names a lesion.")
        drawn_regions = "" if regions is None else REGIONS_NOTE
        limits = " Zones by moved limits, not as recorded." if zones is not None else ""
        st.caption(
            f"Slice {number} of {images.depth}, {images.heights_mm[index]:.0f} mm in scanner coordinates; voxels "
            f"{x:.2f} × {y:.2f} × {z:.1f} mm. Seen from below: R is the person's right.{limits}{drawn_regions}"
        )
        name = f"{scan['stem']}_slice-{number:02}.png"
        download("Save this picture", lambda: png(picture), file_name=name, mime="image/png", key="save-slice")
    if look_of.beside is not None:
        beside(look_of.beside, images.depth, index, look_of.opacity, look_of.window)


def _region_lines(
    scan: dict[str, Any],
    images: ScanImages,
    rows: pl.DataFrame | None,
    placed: tuple[float, ...] | None,
    *,
    shown: bool,
) -> tuple[NDArray[np.uint16] | None, int | None]:
    """Return the regions of every voxel where they are to be drawn, and the number of the one chosen in the table."""
    chosen = None if rows is None else chosen_region(rows, key=f"lesions-{scan['scan_id']}")
    if placed is None or not (shown or chosen):
        return None, None
    folder = scan["derivatives"]
    try:
        regions = _regions_of(folder, scan["stem"], last_changed(Path(folder)), placed)
    except (PipelineError, OSError) as error:
        st.warning(f"The regions cannot be drawn: {as_written(f'{error}')}.")
        return None, None
    numbers: dict[tuple[str, str], int] = {(one.name, one.side): one.number for one in REGIONS}
    return regions if regions.shape == images.tissue.shape else None, numbers.get(chosen) if chosen else None


def _told(row: dict[str, Any]) -> str:
    """Say the numbers of a lesion in one slice."""
    zone = row["zone"] or "no zone"
    far = row["distance_to_ventricle_mm"]
    away = "" if far is None else f"<br>{far:.1f} mm from the ventricle"
    sure = {True: ", sure", False: ", unsure"}.get(row["sure"], "")
    return f"<b>Lesion {row['whole_lesion_number']}</b>, {zone}{sure}<br>{row['area_mm2']:.0f} mm² in this slice{away}"


def _proof(scan: dict[str, Any]) -> str:
    """Say what sure and unsure came to in patients left out, where the scan's model is at hand."""
    card = next((card for card in list_models() if card.model_id == scan["model_id"]), None)
    if card is None or card.lesion_chance is None:
        return ""
    unlike = " This scan has a flag, and may differ." if scan["flags"] else ""
    return proof_of_sure(asdict(card.lesion_chance)) + unlike


def _step(position: str, by: int, depth: int) -> None:
    st.session_state[position] = min(max(st.session_state[position] + by, 1), depth)


def _change(opened: OpenedStore, scan: dict[str, Any], rule: ZoneRule) -> None:
    """Show what the moved limits do to the scans of the dataset that were measured by the same rule."""
    everyone = _lesions_of_all(opened.key, opened, scan["dataset_id"], scan["zone_rule"])
    moved = zones_under(everyone, rule)
    st.markdown(change_sentence(everyone, moved, scan["scan_id"]))
    figure = zone_shifts(zone_shares_of(everyone), zone_shares_of(moved), scan["scan_id"], scan["zone_rule"])
    chart(
        dress(figure, look(), synthetic=scan["synthetic"]), key="zone-shifts",
        alt="Each scan's share of lesion area by zone, as recorded and by the moved limits.",
    )  # fmt: skip
    st.caption(
        f"Every scan of {scan['dataset_id']} that has lesions is a point, this scan a diamond, the line a median. The "
        "moved limits are shown here only: the store and every other page keep the recorded rule."
    )
