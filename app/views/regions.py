"""Regions: in which lobe, on which side and how deep the lesions lie, MS against HC, left against right."""

import numpy as np
import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analysis.region_correlation import region_correlations
from analysis.regions import asymmetry, by_lobe, people_by_region, region_tests, summary
from app.components import banner, linked
from app.components.empty_states import no_regions
from app.components.figure_panel import figure_panel
from app.components.filter_bar import filter_bar
from app.components.scans.region_people import choose_clicked, region_people
from app.components.scans.with_regions import begin_with_regions, registrations
from app.components.tables import numbers_table
from app.figures.cohort.bullseye import bullseye
from app.figures.cohort.glass_brain import glass_brain
from app.figures.cohort.region_rates import MOST_ROWS, region_rates
from app.figures.cohort.side_index import side_index
from app.sentences.formatting import (
    MISSING,
    format_interval,
    format_number,
    format_p,
    format_percent,
    format_r,
    format_ratio,
    format_ratio_range,
)
from app.sentences.labels import variable_label
from app.sentences.regions import region_name, regions_sentence, without_regions
from app.state import OpenedStore, Selection
from vocabulary.measures import GROUPS, MEASURES

PARTS = ("Regions", "Lobes", "How many people", "Every region", "Left and right", "Against a column")
METHOD = (
    "Lesion volume by region of the bullseye: lobes are planes in ICBM152 coordinates, brought onto each scan by an "
    "affine registration; four shells of equal step from the person's ventricles to their cortex. Mean over people."
)
COLOUR_BY = {"MS": "Mean load, MS", "HC": "Mean load, HC", "difference": "MS minus HC", "effect": "MS-HC effect"}
UNITS = {"difference": "MS minus HC, mean mL", "effect": "log2 of the odds of any lesion, MS : HC"}
NO_NORMS = "There are no norms for regions: nothing here says what is usual at an age."


@st.cache_data(max_entries=32, show_spinner=False)
def _by_region(key: str, _frame: pl.DataFrame, _opened: OpenedStore, dataset_id: str) -> pl.DataFrame:
    return people_by_region(_frame, _opened.snapshot.region_loads(dataset_id=dataset_id))


@st.cache_data(max_entries=32, show_spinner=False)
def _summary(key: str, _by_region: pl.DataFrame) -> pl.DataFrame:
    return summary(_by_region)


@st.cache_data(max_entries=32, show_spinner=False)
def _tests(key: str, _by_region: pl.DataFrame) -> pl.DataFrame:
    return region_tests(_by_region)


@st.cache_data(max_entries=32, show_spinner=False)
def _asymmetry(key: str, _by_region: pl.DataFrame) -> pl.DataFrame:
    return asymmetry(_by_region)


@st.cache_data(max_entries=32, show_spinner=False)
def _correlations(key: str, _by_region: pl.DataFrame, column: str) -> pl.DataFrame:
    return region_correlations(_by_region, column)


@st.cache_data(max_entries=32, show_spinner=False)
def _lobes(key: str, _by_region: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    lobes = by_lobe(_by_region)
    return summary(lobes), region_tests(lobes)


def page(opened: OpenedStore | None) -> None:
    """Draw the page."""
    begin_with_regions(opened)
    selection = filter_bar(opened)
    assert opened is not None  # noqa: S101  filter_bar ends the page without a store
    every = registrations(opened.key, opened)
    dataset = selection.dataset
    chosen = every.join(selection.frame.select("scan_id", "protocol_id"), on=["scan_id", "protocol_id"], how="semi")
    missing = chosen.drop_nulls("reason")
    found = chosen.filter(pl.col("reason").is_null())
    if found.is_empty():
        having = set(every.filter(pl.col("reason").is_null())["dataset_id"]) - {dataset.dataset_id}
        elsewhere = [other.title for other in opened.datasets() if other.dataset_id in having]
        no_regions(missing["reason"].unique(maintain_order=True).to_list(), elsewhere)
    by_region = _by_region(selection.key, selection.frame, opened, dataset.dataset_id)
    told = _summary(selection.key, by_region)
    nowhere = float(found["unassigned_volume_ml"].sum())
    everything = float(by_region["load_ml"].sum()) + nowhere
    unassigned = 100 * nowhere / everything if everything else None
    sentence = regions_sentence(told, unassigned)
    banner.answer(sentence, selection)
    if missing.height:
        st.warning(without_regions(missing))
    groups = [group for group in GROUPS if group in told["group"].to_list()]
    n = dict(told.group_by("group").agg(pl.col("n").max()).iter_rows())
    counts = ", ".join(f"{group} n = {n[group]:,}" for group in groups)
    bullseyes, lobes, rates, table, sides, columns = linked.tabs(PARTS, key="regions-part")
    _pictures(opened, selection, by_region, told, groups, unassigned, sentence, (bullseyes, lobes))
    with rates:
        _rates(selection, told, counts, sentence)
    with table, st.container(key="page-extras-table"):
        _groups_table(selection, by_region, told, groups)
    with sides, st.container(key="page-extras-sides"):
        _asymmetry_table(selection, by_region, counts, sentence)
    with columns, st.container(key="page-extras-columns"):
        _correlations_table(selection, by_region)
    with st.container(key="page-extras"):
        _how(found)


def cells(told: pl.DataFrame, colour_by: str, tests: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return what a picture shows of each region: region_number, region, side, value (null where none), words.

    Parameters
    ----------
    told : from ``analysis.regions.summary``
    colour_by : a group; "difference": the mean of MS minus that of HC, mL; or "effect": log2 of the adjusted odds ratio
        of having any lesion there
    tests : from ``analysis.regions.region_tests``, for "effect"
    """
    odds = {}
    if tests is not None and not tests.is_empty():
        rows_with = tests.filter((pl.col("name") == "any_lesion") & pl.col("effect_size").is_not_null())
        odds = {row["region_number"]: row for row in rows_with.iter_rows(named=True)}
    rows = []
    for (number, region, side), part in told.group_by(["region_number", "region", "side"], maintain_order=True):
        by_group = {row["group"]: row for row in part.iter_rows(named=True)}
        words = [
            f"{group}: mean {format_number(row['mean_ml'])} mL, {format_percent(row['fraction_pct'])} of the region; "
            f"{row['n_with']:,} of {row['n']:,} people have a lesion there"
            for group, row in by_group.items()
        ]
        if number in odds:
            effect = odds[number]
            words.append(
                f"odds of any, MS : HC {format_ratio(effect['effect_size'])} "
                f"({format_ratio_range(effect['ci_low'], effect['ci_high'])})"
            )
        if colour_by == "effect":
            value = float(np.log2(odds[number]["effect_size"])) if number in odds else None
        elif colour_by == "difference":
            both = len(by_group) == len(GROUPS)
            value = by_group["MS"]["mean_ml"] - by_group["HC"]["mean_ml"] if both else None
        else:
            value = by_group[colour_by]["mean_ml"] if colour_by in by_group else None
        rows.append((number, region, side, value, "<br>".join([f"<b>{region_name(region, side)}</b>", *words])))
    schema = {"region_number": pl.Int32, "region": pl.String, "side": pl.String, "value": pl.Float64}
    return pl.DataFrame(rows, schema=schema | {"words": pl.String}, orient="row")


def _pictures(
    opened: OpenedStore,
    selection: Selection,
    by_region: pl.DataFrame,
    told: pl.DataFrame,
    groups: list[str],
    unassigned: float | None,
    sentence: str,
    places: tuple[DeltaGenerator, DeltaGenerator],
) -> None:
    """Draw the bullseye, whose regions open their people, and the lobes on the outlines of the head."""
    in_regions, in_lobes = places
    tests = _tests(selection.key, by_region) if len(groups) > 1 else pl.DataFrame()
    estimable = len(groups) > 1 and tests.filter(pl.col("name") == "any_lesion")["effect_size"].count() > 0
    choices = [*reversed(groups), *(["difference"] if len(groups) > 1 else []), *(["effect"] if estimable else [])]
    if st.session_state.get("colour-regions") not in (None, *choices):
        del st.session_state["colour-regions"]
    with selection.controls:
        colour_by = linked.segmented_control(
            "Colour by",
            choices,
            default=choices[0],
            required=True,
            key="colour-regions",
            format_func=lambda name: COLOUR_BY[name],
            label_visibility="collapsed",
        )
    of_group = colour_by if colour_by in GROUPS else None
    n = {group: max(told.filter(pl.col("group") == group)["n"].to_list()) for group in groups}
    counts = ", ".join(f"{group} n = {n[group]:,}" for group in ([of_group] if of_group else groups))
    unit = f"mean mL in {of_group}" if of_group else UNITS[colour_by]
    what = {"difference": "Mean lesion load, MS minus HC,", "effect": "Odds of any lesion, MS against HC,"}
    title = what.get(colour_by, "Mean lesion load")
    nowhere = "" if unassigned is None else f" {format_percent(unassigned)} of all lesion volume lies in no region."
    with in_regions:
        clicked = figure_panel(
            bullseye(cells(told, colour_by, tests), unit=unit, group=of_group), told, selection, name="bullseye",
            title=f"{title} by region: {counts}", method=METHOD, alt=sentence,
        )  # fmt: skip
        st.caption(
            "From the ventricle (inside) to the cortex (outside); front of the head up; the person's left is on the "
            "left. The middle is the corpus callosum. Colours go by the square root, so that small loads can be told "
            f"apart.{nowhere}"
        )
        choose_clicked(clicked)
        region_people(opened, selection, by_region)
    with in_lobes:
        lobes, lobe_tests = _lobes(selection.key, by_region)
        figure_panel(
            glass_brain(cells(lobes, colour_by, lobe_tests), unit=unit, group=of_group), lobes, selection,
            name="glass-brain", title=f"{title} by lobe: {counts}", method=METHOD, alt=sentence,
        )  # fmt: skip
        st.caption(
            "Outlines of the ICBM152 average head; lobes as the bullseye draws them, in planes 32 mm beside the "
            f"midline, 24 mm behind and 12 mm above the anterior commissure. L is the person's left.{nowhere}"
        )


def _rates(selection: Selection, told: pl.DataFrame, counts: str, sentence: str) -> None:
    figure_panel(
        region_rates(told), told, selection, name="region-rates",
        title=f"In how many people a region holds a lesion: {counts}",
        method="People with any lesion there: Wilson 95 % CI.", alt=sentence,
    )  # fmt: skip
    n_regions = told.filter(pl.col("side") != "both")["region"].n_unique()
    if n_regions > MOST_ROWS:
        st.caption(f"The {MOST_ROWS} regions with most of {n_regions} that have two sides; all are in the table.")


def _groups_table(selection: Selection, by_region: pl.DataFrame, told: pl.DataFrame, groups: list[str]) -> None:
    st.markdown("## Every region")
    tests = _tests(selection.key, by_region) if len(groups) > 1 else pl.DataFrame()
    selection.shown["tests"] = lambda: tests
    estimable = len(groups) > 1 and tests["effect_size"].count() > 0
    parts = {(row["region_number"], row["name"]): row for row in tests.iter_rows(named=True)} if estimable else {}
    rows = []
    for (number, region, side), part in told.group_by(["region_number", "region", "side"], maintain_order=True):
        row = {"Region": region, "Side": "" if side == "both" else side}
        for group in groups:
            of = part.filter(pl.col("group") == group)
            row |= _described(group, of.row(0, named=True) if of.height else None)
        if estimable:
            row |= _tested("Odds of any", parts[number, "any_lesion"])
            row |= _tested("Load of those with", parts[number, "load_of_those_with"])
        rows.append(row)
    numbers_table(pl.DataFrame(rows), left=("Region", "Side"))
    if len(groups) == 1:
        st.caption(f"Only {groups[0]} is shown, so there is nothing to compare it with.")
    elif not estimable:
        why = str(tests.drop_nulls("note")["note"].mode().sort().first())
        st.caption(f"MS against HC by region is not estimated: {why}.")
    else:
        first = tests.drop_nulls("effect_size").row(0, named=True)
        sizes = {row["name"]: row["family_size"] for row in tests.iter_rows(named=True)}
        st.caption(
            f"MS against HC at the same {first['adjusted_for']}: odds ratio of having any lesion there, and ratio of "
            "the geometric mean loads of those who have. p by Benjamini and Hochberg within each of the two "
            f"families ({sizes['any_lesion']} and {sizes['load_of_those_with']} regions could be estimated). "
            f"{MISSING}: too few people."
        )


def _described(group: str, row: dict[str, float] | None) -> dict[str, str]:
    if row is None:
        return {f"{group} with any": MISSING, f"{group} mean mL": MISSING}
    interval = ""
    if row["mean_low"] is not None:
        interval = f" ({format_interval(row['mean_low'], row['mean_high'])})"
    return {
        f"{group} with any": f"{row['n_with']:,} of {row['n']:,}",
        f"{group} mean mL": f"{format_number(row['mean_ml'])}{interval}",
    }


def _tested(name: str, row: dict[str, float]) -> dict[str, str]:
    if row["effect_size"] is None:
        return {f"{name} (95 % CI)": MISSING, f"p, {name.lower()}": MISSING}
    known = row["ci_low"] is not None and row["ci_high"] is not None
    size = (
        f"{format_ratio(row['effect_size'])} ({format_ratio_range(row['ci_low'], row['ci_high'])})"
        if known
        else format_ratio(row["effect_size"])
    )
    return {f"{name} (95 % CI)": size, f"p, {name.lower()}": format_p(row["p_adjusted"])}


def _asymmetry_table(selection: Selection, by_region: pl.DataFrame, counts: str, sentence: str) -> None:
    told = _asymmetry(selection.key, by_region).filter(pl.col("n") > 0)
    rows = [
        {
            "Group": row["group"],
            "Region": row["region"],
            "n with lesions": f"{row['n']:,}",
            "More left": f"{row['n_more_left']:,}",
            "More right": f"{row['n_more_right']:,}",
            "Median index": format_number(row["median_index"]),
            "95 % CI": MISSING if row["ci_low"] is None else format_interval(row["ci_low"], row["ci_high"]),
            "p": format_p(row["p_value"]),
            "p (BH)": format_p(row["p_adjusted"]),
        }
        for row in told.iter_rows(named=True)
    ]
    if not rows:
        st.caption("Nobody here has a lesion in a region with two sides.")
        return
    figure_panel(
        side_index(told), told, selection, name="region-sides", title=f"Left against right: {counts}",
        method="Median over people with a lesion on either side: 95 % CI of order statistics.", alt=sentence,
    )  # fmt: skip
    if told["ci_low"].null_count():
        st.caption("Hollow: fewer than five people have a lesion there, so there is no interval.")
    with st.expander(f"All {len(rows):,} rows"):
        numbers_table(pl.DataFrame(rows), left=("Group", "Region"))
    st.caption(
        "Index of a person: (left - right) / (left + right), from -1 (all on the right) to 1 (all on the left), of "
        "those with a lesion on either side; the interval of its median is that of order statistics, none below "
        "five people. p: sign test; BH over the regions of a group."
    )


def _correlations_table(selection: Selection, by_region: pl.DataFrame) -> None:
    st.markdown("## A column against every region")
    columns = ["age_years", *(extra.name for extra in selection.extras if extra.kind == "number")]
    columns += [name for name in MEASURES if by_region[name].null_count() < by_region.height]
    column = linked.selectbox(
        "Column", columns, index=None, key="region-column", format_func=variable_label, width=320,
        placeholder="EDSS, duration, age or a measure",
    )  # fmt: skip
    if column is None:
        st.caption("Spearman's correlation of a column with the load of every region, age and sex held fixed.")
        return
    found = _correlations(selection.key, by_region, column)
    known = found.drop_nulls("r").sort(pl.col("r").abs(), descending=True)
    rows = [
        {
            "Group": row["group"],
            "Region": region_name(row["region"], row["side"]),
            "n": f"{row['n']:,}",
            "r": format_r(row["r"]),
            "95 % CI": MISSING if row["ci_low"] is None else format_interval(row["ci_low"], row["ci_high"], format_r),
            "p": format_p(row["p_value"]),
            "p (BH)": format_p(row["p_adjusted"]),
            "Note": row["note"] or "",
        }
        for row in known.iter_rows(named=True)
    ]
    if not rows:
        st.caption("No correlation could be estimated: too few people, or everybody has the same value.")
        return
    with st.expander(f"All {len(rows):,} rows, the strongest first", expanded=len(rows) <= 12):
        numbers_table(pl.DataFrame(rows), left=("Group", "Region", "Note"))
    sure = found.filter(pl.col("p_adjusted") < 0.05).height
    st.caption(
        f"{variable_label(column)} and regional loads within each group, Spearman, age and sex held fixed; p by "
        f"Benjamini and Hochberg over the regions of a group: below 0.05 in {sure:,} of {known.height:,}."
    )


def _how(found: pl.DataFrame) -> None:
    low, middle = float(found["brain_overlap"].to_numpy().min()), float(np.median(found["brain_overlap"].to_numpy()))
    moved = float(found["moved_volume_ml"].sum())
    with st.expander("How this was computed"):
        st.markdown(
            f"{METHOD} The template covers the brain with an overlap (Dice) of {middle:.3f} at the median and "
            f"{low:.3f} at least (n = {found.height:,} scans); below 0.90 no region is reported. "
            f"{format_number(moved)} mL lay in no region and went to the nearest one of their hemisphere within 5 "
            "mm. Loads and what is unassigned add up to all lesions exactly. Planes are no gyri, and an affine "
            "registration is off by some millimetres: near a border a lesion may be called by its neighbour. A mean "
            f"of loads has an interval from 100 people on, where it was measured to hold. {NO_NORMS} See Methods."
        )
