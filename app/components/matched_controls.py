"""Matched controls in the filter bar: the switch, the matching (cached: it takes a while), the balance it brings."""

import polars as pl
import streamlit as st

from analysis.filters import Filter
from analysis.matching import CALIPER_YEARS, COVARIATES, MATCHED, MOST_MATCHED, balance
from app.components import linked
from app.components.tables import numbers_table
from app.sentences.formatting import MINUS, MISSING, format_number
from app.sentences.matching import without_control
from app.state import Selection

BALANCED_BELOW = 0.1


def matching() -> tuple[int, float]:
    """Draw the switch; return the controls per patient (0: none are matched) and the caliper in years."""
    on = linked.toggle(
        "Matched controls",
        key="matched",
        help="Compares each MS patient with the nearest controls of the same sex and age, each control used once.",
    )
    if not on:
        return 0, CALIPER_YEARS
    number = linked.number_input(
        "Per patient", 1, MOST_MATCHED, MATCHED, 1, key="per_patient", width=110,
    )  # fmt: skip
    caliper = linked.number_input(
        "Within (years)", 0.0, 10.0, CALIPER_YEARS, 0.5, key="caliper", width=120, format="%.1f",
    )  # fmt: skip
    return int(number), float(caliper)


def filtered(chosen: Filter, people: pl.DataFrame, key: str) -> pl.DataFrame:
    """Return whom a filter leaves; matching is done once per filter and dataset.

    Parameters
    ----------
    key : identifies the people behind the frame
    """
    return _matched(key, repr(chosen), people, chosen) if chosen.matches else chosen.apply(people)


@st.cache_data(max_entries=8, show_spinner=False)
def _matched(key: str, said: str, _people: pl.DataFrame, _chosen: Filter) -> pl.DataFrame:
    return _chosen.apply(_people)


@st.cache_data(max_entries=8, show_spinner=False)
def _balance(key: str, _selection: Selection) -> tuple[pl.DataFrame, int]:
    before = _selection.filter.unmatched().apply(_selection.everyone)
    patients = before.filter(pl.col("group") == "MS").height - _selection.counts["MS"]
    return balance(before, _selection.frame), patients


def show_balance(selection: Selection) -> None:
    """Say how the matching went, with the balance before and after; nothing where no controls are matched."""
    if not selection.filter.matches:
        return
    table, without = _balance(selection.key, selection)
    counts = selection.counts
    lost = f"; {without_control(without)}" if without else ""
    rows = []
    for name, label in COVARIATES.items():
        before, after = table.filter(pl.col("covariate") == name).sort("when", descending=True).iter_rows(named=True)
        rows.append({"": label, "Before: MS, HC": _means(before), "Before: difference": _gap(before),
                     "After: MS, HC": _means(after), "After: difference": _gap(after)})  # fmt: skip
    worst = max(abs(r["standardised_difference"] or 0.0) for r in table.iter_rows(named=True) if r["when"] == "after")
    verdict = "balanced" if worst < BALANCED_BELOW else "not balanced in everything"
    with st.expander(f"Matched: {counts['MS']:,} MS, {counts['HC']:,} HC, {verdict}{lost}"):
        numbers_table(pl.DataFrame(rows), left=("",))
        st.caption(
            "Means (men: share), and the standardised difference MS − HC in standard deviations before matching; below "
            "0.1 in size is usually called balanced. Intracranial area is not matched for. Patients choose in a seeded "
            "random order, the nearest control first; a control is used once."
        )


def _means(row: dict[str, float | None]) -> str:
    return ", ".join(MISSING if row[k] is None else format_number(row[k]) for k in ("mean_ms", "mean_hc"))


def _gap(row: dict[str, float | None]) -> str:
    gap = row["standardised_difference"]
    return MISSING if gap is None else f"{gap:.2f}".replace("-", MINUS)
