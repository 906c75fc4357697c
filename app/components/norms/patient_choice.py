"""Who is placed: a person of the store, or values typed in, whose protocol is asked first."""

import polars as pl
import streamlit as st

from app.address import link
from app.components import choosing, linked
from app.components.filter_bar import dataset_choice
from app.components.norms.new_scan import patient_of_upload
from app.patient import Patient, patient_of, people_with_values
from app.references import Library
from app.sentences.as_written import as_written
from app.state import Dataset, OpenedStore
from vocabulary.measures import MEASURES, PUBLISHED_PROTOCOL, SEX_LABELS, SEXES

FROM_STORE, UPLOAD, TYPED = "A person of the store", "A new FLAIR scan", "Typed values"
PROTOCOLS = {
    PUBLISHED_PROTOCOL: "the released table of the Tabriz study (areas of 1 mm pixels)",
    "mscohort-1": "this program, from a FLAIR scan",
}
OTHER = "another way"
TYPED_MEASURES = (
    "intracranial_area_mm2",
    "ventricle_ratio_pct",
    "wmh_area_mm2",
    "periventricular_area_mm2",
    "paraventricular_area_mm2",
    "juxtacortical_area_mm2",
)


def choose_patient(opened: OpenedStore | None, found: Library) -> list[Patient] | None:
    """Draw the choice and return the scans of the chosen person, latest first.

    Returns
    -------
    Empty while nothing is chosen; None where the page has its answer already, from the upload of a scan
    """
    datasets = list(opened.datasets()) if opened else []
    with st.container(key="filter-bar"):
        ways = [FROM_STORE, UPLOAD, TYPED] if datasets else [TYPED, UPLOAD]
        way = linked.segmented_control(
            "Whose values",
            ways,
            default=ways[0],
            required=True,
            key="patient_way",
        )
        if way == FROM_STORE and opened is not None:
            return _of_store(opened, datasets)
        if way == TYPED:
            return _typed(found)
    # Outside of the bar: presenting hides that, not the answer.
    return patient_of_upload(opened)


def _of_store(opened: OpenedStore, datasets: list[Dataset]) -> list[Patient]:
    asked = next(iter(link.asked("person") or ()), None)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        dataset = dataset_choice(datasets)
        rows = people_with_values(opened.everyone(dataset))
        ids = rows["subject_id"].unique(maintain_order=True).to_list()
        if not ids:
            st.info("Nobody in this dataset has a value with a norm.")
            return []
        if asked in ids:
            st.session_state["person"] = asked
        elif st.session_state.get("person") not in ids:
            st.session_state.pop("person", None)
        # As on the page Subject: the URL holds what the box shows, so it shows identifiers.
        chosen = str(linked.selectbox("Person", ids, key="person", filter_mode="contains", width=260))
    if asked and asked not in ids:
        st.warning(f"This dataset holds no person {as_written(asked)}; this is another one.")
    members = rows.filter(pl.col("subject_id") == chosen)
    if "session" in members.columns:
        members = members.sort("session", descending=True, nulls_last=True)
    return [
        patient_of(
            row,
            content_sha256=dataset.content_sha256,
            synthetic=dataset.synthetic,
            flags=tuple(opened.snapshot.scan_flags(scan_id=row["scan_id"])["flag"]),
        )
        for row in members.iter_rows(named=True)
    ]


def _typed(found: Library) -> list[Patient]:
    known = list(dict.fromkeys([*PROTOCOLS, *(r.protocol for r in found.references)]))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        protocol = choosing.selectbox(
            "How were the values measured?",
            [*known, OTHER],
            index=None,
            placeholder="choose first",
            key="typed_protocol",
            format_func=lambda p: f"{p}: {PROTOCOLS[p]}" if p in PROTOCOLS else p,
            width=420,
        )
        sex = choosing.segmented_control("Sex", SEXES, key="typed_sex", format_func=lambda name: SEX_LABELS[name])
        age = st.number_input(
            "Age (years)", min_value=0.0, max_value=120.0, value=None, step=1.0, format="%g", key="typed_age", width=130
        )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        values = {
            name: st.number_input(
                MEASURES[name].axis_title.replace(" of intracranial area", ""),
                min_value=0.0,
                value=None,
                format="%g",
                key=f"typed_{name}",
                width=225,
            )
            for name in TYPED_MEASURES
        }
    given = {name: float(value) for name, value in values.items() if value is not None}
    if not protocol:
        st.info("Say first how the values were measured: they are compared only with people measured in the same way.")
        return []
    if sex is None or age is None or not given:
        st.info("Sex, age and at least one value are needed.")
        return []
    return [Patient("typed values", None, str(sex), float(age), str(protocol), given)]
