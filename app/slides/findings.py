"""The findings a deck may hold: each an answer in a sentence, the chart behind it, how it was computed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from analysis.age_bands import band_label
from analysis.comparison import compare
from analysis.composition import composition
from analysis.correlation import correlate, difference_of
from analysis.filters import Filter
from analysis.overview import zero_rates
from analysis.strata import strata
from analysis.table_one import table_one
from analysis.trend import age_slope, age_trend
from analysis.varying_effect import effect_at
from app.figures.palette import DIVERGING, GROUP_COLOURS, ZONE_COLOURS
from app.sentences.among import stated
from app.sentences.cohort import difference_sentence, people_sentence, zones_sentence
from app.sentences.comparison import comparison_sentence, slope_sentence, strata_sentence, two_part_sentence
from app.sentences.formatting import MISSING, format_r, p_equals
from app.sentences.labels import adjustment_name, variable_label
from app.sentences.table_one import HEADERS, cells
from app.sentences.typography import typeset
from app.sentences.varying import varying_sentence
from app.slides.charts import Chart, ColumnChart, Columns, Grid, PointChart, Points
from app.slides.colophon import Colophon
from vocabulary.measures import (
    AGE_BANDS,
    GROUP_LABELS,
    GROUPS,
    SEX_LABELS,
    SEXES,
    ZONE_LABELS,
    ZONE_NOTICE,
    ZONES,
    measure,
)

MOST_POINTS = 1500
"""More people than this in a group are sampled (seeded), and the slide says so."""

DEFAULT_MEASURES = ("ventricle_ratio_pct", "wmh_ratio_pct")
"""What a deck is about unless told otherwise."""

CORRELATED = ("age_years", "ventricle_ratio_pct", "wmh_ratio_pct", *(f"{zone}_share_pct" for zone in ZONES))
STEP = 0.62
"""Width of a group's cloud of points, of the distance between two groups."""


@dataclass(frozen=True)
class Finding:
    """One slide.

    Attributes
    ----------
    kind : of ``PAGES``; "figure" for a figure of a page, drawn as a picture
    title : what the slide is about
    answer : the sentence, with effect, interval, p and n
    detail : further sentences, smaller; may be empty
    chart : what is drawn
    method : how it was computed, for the notes
    command : the command that prints the same numbers, without the filter; empty where none does
    origin : where its numbers come from, if not from where those of the whole deck do
    """

    kind: str
    title: str
    answer: str
    detail: str
    chart: Chart
    method: str
    command: str
    origin: Colophon | None = None


def findings(frame: pl.DataFrame, pages: Sequence[str], measures: Sequence[str], chosen: Filter) -> Iterator[Finding]:
    """Yield the findings of these pages, those about one measure once for each of the measures.

    Every answer says among whom it holds.

    Parameters
    ----------
    frame : cohort frame, filtered
    pages : keys of ``PAGES``
    measures : names of measures
    chosen : the filter

    Raises
    ------
    ValueError : unknown page or measure.
    """
    for page in pages:
        if page not in PAGES:
            raise ValueError(f"no slide is called '{page}'; there are: {', '.join(PAGES)}")
    for page in pages:
        for name in measures if page in OF_A_MEASURE else ("",):
            found = PAGES[page](frame, name)
            yield replace(found, answer=typeset(stated(chosen, found.answer)), detail=typeset(found.detail))


def _people(frame: pl.DataFrame, _name: str) -> Finding:
    table = table_one(frame)
    few = ["people", "age_years", "sex", "ventricle_ratio_pct", "wmh_ratio_pct"]
    rows = cells(table.filter(pl.col("variable").is_in(few)))
    method = "Mean (SD), median (quartiles) or number (%); standardised difference: MS minus HC in standard deviations."
    return Finding(
        "overview", "Who is in the cohort", people_sentence(frame), "", Grid([HEADERS, *rows]), method, "table1"
    )


def _comparison(frame: pl.DataFrame, name: str) -> Finding:
    what = measure(name)
    tests = compare(frame, name)
    log = what.nature in ("load", "count")
    series, drawn = [], []
    places = {}
    for place, group in enumerate(GROUPS):
        known = frame.filter(pl.col("group") == group)[name].drop_nulls().cast(pl.Float64)
        shown = known.filter(known > 0) if log else known
        places[float(place)] = _place_label(group, known, len(known) - len(shown))
        if not len(shown):
            continue
        values = shown.sample(min(MOST_POINTS, len(shown)), seed=1).to_numpy()
        if len(values) < len(shown):
            drawn.append(f"{len(values):,} of {len(shown):,} {group} drawn")
        x = place + np.random.default_rng(place).uniform(-STEP / 2, STEP / 2, len(values))
        series.append(Points(f"{group}, every person", x.tolist(), values.tolist(), GROUP_COLOURS[group], size=4))
        low, middle, high = np.quantile(shown.to_numpy(), (0.25, 0.5, 0.75))
        for value, width in ((low, 1.5), (middle, 4.0), (high, 1.5)):
            series.append(
                Points("", [place - STEP / 1.7, place + STEP / 1.7], [value, value], GROUP_COLOURS[group], 0, width)
            )
    zeros = "Bars: median and quartiles of those with any; people without are counted under the group." if log else (
        "Bars: median and quartiles."
    )  # fmt: skip
    varying = varying_sentence(tests, effect_at(frame, name), name)
    headline = tests.row(by_predicate=pl.col("headline"), named=True)
    tested = (
        f"After {adjustment_name(headline)}'s adjustment over {headline['family_size']} tests "
        f"{p_equals(headline['p_adjusted'])}."
    )
    return Finding(
        "compare",
        f"{what.label}: MS and healthy controls",
        comparison_sentence(tests, name),
        " ".join(filter(None, (tested, two_part_sentence(tests, name), varying))),
        PointChart(series, "", what.axis_title, log, places),
        " ".join(
            [*(f"{how}." for how in tests.filter(pl.col("headline"))["method"]), zeros, *(f"{d}." for d in drawn)]
        ),
        f"compare {name}",
    )


def _place_label(group: str, known: pl.Series, zeros: int) -> str:
    label = f"{GROUP_LABELS[group]} (n = {len(known):,})"
    return f"{label}; {zeros:,} with none ({100 * zeros / len(known):.0f} %)" if zeros else label


def _trend(frame: pl.DataFrame, name: str) -> Finding:
    what = measure(name)
    curve = age_trend(frame, name).drop_nulls("age")
    series = []
    for group in GROUPS:
        of_group = curve.filter(pl.col("group") == group)
        if of_group.is_empty():
            continue
        age, colour = of_group["age"].to_list(), GROUP_COLOURS[group]
        n = f"{of_group['n'][0]:,}"
        series.append(Points(f"{group} (n = {n})", age, of_group["estimate"].to_list(), colour, 0, 3.0))
        series += [Points("", age, of_group[c].to_list(), colour, 0, 1.0, dashed=True) for c in ("ci_low", "ci_high")]
    return Finding(
        "trend",
        f"{what.label} by age",
        slope_sentence(age_slope(frame, name), name),
        "",
        PointChart(series, "Age (years)", what.axis_title),
        "Natural cubic spline of age (3 degrees of freedom); dashed: robust pointwise 95 % interval. "
        "Differences between ages are differences between people, not change within them.",
        f"strata {name}",
    )


def _strata(frame: pl.DataFrame, name: str) -> Finding:
    what = measure(name)
    summary = strata(frame, name)
    bands = [band_label(band) for band in AGE_BANDS]
    series = []
    for group in GROUPS:
        for sex in SEXES:
            rows = {r["age_band"]: r for r in summary.iter_rows(named=True) if (r["group"], r["sex"]) == (group, sex)}
            picked = [rows.get(band, {}) for band in bands]
            low, middle, high = ([r.get(k) for r in picked] for k in ("median_low", "median", "median_high"))
            colour = GROUP_COLOURS[group] if sex == "F" else _lighter(GROUP_COLOURS[group])
            n = sum(r.get("n", 0) for r in picked)
            if not n:
                continue
            series.append(Columns(f"{group} {SEX_LABELS[sex].lower()} (n = {n:,})", middle, colour, low, high))
    return Finding(
        "age-sex",
        f"{what.label} by age band and sex",
        strata_sentence(summary, name),
        "",
        ColumnChart(bands, series, f"Median, {what.axis_title}"),
        "Columns: medians; whiskers: 95 % interval between order statistics, from five people on.",
        f"strata {name}",
    )


def _correlations(frame: pl.DataFrame, _name: str) -> Finding:
    variables = [v for v in CORRELATED if v in frame.columns and frame[v].null_count() < frame.height]
    found = correlate(frame, variables)
    between = difference_of(found)
    labels = [variable_label(v) for v in variables]
    r = {(row["group"], frozenset((row["x"], row["y"]))): row for row in found.iter_rows(named=True)}
    table = [["HC above, MS below", *labels]]
    colours = []
    for i, x in enumerate(variables):
        row, tint = [labels[i]], []
        for j, y in enumerate(variables):
            cell = r.get(("HC" if j > i else "MS", frozenset((x, y)))) if i != j else None
            value = None if cell is None else cell["r"]
            clear = (
                cell is not None and value is not None and (cell["p_adjusted"] or 1) < 0.05 and not cell["part_whole"]
            )
            mark = "†" if cell is not None and cell["part_whole"] else ""
            row.append("" if i == j else MISSING if value is None else f"{format_r(value)}{mark}")
            tint.append(_diverging(value) if clear else None)
        table.append(row)
        colours.append(tint)
    return Finding(
        "correlations",
        "What goes together",
        difference_sentence(found, between),
        "",
        Grid(table, colours),
        f"Spearman rank correlation within each group; coloured where p, adjusted by Holm over "
        f"{found['family_size'][0]} tests, is below .05. † correlated by construction, not coloured.",
        f"correlate {' '.join(variables)}",
    )


def _zones(frame: pl.DataFrame, _name: str) -> Finding:
    parts = composition(frame)
    rows = {(row["group"], row["zone"]): row for row in parts.iter_rows(named=True)}
    groups = [g for g in GROUPS if any(row["n"] for (group, _), row in rows.items() if group == g)]
    typical = {g: rows[g, ZONES[0]]["centre_pct"] is not None for g in groups}
    names = [
        f"{GROUP_LABELS[g]}, {'typical' if typical[g] else 'mean'} split (n = {rows[g, ZONES[0]]['n']:,} with lesions)"
        for g in groups
    ]
    split = {g: "centre_pct" if typical[g] else "mean_share_pct" for g in groups}
    series = [
        Columns(ZONE_LABELS[zone], [rows[g, zone][split[g]] for g in groups], ZONE_COLOURS[zone], [], [])
        for zone in ZONES
    ]
    return Finding(
        "zones",
        "Where the lesions are",
        zones_sentence(parts),
        "",
        ColumnChart(names, series, "Share of the WMH area (%)", stacked=True),
        "Typical split: closed geometric mean of the zone areas among people with lesions, interval by Student's t on "
        "each part's log odds; where most people lack a zone, the mean of their shares. " + ZONE_NOTICE,
        "strata periventricular_share_pct",
    )


def _lesion_free(frame: pl.DataFrame, _name: str) -> Finding:
    loads = ["wmh_area_mm2", *(f"{zone}_area_mm2" for zone in ZONES)]
    loads = [name for name in loads if name in frame.columns and frame[name].null_count() < frame.height]
    rates = zero_rates(frame, loads)
    rows = {(row["group"], row["measure"]): row for row in rates.iter_rows(named=True)}
    series = []
    for group in GROUPS:
        picked = [rows[group, name] for name in loads]
        have = [None if r["rate"] is None else 100 * (1 - r["rate"]) for r in picked]
        low = [None if r["ci_high"] is None else 100 * (1 - r["ci_high"]) for r in picked]
        high = [None if r["ci_low"] is None else 100 * (1 - r["ci_low"]) for r in picked]
        n = picked[0]["n"] if picked else 0
        series.append(Columns(f"{group} (n = {n:,})", have, GROUP_COLOURS[group], low, high))
    said = " and ".join(
        f"{row['n'] - row['n_zero']:,} of {row['n']:,} {'healthy controls' if group == 'HC' else 'people with MS'}"
        for group in reversed(GROUPS)
        if loads and (row := rows[group, loads[0]])["n"]
    )
    return Finding(
        "lesion-free",
        "Who has any lesion, and in which zone",
        f"{said} have a white matter hyperintensity." if said else "Nobody shown was measured for lesions.",
        "",
        ColumnChart([measure(name).label for name in loads], series, "People with any (%)"),
        "Share of people whose area is above zero; Wilson 95 % interval.",
        "table1",
    )


def _lighter(colour: str) -> str:
    """Mix a colour half with white."""
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{(part + 255) // 2:02X}" for part in parts)


def _diverging(r: float | None) -> str | None:
    """Return the colour of a correlation on the scale of the matrices."""
    if r is None:
        return None
    place = (max(-1.0, min(1.0, r)) + 1) / 2
    stops = [stop for stop, _ in DIVERGING]
    rgb = [[int(colour[i : i + 2], 16) for _, colour in DIVERGING] for i in (1, 3, 5)]
    return "#" + "".join(f"{round(float(np.interp(place, stops, part))):02X}" for part in rgb)


PAGES: dict[str, Callable[[pl.DataFrame, str], Finding]] = {
    "overview": _people,
    "compare": _comparison,
    "trend": _trend,
    "age-sex": _strata,
    "lesion-free": _lesion_free,
    "zones": _zones,
    "correlations": _correlations,
}
OF_A_MEASURE = ("compare", "trend", "age-sex")
