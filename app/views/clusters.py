"""Clusters: groups of people with like patterns of lesions, how stable they are, or that there are none."""

import polars as pl
import streamlit as st

from analysis.region_clusters import (
    LEAST_STABLE,
    N_BOOTSTRAPS,
    N_REFERENCES,
    REPRESENTATIONS,
    Clustering,
    find_clusters,
    members_described,
    profiles,
)
from analysis.regions import people_by_region
from app import state
from app.access.current import may
from app.components import banner, linked
from app.components.empty_states import no_regions
from app.components.figure_panel import figure_panel
from app.components.filter_bar import filter_bar
from app.components.scans.with_regions import begin_with_regions, registrations
from app.components.tables import numbers_table
from app.figures.cohort.clusters import embedding, pattern_profiles, stability
from app.sentences.clusters import clusters_sentence, left_out
from app.sentences.formatting import MISSING, format_number
from app.state import OpenedStore, Selection
from db.errors import StoreError
from db.save_clusters import save_clusters
from vocabulary.messages import counted

AT_ONCE = 200
"""So many people are clustered as soon as the page is opened; more are asked for, as it takes seconds."""
NAMES = {"composition": "Share of each region", "load": "Load of each region"}
METHOD = (
    f"K-means of lesions by region of the bullseye; stability: adjusted Rand index over {N_BOOTSTRAPS} bootstrap "
    f"samples; silhouettes against {N_REFERENCES} draws of one population."
)


def page(opened: OpenedStore | None) -> None:
    """Draw the page."""
    begin_with_regions(opened)
    selection = filter_bar(opened)
    assert opened is not None  # noqa: S101  filter_bar ends the page without a store
    dataset = selection.dataset
    by_region = _by_region(selection.key, selection.frame, opened, dataset.dataset_id)
    if by_region.is_empty():
        told = registrations(opened.key, opened)
        why = told.filter(pl.col("dataset_id") == dataset.dataset_id)["reason"].drop_nulls().unique(maintain_order=True)
        having = set(told.filter(pl.col("reason").is_null())["dataset_id"]) - {dataset.dataset_id}
        no_regions(why.to_list(), [other.title for other in opened.datasets() if other.dataset_id in having])
    with selection.controls:
        pattern = linked.segmented_control(
            "Pattern", list(NAMES), default="composition", required=True, key="pattern",
            format_func=lambda name: NAMES[name], label_visibility="collapsed",
        )  # fmt: skip
    found = _found(selection, by_region, pattern)
    if found is None:
        return
    sentence = clusters_sentence(found)
    banner.answer(sentence)
    if found.n_without:
        st.caption(left_out(found))
    if found.people.height > 1:
        _embedding(found, selection, sentence)
    if not found.by_k.is_empty():
        _stability(found, selection, sentence)
    if found.k is not None:
        _profiles(found, by_region, selection, sentence)
        with st.container(key="page-extras"):
            _people(found, selection)
            if may("write"):
                _save(found, selection)
    with st.expander("How this was computed"):
        st.markdown(
            f"{METHOD} A pattern is the {REPRESENTATIONS[found.representation]}. Clusters are reported where stability "
            f"is at least {LEAST_STABLE} and they are further apart than any drawn from one population: k-means cuts "
            "any cloud in two, and the cut often comes back. Clusters describe the people shown; they are no subtypes "
            "of disease. See Methods."
        )


@st.cache_data(max_entries=16, show_spinner=False)
def _by_region(key: str, _frame: pl.DataFrame, _opened: OpenedStore, dataset_id: str) -> pl.DataFrame:
    return people_by_region(_frame, _opened.snapshot.region_loads(dataset_id=dataset_id))


def _found(selection: Selection, by_region: pl.DataFrame, pattern: str) -> Clustering | None:
    """Return the clusters of these people; asked for first where it takes long, and kept until others are chosen."""
    held: dict[tuple[str, str], Clustering] = st.session_state.setdefault("clusters-found", {})
    key = (selection.key, pattern)
    if key not in held:
        n = by_region["scan_id"].n_unique()
        if n > AT_ONCE:
            banner.answer(f"{counted(n, 'person')} have lesions by region; looking for clusters takes some seconds.")
            if not st.button("Look for clusters", key="find-clusters", type="primary"):
                return None
        bar = st.progress(0.0, "Drawing people again. Any other choice on this page stops it.")

        def progress(share: float) -> bool:
            bar.progress(share)
            return True

        found = find_clusters(by_region, "load" if pattern == "load" else "composition", progress=progress)
        bar.empty()
        if len(held) > 8:
            held.clear()
        held[key] = found
    return held[key]


def _embedding(found: Clustering, selection: Selection, sentence: str) -> None:
    people = found.people.join(selection.frame, on=["scan_id", "protocol_id"], how="inner", suffix="_person")
    figure_panel(
        embedding(people, found.explained), found.people, selection, name="clusters-embedding",
        title=f"People by pattern: two principal components, n = {people.height:,}", method=METHOD, alt=sentence,
    )  # fmt: skip
    alike = (
        "the regions in which their lesions lie" if found.representation == "composition" else "their loads by region"
    )
    st.caption(f"Each point is a person: the closer two are, the more alike are {alike}.")


def _stability(found: Clustering, selection: Selection, sentence: str) -> None:
    figure_panel(
        stability(found.by_k, found.k, LEAST_STABLE), found.by_k, selection, name="clusters-stability",
        title="How many clusters: do they come back, and are they apart?", method=METHOD, alt=sentence,
    )  # fmt: skip


def _profiles(found: Clustering, by_region: pl.DataFrame, selection: Selection, sentence: str) -> None:
    told = profiles(by_region, found)
    figure_panel(
        pattern_profiles(told), told, selection, name="clusters-profiles",
        title="What the clusters carry: share of each region in all that its people carry", method=METHOD, alt=sentence,
    )  # fmt: skip


def _people(found: Clustering, selection: Selection) -> None:
    st.markdown("## Who is in them")
    rows = [
        {
            "Cluster": row["cluster"],
            "n": f"{row['n']:,}",
            "MS": f"{row['n_ms']:,}",
            "HC": f"{row['n_hc']:,}",
            "Women": f"{row['n_women']:,}",
            "Mean age": MISSING if row["age_mean"] is None else format_number(row["age_mean"]),
            "Mean WMH mL": MISSING if row["load_ml"] is None else format_number(row["load_ml"]),
        }
        for row in members_described(selection.frame, found).iter_rows(named=True)
    ]
    numbers_table(pl.DataFrame(rows), left=("Cluster",))


def _save(found: Clustering, selection: Selection) -> None:
    st.markdown("## Keep them")
    with st.form("save-clusters", border=True):
        name = st.text_input("Name", value="region pattern", max_chars=40, key="clusters-name", width=260)
        st.caption("Kept as a column of the dataset: a filter of every page, and groups for Compare.")
        if not st.form_submit_button("Keep who is in which cluster"):
            return
    dataset = selection.dataset
    members = found.people.drop_nulls("cluster")
    try:
        saved = save_clusters(state.store(), dataset.dataset_id, dataset.protocol_id, name, members)
    except StoreError as error:
        st.error(f"Not kept: {error}.")
    else:
        st.success(f"{counted(saved.n, 'person')} kept in the column {saved.column}; the pages show it when reloaded.")
