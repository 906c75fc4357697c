"""Compare: MS against HC, or any two groups, one measure at a time."""

import polars as pl
import streamlit as st

from analysis.comparison import compare, headline_model
from analysis.covariates import with_covariates
from analysis.normality import normality
from analysis.varying_effect import effects
from app.components import banner
from app.components.adjustment_choice import adjusted_by, adjustment_choice
from app.components.figure_panel import figure_panel
from app.components.filter_bar import filter_bar
from app.components.group_choice import groups_compared
from app.components.measure_choice import covariate_choice, measure_choice
from app.components.second_opinion import check_comparison
from app.components.tables import normality_table, tests_table
from app.figures.cohort.raincloud import raincloud
from app.figures.cohort.varying_effect import varying_effect_figure
from app.sentences.comparison import comparison_sentence, two_part_sentence
from app.sentences.two_groups import said_of
from app.sentences.typography import typeset
from app.sentences.varying import varying_sentence
from app.state import OpenedStore
from vocabulary.measures import measure

READING = (
    "The headline answer is fixed by the nature of the measure, never chosen by a test of normality. "
    "A size (ventricles) is positive for everybody: ratio of means at the same age, sex and head size. "
    "A load (lesions) is zero for many: the same ratio from a model that keeps the zeros, and beside it the two-part "
    "answer, the odds of having any lesion and the amount among those who have one. "
    "A share is defined only for people with lesions: the difference of means among them at the same age and sex. "
    "Below ten people in a group nothing adjusted is given: its interval would not hold. "
    "Whether the answer varies with age or sex is an interaction in the same model. "
    "Every direction is MS relative to HC; intervals are 95 %; p values are adjusted over the tests shown."
)
VARYING_METHOD = (
    "The model of the headline with an interaction of group and age, a straight line on the scale of the model; robust "
    "pointwise 95 % interval, between the ages both groups have."
)


@st.cache_data(max_entries=64, show_spinner=False)
def _tests(
    key: str, _frame: pl.DataFrame, name: str, adjustment: str
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return every test, and the effect at some ages and along age."""
    model = headline_model(_frame, name)
    return compare(_frame, name, adjustment, model=model), *effects(model, name)


@st.cache_data(max_entries=64, show_spinner=False)
def _shape(key: str, _frame: pl.DataFrame, name: str) -> pl.DataFrame:
    return normality(_frame, name)


def page(opened: OpenedStore | None) -> None:
    """Draw the page."""
    selection = filter_bar(opened)
    assert opened is not None  # noqa: S101  filter_bar ends the page without a store
    with selection.controls:
        name = measure_choice(selection)
        with st.popover("Options", width="content", key="controls-options", help="Adjustment of p, covariates"):
            adjustment = adjustment_choice()
            covariates = covariate_choice(selection)
        groups_place = st.container(width="content")
    with groups_place:
        compared = groups_compared(opened, selection)
    selection, names = compared.selection, compared.names
    if names is None:
        selection.command[:] = ["compare", name, *adjusted_by(adjustment)]
        selection.command.extend([word for column in covariates for word in ("--covariate", column)])
    what = measure(name)
    opening = st.container()
    # The figure goes out first: in a large cohort the tests take longer than the drawing.
    figure_panel(
        raincloud(selection.frame, name, names=dict(zip(("MS", "HC"), names, strict=True)) if names else None),
        lambda: selection.frame.select("subject_id", "group", "sex", "age_years", name),
        selection,
        name="raincloud",
        title=f"{what.label}, {said_of('MS and HC', names)}",
        method="Every person is a point; density (kernel, Silverman's bandwidth), median and quartiles per group.",
        alt=f"Distribution of {what.axis_title} in {said_of('MS and HC', names)}; the answer above puts it in words.",
    )
    key, frame = f"{selection.key}/{covariates}", with_covariates(selection.frame, covariates)
    tests, at, curve = _tests(key, frame, name, adjustment)
    selection.shown["tests"] = lambda: tests
    with opening:
        banner.answer(said_of(comparison_sentence(tests, name), names), selection)
    if detail := said_of(two_part_sentence(tests, name), names):
        banner.further(typeset(detail))
    varying = said_of(varying_sentence(tests, at, name), names)
    if varying:
        banner.further(typeset(varying))
    if curve.height:
        effect = "difference" if what.nature == "share" else "ratio"
        figure_panel(
            varying_effect_figure(curve), curve, selection, name="varying", method=VARYING_METHOD, alt=varying,
            answer=varying,
            title=f"{what.label}: {effect} of {said_of('MS and HC', names)} by age",
        )  # fmt: skip
    with st.container(key="page-extras"):
        st.markdown("## Every test, adjusted and raw")
        tests_table(tests, names=names)
        check_comparison(key, frame, name, tests, adjustment)
        with st.expander("How far from normal? Shown, not obeyed"):
            st.markdown("With hundreds of people Shapiro-Wilk rejects almost anything, so it chooses no test here.")
            normality_table(_shape(selection.key, selection.frame, name))
        with st.expander("How this was computed"):
            st.markdown(f"**{what.label}.** {what.definition}")
            st.markdown(READING)
