"""Give or correct who was scanned: group, sex, age at the scan, visit; a new version, with what was there before."""

from datetime import UTC, datetime
from typing import Any

import polars as pl
import streamlit as st

from app.access.current import may
from app.components import choosing
from app.components.language import language
from app.components.tables import numbers_table
from app.state import OpenedStore, store
from app.words.translating import as_name
from db.correct_person import OLDEST, Described, correct_person
from db.errors import StoreError
from vocabulary.measures import GROUP_LABELS, GROUPS, SEX_LABELS, SEXES

UNKNOWN = "not known"
LABELS = {"group": "Group", "sex": "Sex", "age_years": "Age (years)", "session": "Visit"}
_SAID = "person-said"


def person_form(opened: OpenedStore, scan: dict[str, Any]) -> None:
    """Draw the form, filled with what is known, and every correction so far."""
    st.markdown("## Who this is")
    said = st.session_state.pop(_SAID, None)
    if said:
        st.success(said)
    if may("write"):
        _form(scan)
    history = opened.snapshot.corrections(scan["dataset_id"], scan["subject_id"])
    if history.height:
        rows = history.select(
            When=pl.col("corrected_at").dt.strftime("%Y-%m-%d %H:%M UTC"),
            What=pl.col("what").replace(LABELS),
            Before=pl.col("before").fill_null(UNKNOWN),
            Now=pl.col("after").fill_null(UNKNOWN),
            Initials=pl.Series([as_name(one, language()) for one in history["initials"]], dtype=pl.String),
        )
        numbers_table(rows, left=("When", "What", "Before", "Now", "Initials"))


def _form(scan: dict[str, Any]) -> None:
    key = scan["scan_id"]
    with (
        st.form(f"person-{key}", border=True),
        st.container(horizontal=True, vertical_alignment="bottom", gap="medium"),
    ):
        group = choosing.selectbox(
            "Group", [UNKNOWN, *GROUPS], index=_at(GROUPS, scan["group"]), key=f"person-group-{key}", width=200,
            format_func=lambda g: GROUP_LABELS.get(g, g),
        )  # fmt: skip
        sex = choosing.selectbox(
            "Sex", [UNKNOWN, *SEXES], index=_at(SEXES, scan["sex"]), key=f"person-sex-{key}", width=140,
            format_func=lambda s: SEX_LABELS.get(s, s),
        )  # fmt: skip
        age = st.number_input(
            "Age at the scan (years)", 0.0, OLDEST, scan["age_years"], 1.0, key=f"person-age-{key}", width=190,
            placeholder=UNKNOWN, format="%g",
        )  # fmt: skip
        visit = st.text_input(
            "Visit",
            scan["session"] or "",
            key=f"person-visit-{key}",
            max_chars=40,
            width=130,
            placeholder="the only one",
        )
        initials = st.text_input("Initials", max_chars=5, key=f"person-initials-{key}", width=100)
        if st.form_submit_button("Correct"):
            described = Described(
                None if group == UNKNOWN else str(group),
                None if sex == UNKNOWN else str(sex),
                None if age is None else float(age),
                visit.strip() or None,
            )
            _correct(key, described, initials)
    st.caption(
        "Group and sex are the person's in every scan; age and visit belong to this scan. A new version of the "
        "store is made, nothing before is lost, and every page follows."
    )


def _at(known: tuple[str, ...], value: str | None) -> int:
    return known.index(value) + 1 if value in known else 0


def _correct(scan_id: str, described: Described, initials: str) -> None:
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    try:
        changed = correct_person(store(), scan_id, described, initials=initials, corrected_at=now)
    except StoreError as error:
        st.error(f"Not corrected: {error}.")
        return
    if not changed:
        st.info("This is what the store says already.")
        return
    st.session_state[_SAID] = f"Corrected: {', '.join(LABELS[name].lower() for name in changed)}."
    st.rerun()
