"""Norms: what is usual at an age, with its interval, the people behind it, and how good the model is."""

import numpy as np
import plotly.graph_objects as go
import polars as pl
import streamlit as st

from analysis.norms.curves import centile_curves, none_curve
from analysis.norms.reference import Reference
from app.components import banner, linked
from app.components.figure_panel import figure_with_downloads
from app.components.norms.reference_panel import (
    panel,
    reference_caption,
    reference_choice,
    reference_citation,
    reference_people,
    references,
)
from app.components.tables import numbers_table
from app.figures.norms.centile_chart import centile_chart
from app.figures.norms.diagnostics import diagnostics_figure
from app.figures.norms.none_by_age import none_by_age
from app.sentences.formatting import format_interval, format_number
from app.sentences.norms import PEOPLE, compared_sentence, norm_sentence, ordinal, reference_notice
from app.sentences.typography import ranges
from app.state import OpenedStore
from vocabulary.measures import MEASURES, SEX_LABELS, SEXES, measure

FAMILIES = {
    "box_cox_t": "Box-Cox t: log median linear in age and sex",
    "box_cox_normal": "Box-Cox normal (LMS): log median linear in age and sex",
    "zero_adjusted_gamma": "zero-adjusted gamma: none by age and sex, amount by sex and head size",
    "zero_adjusted_weibull": "zero-adjusted Weibull: none by age, amount by age, sex and head size",
    "normal": "normal: mean and SD by sex",
}
CHART = "Centiles 3 to 97; bands: 95 % intervals (delta method), wider where fewer than 20 people are within 5 years."
TABLE_AGES = (20.0, 30.0, 40.0, 50.0, 60.0, 70.0)
NO_OTHER = "none"


def page(opened: OpenedStore | None) -> None:
    """Draw the page."""
    found = references()
    with st.container(key="filter-bar"), st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        reference = reference_choice(found)
        name = str(
            linked.selectbox(
                "Measure",
                reference.measures,
                key="norm_measure",
                format_func=lambda m: MEASURES[m].label,
                width=260,
            )
        )
        alike = [r for r in found.references if r.name != reference.name and r.model(name)]
        other = linked.selectbox(
            "Compare with",
            [NO_OTHER, *(r.name for r in alike)],
            key="norm_other",
            format_func=lambda n: "nothing" if n == NO_OTHER else found.named(n).title,
            width=240,
        )
    if reference.synthetic:
        banner.synthetic_banner()
    banner.answer(norm_sentence(reference, name))
    st.markdown(banner.spelled(reference_notice(reference)))
    if reference.model(name) is None:
        _rate(reference, name)
    else:
        _chart(opened, reference, name, None if other == NO_OTHER else found.named(str(other)))
    with st.container(key="page-extras"):
        if reference.model(name) is not None:
            _values(reference, name, None if other == NO_OTHER else found.named(str(other)))
            _diagnostics(reference, name)
        _about(reference, name)


def _chart(opened: OpenedStore | None, reference: Reference, name: str, other: Reference | None) -> None:
    people = reference_people(opened, reference, name)
    over = other if other is not None and other.protocol == reference.protocol else None
    panels = [panel(reference, name, sex, people, over) for sex in SEXES]
    title = f"{measure(name).label} by age, {PEOPLE[reference.group]}"
    data = pl.concat([p.curves.with_columns(sex=pl.lit(p.sex)) for p in panels])
    _figure(
        centile_chart(panels, name, reference.group), data, reference, "centiles", title,
        f"{CHART} Dotted: centiles 3, 50 and 97 of {over.title}, n = {over.n:,}." if over else CHART,
        f"Centile curves of {measure(name).axis_title} against age, women and men; the answer above says it in words.",
    )  # fmt: skip
    if over is not None:
        st.markdown(compared_sentence(reference, over, name))
    elif other is not None:
        st.warning(
            f"{other.title} was measured under {other.protocol}, so it is not drawn here: the numbers of two protocols "
            "are not comparable."
        )
    if people is None:
        st.caption(
            "The people of this reference are not in the store, so they are not drawn as points. "
            f"Its {reference.n:,} ages stand under the axis."
        )
    none = {sex: none_curve(reference, name, sex) for sex in SEXES}
    if all(curve.height for curve in none.values()):
        label = measure(name).label.removesuffix(" area").removesuffix(" ratio")
        _figure(
            none_by_age(none, reference.group),
            pl.concat([curve.with_columns(sex=pl.lit(sex)) for sex, curve in none.items()]),
            reference,
            "none",
            f"No {label if label.isupper() else label.lower()} at all, {PEOPLE[reference.group]}",
            "Logistic part of the zero-adjusted model; bands: 95 % intervals.",
            "Proportion of people without any lesion against age.",
        )


def _rate(reference: Reference, name: str) -> None:
    rate = reference.rate(name)
    if rate is None:
        return
    st.markdown("## How many have how much")
    rows = [
        {"At least": f"{area:g} mm²", "People": f"{n:,}", "Of": f"{rate.n:,}", "%": f"{100 * n / rate.n:.1f}"}
        for area, n in rate.at_least
    ]
    numbers_table(pl.DataFrame(rows))
    st.caption("Too few people have any for a centile or a z score: what can be said is how many have as much.")


def _values(reference: Reference, name: str, other: Reference | None) -> None:
    st.markdown("## Usual values")
    rows = []
    for sex in SEXES:
        youngest, oldest = reference.age_range(sex)
        ages = np.array([age for age in TABLE_AGES if youngest <= age <= oldest])
        for age in ages:
            near = reference.n_near_age(age, sex)
            row = {"Sex": SEX_LABELS[sex], "Age": f"{age:g}", "People within 5 years": f"{near:,}"}
            row |= _centiles(reference, name, sex, age, "")
            if other is not None:
                low, high = other.age_range(sex)
                inside = low <= age <= high
                blank = dict.fromkeys((f"{ordinal(c)}: {other.title}" for c in (3, 50, 97)), "–")
                row |= _centiles(other, name, sex, age, f": {other.title}") if inside else blank
            rows.append(row)
    numbers_table(pl.DataFrame(rows), left=("Sex",), wrap=True)
    st.caption(
        f"Centiles in {measure(name).unit}, with 95 % intervals; of an area at a head of {reference.head_mm2:,.0f} mm²."
    )


def _centiles(reference: Reference, name: str, sex: str, age: float, suffix: str) -> dict[str, str]:
    curve = centile_curves(reference, name, sex, (3.0, 50.0, 97.0), np.array([age]))
    cells = {}
    for row in curve.iter_rows(named=True):
        limits = format_interval(row["low"], row["high"])
        # The interval breaks from its value, never within itself.
        whole = limits.replace("-", "\u2011").replace(" ", "\u00a0")
        text = "none" if row["high"] == 0 else f"{format_number(row['value'])} ({whole})"
        cells[f"{ordinal(row['centile'])}{suffix}"] = text
    return cells


def _diagnostics(reference: Reference, name: str) -> None:
    found = reference.diagnostics_of(name)
    if found is None:
        return
    st.markdown("## How good the model is")
    worst = max(found.cells, key=lambda cell: cell.miscalibration if cell.n >= 20 else -1.0)
    st.markdown(
        f"Each tenth of the people was predicted by the others ({found.n:,} people, {found.folds} folds). The seven "
        f"centiles are off by {found.miscalibration:.2f} points on average; {found.beyond_5:.1f} % lie below the 5th "
        f"centile and {found.beyond_95:.1f} % above the 95th. Worst among groups of 20 or more: "
        f"{SEX_LABELS[worst.sex].lower()} of {ranges(worst.age_band)} years (n = {worst.n}), "
        f"off by {worst.miscalibration:.0f} points."
    )
    _figure(
        diagnostics_figure(found),
        pl.DataFrame({"expected_z": [e for e, _ in found.worm], "deviation": [d for _, d in found.worm]}),
        reference,
        "diagnostics",
        f"{measure(name).label}: the model on people it did not see",
        f"Ten-fold cross-validation, n = {found.n:,}; log score {found.log_score:.3f}. Grey: 95 % range of chance.",
        "Calibration, histogram of ranks and worm plot of the normative model.",
    )
    cells = pl.DataFrame(
        [
            {
                "Sex": SEX_LABELS[c.sex],
                "Age": ranges(c.age_band),
                "n": f"{c.n:,}",
                "Off by, points": f"{c.miscalibration:.1f}",
            }
            for c in found.cells
        ]
    )
    with st.expander("By age and sex"):
        numbers_table(cells, left=("Sex", "Age"))


def _about(reference: Reference, name: str) -> None:
    model = reference.model(name)
    with st.expander("How this was computed"):
        lines = [
            f"- **Reference** {reference.name}, fitted {reference.fitted_on} by {reference.software} to "
            f"{reference.n:,} {PEOPLE[reference.group]} of known age and sex",
            f"- **Protocol** {reference.protocol}, **cohort** `{reference.content_sha256[:16]}`",
        ]
        if model is not None:
            fitted = model.additive
            lines.append(
                f"- **Model** {FAMILIES[model.family]}; n = {model.n:,}, log-likelihood {fitted.log_likelihood:.3f}"
            )
            pairs = zip(
                model.additive.names, model.additive.parameters, np.diag(model.additive.covariance), strict=True
            )
            lines += [f"  - `{key}` {value:.4f} (SE {np.sqrt(variance):.4f})" for key, value, variance in pairs]
        if reference.group == "HC" and reference.specificity:
            found = reference.specificity
            lines.append(
                f"- **WMH found in these controls** median {found['wmh_area_median_mm2']:,.0f} mm², 95th centile "
                f"{found['wmh_area_p95_mm2']:,.0f} mm²"
            )
        lines.append(f"- **Cite** {reference.citation or 'nobody named'}")
        st.markdown("\n".join(lines))


def _figure(
    figure: go.Figure, data: pl.DataFrame, reference: Reference, name: str, title: str, method: str, alt: str
) -> None:
    figure_with_downloads(
        figure,
        data,
        caption=reference_caption(reference, method),
        citation=reference_citation(reference, title, method),
        synthetic=reference.synthetic,
        name=name,
        title=title,
        alt=alt,
    )
