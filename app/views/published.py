"""Published vs recomputed: every number of the study beside what its released table gives and what would be sound."""

import polars as pl
import streamlit as st

from analysis.filters import Filter
from analysis.published.abstract import NOTE, abstract_discrepancies
from analysis.published.flaw_illustrations import bin_means, removed_people, tied_ranks
from analysis.published.flaws import flaws
from analysis.published.published_numbers import SOURCES, is_released_table
from analysis.published.reproduce import VERDICTS, reproduce
from app.components import banner, linked
from app.components.download import download
from app.components.empty_states import needs_released_table
from app.components.figure_panel import figure_panel
from app.components.language import language
from app.components.models.study_networks import networks_as_published
from app.components.tables import cells_in_words, columns_in_words, numbers_table
from app.export import csv_bytes
from app.figures.published.flaws import mean_of_means, removed_by_the_rule, ties_broken
from app.figures.published.verdicts import VERDICT_LABELS, verdicts
from app.sentences.cohort import published_sentence
from app.state import OpenedStore, Selection

METHOD = (
    "The study's rules applied to its released table: age bins 18-29 to 60+ (below 69), its outlier rule for the "
    "output files, shares with 1e-10 in the denominator. Exact: both print the same number; within rounding: less "
    "than one unit of the last printed decimal apart."
)
NO_BREAK = "\N{NO-BREAK SPACE}"
HEADLINES = (
    ("README", "WMH burden MS / HC (fold)"),
    ("README", "MWU effect size r (WMH ratio)"),
    ("README", "ventricle t"),
    ("README", "ventricle p"),
    ("README", "r(age, ventricle)"),
    ("README", "mean WMH ratio %"),
    ("README", "PEWMH mean share"),
    ("Table 5", 'PEWMH "mean"'),
    ("Table 5", "PEWMH sex MWU U"),
    ("Table 5", "PEWMH sex MWU p"),
    ("README", "total N"),
)
"""The claims a reader of the abstract, README or tables remembers: where, and what."""
PICTURES = {
    "Who was removed": (
        removed_people,
        removed_by_the_rule,
        "People the study's outlier rule removed",
        "The rule flags a value far outside the quartiles of its stratum. Where most people have no lesion of a kind, "
        "any such lesion is 'far outside': nearly every control with one is removed, and the phenomenon with them.",
    ),
    "Ties broken": (
        tied_ranks,
        ties_broken,
        "Periventricular share and WMH load in controls, by rank",
        "Most controls have periventricular lesions only: their shares are equal, 100 %. Adding 1e-10 to the "
        "denominator makes a larger lesion's share larger in the tenth decimal, and a rank correlation takes that "
        "for a finding.",
    ),
    "Means of means": (
        bin_means,
        mean_of_means,
        "Periventricular share of MS patients by age bin",
        "The published mean gives each age bin the same weight, so the five people of 60 and more count as much as the "
        "137 people of 30 to 39.",
    ),
}
IN_WORDS = ("place", "group", "sex", "age_group", "published", "recomputed_text", "verdict", "sound", "why", "rule")
"""Columns of the table of all numbers in the language of the page; files and quantities are named as published."""
NAMES_STAY = "Names of files and quantities are those the study printed."


@st.cache_resource(max_entries=4, show_spinner=False)
def _is_released(key: str, _frame: pl.DataFrame) -> bool:
    return is_released_table(_frame)


@st.cache_data(max_entries=4, show_spinner="Recomputing the study ...")
def _rows(key: str, _frame: pl.DataFrame) -> pl.DataFrame:
    return reproduce(_frame)


@st.cache_data(max_entries=4, show_spinner=False)
def _in_words(key: str, code: str, _rows: pl.DataFrame) -> pl.DataFrame:
    """Return every number as the table shows it, with what a search in either language looks through."""
    told = cells_in_words(_rows.with_columns(pl.col("verdict").cast(pl.String)), *IN_WORDS)
    return told.select(
        "place",
        pl.col("source").str.split(":").list.last().alias("file"),
        "quantity",
        *IN_WORDS[1:],
        pl.concat_str(pl.col(pl.String), separator=" ", ignore_nulls=True).alias("searched"),
    ).with_columns(pl.col(pl.String).fill_null(""))


@st.cache_data(max_entries=4, show_spinner=False)
def _flaws(key: str, _frame: pl.DataFrame) -> pl.DataFrame:
    return flaws(_frame)


def page(opened: OpenedStore | None) -> None:
    """Draw the page."""
    selection = _released(opened)
    rows = _rows(selection.key, selection.everyone)
    banner.answer(published_sentence(rows))
    st.caption(
        f"This page is about the whole released table, {selection.everyone.height:,} people; the filters of other "
        f"pages do not act on it. Sources: {SOURCES}."
    )
    counts = rows.group_by("place", "verdict", maintain_order=True).agg(pl.len().alias("n")).rename({"place": "source"})
    figure_panel(
        verdicts(in_order_of_size(counts)), counts, selection, name="verdicts",
        title="Published numbers by source and verdict", method=METHOD, alt=published_sentence(rows),
    )  # fmt: skip
    with st.container(key="page-extras"):
        st.markdown("## The headline claims")
        _headlines(rows)
    st.markdown("## What differs, in pictures")
    _pictures(selection)
    with st.container(key="page-extras-more"):
        st.markdown("## Choices that change the answer")
        _flaw_list(_flaws(selection.key, selection.everyone))
        st.markdown("## The abstract")
        _abstract(selection.everyone)
        st.markdown("## The study's networks")
        networks_as_published()
        st.markdown("## Every number")
        _every_number(selection.key, rows)
        with st.expander("How this was computed"):
            kept = selection.everyone.height - removed_people(selection.everyone)["removed"].sum()
            st.markdown(
                f"{METHOD} The README, the tables and figure 8 rest on all rows, the output files on the {kept:,} "
                "people the outlier rule keeps: the study mixes the two. `mscohort reproduce` prints the same rows."
            )


def _released(opened: OpenedStore | None) -> Selection:
    if opened is None:
        needs_released_table()
    for dataset in opened.datasets():
        if not dataset.synthetic:
            people = opened.everyone(dataset)
            if _is_released(f"{dataset.version}/{dataset.key}/{dataset.content_sha256}", people):
                return Selection(dataset, Filter(dataset=dataset.dataset_id), people, people)
    needs_released_table()


def in_order_of_size(counts: pl.DataFrame) -> pl.DataFrame:
    """Order sources from the one with most numbers to the one with fewest."""
    total = pl.col("n").sum().over("source")
    return counts.sort([total, "source"], descending=[True, False], maintain_order=True)


def _headlines(rows: pl.DataFrame) -> None:
    wanted = pl.DataFrame(HEADLINES, schema=["place", "quantity"], orient="row").with_row_index("order")
    claims = rows.join(wanted, on=["place", "quantity"]).filter(
        (pl.col("quantity") != "mean WMH ratio %") | (pl.col("group") == "MS")
    )
    shown = [
        {
            "Claim": f"{row['quantity'].replace('PEWMH', 'Periventricular')}{_who(row)}",
            "Published": row["published"],
            "Recomputed": row["recomputed_text"],
            "Verdict": VERDICT_LABELS[row["verdict"]].replace(" ", NO_BREAK),
            "Rule, and what is misleading": f"{_capital(row['rule'])} {_capital(row['why'])}",
            "A sound analysis says": _capital(row["sound"]),
        }
        for row in claims.sort("order", maintain_order=True).iter_rows(named=True)
    ]
    text = ("Claim", "Verdict", "Rule, and what is misleading", "A sound analysis says")
    numbers_table(pl.DataFrame(shown), left=text)


def _capital(sentence: str | None) -> str:
    return f"{sentence[0].upper()}{sentence[1:]}." if sentence else ""


def _who(row: dict[str, str]) -> str:
    words = {"Female": "women", "Male": "men", "M-F": "men against women"}
    parts = [row["group"] if row["group"] in ("HC", "MS") else "", words.get(row["sex"], "")]
    if row["age_group"] != "all":
        parts.append(row["age_group"])
    said = " ".join(part for part in parts if part)
    return f", {said}" if said else ""


def _pictures(selection: Selection) -> None:
    tabs = linked.tabs(list(PICTURES), key="flaw")
    for tab, (prepare, draw, title, told) in zip(tabs, PICTURES.values(), strict=True):
        with tab:
            if tab.open:
                data = prepare(selection.everyone)
                st.markdown(told)
                figure_panel(
                    draw(data),
                    data,
                    selection,
                    name=draw.__name__.replace("_", "-"),
                    title=title,
                    method=METHOD,
                    alt=told,
                    answer=told,
                )


def _flaw_list(found: pl.DataFrame) -> None:
    for row in found.iter_rows(named=True):
        with st.expander(f"{row['number']}. {row['title']}"):
            st.markdown(
                f"**The study** {row['what_the_study_did']}.\n\n**What it changes:** {row['what_it_changes']}."
                f"\n\n**Here:** {row['what_we_do']}."
            )


def _abstract(people: pl.DataFrame) -> None:
    st.markdown(NOTE)
    shown = [
        {
            "Quantity": row["quantity"] + (f" ({row['unit']})" if row["unit"] else ""),
            "Abstract": row["abstract"],
            "Released table": row["table_text"],
            "Agrees": "yes" if row["agrees"] else "no",
        }
        for row in abstract_discrepancies(people).iter_rows(named=True)
    ]
    numbers_table(pl.DataFrame(shown), left=("Quantity", "Agrees"))


def _every_number(key: str, rows: pl.DataFrame) -> None:
    places = rows["place"].unique(maintain_order=True).to_list()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        place = linked.multiselect("Source", places, key="place", width=320, placeholder="All sources")
        judged = linked.pills(
            "Verdict", VERDICTS, selection_mode="multi", key="verdict", format_func=lambda name: VERDICT_LABELS[name],
        )  # fmt: skip
        words = linked.text_input("Search", key="search", width=260, placeholder="PEWMH, Panel A, 12847")
        download(
            "Download all rows as CSV", lambda: csv_bytes(rows), file_name="published-vs-recomputed.csv",
            mime="text/csv", key="every-number-csv",
        )  # fmt: skip
    told = _in_words(key, language(), rows)
    shown = told.filter(matching(rows, place, judged, words or "", told["searched"]))
    st.caption(f"{shown.height:,} of {rows.height:,} numbers")
    if language() != "en":
        st.caption(NAMES_STAY)
    st.dataframe(
        shown.drop("searched"),
        hide_index=True,
        height=460,
        column_config=columns_in_words(
            {
                "place": st.column_config.TextColumn("source"),
                "file": st.column_config.TextColumn("file"),
                "quantity": st.column_config.TextColumn("quantity"),
                "group": st.column_config.TextColumn("group"),
                "sex": st.column_config.TextColumn("sex"),
                "age_group": st.column_config.TextColumn("age"),
                "published": st.column_config.TextColumn("published", alignment="right"),
                "recomputed_text": st.column_config.TextColumn("recomputed", alignment="right"),
                "verdict": st.column_config.TextColumn("verdict"),
                "sound": st.column_config.TextColumn("a sound analysis says"),
                "why": st.column_config.TextColumn("what is misleading"),
                "rule": st.column_config.TextColumn("rule"),
            }
        ),
    )


def matching(
    rows: pl.DataFrame, places: list[str], judged: list[str], words: str, shown: pl.Series | None = None
) -> pl.Series:
    """Say of each row whether it is of the chosen places and verdicts (all when none is chosen) and holds all words.

    Parameters
    ----------
    rows : answer of ``analysis.published.reproduce.reproduce``
    places, judged : names to keep
    words : text, case ignored, searched in every column that is text
    shown : what a reader sees of each row, where it is in another language; it is searched, too
    """
    keep = pl.lit(True)
    if places:
        keep &= pl.col("place").is_in(places)
    if judged:
        keep &= pl.col("verdict").cast(pl.String).is_in(judged)
    texts = [pl.col(pl.String), *([] if shown is None else [pl.lit(shown)])]
    text = pl.concat_str(*texts, separator=" ", ignore_nulls=True).str.to_lowercase()
    for word in words.lower().split():
        keep &= text.str.contains(word, literal=True)
    return rows.select(pl.repeat(True, pl.len()) & keep).to_series()
