"""Which reference is looked at, the people behind it where they are in the store, and how to cite it."""

from dataclasses import replace
from importlib.metadata import version

import polars as pl
import streamlit as st

from analysis.norms.curves import centile_curves
from analysis.norms.reference import Reference
from app.components import linked
from app.figures.norms.centile_chart import Panel
from app.references import Library, library
from app.state import OpenedStore, store
from vocabulary.measures import RESEARCH_ONLY, SYNTHETIC_NOTICE


def references() -> Library:
    """Return every reference at hand."""
    return library(store().root)


def reference_choice(found: Library, *, key: str = "reference", label: str = "Reference") -> Reference:
    """Draw the select box and return the chosen reference."""
    titles = {r.name: f"{r.title}, n = {r.n:,}{' (synthetic)' if r.synthetic else ''}" for r in found.references}
    chosen = linked.selectbox(
        label,
        list(titles),
        key=key,
        format_func=lambda name: titles[name],
        width=320,
    )
    for problem in found.problems:
        st.warning(f"Not used: {problem}")
    return found.named(str(chosen))


def reference_people(opened: OpenedStore | None, reference: Reference, measure: str) -> pl.DataFrame | None:
    """Return subject_id, sex, age_years and value of the people a reference was fitted to.

    None where they are not in the store, or have changed since.
    """
    for dataset in opened.datasets() if opened else ():
        if dataset.content_sha256 == reference.content_sha256 and dataset.protocol_id == reference.protocol:
            frame = opened.everyone(dataset) if opened else pl.DataFrame()
            members = frame.filter(pl.col("group") == reference.group)
            return members.select("subject_id", "sex", "age_years", value=pl.col(measure)).drop_nulls()
    return None


@st.cache_data(max_entries=64, show_spinner=False)
def curves(key: str, _reference: Reference, measure: str, sex: str) -> pl.DataFrame:
    """Return the centile curves of one sex, cached under the reference's ``cache_key``."""
    return centile_curves(_reference, measure, sex)


def cache_key(reference: Reference) -> str:
    """Identify a reference in the keys of cached answers."""
    return f"{reference.name}/{reference.fitted_on}/{reference.content_sha256}/{hash(reference.models)}"


def panel(
    reference: Reference, measure: str, sex: str, people: pl.DataFrame | None, other: Reference | None = None
) -> Panel:
    """Return one sex of a chart; ``other`` is a reference of the same protocol whose curves are drawn over it."""
    members = None if people is None else people.filter(pl.col("sex") == sex)
    drawn = Panel(sex, curves(cache_key(reference), reference, measure, sex), reference.ages[sex], members)
    if other is None:
        return drawn
    over = curves(cache_key(other), other, measure, sex)
    return replace(drawn, other=over, other_name=other.title, other_group=other.group)


def reference_caption(reference: Reference, method: str) -> str:
    """Return the lines printed under an exported figure, separated by ``<br>``."""
    sexes = ", ".join(f"{sex} n = {n:,}" for sex, n in reference.n_by_sex.items())
    return "<br>".join(
        [
            f"{reference.title}: {sexes}; protocol {reference.protocol}.",
            method,
            f"mscohort {version('mscohort')}, reference {reference.name}, fitted {reference.fitted_on}, cohort "
            f"{reference.content_sha256[:16]}. {RESEARCH_ONLY}",
        ]
    )


def reference_citation(reference: Reference, title: str, method: str) -> str:
    """Return a plain-text citation of one figure."""
    lines = [
        f"{title}. MS Cohort Explorer (mscohort {version('mscohort')}).",
        f"Reference: {reference.title} ({reference.name}, fitted {reference.fitted_on}), {reference.n:,} people, "
        f"protocol {reference.protocol}. Cohort SHA-256 {reference.content_sha256}.",
        f"Data: {reference.citation}" if reference.citation else "",
        f"Method: {method}",
        RESEARCH_ONLY,
    ]
    if reference.synthetic:
        lines.insert(0, SYNTHETIC_NOTICE)
    return "\n".join(line for line in lines if line)
