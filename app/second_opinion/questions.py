"""What to ask about the answers of Compare and of Correlations."""

import math
from typing import Any

import polars as pl

from analysis.comparison import compared_values, geometric_model, headline_model
from analysis.normality import MOST_PEOPLE, normality
from app.second_opinion.ask import Question
from app.sentences.labels import TEST_LABELS, variable_label
from vocabulary.measures import GROUPS, measure

METHODS = {"holm": "holm", "bonferroni": "bonf", "bh": "fdr_bh"}
"""Our names of the adjustments, and pingouin's."""


def about_comparison(
    frame: pl.DataFrame, name: str, tests: pl.DataFrame, adjustment: str
) -> tuple[list[Question], list[str]]:
    """Return the questions about ``analysis.comparison.compare``, and the tests pingouin has no counterpart of.

    Parameters
    ----------
    frame : the cohort frame compared
    name : the measure
    tests : its answer
    adjustment : method of its p_adjusted
    """
    rows = {row["name"]: row for row in tests.iter_rows(named=True) if row["effect_size"] is not None}
    ms, hc = (compared_values(frame, name, group).tolist() for group in ("MS", "HC"))
    questions, untested = [], []
    for test, kind in (("mann_whitney", "mann_whitney"), ("welch_t", "welch")):
        if test in rows:
            names = (
                ("statistic", "df", "p_value", "effect_size")
                if test == "welch_t"
                else ("statistic", "p_value", "effect_size")
            )
            ours = {key: rows[test][key] for key in names}
            questions.append(Question(TEST_LABELS[test], {"kind": kind, "x": ms, "y": hc}, ours))
    models = {
        "adjusted_log_ratio": headline_model,
        "adjusted_difference": headline_model,
        "geometric_mean_ratio": geometric_model,
    }
    for test, model in models.items():
        linear = test == "geometric_mean_ratio" or measure(name).nature in ("size", "share")
        if test not in rows or not linear:
            continue
        made = model(frame, name)
        design, outcome = made.design()
        if design is None:
            continue
        size = rows[test]["effect_size"]
        ours = {"effect_size": size if test == "adjusted_difference" else math.log(size)}
        label = f"{TEST_LABELS[test]} (coefficient)"
        questions.append(Question(label, {"kind": "linear", "columns": design, "outcome": outcome}, ours))
    asked = {question.label.split(" (")[0] for question in questions}
    untested = [TEST_LABELS[test] for test in rows if TEST_LABELS[test] not in asked]
    for row in (
        normality(frame, name).filter((pl.col("scale") == "raw") & (pl.col("n") <= MOST_PEOPLE)).iter_rows(named=True)
    ):
        if row["p_value"] is not None:
            values = {"MS": ms, "HC": hc}[row["group"]]
            ours = {key: row[key] for key in ("statistic", "p_value")}
            questions.append(Question(f"Shapiro-Wilk, {row['group']}", {"kind": "shapiro", "x": values}, ours))
    return [*questions, *_adjusted(tests, adjustment)], untested


def about_correlations(frame: pl.DataFrame, cells: pl.DataFrame, adjustment: str) -> tuple[list[Question], list[str]]:
    """Return the questions about ``analysis.correlation.correlate``, and what pingouin has no counterpart of."""
    questions = []
    for row in cells.filter(pl.col("p_value").is_not_null()).iter_rows(named=True):
        fixed = row["partial"].split(", ") if row["partial"] else []
        columns = [row["x"], row["y"], *fixed]
        members = frame.filter(pl.col("group") == row["group"])
        # Age and sex are held fixed together: who lacks either is left out, as in ours.
        data = members.select(_coded(n) for n in columns).drop_nulls()
        asked = {"kind": "correlation", "method": row["method"], "data": data.to_dict(as_series=False)}
        label = f"{row['group']}: {variable_label(row['x'])}, {variable_label(row['y'])}"
        questions.append(Question(label, asked, {"r": row["r"], "p_value": row["p_value"]}))
    untested = ["Difference of MS and HC"] if set(cells["group"]) == set(GROUPS) else []
    return [*questions, *_adjusted(cells, adjustment)], untested


def _adjusted(answer: pl.DataFrame, adjustment: str) -> list[Question]:
    p = answer["p_value"].to_list()
    if all(value is None for value in p):
        return []
    asked: dict[str, Any] = {"kind": "adjust", "method": METHODS[adjustment], "p_values": p}
    return [Question("Adjusted p values", asked, {"p_adjusted": answer["p_adjusted"].to_list()})]


def _coded(name: str) -> pl.Expr:
    return (pl.col("sex") == "M").cast(pl.Float64).alias("sex") if name == "sex" else pl.col(name).cast(pl.Float64)
