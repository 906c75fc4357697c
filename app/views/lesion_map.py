"""Lesion map: how often a place of the brain holds a lesion, in each group, and where the groups differ."""

from functools import partial

import numpy as np
import polars as pl
import streamlit as st

from analysis.lesion_map_comparison import (
    LEAST_LESIONS,
    PERMUTATIONS,
    SEED,
    STRATUM_YEARS,
    VoxelTest,
    strata_of,
    voxel_test,
)
from analysis.lesion_maps import GroupMap, difference, group_map
from app.access.current import may
from app.components import banner, linked
from app.components.cite import caption
from app.components.download import download
from app.components.empty_states import no_maps, no_regions
from app.components.filter_bar import filter_bar
from app.components.scans.viewer_3d import nifti_file
from app.components.scans.with_regions import begin_with_regions, registrations
from app.export import csv_bytes
from app.exports.lesion_maps import map_images, map_table, nifti_bytes
from app.exports.map_page import map_page
from app.map_images import ShownMap, colour_ramp, head, map_picture
from app.scan_images import encoded
from app.sentences.lesion_maps import SURE, map_sentence, voxel_test_sentence, without_map
from app.state import OpenedStore, Selection
from vocabulary.lesion_grid import AFFINE, SPACE, image_of
from vocabulary.measures import GROUPS, SYNTHETIC_NOTICE
from vocabulary.messages import counted

METHOD = (
    f"Lesions brought to {SPACE} (voxels of 2 mm) by an affine registration; people with a lesion in a voxel over "
    "those whose scan shows it."
)
SHOWN = {"MS": "MS", "HC": "HC", "difference": "MS minus HC", "seen": "How many scans show it"}
NAMES = {
    "frequency-HC": "Frequency in HC",
    "frequency-MS": "Frequency in MS",
    "n-HC": "Scans per place, HC",
    "n-MS": "Scans per place, MS",
    "difference-MS-HC": "MS minus HC",
    "z-MS-HC": "Test: z",
    "1-p-voxel": "Test: 1 - p, voxels",
    "1-p-cluster": "Test: 1 - p, clusters",
}
"""Of the maps of ``map_images``, on their buttons."""
VIEWER_COLOURS = {"MS": "plasma", "HC": "viridis", "seen": "gray", "more": "redyell", "less": "winter"}
"""NiiVue's colour maps; it draws a map it does not know grey without a word, and takes no colours of our own."""


@st.cache_resource(max_entries=4, show_spinner=False)
def _maps(key: str, _opened: OpenedStore, dataset_id: str, protocol_id: str) -> pl.DataFrame:
    return _opened.snapshot.lesion_maps(dataset_id, protocol_id).drop("dataset_id", "subject_id")


@st.cache_resource(max_entries=8, show_spinner=False)
def _groups(key: str, _maps: pl.DataFrame) -> dict[str, GroupMap]:
    return {group: group_map(_maps.filter(pl.col("group") == group)) for group in GROUPS}


def page(opened: OpenedStore | None) -> None:
    """Draw the page."""
    begin_with_regions(opened)
    selection = filter_bar(opened)
    assert opened is not None  # noqa: S101  filter_bar ends the page without a store
    dataset = selection.dataset
    every = _maps(opened.key, opened, dataset.dataset_id, dataset.protocol_id)
    people = selection.frame.join(every, on=["scan_id", "protocol_id"], how="inner")
    if people.is_empty():
        told = registrations(opened.key, opened)
        chosen = told.join(selection.frame, on=["scan_id", "protocol_id"], how="semi")
        if chosen["reason"].has_nulls():
            no_maps()
        having = set(told.filter(pl.col("reason").is_null())["dataset_id"]) - {dataset.dataset_id}
        why = told.filter(pl.col("dataset_id") == dataset.dataset_id)["reason"].drop_nulls().unique(maintain_order=True)
        no_regions(why.to_list(), [other.title for other in opened.datasets() if other.dataset_id in having])
    groups = _groups(selection.key, people)
    there = {group: held for group, held in groups.items() if held.n}
    sentence = map_sentence(groups)
    banner.answer(sentence)
    if selection.frame.height > people.height:
        st.warning(without_map(selection.frame.height - people.height))
    shown, least = _choices(selection, there)
    tested = _test(selection, people, there) if len(there) > 1 else None
    drawn = _drawn(groups, shown, least, tested)
    _picture(drawn, shown, there, least, selection, sentence)
    with st.container(key="page-extras"):
        _viewer(drawn, selection)
        _downloads(groups, tested, selection, sentence, least)
        _how(there)


def _choices(selection: Selection, there: dict[str, GroupMap]) -> tuple[str, int]:
    """Let be chosen what is shown, and how many scans must show a place."""
    kinds = [*reversed(list(there)), *(["difference"] if len(there) > 1 else []), "seen"]
    smallest = min(held.n for held in there.values())
    if st.session_state.get("map-shown") not in (None, *kinds):
        del st.session_state["map-shown"]
    if st.session_state.get("map-least", 1) > smallest:
        del st.session_state["map-least"]
    with selection.controls:
        shown = linked.segmented_control(
            "Show", kinds, default=kinds[0], required=True, key="map-shown", format_func=lambda kind: SHOWN[kind],
            label_visibility="collapsed",
        )  # fmt: skip
        least = linked.number_input(
            "Scans per place, at least", 1, smallest, max(1, smallest // 2), 1, key="map-least", width=230,
            help="Places that fewer scans of a group shown cover are left out.",
        )  # fmt: skip
    return shown, int(least)


def _drawn(groups: dict[str, GroupMap], shown: str, least: int, tested: VoxelTest | None) -> ShownMap:
    if shown == "seen":
        seen = np.sum([held.n_seen for held in groups.values()], axis=0).astype(np.float32)
        seen[seen < least] = np.nan
        return ShownMap(seen, "seen", float(max(np.nanmax(seen), 1)))
    if shown == "difference":
        values = difference(groups["MS"], groups["HC"], least)
        if tested is not None and st.session_state.get("map-sure"):
            sure = np.zeros(values.size, bool)
            sure[tested.voxels[tested.p_cluster < SURE]] = True
            values = np.where(sure, values, np.nan).astype(np.float32)
        return ShownMap(values, "difference", _most(values))
    values = groups[shown].frequency(least)
    return ShownMap(values, shown, _most(values))


def _most(values: np.ndarray) -> float:
    known = np.abs(values[np.isfinite(values)])
    return float(known.max()) if known.size and known.max() > 0 else 1.0


def _picture(
    drawn: ShownMap, shown: str, there: dict[str, GroupMap], least: int, selection: Selection, sentence: str
) -> None:
    n = ", ".join(f"{group} n = {there[group].n:,}" for group in ([shown] if shown in there else there))
    st.markdown(f"**{_title(shown)}: {n}**")
    picture = map_picture(drawn, synthetic=selection.dataset.synthetic)
    st.image(encoded(picture), width="stretch", alt=sentence)
    ends = (drawn.least, drawn.most)
    low, high = (f"{end:,.0f}" if shown == "seen" else f"{100 * end:.0f} %" for end in ends)
    st.html(
        f'<div style="display:flex;align-items:center;gap:.6rem;font-size:.9rem"><span>{low}</span>'
        f'<span style="flex:0 1 320px;height:.8rem;border-radius:.2rem;border:1px solid #888;'
        f'background:linear-gradient(90deg,{colour_ramp(drawn.kind)})"></span><span>{high} '
        f"{'scans' if shown == 'seen' else 'of people'}</span></div>"
    )
    st.caption(
        f"Axial planes of the ICBM152 average head, mm above the anterior commissure; seen from below, R is the "
        f"person's right. Only places that at least {counted(least, 'scan')} of each group shown cover."
    )


def _title(shown: str) -> str:
    titles = {"difference": "Share of people with a lesion, MS minus HC", "seen": "How many scans show a place"}
    return titles.get(shown, "Share of people with a lesion")


def _test(selection: Selection, people: pl.DataFrame, there: dict[str, GroupMap]) -> VoxelTest | None:
    """Compare the groups voxel by voxel when asked to; the answer stays until other people are chosen."""
    held: dict[str, VoxelTest] = st.session_state.setdefault("map-tests", {})
    found = held.get(selection.key)
    with st.container(key="controls-map-test"):
        if found is None:
            if not st.button(f"Test MS against HC by {PERMUTATIONS:,} permutations", key="map-test"):
                return None
            bar = st.progress(0.0, "Exchanging people between the groups. Any other choice on this page stops it.")

            def progress(share: float) -> bool:
                bar.progress(share)
                return True

            first = (people["group"] == "MS").to_numpy()
            found = voxel_test(people, first, strata_of(people), progress=progress)
            bar.empty()
            held.clear()
            held[selection.key] = found
        st.markdown(voxel_test_sentence(found))
        st.toggle("In MS minus HC, only what is sure", key="map-sure", help="Clusters with family-wise p below 0.05.")
    return found


def overlays(drawn: ShownMap) -> list[tuple[bytes, str]]:
    """Return a map as the viewer takes it: grey levels 1 to 255 and a colour map; two for a difference."""
    signs = {"more": 1.0, "less": -1.0} if drawn.kind == "difference" else {drawn.kind: 1.0}
    parts = []
    for name, sign in signs.items():
        share = np.nan_to_num(np.clip(sign * image_of(drawn.values) / drawn.most, 0, 1))
        levels = np.where(share > 0, np.maximum(np.round(share * 255), 1), 0).astype(np.uint8)
        if levels.any():
            parts.append((nifti_file(levels, AFFINE), VIEWER_COLOURS[name]))
    return parts


def _viewer(drawn: ShownMap, selection: Selection) -> None:
    """Draw the map in three planes; its data go to the browser only when asked for."""
    if not st.toggle("Three planes and volume", key="map-viewer"):
        return
    from niivue_component import niivue_viewer

    parts = [
        {"data": data, "name": f"map{i}.nii.gz", "colormap": colours, "opacity": 0.85}
        for i, (data, colours) in enumerate(overlays(drawn))
    ]
    niivue_viewer(
        nifti_data=nifti_file(head(), AFFINE),
        filename="ICBM152.nii.gz",
        overlays=parts,
        height=560,
        view_mode="multiplanar",
        styled=False,
        settings={"radiological": True, "crosshair": True, "interpolation": False},
        update_interval_ms=None,
        # NiiVue keeps its old overlays when they change, so another map is another viewer.
        key=f"map-viewer-{hash((selection.key, drawn.kind, drawn.values.tobytes()))}",
    )
    st.caption("The person's right is on the left (R). All is drawn in your browser; nothing leaves the machine.")


def _downloads(
    groups: dict[str, GroupMap], tested: VoxelTest | None, selection: Selection, sentence: str, least: int
) -> None:
    if not may("export"):
        return
    st.markdown("## Downloads")
    synthetic = selection.dataset.synthetic
    there = [group for group in reversed(GROUPS) if groups[group].n]
    kinds = [*there, *(["difference"] if len(there) > 1 else []), "seen"]

    def one_page() -> bytes:
        return map_page(
            nifti_file(head(), AFFINE),
            {SHOWN[kind]: overlays(_drawn(groups, kind, least, tested)) for kind in kinds},
            title=f"Lesion map: {selection.dataset.title}",
            sentence=sentence,
            caption=caption(selection, METHOD, selection.said).replace("<br>", " "),
            synthetic_notice=SYNTHETIC_NOTICE if synthetic else "",
        )

    with st.container(horizontal=True):
        download("One page (HTML)", one_page, file_name="lesion-map.html", mime="text/html", key="map-html")
        for name, values in map_images(groups, tested).items():
            download(
                f"{NAMES[name]} (NIfTI)", partial(nifti_bytes, values, synthetic=synthetic), key=f"map-{name}",
                file_name=f"space-ICBM152_desc-{name.replace('-', '')}_map.nii.gz",
            )  # fmt: skip
        table = partial(csv_bytes, map_table(groups, tested), synthetic=synthetic)
        download("Voxels (CSV)", table, file_name="lesion-map.csv", mime="text/csv", key="map-csv")
    st.caption("One page: the viewer and the maps in one file that needs no connection.")


def _how(there: dict[str, GroupMap]) -> None:
    with st.expander("How this was computed"):
        n = ", ".join(f"{group} n = {held.n:,}" for group, held in there.items())
        st.markdown(
            f"{METHOD} {n}. An affine registration is off by two to three millimetres at the median, so single voxels "
            f"tell little. The test: Cochran-Mantel-Haenszel within strata of sex and {STRATUM_YEARS} years of age, "
            f"where at least {LEAST_LESIONS} people have a lesion; p by the largest statistic of each of "
            f"{PERMUTATIONS:,} exchanges of labels (seed {SEED}), enhanced by neighbours (threshold-free), so that it "
            "holds for the whole brain. See Methods."
        )
